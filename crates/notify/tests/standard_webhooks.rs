//! Signatures against the vectors of the Standard Webhooks libraries (see data/standard-webhooks/SOURCE.json).

use jiff::Timestamp;
use notify::standard_webhooks::{new_secret, sign};
use serde_json::Value;

fn vectors() -> Vec<Value> {
    serde_json::from_str(include_str!("data/standard-webhooks/cases.json")).expect("vectors")
}

#[test]
fn the_published_signature_is_reproduced() {
    let signed: Vec<Value> = vectors().into_iter().filter(|case| case["secret"].is_string()).collect();
    assert!(!signed.is_empty());
    for case in signed {
        let text = |name: &str| case[name].as_str().expect("text").to_owned();
        let at = Timestamp::from_second(case["timestamp"].as_i64().expect("seconds")).unwrap();
        let expected = Ok(text("expect"));
        assert_eq!(sign(&text("secret"), &text("id"), at, &text("payload")), expected);
        // The prefix is optional, says the specification.
        assert_eq!(
            sign(text("secret").trim_start_matches("whsec_"), &text("id"), at, &text("payload")),
            expected
        );
    }
}

#[test]
fn a_secret_that_is_empty_or_malformed_signs_nothing() {
    let at = Timestamp::UNIX_EPOCH;
    for secret in ["", "whsec_", "whsec_???", "whsec_AAAA", &format!("whsec_{}", "A".repeat(88))] {
        assert!(sign(secret, "m", at, "{}").is_err(), "{secret}");
    }
}

#[test]
fn a_new_secret_signs_and_differs_by_its_octets() {
    let (a, b) = (new_secret([7; 32]), new_secret([8; 32]));
    assert!(a.starts_with("whsec_") && a != b);
    let (with_a, with_b) =
        (sign(&a, "m", Timestamp::UNIX_EPOCH, "é{}"), sign(&b, "m", Timestamp::UNIX_EPOCH, "é{}"));
    assert!(with_a.is_ok() && with_a != with_b);
}
