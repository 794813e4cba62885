//! The setting that names a mail server: `smtp://[user:password@]host:port[?tls=required]` or `smtps://…`.

use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use url::{Host, Url};

use crate::secret::Secret;

/// When a connection to the mail server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// From the first octet (`smtps://`, RFC 8314).
    Implicit,
    /// By STARTTLS before anything is told; without it nothing is sent (`?tls=required`).
    Required,
    /// By STARTTLS where the server offers it.
    Opportunistic,
}

/// A mail server. `Debug` shows neither user nor password.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpServer {
    host: String,
    port: u16,
    tls: SmtpTls,
    credentials: Option<(String, Secret)>,
    /// Trusted beside the system's roots.
    root: Option<Vec<u8>>,
}

/// What is wrong with the setting. Quotes nothing of it: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmtpServerError {
    /// Neither `smtp://` nor `smtps://`.
    #[error("it must begin with smtp:// or smtps://")]
    Scheme,
    /// The host or port does not parse.
    #[error("the host or port is malformed (a special character in the password must be percent-encoded)")]
    Host,
    /// A user without a password or the reverse, or not UTF-8.
    #[error("user and password are expected before the @, as user:password, percent-encoded")]
    Credentials,
    /// A parameter other than `tls=required`, or a path.
    #[error("nothing but ?tls=required may follow the port")]
    Excess,
}

impl SmtpServer {
    /// Trusts one more root certificate, in PEM, for a server whose certificate no public authority signed.
    #[must_use]
    pub fn trusting(mut self, root_pem: &[u8]) -> Self {
        self.root = Some(root_pem.to_vec());
        self
    }

    pub(super) fn root(&self) -> Option<&[u8]> {
        self.root.as_deref()
    }

    /// The host's name or address, without brackets.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn tls(&self) -> SmtpTls {
        self.tls
    }

    /// User and password.
    pub(super) fn credentials(&self) -> Option<(&str, &str)> {
        self.credentials.as_ref().map(|(user, password)| (user.as_str(), password.expose()))
    }
}

impl FromStr for SmtpServer {
    type Err = SmtpServerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, _) = text.split_once("://").ok_or(SmtpServerError::Scheme)?;
        // RFC 8314 and RFC 6409 name the ports for who gives none.
        let (implicit, default_port) = match scheme.to_ascii_lowercase().as_str() {
            "smtps" => (true, 465),
            "smtp" => (false, 587),
            _ => return Err(SmtpServerError::Scheme),
        };
        let url = Url::parse(text).map_err(|_| SmtpServerError::Host)?;
        let host = match url.host() {
            Some(Host::Domain(name)) if !name.is_empty() => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            _ => return Err(SmtpServerError::Host),
        };
        let required = match url.query() {
            None | Some("") => false,
            Some("tls=required") => true,
            Some(_) => return Err(SmtpServerError::Excess),
        };
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(SmtpServerError::Excess);
        }
        let tls = match (implicit, required) {
            (true, _) => SmtpTls::Implicit,
            (false, true) => SmtpTls::Required,
            (false, false) => SmtpTls::Opportunistic,
        };
        let credentials = credentials(url.username(), url.password())?;
        Ok(Self { host, port: url.port().unwrap_or(default_port), tls, credentials, root: None })
    }
}

fn credentials(user: &str, password: Option<&str>) -> Result<Option<(String, Secret)>, SmtpServerError> {
    let decode = |part: &str| match percent_decode_str(part).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err(SmtpServerError::Credentials),
    };
    match (user, password) {
        ("", None) => Ok(None),
        (user, Some(password)) if !user.is_empty() && !password.is_empty() => {
            Ok(Some((decode(user)?, Secret::new(decode(password)?))))
        }
        _ => Err(SmtpServerError::Credentials),
    }
}

impl fmt::Debug for SmtpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, tls, .. } = self;
        write!(f, "SmtpServer({host}:{port}, {tls:?})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_names_server_encryption_and_credentials() {
        for (text, host, port, tls, credentials) in [
            ("smtp://localhost:1025", "localhost", 1025, SmtpTls::Opportunistic, None),
            ("smtp://127.0.0.1:25/", "127.0.0.1", 25, SmtpTls::Opportunistic, None),
            ("smtp://[::1]:25", "::1", 25, SmtpTls::Opportunistic, None),
            ("smtp://mail.example.com", "mail.example.com", 587, SmtpTls::Opportunistic, None),
            ("smtps://mail.example.com", "mail.example.com", 465, SmtpTls::Implicit, None),
            ("SMTPS://mail.example.com:25?tls=required", "mail.example.com", 25, SmtpTls::Implicit, None),
            (
                "smtp://u%40x:p%3A%2F%40+@mail.example.com:587?tls=required",
                "mail.example.com",
                587,
                SmtpTls::Required,
                Some(("u@x", "p:/@+")),
            ),
        ] {
            let server: SmtpServer = text.parse().unwrap();
            assert_eq!((server.host(), server.port(), server.tls()), (host, port, tls), "{text}");
            assert_eq!(server.credentials(), credentials, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        use SmtpServerError as E;
        for (text, error) in [
            ("", E::Scheme),
            ("mail.example.com:25", E::Scheme),
            ("http://u:s3cret@h:25", E::Scheme),
            ("smtp://", E::Host),
            ("smtp://u:s3cret@:25", E::Host),
            ("smtp://u:s3cret@h:port", E::Host),
            ("smtp://u:s3/cret@h:25", E::Host),
            ("smtp://u@h:25", E::Credentials),
            ("smtp://:s3cret@h:25", E::Credentials),
            ("smtp://u:s3cret%FF@h:25", E::Credentials),
            ("smtp://u:s3cret@h:25?tls=maybe", E::Excess),
            ("smtp://u:s3cret@h:25?starttls=always", E::Excess),
            ("smtp://u:s3cret@h:25/path", E::Excess),
            ("smtp://u:s3cret@h:25#x", E::Excess),
        ] {
            let found = text.parse::<SmtpServer>().unwrap_err();
            assert_eq!(found, error, "{text}");
            assert!(!found.to_string().contains("s3cret"));
        }
    }

    #[test]
    fn debug_shows_no_credentials() {
        let server: SmtpServer = "smtp://user:s3cret@h:25".parse().unwrap();
        let shown = format!("{server:?}");
        assert!(!shown.contains("s3cret") && !shown.contains("user"), "{shown}");
    }
}
