//! Which failures are worth another attempt.
//!
//! HTTP: no answer at all, 408, 425, 429 and 5xx recover; every other 3xx and 4xx does not. SMTP: 4yz recovers, 5yz
//! does not (RFC 5321 §4.2.1).

use std::time::Duration;

use http::HeaderMap;
use http::header::RETRY_AFTER;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use crate::Verdict;

/// The verdict on an HTTP status. `after` is what the receiver said in `Retry-After`, if anything.
///
/// 410 is only [`Verdict::Refused`] here: what "gone" means is the transport's to say.
#[must_use]
pub fn of_http_status(status: u16, after: Option<Duration>) -> Verdict {
    match status {
        200..=299 => Verdict::Delivered,
        408 | 425 | 429 | 500..=599 => Verdict::Retry { after },
        _ => Verdict::Refused,
    }
}

/// The verdict on an SMTP reply code.
#[must_use]
pub fn of_smtp_code(code: u16) -> Verdict {
    match code {
        200..=299 => Verdict::Delivered,
        500..=599 => Verdict::Refused,
        _ => Verdict::Retry { after: None },
    }
}

/// `Retry-After` of an answer (RFC 9110 §10.2.3): seconds, or an HTTP date reckoned from `now`; a past date is zero.
/// Anything malformed is as if it were not there. The result is not capped.
#[must_use]
pub fn after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than a u64 holds still mean "very long".
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let until = DateTimeParser::new().relaxed_weekday(true).parse_timestamp(value).ok()?;
    Some(until.duration_since(now).try_into().unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_http_status_recovers_or_not() {
        let after = Some(Duration::from_secs(7));
        for status in [200, 201, 202, 204, 299] {
            assert_eq!(of_http_status(status, after), Verdict::Delivered, "{status}");
        }
        for status in [408, 425, 429, 500, 502, 503, 504, 599] {
            assert_eq!(of_http_status(status, after), Verdict::Retry { after }, "{status}");
        }
        for status in
            [100, 300, 301, 302, 304, 307, 308, 400, 401, 403, 404, 405, 410, 413, 422, 451, 600, 999]
        {
            assert_eq!(of_http_status(status, after), Verdict::Refused, "{status}");
        }
    }

    #[test]
    fn an_smtp_code_recovers_or_not() {
        assert_eq!(of_smtp_code(250), Verdict::Delivered);
        for code in [421, 450, 451, 452, 354, 0] {
            assert_eq!(of_smtp_code(code), Verdict::Retry { after: None }, "{code}");
        }
        for code in [500, 535, 550, 554] {
            assert_eq!(of_smtp_code(code), Verdict::Refused, "{code}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        for (value, seconds) in [
            ("0", Some(0)),
            ("120", Some(120)),
            (" 60 ", Some(60)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Tue, 24 Nov 2026 10:01:30 GMT", Some(90)),
            ("Tue, 24 Nov 2026 09:00:00 GMT", Some(0)),
            ("", None),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]);
            assert_eq!(after(&headers, now), seconds.map(Duration::from_secs), "{value:?}");
        }
        assert_eq!(after(&HeaderMap::new(), now), None);
    }
}
