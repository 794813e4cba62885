//! The setting that names a gateway: `twilio://SID:TOKEN@host[:port]?from=+15550001111`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use url::Url;

use crate::secret::Secret;

/// An account at a gateway. `Debug` shows the host alone.
#[derive(Clone, PartialEq, Eq)]
pub struct TwilioAccount {
    /// `https://host[:port]/` or, for `twilio+http`, `http://…`; no user info.
    base: Url,
    sid: String,
    token: Secret,
    from: String,
}

/// What is wrong with the setting. Quotes nothing of it: it holds the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TwilioAccountError {
    /// Neither `twilio://` nor `twilio+http://`.
    #[error("it must begin with twilio:// or twilio+http://")]
    Scheme,
    /// The host or port does not parse.
    #[error("the host or port after the @ is malformed")]
    Host,
    /// No account or token before the `@`.
    #[error("an account SID and token are expected before the @, as SID:TOKEN")]
    Credentials,
    /// More than a host: a path or fragment.
    #[error("nothing but ?from= may follow the host")]
    Excess,
    /// No `from`, or not a number.
    #[error("?from= must be the number to send from, + and 2 to 15 digits")]
    From,
}

impl TwilioAccount {
    pub(super) fn sid(&self) -> &str {
        &self.sid
    }

    pub(super) fn token(&self) -> &str {
        self.token.expose()
    }

    pub(super) fn from(&self) -> &str {
        &self.from
    }

    /// `…/2010-04-01/Accounts/{SID}/{what}.json`, the SID escaped as a path segment.
    pub(super) fn endpoint(&self, what: &str) -> Option<Url> {
        let mut url = self.base.clone();
        url.path_segments_mut().ok()?.clear().extend([
            "2010-04-01",
            "Accounts",
            &self.sid,
            &format!("{what}.json"),
        ]);
        Some(url)
    }
}

impl FromStr for TwilioAccount {
    type Err = TwilioAccountError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, rest) = text.split_once("://").ok_or(TwilioAccountError::Scheme)?;
        let http = match scheme.to_ascii_lowercase().as_str() {
            "twilio" => "https",
            "twilio+http" => "http",
            _ => return Err(TwilioAccountError::Scheme),
        };
        let url = Url::parse(&format!("{http}://{rest}")).map_err(|_| TwilioAccountError::Host)?;
        let decode = |part: &str| percent_decode_str(part).decode_utf8().map(Cow::into_owned);
        let sid = decode(url.username()).map_err(|_| TwilioAccountError::Credentials)?;
        let token =
            decode(url.password().unwrap_or_default()).map_err(|_| TwilioAccountError::Credentials)?;
        if sid.is_empty() || token.is_empty() || sid.contains(':') {
            return Err(TwilioAccountError::Credentials);
        }
        if url.path() != "/" || url.fragment().is_some() {
            return Err(TwilioAccountError::Excess);
        }
        let from = sender(url.query().unwrap_or_default())?;
        let mut base = url;
        base.set_query(None);
        base.set_username("").map_err(|()| TwilioAccountError::Host)?;
        base.set_password(None).map_err(|()| TwilioAccountError::Host)?;
        Ok(Self { base, sid, token: Secret::new(token), from })
    }
}

/// The number in `from=…`. Not decoded as a form would be: there a literal `+` means a blank.
fn sender(query: &str) -> Result<String, TwilioAccountError> {
    let value = match query.split_once('=') {
        Some(("from", value)) if !value.contains('&') => value,
        Some(("from", _)) => return Err(TwilioAccountError::Excess),
        _ => return Err(TwilioAccountError::From),
    };
    let number = percent_decode_str(value).decode_utf8().map_err(|_| TwilioAccountError::From)?;
    let digits = number.strip_prefix('+').ok_or(TwilioAccountError::From)?;
    if !(2..=15).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(TwilioAccountError::From);
    }
    Ok(number.into_owned())
}

impl fmt::Debug for TwilioAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioAccount").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(text: &str) -> String {
        text.parse::<TwilioAccount>().unwrap().endpoint("Messages").unwrap().to_string()
    }

    #[test]
    fn a_setting_names_server_account_and_sender() {
        assert_eq!(
            endpoint("twilio://AC1:t@api.twilio.com?from=+15550001111"),
            "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json"
        );
        assert_eq!(
            endpoint("twilio+http://AC1:t@127.0.0.1:9000?from=%2B15550001111"),
            "http://127.0.0.1:9000/2010-04-01/Accounts/AC1/Messages.json"
        );
        assert_eq!(
            endpoint("TWILIO://AC1:t@host:8443/?from=+15550001111"),
            "https://host:8443/2010-04-01/Accounts/AC1/Messages.json"
        );
    }

    #[test]
    fn a_plus_survives_in_both_spellings_and_credentials_are_decoded() {
        for text in
            ["twilio://AC1:a%40b%2F+c@h?from=+15550001111", "twilio://AC1:a%40b%2F%2Bc@h?from=%2B15550001111"]
        {
            let account: TwilioAccount = text.parse().unwrap();
            assert_eq!((account.from(), account.token(), account.sid()), ("+15550001111", "a@b/+c", "AC1"));
        }
    }

    #[test]
    fn what_is_wrong_is_said_without_the_token() {
        use TwilioAccountError as E;
        for (text, error) in [
            ("", E::Scheme),
            ("https://AC1:s3cret@h?from=+15550001111", E::Scheme),
            ("twilio://AC1:s3cret@?from=+15550001111", E::Host),
            ("twilio://AC1:s3cret@h:99999?from=+15550001111", E::Host),
            ("twilio://h?from=+15550001111", E::Credentials),
            ("twilio://AC1@h?from=+15550001111", E::Credentials),
            ("twilio://:s3cret@h?from=+15550001111", E::Credentials),
            ("twilio://AC1:s3cret@h", E::From),
            ("twilio://AC1:s3cret@h?from=", E::From),
            ("twilio://AC1:s3cret@h?from=15550001111", E::From),
            ("twilio://AC1:s3cret@h?from=+1555x", E::From),
            ("twilio://AC1:s3cret@h?to=+15550001111", E::From),
            ("twilio://AC1:s3cret@h?from=+15550001111&x=1", E::Excess),
            ("twilio://AC1:s3cret@h/path?from=+15550001111", E::Excess),
            ("twilio://AC1:s3cret@h?from=+15550001111#x", E::Excess),
        ] {
            let found = text.parse::<TwilioAccount>().unwrap_err();
            assert_eq!(found, error, "{text}");
            assert!(!found.to_string().contains("s3cret"));
        }
    }

    #[test]
    fn debug_shows_no_credentials() {
        let account: TwilioAccount = "twilio://AC1:s3cret@h?from=+15550001111".parse().unwrap();
        let shown = format!("{account:?}");
        assert!(!shown.contains("s3cret") && !shown.contains("AC1") && !shown.contains("1555"), "{shown}");
    }
}
