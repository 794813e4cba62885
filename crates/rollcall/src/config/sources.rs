//! Where settings come from: flags beat the environment, the environment beats `rollcall.toml`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use clap::{Arg, ArgMatches};

use super::ConfigError;

/// Every setting with the line that `--help` shows.
pub(super) const KNOWN: &[(&str, &str)] = &[
    ("listen", "Address and port to listen on [127.0.0.1:8080]"),
    ("public_url", "What links in messages begin with [http://localhost:8080]"),
    ("data_dir", "Folder of the SQLite file and the generated key [./rollcall-data]"),
    ("database_url", "sqlite://… or postgres://… [the SQLite file in the data folder]"),
    ("database_replicas", "Hot standbys for the query services, comma-separated"),
    (
        "services",
        "Parts to serve, comma-separated: auth, customer-cmd, customer-query, resource-cmd, resource-query, console, worker [all]",
    ),
    (
        "secret_key_file",
        "Keys for secrets at rest and codes, the current one first [secret.key in the data folder]",
    ),
    ("smtp_url", "smtp://[user:password@]host:port[?tls=required] or smtps://…"),
    ("mail_from", "The mailbox that mail comes from [Rollcall <rollcall@host of the public URL>]"),
    ("sms_url", "twilio://SID:TOKEN@host[:port]?from=+1…"),
    ("phone_url", "twilio://SID:TOKEN@host[:port]?from=+1…"),
    ("pagerduty_url", "Base of PagerDuty's events API [the provider's own]"),
    ("telegram_url", "Base of Telegram's bot API [the provider's own]"),
    ("webhook_allow_http", "Allow plain http:// destinations [false]"),
    ("outbound_allow", "Private networks (CIDR) that destinations may be in, comma-separated"),
    ("phone_countries", "Countries (two letters) whose numbers get texts and calls, comma-separated [all]"),
    ("rate_limits", "on or off; limits of one-time codes always stay on [on]"),
    ("signup", "open, or invited: only invited people make accounts [open]"),
    ("trusted_proxies", "Networks (CIDR) whose X-Forwarded-For is believed, comma-separated"),
    ("cors_origins", "Exact origins that browsers may call the API from, comma-separated"),
    ("plans_file", "TOML file of plans and their limits [built in, no limits]"),
    ("mailbox", "Built-in mailbox for messages without a transport: auto, on or off [auto]"),
    ("delivery_retention", "Days that the delivery log keeps what is over, 1 to 3650 [30]"),
    ("log", "Log filter, e.g. info or rollcall=debug [info]"),
    ("log_format", "text or json [text]"),
    ("otlp_endpoint", "Where traces are sent (OTLP over HTTP)"),
    ("metrics_listen", "Address and port of the Prometheus text"),
];

/// The names of all settings, as in the file.
pub fn names() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|(key, _)| *key)
}

const PREFIX: &str = "ROLLCALL_";

/// The flags of every setting, for each command.
pub fn flags() -> impl Iterator<Item = Arg> {
    let settings = KNOWN.iter().map(|(key, help)| {
        Arg::new(*key).long(key.replace('_', "-")).value_name("VALUE").help(*help).global(true)
    });
    let file = Arg::new("config")
        .long("config")
        .value_name("FILE")
        .help("Settings file [rollcall.toml]")
        .global(true);
    settings.chain(std::iter::once(file))
}

/// The settings as text, each from its strongest source.
#[derive(Debug, Default)]
pub struct Settings(BTreeMap<&'static str, Given>);

#[derive(Debug)]
struct Given {
    value: String,
    spelled: String,
    source: String,
}

impl Settings {
    /// Gathers the settings of all sources; an empty value is an unset setting.
    ///
    /// # Errors
    /// A setting that does not exist, or a file that cannot be read.
    pub fn gather(
        flags: &ArgMatches,
        environment: impl Iterator<Item = (OsString, OsString)>,
        folder: &Path,
    ) -> Result<Self, ConfigError> {
        let environment = from_environment(environment)?;
        let named = flags.get_one::<String>("config").cloned();
        let path = named.clone().unwrap_or_else(|| "rollcall.toml".to_owned());
        let mut settings = match std::fs::read_to_string(folder.join(&path)) {
            Ok(text) => from_file(&path, &text)?,
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => Self::default(),
            Err(error) => return Err(refusal(&path, "file", format!("it cannot be read: {error}"))),
        };
        settings.0.extend(environment.0);
        for (key, _) in KNOWN {
            if let Some(value) = flags.get_one::<String>(key) {
                settings.give(key, value.clone(), format!("--{}", key.replace('_', "-")), "flag");
            }
        }
        settings.0.retain(|_, given| !given.value.trim().is_empty());
        Ok(settings)
    }

    /// The text of a setting.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(|given| given.value.trim())
    }

    /// Parses a setting.
    ///
    /// # Errors
    /// What `parse` says, with the setting's name.
    pub fn parse<T>(
        &self,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        self.text(key).map(parse).transpose().map_err(|why| self.refuse(key, why))
    }

    /// A refusal that names the setting as its source spells it.
    pub fn refuse(&self, key: &str, why: impl Into<String>) -> ConfigError {
        match self.0.get(key) {
            Some(given) => refusal(&given.spelled, &given.source, why),
            None => refusal(&environment_name(key), "not set", why),
        }
    }

    fn give(&mut self, key: &'static str, value: String, spelled: String, source: &str) {
        self.0.insert(key, Given { value, spelled, source: source.to_owned() });
    }
}

fn refusal(setting: &str, source_name: &str, why: impl Into<String>) -> ConfigError {
    ConfigError { setting: setting.to_owned(), source_name: source_name.to_owned(), why: why.into() }
}

fn environment_name(key: &str) -> String {
    format!("{PREFIX}{}", key.to_ascii_uppercase())
}

fn known(key: &str) -> Option<&'static str> {
    KNOWN.iter().map(|(name, _)| *name).find(|name| *name == key)
}

fn from_environment(variables: impl Iterator<Item = (OsString, OsString)>) -> Result<Settings, ConfigError> {
    let mut settings = Settings::default();
    for (name, value) in variables {
        let Some(name) = name.to_str() else { continue };
        let Some(key) = name.strip_prefix(PREFIX) else { continue };
        let Some(key) = known(&key.to_ascii_lowercase()).filter(|key| environment_name(key) == name) else {
            return Err(refusal(
                name,
                "environment",
                "there is no such setting; see `rollcall serve --help`",
            ));
        };
        let Ok(value) = value.into_string() else {
            return Err(refusal(name, "environment", "the value is not UTF-8"));
        };
        settings.give(key, value, name.to_owned(), "environment");
    }
    Ok(settings)
}

pub(super) fn from_file(path: &str, text: &str) -> Result<Settings, ConfigError> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        refusal(path, "file", format!("it is not TOML: {}", error.message()))
    })?;
    let mut settings = Settings::default();
    for (name, value) in table {
        let Some(key) = known(&name) else {
            return Err(refusal(&name, path, "there is no such setting; see `rollcall serve --help`"));
        };
        let Some(value) = plain(&value) else {
            return Err(refusal(&name, path, "give a text, a truth value, a number or a list of texts"));
        };
        settings.give(key, value, name, path);
    }
    Ok(settings)
}

fn plain(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Boolean(truth) => Some(truth.to_string()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Array(values) => {
            let words: Option<Vec<_>> = values.iter().map(|value| value.as_str()).collect();
            words.map(|words| words.join(","))
        }
        _ => None,
    }
}
