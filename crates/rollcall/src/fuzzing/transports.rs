//! What the parsers of `notify` promise whatever they are given: no panic, and nothing private let through.

use std::net::IpAddr;

use http::HeaderMap;
use http::header::RETRY_AFTER;
use jiff::Timestamp;
use notify::guard::{check_address, check_url};
use notify::web_push::{Ephemeral, VapidKey, decode_key, encrypt, is_public_key};
use notify::{GuardRules, SmtpServer, TwilioAccount, answer, is_sender, retry};
use url::Host;

use super::text;

/// A URL that the guard lets through leads to a public place, and goes on being let through.
pub(super) fn guard_url(bytes: &[u8]) {
    let rules = GuardRules { allow_http: true, allow_networks: Vec::new() };
    let Ok(url) = check_url(&rules, text(bytes)) else { return };
    assert_eq!(check_url(&rules, url.as_str()).as_ref(), Ok(&url));
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
    let address = match url.host().expect("a host") {
        Host::Ipv4(address) => Some(IpAddr::V4(address)),
        Host::Ipv6(address) => Some(IpAddr::V6(address)),
        Host::Domain(name) => {
            assert!(name.contains('.') && name.parse::<IpAddr>().is_err(), "{name}");
            None
        }
    };
    if let Some(address) = address {
        assert!(
            check_address(&rules, address).is_ok() && !address.is_loopback() && !address.is_unspecified()
        );
    }
}

/// What a receiver answers: when to come back in the first line, its words after it.
pub(super) fn receiver_answer(bytes: &[u8]) {
    let (first, rest) = text(bytes).split_once('\n').unwrap_or((text(bytes), ""));
    if let Ok(value) = first.parse() {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, value)]);
        let now: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH);
        let after = retry::after(&headers, now);
        for status in [200, 302, 410, 429, 503] {
            let _ = retry::of_http_status(status, after);
        }
    }
    let secrets: Vec<_> = answer::codes(rest).collect();
    if let Some(shown) = answer::fit(rest, &secrets) {
        assert!(shown.chars().count() <= answer::CHARACTERS && !shown.chars().any(char::is_control));
        assert!(secrets.iter().all(|code| !shown.contains(code)), "{shown}");
    }
}

/// The settings that name servers; what refuses them repeats nothing of them.
pub(super) fn transport_settings(bytes: &[u8]) {
    let text = text(bytes);
    let _ = (is_sender(text), text.parse::<SmtpServer>(), text.parse::<TwilioAccount>());
}

/// The keys of push messages: a seed of 32 bytes, a subscriber's key and secret after it.
pub(super) fn push_keys(bytes: &[u8]) {
    let _ = decode_key(text(bytes));
    let Some((seed, rest)) = bytes.split_first_chunk::<32>() else { return };
    if let Ok(key) = VapidKey::from_seed(seed, "mailto:ops@example.com".to_owned()) {
        assert!(decode_key(key.public()).is_some_and(|octets| is_public_key(&octets)));
    }
    let once = Ephemeral::known(seed, [7; 16]);
    if let (Some((point, rest)), Ok(once)) = (rest.split_first_chunk::<65>(), once)
        && let Some((auth, message)) = rest.split_first_chunk::<16>()
        && let Ok(sealed) = encrypt(point, auth, message, &once)
    {
        assert!(is_public_key(point) && sealed.len() > message.len());
    }
}
