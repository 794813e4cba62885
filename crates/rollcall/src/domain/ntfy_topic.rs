//! Topics on ntfy servers: a URL whose path ends in the topic's name.

use super::invalid::Invalid;
use super::web_address::WebAddress;

/// Reads `https://server/topic`.
///
/// # Errors
/// `topic_invalid`, and what a URL refuses.
pub fn parse(text: &str) -> Result<WebAddress, Invalid> {
    let address = WebAddress::parse(text)?;
    let topic = address.last_segment().unwrap_or_default();
    let fits = |c: u8| c.is_ascii_alphanumeric() || c == b'_' || c == b'-';
    if (1..=64).contains(&topic.len()) && topic.bytes().all(fits) {
        return Ok(address);
    }
    let wanted = "End the URL with the topic's name, like https://ntfy.sh/my-alerts: 1 to 64 letters, digits, _ and -.";
    Err(Invalid::new("topic_invalid", wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_ends_in_the_name_of_a_topic() {
        for url in
            ["https://ntfy.sh/alerts", "https://x.example:8443/ntfy/My_alerts-1", "https://ntfy.sh/a?auth=b"]
        {
            assert!(parse(url).is_ok(), "{url}");
        }
        let long = format!("https://ntfy.sh/{}", "a".repeat(65));
        for url in [
            "https://ntfy.sh",
            "https://ntfy.sh/",
            "https://ntfy.sh/a/",
            "https://ntfy.sh/a.b",
            &long,
            "alerts",
        ] {
            assert!(parse(url).is_err(), "{url}");
        }
    }
}
