//! What URLs the guard lets through, spelling by spelling.

use ipnet::IpNet;
use notify::GuardRules;
use notify::guard::{LONGEST_URL, check_url};

fn rules(allow_http: bool, networks: &[&str]) -> GuardRules {
    let allow_networks = networks.iter().map(|net| net.parse::<IpNet>().expect("a network")).collect();
    GuardRules { allow_http, allow_networks }
}

fn assert_all(rules: &GuardRules, passes: bool, urls: &[&str]) {
    for url in urls {
        assert_eq!(check_url(rules, url).is_ok(), passes, "{url:?}");
    }
}

#[test]
fn public_names_and_addresses_pass() {
    assert_all(
        &GuardRules::default(),
        true,
        &[
            "https://example.com",
            "https://example.com/",
            "HTTPS://Example.COM/hooks?a=b&c=%20d",
            "https://hooks.example.com:8443/x",
            "https://example.com./",
            "https://bücher.example/",
            "https://xn--bcher-kva.example/",
            "https://a-b.c-d.example:9000/@path/with@at",
            "https://localhost.example.com/",
            "https://mylocal.example/",
            "https://10.0.0.1.nip.example/",
            "https://93.184.216.34/",
            "https://8.8.8.8:8443/x",
            "https://172.15.255.255/",
            "https://172.32.0.0/",
            "https://[2606:2800:220:1:248:1893:25c8:1946]/",
            "https://[::ffff:8.8.8.8]/",
        ],
    );
}

#[test]
fn what_is_checked_is_what_is_returned() {
    let url = check_url(&GuardRules::default(), "https://EXAMPLE.com/%7Ea?b").unwrap();
    assert_eq!(url.as_str(), "https://example.com/%7Ea?b");
}

#[test]
fn every_spelling_of_a_loopback_address_is_refused() {
    assert_all(
        &rules(true, &[]),
        false,
        &[
            "http://127.0.0.1/",
            "http://127.0.0.1:8080/",
            "http://127.1/",
            "http://127.0.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0x7f.0.0.1/",
            "http://0X7F.1/",
            "http://017700000001/",
            "http://0177.0.0.1/",
            "http://0177.0x0.0.1/",
            "http://127.0.0.1./",
            "http://127.0.0.1../",
            "http://127.0.0.01/",
            "http://127.000.000.001/",
            "http://127.255.255.254/",
            "http://%31%32%37.0.0.1/",
            "http://127%2e0%2e0%2e1/",
            "http://１２７.０.０.１/",
            "http://１２７。０。０。１/",
            "http://①②⑦.⓪.⓪.①/",
            "http://127｡0｡0｡1/",
            "http://0/",
            "http://0.0.0.0/",
            "http://[::1]/",
            "http://[0:0:0:0:0:0:0:1]/",
            "http://[0000:0000:0000:0000:0000:0000:0000:0001]/",
            "http://[::]/",
            "http://[::127.0.0.1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://[0:0:0:0:0:ffff:7f00:0001]/",
            "http://[64:ff9b::127.0.0.1]/",
            "http://[64:ff9b::8.8.8.8]/",
            "http://[64:ff9b:1::7f00:1]/",
            "http://[2002:7f00:1::]/",
            "http://[2002:808:808::]/",
            "http://[2001:0:808:808::1]/",
            "http://[::1%25lo]/",
            "http://[fe80::1%25eth0]/",
            "http://[fe80::1%eth0]/",
        ],
    );
}

#[test]
fn addresses_of_private_and_reserved_networks_are_refused() {
    assert_all(
        &GuardRules::default(),
        false,
        &[
            "https://10.0.0.1/",
            "https://10.1/",
            "https://0xa.1/",
            "https://172.16.0.1/",
            "https://172.31.255.255/",
            "https://192.168.1.1/",
            "https://3232235777/",
            "https://169.254.169.254/latest/meta-data/",
            "https://2852039166/",
            "https://0xa9fea9fe/",
            "https://100.64.0.1/",
            "https://100.100.100.200/",
            "https://168.63.129.16/",
            "https://192.0.0.192/",
            "https://192.0.2.1/",
            "https://192.88.99.1/",
            "https://198.18.0.1/",
            "https://198.19.255.255/",
            "https://198.51.100.7/",
            "https://203.0.113.9/",
            "https://224.0.0.1/",
            "https://239.255.255.250/",
            "https://240.0.0.1/",
            "https://255.255.255.255/",
            "https://[fc00::1]/",
            "https://[fd00:ec2::254]/",
            "https://[fe80::1]/",
            "https://[fec0::1]/",
            "https://[ff02::1]/",
            "https://[100::1]/",
            "https://[2001:db8::1]/",
            "https://[2001:10::1]/",
            "https://[2001:20::1]/",
            "https://[3fff::1]/",
            "https://[5f00::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[::ffff:a9fe:a9fe]/",
        ],
    );
}

#[test]
fn names_of_this_machine_and_of_private_networks_are_refused() {
    assert_all(
        &GuardRules::default(),
        false,
        &[
            "https://localhost/",
            "https://LOCALHOST/",
            "https://localhost./",
            "https://localhost../",
            "https://foo.localhost/",
            "https://localhost.localdomain/",
            "https://ip6-localhost/",
            "https://localhost6.localdomain6/",
            "https://ｌｏｃａｌｈｏｓｔ/",
            "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
            "https://lo\u{AD}calhost/",
            "https://local%68ost/",
            "https://printer.local/",
            "https://metadata.google.internal/computeMetadata/v1/",
            "https://metadata.google.internal./",
            "https://router.lan/",
            "https://nas.home.arpa/",
            "https://home.arpa/",
            "https://wiki.corp/",
            "https://api.default.svc/",
            "https://api.default.svc.cluster.local/",
            "https://intranet/",
            "https://metadata/",
            "https://kubernetes/",
            "https://a..example.com/",
            "https://.example.com/",
        ],
    );
    let long_label = format!("https://{}.example/", "a".repeat(64));
    let long_name = format!("https://{}example/", "abcdefg.".repeat(32));
    assert_all(&GuardRules::default(), false, &[&long_label, &long_name]);
}

#[test]
fn odd_forms_are_refused() {
    assert_all(
        &rules(true, &["0.0.0.0/0", "::/0"]),
        false,
        &[
            "",
            "example.com",
            "//example.com/",
            "https:example.com",
            "https:/example.com",
            "https:///example.com",
            "https://",
            "https:///",
            "https://?x",
            "ftp://example.com/",
            "file:///etc/passwd",
            "gopher://example.com:70/_x",
            "javascript://example.com/%0aalert(1)",
            "https+unix://example.com/",
            "https://user@example.com/",
            "https://user:password@example.com/",
            "https://@example.com/",
            "https://:@example.com/",
            "https://example.com@127.0.0.1/",
            "https://example.com/#fragment",
            "https://example.com/#",
            "https://127.0.0.1#@example.com/",
            "https://example.com\\@127.0.0.1/",
            "https:\\\\example.com/",
            "https://example.com/a\\b",
            " https://example.com/",
            "https://example.com/ ",
            "https://example.com/a b",
            "https://exa\tmple.com/",
            "https://example.com/a\r\nx",
            "https://example.com/\0",
            "https://example.com/\u{a0}",
            "https://example.com:99999/",
            "https://example.com:port/",
            "https://exa<mple.com/",
            "https://[::1/",
        ],
    );
}

#[test]
fn plain_http_needs_the_setting() {
    let (http, https) = ("http://example.com/", "https://example.com/");
    assert_all(&rules(false, &[]), false, &[http]);
    assert_all(&rules(true, &[]), true, &[http, https]);
}

#[test]
fn ports_of_services_that_do_not_speak_http_are_refused_whatever_is_allowed() {
    let rules = rules(true, &["127.0.0.0/8"]);
    for port in [
        0, 22, 23, 25, 53, 110, 143, 389, 445, 465, 587, 636, 1433, 2049, 3306, 5432, 5672, 6379, 9042, 11211,
    ] {
        assert_all(
            &rules,
            false,
            &[&format!("http://example.com:{port}/"), &format!("http://127.0.0.1:{port}/")],
        );
    }
    assert_all(
        &rules,
        true,
        &["http://127.0.0.1:9000/", "http://example.com:8080/", "https://example.com:80/"],
    );
}

#[test]
fn a_url_may_have_2048_octets_and_no_more() {
    let longest = format!("https://example.com/{}", "a".repeat(LONGEST_URL - 20));
    assert_eq!(longest.len(), 2048);
    assert_all(&GuardRules::default(), true, &[&longest]);
    assert_all(&GuardRules::default(), false, &[&format!("{longest}a")]);
}

#[test]
fn an_allowed_network_lifts_the_rule_for_its_literals_and_names() {
    let loopback = rules(true, &["127.0.0.0/8"]);
    assert_all(
        &loopback,
        true,
        &[
            "http://127.0.0.1:9000/",
            "http://127.1/",
            "http://[::ffff:127.0.0.1]/",
            "http://localhost:3000/",
            "http://a.localhost/",
        ],
    );
    assert_all(
        &loopback,
        false,
        &["http://10.0.0.1/", "http://[::1]/", "http://printer.local/", "http://intranet/"],
    );
    assert_all(&rules(true, &["::1/128"]), true, &["http://[::1]:9000/", "http://localhost/"]);
    assert_all(&rules(true, &["127.0.0.1/32"]), true, &["http://localhost/"]);
    assert_all(
        &rules(true, &["0.0.0.0/0"]),
        true,
        &["http://localhost/", "http://intranet/", "http://10.0.0.1/"],
    );

    let private = rules(false, &["10.0.0.0/8"]);
    assert_all(&private, true, &["https://10.1.2.3/", "https://hooks.internal/", "https://receiver/"]);
    assert_all(&private, false, &["https://192.168.0.1/", "https://localhost/", "http://10.1.2.3/"]);
    assert_all(&private, false, &["https://user@10.1.2.3/", "https://10.1.2.3/#x", "https://10.1.2.3:22/"]);
}

#[test]
fn the_refusal_says_the_same_whatever_the_reason() {
    let rules = GuardRules::default();
    for url in [
        "nonsense",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://u@example.com/",
        "https://example.com:22/",
    ] {
        assert_eq!(check_url(&rules, url).unwrap_err().to_string(), "this destination is not allowed");
    }
}
