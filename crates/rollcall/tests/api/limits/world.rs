//! Who spends: people, what they have, and under which names the same subject may come again.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use rollcall::db::Error;
use rollcall::domain::event::{By, Event};

use crate::support::channels::{of, of_team};
use crate::support::{Person, Server};

/// After which a code may be asked for again, and what is counted for a minute begins anew.
pub(super) const AGAIN: Duration = Duration::from_secs(61);

/// By what a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    /// The network that a request comes from, behind a proxy.
    Network,
    /// An address of mail.
    Address,
    /// A number.
    Number,
    /// One customer, channel, organization, mailbox or code.
    One,
    /// All of them together.
    Everybody,
}

/// Rotating within a /64, and behind made-up hops.
const NETWORK: &[&str] = &[
    "2001:db8:7:7::1",
    "2001:db8:7:7:ffff::9",
    "2001:DB8:7:7:1:2:3:4",
    "198.51.100.1, 2001:db8:7:7::1",
    "not an address, 2001:db8:7:7::2",
    "127.0.0.1, 2001:db8:7:7::3",
    "2001:db8:9:9::1, 2001:db8:7:7::4",
    "2001:db8:7:7::5, 127.0.0.1",
];
/// Letter case, blanks, and a domain in letters, in other letters and as A-labels.
const ADDRESS: &[&str] = &[
    "zoe@bücher.example",
    "Zoe@Bücher.Example",
    "ZOE@BÜCHER.EXAMPLE",
    " zoe@bücher.example ",
    "zoe@xn--bcher-kva.example",
    "zoe@XN--BCHER-KVA.example",
    "zoe@bu\u{308}cher.example",
];
const NUMBER: &[&str] = &[
    "+994551234567",
    "+994 55 123 45 67",
    "+994 (55) 123-45-67",
    " +994.55.123.45.67 ",
    "+994\u{a0}551234567",
];

impl Counted {
    /// Every name of the same subject.
    pub(super) fn all(self) -> &'static [&'static str] {
        match self {
            Self::Network => NETWORK,
            Self::Address => ADDRESS,
            Self::Number => NUMBER,
            Self::One | Self::Everybody => &[""],
        }
    }

    pub(super) fn spelled(self, number: usize) -> &'static str {
        self.all()[number % self.all().len()]
    }

    /// Another subject.
    pub(super) fn another(self) -> &'static str {
        match self {
            Self::Network => "2001:db8:7:8::1",
            Self::Address => "yan@bücher.example",
            Self::Number => "+994502345678",
            Self::One | Self::Everybody => "",
        }
    }
}

/// One try.
pub(super) struct Turn<'a> {
    /// From 0 on.
    pub(super) number: usize,
    /// The subject, under one of its names.
    pub(super) as_who: &'a str,
    /// None: the subject itself; else which of the others.
    pub(super) other: usize,
}

impl<'a> Turn<'a> {
    /// A try of the subject itself.
    pub(super) fn own(number: usize, as_who: &'a str) -> Self {
        Self { number, as_who, other: 0 }
    }
}

/// Where two parts of what is counted are tried, each for itself.
const TWO_OTHERS: [&str; 10] = [
    "tries",
    "resend",
    "resend_gap",
    "wrong_channel_code",
    "wrong_channel_code_in_a_row",
    "webhook_host",
    "key_channel",
    "sms_channel",
    "sms_block",
    "notify_number",
];

/// How many others there are who must not be refused for the subject's sake. Each differs from it in one part of what is counted.
pub(super) fn others(counted: Counted, spend: &str) -> usize {
    match (counted, spend) {
        (Counted::Everybody, _) => 0,
        (_, spend) if TWO_OTHERS.contains(&spend) => 2,
        _ => 1,
    }
}

pub(super) struct World {
    pub(super) server: Server,
    /// Roots of organizations of their own; where a customer is counted, colleagues.
    pub(super) people: Vec<Person>,
    pub(super) teams: Vec<String>,
    /// The number of the last spend that waited for its turn.
    pub(super) last: AtomicUsize,
    /// Whether codes have ended since they went out.
    pub(super) stale: AtomicBool,
}

impl World {
    /// A server behind a proxy, so that requests come from where the tests say, with what a row needs.
    pub(super) async fn new(spend: &str) -> Self {
        // At the end of the second nobody listens.
        let settings = [("trusted_proxies", "127.0.0.0/8"), ("pagerduty_url", "http://127.0.0.2:9")];
        let server = Server::with(&settings).await;
        let (mut people, mut teams): (Vec<Person>, Vec<String>) = (Vec::new(), Vec::new());
        let crowd = match spend {
            "username_to" => 4,
            "sms_channel_of_many" | "mailbox_username" | "codes_to_a_mailbox" => 12,
            _ => 2,
        };
        let colleagues = matches!(spend, "username_by" | "wrong_username_code" | "current_password");
        for number in 0..crowd {
            let name = format!("Person{number}");
            if colleagues && number > 0 {
                people.push(server.member(&people[0], &teams[0], &name, "user").await);
                teams.push(teams[0].clone());
            } else {
                let person = server.person(&name).await;
                teams.push(server.team(&person, "A").await);
                people.push(person);
            }
        }
        let (last, stale) = (AtomicUsize::new(0), AtomicBool::new(false));
        let world = Self { server, people, teams, last, stale };
        world.prepare(spend).await;
        world
    }

    /// Who has the channel that is counted, and the path to it. The first of others is another organization, or, where one channel or
    /// one team is counted, another in the same; the second is another receiver in the same.
    pub(super) fn owner(&self, what: &str, turn: &Turn<'_>) -> (&Person, String) {
        let same = matches!(what, "test" | "test_hourly" | "retry" | "notify");
        match turn.other {
            0 => (&self.people[0], of(&self.people[0])),
            1 if !same => (&self.people[1], of(&self.people[1])),
            _ => (&self.people[0], of_team(&self.teams[0])),
        }
    }

    /// Counts what was spent once up, so that one is left of so many; the counters of a minute are let alone.
    pub(super) async fn leave_one(&self, limit: usize) {
        let (now, used) = (self.server.app.now(), i64::try_from(limit - 1).expect("a number"));
        let written = self.server.app.db.write(move |tx| {
            let soon = now + jiff::SignedDuration::from_hours(1);
            tx.execute("update allowance set used = $1 where window_ends > $2 and used = 1", (used, soon))?;
            tx.commit(&By::service("upkeep"), now, Event::upkeep(), Ok::<_, Error>(()))
        });
        written.await.expect("written").expect("written");
    }

    /// Moves the clock to a time, and signs everybody in again where that ends tokens.
    pub(super) async fn advance_to(&mut self, then: Timestamp) {
        let by = then.duration_since(self.server.app.now());
        assert!(by.is_positive(), "the clock goes forward: {by:#}");
        self.server.advance(by.unsigned_abs());
        self.stale.store(by.as_secs() > 600, Ordering::Relaxed);
        for person in &mut self.people {
            *person = self.server.sign_in(&person.email, &person.password).await;
        }
    }
}
