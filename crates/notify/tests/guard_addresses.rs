//! Which addresses the guard lets through, first and last of each network.

use std::net::IpAddr;

use notify::GuardRules;
use notify::guard::check_address;

fn passes(rules: &GuardRules, address: &str) -> bool {
    check_address(rules, address.parse::<IpAddr>().expect("an address")).is_ok()
}

#[test]
fn the_edges_of_every_forbidden_network_are_refused_and_their_neighbours_pass() {
    let rules = GuardRules::default();
    // (the last before, first, last, the first after); "" where the neighbour is forbidden by another row.
    for (before, first, last, after) in [
        ("", "0.0.0.0", "0.255.255.255", "1.0.0.0"),
        ("9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"),
        ("100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"),
        ("126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"),
        ("168.63.129.15", "168.63.129.16", "168.63.129.16", "168.63.129.17"),
        ("169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"),
        ("172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"),
        ("191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"),
        ("192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"),
        ("192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"),
        ("192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"),
        ("198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"),
        ("198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"),
        ("203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"),
        ("223.255.255.255", "224.0.0.0", "255.255.255.255", ""),
        ("", "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""),
        ("", "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "2001:1::"),
        ("2001:f:ffff::", "2001:10::", "2001:1f:ffff:ffff::", ""),
        ("", "2001:20::", "2001:2f:ffff:ffff::", "2001:30::"),
        ("2001:db7:ffff::", "2001:db8::", "2001:db8:ffff:ffff::", "2001:db9::"),
        ("2001:ffff::", "2002::", "2002:ffff:ffff:ffff::", "2003::"),
        ("3ffe:ffff::", "3fff::", "3fff:fff:ffff::", "3fff:1000::"),
        ("3fff:ffff::", "4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""),
    ] {
        for forbidden in [first, last] {
            assert!(!passes(&rules, forbidden), "{forbidden}");
        }
        for fine in [before, after].into_iter().filter(|address| !address.is_empty()) {
            assert!(passes(&rules, fine), "{fine}");
        }
    }
}

#[test]
fn ipv4_inside_ipv6_is_judged_as_ipv4_when_mapped_and_refused_otherwise() {
    let rules = GuardRules::default();
    assert!(passes(&rules, "::ffff:8.8.8.8"));
    for address in [
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::8.8.8.8",
        "::127.0.0.1",
        "64:ff9b::8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b:1::808:808",
        "2002:808:808::1",
        "2002:7f00:1::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "::ffff:0:8.8.8.8",
        "fe80::5efe:8.8.8.8",
    ] {
        assert!(!passes(&rules, address), "{address}");
    }
}

#[test]
fn an_allowed_network_passes_in_both_families() {
    let allow =
        |net: &str| GuardRules { allow_http: false, allow_networks: vec![net.parse().expect("a network")] };
    assert!(passes(&allow("127.0.0.0/8"), "127.0.0.1"));
    assert!(passes(&allow("127.0.0.0/8"), "::ffff:127.0.0.1"));
    assert!(!passes(&allow("127.0.0.0/8"), "::1"));
    assert!(!passes(&allow("127.0.0.0/8"), "10.0.0.1"));
    assert!(passes(&allow("fd00::/8"), "fd12::1"));
    assert!(passes(&allow("64:ff9b::/96"), "64:ff9b::8.8.8.8"));
}
