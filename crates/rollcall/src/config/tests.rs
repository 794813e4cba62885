//! Settings from all sources, and every way to get one wrong.

use std::ffi::OsString;
use std::sync::atomic::{AtomicU32, Ordering};

use clap::Command;

use super::*;

fn config(flags: &[&str], environment: &[(&str, &str)], file: &str) -> Result<Config, ConfigError> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("rollcall-config-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("rollcall.toml"), file).expect("a file");
    let arguments = Command::new("rollcall").args(super::flags());
    let matches = arguments.get_matches_from(std::iter::once("rollcall").chain(flags.iter().copied()));
    let variables = environment.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let settings = Settings::gather(&matches, variables, &folder);
    std::fs::remove_dir_all(&folder).expect("removed");
    Config::new(&settings?)
}

#[test]
fn flags_beat_the_environment_which_beats_the_file() {
    let file = "listen = '127.0.0.1:1'\nsignup = 'invited'\nlog = 'debug'";
    let environment = [("ROLLCALL_LISTEN", "127.0.0.1:2"), ("ROLLCALL_LOG", "warn"), ("HOME", "/")];
    let config = config(&["--listen", "127.0.0.1:3"], &environment, file).expect("valid");
    assert_eq!(config.listen.port(), 3);
    assert_eq!(config.log, "warn");
    assert_eq!(config.policy.signup, Signup::Invited);
}

#[test]
fn an_empty_value_is_an_unset_setting() {
    let config = config(&[], &[("ROLLCALL_LISTEN", ""), ("ROLLCALL_SMTP_URL", " ")], "").expect("valid");
    assert_eq!(config.listen.port(), 8080);
}

#[test]
fn what_is_wrong_is_named_in_one_line() {
    for (environment, file, words) in [
        (vec![("ROLLCALL_LISTN", "x")], "", vec!["ROLLCALL_LISTN", "no such setting"]),
        (vec![("ROLLCALL_LISTEN", "8080")], "", vec!["ROLLCALL_LISTEN", "127.0.0.1:8080"]),
        (vec![], "lisen = 'x'", vec!["lisen", "rollcall.toml"]),
        (vec![], "listen = ", vec!["rollcall.toml", "not TOML"]),
        (vec![("ROLLCALL_SERVICES", "auth,teams")], "", vec!["ROLLCALL_SERVICES", "teams", "worker"]),
        (vec![("ROLLCALL_OUTBOUND_ALLOW", "10/8x")], "", vec!["ROLLCALL_OUTBOUND_ALLOW", "10/8x"]),
        (vec![("ROLLCALL_PHONE_COUNTRIES", "AZ, XY")], "", vec!["ROLLCALL_PHONE_COUNTRIES", "XY"]),
        (vec![("ROLLCALL_CORS_ORIGINS", "https://a.example/x")], "", vec!["ROLLCALL_CORS_ORIGINS"]),
        (vec![("ROLLCALL_DATABASE_URL", "mysql://x")], "", vec!["ROLLCALL_DATABASE_URL", "sqlite://"]),
        (vec![("ROLLCALL_LISTEN", "0.0.0.0:8080")], "", vec!["ROLLCALL_SMTP_URL", "ROLLCALL_MAILBOX=on"]),
        (vec![("ROLLCALL_MAIL_FROM", "ann@b@c")], "", vec!["ROLLCALL_MAIL_FROM", "rollcall@example.com"]),
        (vec![("ROLLCALL_DELIVERY_RETENTION", "0")], "", vec!["ROLLCALL_DELIVERY_RETENTION", "1 to 3650"]),
        (vec![("ROLLCALL_LOG", "rollcall=loud")], "", vec!["ROLLCALL_LOG", "info"]),
        (
            vec![("ROLLCALL_LOG", "rollcall[h\u{652}os:/\u{450}= h\u{652}ostg= ]=info")],
            "",
            vec!["ROLLCALL_LOG", "info"],
        ),
        (vec![("ROLLCALL_SERVICES", ",")], "", vec!["ROLLCALL_SERVICES", "at least one", "worker"]),
    ] {
        let error = config(&[], &environment, file).expect_err("refused").to_string();
        assert!(!error.contains('\n'), "{error}");
        for word in words {
            assert!(error.contains(word), "{error} should name {word}");
        }
    }
}

#[test]
fn mail_comes_from_the_host_of_the_public_url_unless_a_sender_is_set() {
    let smtp = ("ROLLCALL_SMTP_URL", "smtp://127.0.0.1:25");
    let sender = |environment: &[(&str, &str)]| {
        config(&[], environment, "").expect("valid").mail_from.expect("a sender")
    };
    assert_eq!(sender(&[smtp]), "Rollcall <rollcall@localhost>");
    let public = ("ROLLCALL_PUBLIC_URL", "https://team.example.com:8443/people");
    assert_eq!(sender(&[smtp, public]), "Rollcall <rollcall@team.example.com>");
    assert_eq!(sender(&[smtp, public, ("ROLLCALL_MAIL_FROM", "ops@example.org")]), "ops@example.org");
    assert!(notify::is_sender(&sender(&[smtp])));
}

#[test]
fn the_mailbox_is_there_by_itself_only_on_a_loopback_server() {
    let mailbox = |environment: &[(&str, &str)]| config(&[], environment, "").map(|c| c.policy.mailbox);
    assert_eq!(mailbox(&[]), Ok(Mailbox::Local));
    assert_eq!(mailbox(&[("ROLLCALL_MAILBOX", "on"), ("ROLLCALL_LISTEN", "0.0.0.0:1")]), Ok(Mailbox::Open));
    assert!(mailbox(&[("ROLLCALL_PUBLIC_URL", "https://team.example.com")]).is_err());
    let smtp = ("ROLLCALL_SMTP_URL", "smtp://127.0.0.1:25");
    let from = ("ROLLCALL_MAIL_FROM", "rollcall@example.com");
    assert_eq!(mailbox(&[smtp, from, ("ROLLCALL_LISTEN", "0.0.0.0:1")]), Ok(Mailbox::Off));
}
