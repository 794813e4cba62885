//! Whether an address has an account: no answer tells, and no time to answer either.
//!
//! Each operation is asked about addresses that have an account, that are invited, that wait for their code and that nobody knows, in an
//! order drawn anew each round. Answers must be equal to the byte. Times are a figure, never a verdict: a busy machine measures its own
//! noise. The long form hashes passwords as the service does.

use std::time::{Duration, Instant};

use http::Method;
use rollcall::domain::one_time_code::ATTEMPTS;
use rollcall::passwords::Cost;
use serde_json::{Value, json};

use crate::support::figures::{auc, median_gap};
use crate::support::{PASSWORD, Person, Server, trials};

/// What an address is, with the letter that its addresses begin with: all are of equal length.
const KINDS: [(&str, char); 4] = [("unknown", 'n'), ("known", 'k'), ("invited", 'i'), ("waiting", 'w')];

/// Wrong codes: what is asked for first, how many seconds go by then, and what five of them are brought to. All addresses are others in
/// each round, since each has twenty wrong codes a day.
const WRONG_CODES: [(&str, &str, u64, &str); 5] = [
    ("a wrong code after asking for a new password", "forgotten password", 0, "new password"),
    ("a wrong code long after asking for a new password", "forgotten password", 601, "new password"),
    ("a wrong code after signing up", "sign-up", 0, "confirmation"),
    ("a wrong code long after signing up", "sign-up", 601, "confirmation"),
    ("a wrong code after asking for the code again", "resend", 0, "confirmation"),
];

/// All that a client sees of an answer, but for its date, and the address that it repeats.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    status: u16,
    headers: Vec<String>,
    body: String,
}

struct World {
    server: Server,
    ann: Person,
    team: String,
    /// What is brought where, if it is about wrong codes.
    codes: Option<(&'static str, Duration, &'static str)>,
}

impl World {
    async fn new(what: &str) -> Self {
        let cost = if trials(0) == 0 { Cost::TESTS } else { Cost::SERVICE };
        let server = Server::at_cost(&[("rate_limits", "off")], cost).await;
        let ann = server.person("Ann").await;
        let team = server.team(&ann, "A").await;
        let codes = WRONG_CODES.into_iter().find(|(name, ..)| *name == what);
        let codes = codes.map(|(_, first, wait, then)| (first, Duration::from_secs(wait), then));
        Self { server, ann, team, codes }
    }

    fn address(&self, letter: char, round: usize) -> String {
        // A stranger's address is another each time: the first time is what a guesser sees.
        format!("{letter}{:04}@example.com", if letter == 'n' || self.codes.is_some() { round } else { 0 })
    }

    /// Time goes by, so that each round begins with full allowances; who waits for a code or for an answer still does.
    async fn prepare(&self, round: usize) {
        self.server.advance(Duration::from_secs(601));
        if self.codes.is_some() || round == 0 {
            self.server.person(&format!("k{round:04}")).await;
        }
        if self.codes.is_some() || round.is_multiple_of(100) {
            self.sign_up(&self.address('w', round)).await;
            let by = self.server.again(&self.ann).await;
            let other = self.server.team(&by, &format!("I{round}")).await;
            self.server.inviting(&by, &other, "email", &self.address('i', round)).expect(201).await;
        }
    }

    async fn sign_up(&self, email: &str) {
        let account = json!({"name": "Zoe", "surname": "Lee", "email": email, "password": PASSWORD});
        self.server.post("/v1/account").json(&account).expect(201).await;
    }

    /// Asks once, or brings five wrong codes.
    async fn answers(&self, what: &str, by: &Person, email: &str) -> Vec<(Seen, Duration)> {
        let Some((first, wait, then)) = self.codes else { return vec![self.ask(what, by, email).await] };
        self.ask(first, by, email).await;
        self.server.advance(wait);
        let mut answers = Vec::new();
        for _ in 0..ATTEMPTS {
            answers.push(self.ask(then, by, email).await);
        }
        answers
    }

    /// Asks, and takes back what an answer would change.
    async fn ask(&self, what: &str, by: &Person, email: &str) -> (Seen, Duration) {
        let invitation = format!("/v1/team/{}/invitation", self.team);
        let (method, path, body): (_, &str, Value) = match what {
            "sign-in" => {
                (Method::POST, "/v1/auth", json!({"email": email, "password": "another-password-9"}))
            }
            "sign-up" => (
                Method::POST,
                "/v1/account",
                json!({"name": "Ann", "surname": "Lee", "email": email, "password": PASSWORD}),
            ),
            "resend" => (Method::POST, "/v1/account/confirmation-code", json!({"email": email})),
            "confirmation" => {
                (Method::PATCH, "/v1/account", json!({"email": email, "confirmation_code": "000000"}))
            }
            "forgotten password" => (Method::POST, "/v1/account/password", json!({"email": email})),
            "new password" => (
                Method::PATCH,
                "/v1/account/password",
                json!({"email": email, "code": "000000", "password": PASSWORD}),
            ),
            "invite" => (Method::POST, &invitation, json!({"channel_type": "email", "channel_value": email})),
            "change of username" => (Method::PUT, "/v1/customer/username", json!({"email": email})),
            what => panic!("nobody knows how to ask for {what}"),
        };
        let mut request = self.server.request(method, path).header("x-request-id", "same").json(&body);
        if matches!(what, "invite" | "change of username") {
            request = request.token(&by.token);
        }
        let begun = Instant::now();
        let answer = request.send().await;
        let took = begun.elapsed();
        match what {
            "invite" => drop(self.server.withdrawing(by, &self.team, email).expect(200).await),
            "change of username" => {
                drop(self.server.delete("/v1/customer/username").token(&by.token).expect(200).await);
            }
            _ => {}
        }
        // Times end in as many digits as they need, so where an answer has one its length says nothing.
        let timed = matches!(what, "invite" | "change of username");
        let headers = answer.headers.iter();
        let headers = headers.filter(|(name, _)| *name != "date" && !(timed && *name == "content-length"));
        let headers = headers.map(|(name, value)| format!("{name}: {value:?}")).collect();
        let seen = Seen { status: answer.status.as_u16(), headers, body: plain(answer.body, email) };
        (seen, took)
    }
}

/// An answer without the address that was asked about, and without what is new in each.
fn plain(mut body: Value, email: &str) -> String {
    if let Some(invitation) = body.get_mut("invitation").and_then(Value::as_object_mut) {
        invitation.retain(|name, _| !matches!(name.as_str(), "invitation_id" | "created_at" | "expires_at"));
    }
    if let Some(verification) = body.get_mut("verification").and_then(Value::as_object_mut) {
        verification.remove("expires_at");
    }
    body.to_string().replace(email, "<address>")
}

async fn told_apart(what: &str) {
    let world = World::new(what).await;
    let rounds = trials(6);
    let mut times = [const { Vec::new() }; KINDS.len()];
    for round in 0..rounds {
        world.prepare(round).await;
        let by = if matches!(what, "invite" | "change of username") {
            world.server.again(&world.ann).await
        } else {
            world.ann.clone()
        };
        let mut order = [0, 1, 2, 3];
        shuffle(&mut order, world.server.app.random());
        let mut seen: [Vec<Seen>; KINDS.len()] = Default::default();
        for kind in order {
            for (answer, took) in world.answers(what, &by, &world.address(KINDS[kind].1, round)).await {
                times[kind].push(took);
                seen[kind].push(answer);
            }
        }
        for (kind, answers) in seen.iter().enumerate() {
            for (number, answer) in answers.iter().enumerate() {
                assert_eq!(answer, &seen[0][0], "{what}: {}, answer {number}, and unknown", KINDS[kind].0);
            }
        }
    }
    let against = |kind: usize| {
        format!(
            "{} AUC {:.3}, median {:+.3} ms",
            KINDS[kind].0,
            auc(&times[kind], &times[0]),
            median_gap(&times[kind], &times[0])
        )
    };
    println!(
        "enumeration, {what}: {} answers equal to the byte; against unknown: {}; {}; {}",
        times.iter().map(Vec::len).sum::<usize>(),
        against(1),
        against(2),
        against(3)
    );
}

fn shuffle(order: &mut [usize; 4], random: [u8; 4]) {
    for last in (1..order.len()).rev() {
        order.swap(last, usize::from(random[last]) % (last + 1));
    }
}

macro_rules! enumerated {
    ($($test:ident: $what:literal;)+) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $test() {
            told_apart($what).await;
        })+
    };
}

enumerated! {
    signing_in_tells_nobody_who_has_an_account: "sign-in";
    signing_up_tells_nobody_who_has_an_account: "sign-up";
    asking_for_the_code_again_tells_nobody_who_has_an_account: "resend";
    forgetting_a_password_tells_nobody_who_has_an_account: "forgotten password";
    setting_a_password_by_code_tells_nobody_who_has_an_account: "new password";
    a_wrong_code_for_a_password_tells_nobody_who_has_an_account: "a wrong code after asking for a new password";
    a_wrong_code_for_a_password_tells_nobody_whose_code_has_ended: "a wrong code long after asking for a new password";
    a_wrong_code_for_an_address_tells_nobody_who_has_an_account: "a wrong code after signing up";
    a_wrong_code_for_an_address_tells_nobody_whose_code_has_ended: "a wrong code long after signing up";
    a_wrong_code_tells_nobody_who_waits_for_one: "a wrong code after asking for the code again";
    inviting_tells_nobody_who_has_an_account: "invite";
    changing_a_username_tells_nobody_who_has_an_account: "change of username";
}
