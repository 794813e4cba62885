//! The guard against the cases of the URL standard: it lets nothing through that is no URL, and nothing as another than it is.

use notify::GuardRules;
use notify::guard::check_url;
use serde_json::Value;
use url::Url;

#[test]
fn what_the_guard_lets_through_is_the_url_that_the_standard_says() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("data/url-wpt/cases.json")).expect("JSON");
    let rules =
        GuardRules { allow_http: true, allow_networks: vec!["0.0.0.0/0".parse().expect("a network")] };
    let mut passed = 0;
    for case in &cases {
        let input = case["input"].as_str().expect("a text");
        let Ok(url) = check_url(&rules, input) else { continue };
        passed += 1;
        let meant =
            case["href"].as_str().unwrap_or_else(|| panic!("{input:?} is no URL, but {url} was let through"));
        let meant = Url::parse(meant).expect("a URL of the standard");
        assert_eq!(
            (url.scheme(), url.host(), url.port_or_known_default()),
            (meant.scheme(), meant.host(), meant.port_or_known_default()),
            "{input:?}"
        );
        assert_eq!(url, meant, "{input:?}");
        assert!(
            matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none()
        );
    }
    println!("URLs of the standard: {} cases, {passed} let through, each as what it is", cases.len());
    assert!(passed >= 10, "only {passed} were let through");
}
