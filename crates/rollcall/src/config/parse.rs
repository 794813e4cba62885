//! How each kind of setting is read; a refusal says what would be right and never repeats a password.

use std::fmt::Display;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use ipnet::IpNet;
use jiff::SignedDuration;
use tracing_subscriber::EnvFilter;
use url::{Host, Url};

use super::{Mailbox, Signup};
use crate::db::Target;
use crate::domain::phone_number::Country;
use crate::http::service::Part;

pub(super) fn from_str<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("`{text}` is not an address and port like 127.0.0.1:8080"))
}

pub(super) fn truth(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "on" | "yes" | "1" => Ok(true),
        "false" | "off" | "no" | "0" => Ok(false),
        _ => Err(format!("`{text}` is neither true (on) nor false (off)")),
    }
}

/// A number of whole days, from one to ten years.
pub(super) fn days(text: &str) -> Result<SignedDuration, String> {
    let days = text.trim().parse().ok().filter(|days| (1..=3_650).contains(days));
    days.map(|days: i64| SignedDuration::from_hours(days * 24))
        .ok_or_else(|| format!("`{text}` is not a number of days from 1 to 3650"))
}

/// URLs of standbys. One URL may name several hosts, so a comma parts two only where another begins.
pub(super) fn standbys(text: &str) -> Result<Vec<Target>, String> {
    let mut urls: Vec<String> = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        match urls.last_mut() {
            Some(url) if !part.contains("://") => {
                url.push(',');
                url.push_str(part);
            }
            _ if part.starts_with("postgres://") || part.starts_with("postgresql://") => {
                urls.push(part.to_owned());
            }
            _ => return Err("give postgres://user:password@host:5432/database".to_owned()),
        }
    }
    urls.iter().map(|url| from_str::<Target>(url).map(Target::standby)).collect()
}

/// Without the slash at its end, so that paths can be appended.
pub(super) fn public_url(text: &str) -> Result<String, String> {
    let url = web_url(text)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("leave out everything from `?` or `#` on".to_owned());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

pub(super) fn web_url(text: &str) -> Result<Url, String> {
    let wanted = || "it is not a URL like https://api.example.com".to_owned();
    let url = Url::parse(text).map_err(|_| wanted())?;
    (matches!(url.scheme(), "http" | "https") && url.host().is_some()).then_some(url).ok_or_else(wanted)
}

/// The sender of mail where none is set: at the host of the public URL.
pub(super) fn default_sender(public_url: &str) -> String {
    let host = Url::parse(public_url).ok();
    let host = host.as_ref().and_then(Url::domain).unwrap_or("localhost");
    format!("Rollcall <rollcall@{host}>")
}

/// Whether a URL names this machine.
pub(super) fn loopback_url(text: &str) -> bool {
    match Url::parse(text).ok().and_then(|url| url.host().map(|host| host.to_owned())) {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

pub(super) fn list<T>(text: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(parse).collect()
}

/// Networks, or single addresses.
pub(super) fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    list(text, |word| {
        word.parse::<IpNet>()
            .or_else(|_| word.parse::<IpAddr>().map(IpNet::from))
            .map_err(|_| format!("`{word}` is not a network like 10.0.0.0/8"))
    })
}

pub(super) fn countries(text: &str) -> Result<Vec<Country>, String> {
    list(text, |word| {
        Country::parse(word).ok_or_else(|| format!("`{word}` is not the two letters of a country, like AZ"))
    })
}

pub(super) fn origins(text: &str) -> Result<Vec<String>, String> {
    list(text, |word| {
        let url =
            web_url(word).map_err(|_| format!("`{word}` is not an origin like https://app.example.com"))?;
        let origin = url.origin().ascii_serialization();
        (origin == word.trim_end_matches('/'))
            .then_some(origin)
            .ok_or_else(|| format!("`{word}` has more than scheme, host and port"))
    })
}

pub(super) fn parts(text: &str) -> Result<Vec<Part>, String> {
    let names = || Part::ALL.map(Part::name).join(", ");
    let parts = list(text, |word| {
        let part = Part::ALL.into_iter().find(|part| part.name() == word);
        part.ok_or_else(|| format!("`{word}` is none of {}", names()))
    })?;
    if parts.is_empty() { Err(format!("name at least one of {}", names())) } else { Ok(parts) }
}

pub(super) fn signup(text: &str) -> Result<Signup, String> {
    match text {
        "open" => Ok(Signup::Open),
        "invited" => Ok(Signup::Invited),
        _ => Err(format!("`{text}` is neither open nor invited")),
    }
}

/// None for `auto`.
pub(super) fn mailbox(text: &str) -> Result<Option<Mailbox>, String> {
    match text.to_ascii_lowercase().as_str() {
        "auto" => Ok(None),
        "on" | "true" => Ok(Some(Mailbox::Open)),
        "off" | "false" => Ok(Some(Mailbox::Off)),
        _ => Err(format!("`{text}` is none of auto, on, off")),
    }
}

pub(super) fn mailbox_address(text: &str) -> Result<String, String> {
    notify::is_sender(text)
        .then(|| text.to_owned())
        .ok_or_else(|| "give a mailbox like Rollcall <rollcall@example.com>".to_owned())
}

/// In ASCII, as targets and levels are: the filter's parser counts letters as bytes, and would panic.
pub(super) fn log_filter(text: &str) -> Result<String, String> {
    let known = text.is_ascii() && EnvFilter::try_new(text).is_ok();
    if known { Ok(text.to_owned()) } else { Err(format!("`{text}` is not a filter like info")) }
}

pub(super) fn log_format(text: &str) -> Result<bool, String> {
    match text {
        "json" => Ok(true),
        "text" => Ok(false),
        _ => Err(format!("`{text}` is neither text nor json")),
    }
}
