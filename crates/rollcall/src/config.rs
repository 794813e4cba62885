//! The operator's settings: flags over environment over file, parsed into types, refused loudly.

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod parse;
mod sources;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;
use jiff::SignedDuration;
use notify::{SmtpServer, TwilioAccount};

pub use sources::{Settings, flags, names};

use crate::db::{Place, Target};
use crate::domain::invalid::Invalid;
use crate::domain::phone_number::{Country, PhoneNumber};
use crate::http::service::Part;

/// Why the program does not start: one line that names the setting.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting} ({source_name}): {why}")]
pub struct ConfigError {
    /// The setting as its source spells it.
    pub setting: String,
    /// Where it came from.
    pub source_name: String,
    /// What is wrong, and what would be right.
    pub why: String,
}

/// Everything that can be set (contract §8).
#[derive(Debug)]
pub struct Config {
    /// Where the server listens.
    pub listen: SocketAddr,
    /// The folder of the SQLite file and the key file.
    pub data_dir: PathBuf,
    /// The database.
    pub database: Place,
    /// Its hot standbys.
    pub database_replicas: Vec<Target>,
    /// The key file.
    pub secret_key_file: PathBuf,
    /// Mail.
    pub smtp: Option<SmtpServer>,
    /// The mailbox that messages come from.
    pub mail_from: Option<String>,
    /// SMS.
    pub sms: Option<TwilioAccount>,
    /// Calls.
    pub phone: Option<TwilioAccount>,
    /// Base of PagerDuty's API.
    pub pagerduty_url: Option<url::Url>,
    /// Base of Telegram's API.
    pub telegram_url: Option<url::Url>,
    /// Whether plain `http://` destinations are allowed.
    pub webhook_allow_http: bool,
    /// Networks that the outbound guard lets through.
    pub outbound_allow: Vec<IpNet>,
    /// The file of plans.
    pub plans_file: Option<PathBuf>,
    /// The log's filter.
    pub log: String,
    /// Whether the log is JSON.
    pub log_json: bool,
    /// Where traces go.
    pub otlp_endpoint: Option<url::Url>,
    /// Where Prometheus finds its text.
    pub metrics_listen: Option<SocketAddr>,
    /// What operations look at.
    pub policy: Policy,
}

/// The settings that operations look at.
#[derive(Debug, Clone)]
pub struct Policy {
    /// What links in messages begin with, without a slash at the end.
    pub public_url: String,
    /// Which parts this process serves.
    pub parts: Vec<Part>,
    /// Whether requests are counted against limits; one-time codes always are.
    pub rate_limits: bool,
    /// Countries whose numbers get texts and calls; none named: all of them.
    pub phone_countries: Vec<Country>,
    /// Who may make an account.
    pub signup: Signup,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins that browsers may call the API from.
    pub cors_origins: Vec<String>,
    /// The built-in mailbox.
    pub mailbox: Mailbox,
    /// How long the delivery log keeps what is over.
    pub delivery_retention: SignedDuration,
}

/// `ROLLCALL_SIGNUP`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signup {
    /// Everybody.
    Open,
    /// Who is invited, and the very first customer.
    Invited,
}

/// What became of `ROLLCALL_MAILBOX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mailbox {
    /// `auto` on a loopback server: keeps messages, and shows them to requests from this machine alone.
    Local,
    /// `on`: keeps messages and shows them to everybody who reaches the server.
    Open,
    /// Keeps nothing.
    Off,
}

impl Config {
    /// Parses the settings.
    ///
    /// # Errors
    /// The first setting that is malformed or does not fit the others.
    pub fn new(settings: &Settings) -> Result<Self, ConfigError> {
        let data_dir = PathBuf::from(settings.text("data_dir").unwrap_or("./rollcall-data"));
        let listen: SocketAddr = settings
            .parse("listen", parse::address)?
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
        let public_url = settings
            .parse("public_url", parse::public_url)?
            .unwrap_or_else(|| "http://localhost:8080".to_owned());
        let smtp = settings.parse("smtp_url", parse::from_str::<SmtpServer>)?;
        let local = listen.ip().is_loopback() && parse::loopback_url(&public_url);
        let mailbox = match settings.parse("mailbox", parse::mailbox)?.flatten() {
            Some(mailbox) => mailbox,
            None if local => Mailbox::Local,
            None => Mailbox::Off,
        };
        if smtp.is_none() && mailbox == Mailbox::Off {
            return Err(settings.refuse(
                "smtp_url",
                "mail cannot be sent: set it, or set ROLLCALL_MAILBOX=on to keep messages in the built-in mailbox",
            ));
        }
        let mail_from = settings
            .parse("mail_from", parse::mailbox_address)?
            .or_else(|| smtp.is_some().then(|| parse::default_sender(&public_url)));
        let database = settings
            .parse("database_url", parse::from_str::<Place>)?
            .unwrap_or_else(|| Place::Sqlite(data_dir.join("rollcall.db")));
        let database_replicas = settings.parse("database_replicas", parse::standbys)?.unwrap_or_default();
        if database.file().is_some() && !database_replicas.is_empty() {
            return Err(settings.refuse("database_replicas", "standbys need a postgres:// database"));
        }
        Ok(Self {
            listen,
            database,
            database_replicas,
            secret_key_file: settings
                .text("secret_key_file")
                .map_or_else(|| data_dir.join("secret.key"), PathBuf::from),
            data_dir,
            smtp,
            mail_from,
            sms: settings.parse("sms_url", parse::from_str::<TwilioAccount>)?,
            phone: settings.parse("phone_url", parse::from_str::<TwilioAccount>)?,
            pagerduty_url: settings.parse("pagerduty_url", parse::web_url)?,
            telegram_url: settings.parse("telegram_url", parse::web_url)?,
            webhook_allow_http: settings.parse("webhook_allow_http", parse::truth)?.unwrap_or(false),
            outbound_allow: settings.parse("outbound_allow", parse::networks)?.unwrap_or_default(),
            plans_file: settings.text("plans_file").map(PathBuf::from),
            log: settings.parse("log", parse::log_filter)?.unwrap_or_else(|| "info".to_owned()),
            log_json: settings.parse("log_format", parse::log_format)?.unwrap_or(false),
            otlp_endpoint: settings.parse("otlp_endpoint", parse::web_url)?,
            metrics_listen: settings.parse("metrics_listen", parse::address)?,
            policy: Policy {
                public_url,
                parts: settings.parse("services", parse::parts)?.unwrap_or_else(|| Part::ALL.to_vec()),
                rate_limits: settings.parse("rate_limits", parse::truth)?.unwrap_or(true),
                phone_countries: settings.parse("phone_countries", parse::countries)?.unwrap_or_default(),
                signup: settings.parse("signup", parse::signup)?.unwrap_or(Signup::Open),
                trusted_proxies: settings.parse("trusted_proxies", parse::networks)?.unwrap_or_default(),
                cors_origins: settings.parse("cors_origins", parse::origins)?.unwrap_or_default(),
                mailbox,
                delivery_retention: settings
                    .parse("delivery_retention", parse::days)?
                    .unwrap_or(SignedDuration::from_hours(30 * 24)),
            },
        })
    }
}

impl Policy {
    /// Whether an address is a proxy whose forwarding headers are believed.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.contains(&address))
    }

    /// Whether a number may get texts and calls: asked when it is given, and again at each attempt to send.
    ///
    /// # Errors
    /// `phone_country_refused`.
    pub fn may_reach(&self, number: &PhoneNumber) -> Result<(), Invalid> {
        if self.phone_countries.is_empty() || number.is_of(&self.phone_countries) {
            return Ok(());
        }
        let message = "This server sends no texts and calls to numbers of this country. Give one of another country, or choose another type.";
        Err(Invalid::new("phone_country_refused", message))
    }
}

#[cfg(test)]
mod tests;
