//! Who spends: people, what they have, and under which names the same subject may come again.

use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use rollcall::db::Error;
use rollcall::domain::event::{By, Event};
use serde_json::json;

use crate::support::channels::of;
use crate::support::{Person, Server};

/// By what a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    /// The network that a request comes from, behind a proxy.
    Network,
    /// An address of mail.
    Address,
    /// A number.
    Number,
    /// One customer, channel, organization or code.
    One,
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
            Self::One => &[""],
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
            Self::One => "",
        }
    }
}

/// One try.
pub(super) struct Turn<'a> {
    /// From 0 on.
    pub(super) number: usize,
    /// The subject, under one of its names.
    pub(super) as_who: &'a str,
    /// Whether it is another subject.
    pub(super) other: bool,
}

pub(super) struct World {
    pub(super) server: Server,
    /// Roots of organizations of their own.
    pub(super) people: Vec<Person>,
    pub(super) teams: Vec<String>,
    /// The number of the last spend that waited for its turn.
    pub(super) last: AtomicUsize,
}

impl World {
    /// A server behind a proxy, so that requests come from where the tests say, with what a row needs.
    pub(super) async fn new(spend: &str) -> Self {
        let server = Server::with(&[("trusted_proxies", "127.0.0.0/8")]).await;
        let (mut people, mut teams) = (Vec::new(), Vec::new());
        let crowd = match spend {
            "username_to" => 4,
            "sms_channel_of_many" => 12,
            "invite_address" | "invite_mailbox" => 2,
            _ => 1,
        };
        for number in 0..crowd {
            let person = server.person(&format!("Person{number}")).await;
            teams.push(server.team(&person, "A").await);
            people.push(person);
        }
        let world = Self { server, people, teams, last: AtomicUsize::new(0) };
        world.prepare(spend).await;
        world
    }

    async fn prepare(&self, spend: &str) {
        let (server, ann) = (&self.server, &self.people[0]);
        match spend {
            "forgotten" => {
                for email in [Counted::Address.spelled(0), Counted::Address.another()] {
                    self.account(email).await;
                }
            }
            "tries" | "resend" | "resend_gap" | "wrong_channel_code" | "wrong_channel_code_in_a_row" => {
                server.add_channel(ann, &of(ann), "email", "ops@example.org").await;
            }
            "test" | "test_hourly" | "notify" | "notify_daily" => {
                server.verified_email(ann, &of(ann), "ops@example.org").await;
            }
            "test_daily" => {
                for number in 0..5 {
                    server.verified_email(ann, &of(ann), &format!("ops{number}@example.org")).await;
                }
            }
            "retry" => {
                server.verified_webhook(ann, &of(ann), "/hook").await;
                server.receiver.always(notify_fakes::Answer::status(503));
                server.notify(ann, &of(ann), &crate::support::notifications::alert()).await;
            }
            "notify_number" => self.verified_number().await,
            "remind" => {
                for email in [Counted::Address.spelled(0), Counted::Address.another()] {
                    self.server.inviting(ann, &self.teams[0], "email", email).expect(201).await;
                }
            }
            "wrong_code_of_anybody" => self.much_guessed().await,
            _ => {}
        }
    }

    /// An account with an address that no host name of tests has.
    async fn account(&self, email: &str) {
        let account =
            json!({"name": "Zoe", "surname": "Lee", "email": email, "password": crate::support::PASSWORD});
        self.server.post("/v1/account").json(&account).expect(201).await;
        let domain_in_ascii = email.replace("bücher", "xn--bcher-kva");
        let to = |mail: &notify_fakes::Mail| mail.to.iter().any(|to| to == email || *to == domain_in_ascii);
        let code = self.server.smtp.wait_for(to).await.code().expect("a code");
        self.server
            .patch("/v1/account")
            .json(&json!({"email": email, "confirmation_code": code}))
            .expect(200)
            .await;
    }

    async fn verified_number(&self) {
        let (server, ann) = (&self.server, &self.people[0]);
        server.add_channel(ann, &of(ann), "sms", "+994551234567").await;
        let code = server.sms.wait_for_one(|_| true).await.code();
        assert_eq!(server.verify(ann, &of(ann), 1, &code).await.status, 200);
    }

    /// An hour with one wrong code fewer than an alarm needs.
    async fn much_guessed(&self) {
        let now = self.server.app.now();
        let written = self.server.app.db.write(move |tx| {
            tx.execute(
                "insert into code_tally (hour, wrong) values ($1, 999)",
                (now.as_second().div_euclid(3_600),),
            )?;
            tx.commit(&By::service("upkeep"), now, Event::upkeep(), Ok::<_, Error>(()))
        });
        written.await.expect("written").expect("written");
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

    /// Moves the clock past a time, and signs everybody in again where that ends tokens.
    pub(super) async fn advance(&mut self, by: Duration) {
        self.server.advance(by + Duration::from_secs(1));
        for person in &mut self.people {
            *person = self.server.sign_in(&person.email, &person.password).await;
        }
    }
}
