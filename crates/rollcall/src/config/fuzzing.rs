//! What the settings promise whatever the file holds: a refusal in words, or a configuration.

use super::{Config, parse, sources};

/// A settings file; and its text as the value of each kind of setting.
pub(crate) fn settings(text: &str) {
    let _ = (parse::address(text), parse::truth(text), parse::days(text), parse::standbys(text));
    let _ =
        (parse::networks(text), parse::parts(text), parse::log_filter(text), parse::mailbox_address(text));
    if let Ok(url) = parse::public_url(text) {
        assert_eq!(parse::public_url(&url).as_ref(), Ok(&url));
        let _ = (parse::default_sender(&url), parse::loopback_url(&url));
    }
    for origin in parse::origins(text).unwrap_or_default() {
        assert_eq!(parse::origins(&origin), Ok(vec![origin]));
    }
    // A certificate would be read from wherever the text says.
    if !text.contains("sslrootcert")
        && let Ok(settings) = sources::from_file("rollcall.toml", text)
        && let Err(refusal) = Config::new(&settings)
    {
        assert!(!refusal.to_string().is_empty());
    }
}
