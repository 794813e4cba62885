//! Where a PostgreSQL database is: the parts of a `postgres://` URL, libpq's where it has a word for them.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, TargetSessionAttrs};

use super::tls::{self, Trust};

/// Connections of one process to the database, unless `pool_size` says otherwise.
const POOL_SIZE: usize = 16;
/// How long one host may take to answer a new connection.
const CONNECT: Duration = Duration::from_secs(2);
/// When an idle connection is probed, and how long data that was sent may stay unacknowledged.
const KEEPALIVE: Duration = Duration::from_secs(15);
const UNACKNOWLEDGED: Duration = Duration::from_secs(10);

/// A database, or several hosts of which one takes writes.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    pub(super) config: Config,
    pub(super) trust: Trust,
    pub(super) pool_size: usize,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        let (place, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut mode, mut root_certificate, mut pool_size) = (String::from("prefer"), None, POOL_SIZE);
        let mut rest = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = || percent_decode_str(value).decode_utf8().unwrap_or_default().into_owned();
            match name {
                "sslmode" => mode = value(),
                "sslrootcert" => root_certificate = Some(PathBuf::from(value())),
                "pool_size" => pool_size = pool(&value())?,
                "sslcert" | "sslkey" => {
                    return Err(format!("`{name}`: client certificates are not supported"));
                }
                _ => rest.push(pair),
            }
        }
        // The driver's own words may repeat a part of the URL; which part is wrong they say before a colon.
        let mut config = Config::from_str(&format!("{place}?{}", rest.join("&"))).map_err(|error| {
            let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            format!("give postgres://user:password@host:5432/database ({})", source_word(&source))
        })?;
        let (ssl, trust) = tls::choose(&mode, root_certificate)?;
        config.ssl_mode(ssl).target_session_attrs(TargetSessionAttrs::ReadWrite);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        if config.get_application_name().is_none() {
            config.application_name("rollcall");
        }
        config.keepalives_idle(KEEPALIVE).tcp_user_timeout(UNACKNOWLEDGED);
        Ok(Self { config, trust, pool_size })
    }
}

impl Target {
    /// The same place as a standby that answers queries: of several hosts the first that takes no writes.
    #[must_use]
    pub fn standby(mut self) -> Self {
        self.config.target_session_attrs(TargetSessionAttrs::ReadOnly);
        self
    }
}

fn pool(text: &str) -> Result<usize, String> {
    let size = text.parse().ok().filter(|size| (2..=1_000).contains(size));
    size.ok_or_else(|| format!("`pool_size={text}` is not a number of connections from 2 to 1000"))
}

/// Words of the driver that name an option do not repeat its value; others are left out.
fn source_word(source: &str) -> &str {
    if source.contains("option") { source } else { "it is malformed" }
}

/// Without the password.
impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ports = self.config.get_ports();
        let hosts = self.config.get_hosts().iter().enumerate().map(|(index, host)| {
            let name = match host {
                Host::Tcp(name) => name.clone(),
                Host::Unix(path) => path.display().to_string(),
            };
            match ports.get(index).or(ports.first()) {
                Some(port) if *port != 5432 => format!("{name}:{port}"),
                _ => name,
            }
        });
        let hosts = hosts.collect::<Vec<_>>().join(",");
        write!(formatter, "postgres://{hosts}/{}", self.config.get_dbname().unwrap_or_default())
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Target({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_shown_without_its_password() {
        let target: Target =
            "postgres://ann:hidden@db1:5433,db2:5432/rollcall?sslmode=verify-full&pool_size=4"
                .parse()
                .expect("a URL");
        assert_eq!(target.to_string(), "postgres://db1:5433,db2/rollcall");
        assert!(!format!("{target:?}").contains("hidden"));
        assert_eq!((target.pool_size, target.trust), (4, Trust::System));
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said_without_its_password() {
        for (url, word) in [
            ("postgres://ann:hidden@db/rollcall?sslmode=maybe", "verify-full"),
            ("postgres://ann:hidden@db/rollcall?pool_size=1", "pool_size"),
            ("postgres://ann:hidden@db/rollcall?sslcert=x", "sslcert"),
            ("postgres://ann:hidden@db:notaport/rollcall", "postgres://user"),
            ("postgres://ann:hidden@db/rollcall?colour=red", "postgres://user"),
        ] {
            let why = url.parse::<Target>().expect_err("refused");
            assert!(why.contains(word) && !why.contains("hidden"), "{url}: {why}");
        }
    }

    #[test]
    fn a_root_certificate_that_is_given_is_used() {
        let target: Target = "postgres://db/rollcall?sslrootcert=/ca%2epem".parse().expect("a URL");
        assert_eq!(target.trust, Trust::File(PathBuf::from("/ca.pem")));
    }
}
