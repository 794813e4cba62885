//! Counters that several operations spend: what was spent at one door is missing at every other.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::spend::waits;
use super::world::{AGAIN, Counted, Turn, World};
use crate::console::Browser;
use crate::support::channels::{of, of_team};
use crate::support::{PASSWORD, Person};

/// Spends a counter of networks at each door in turn, then finds every door shut for this network and open for another.
async fn shared(name: &str, limit: usize, doors: &[&str]) {
    let world = World::new(name).await;
    for number in 0..limit {
        let (door, turn) = (doors[number % doors.len()], Turn::own(number, Counted::Network.spelled(number)));
        assert_eq!(world.enter(door, &turn).await, None, "{name}: {door}, number {}", number + 1);
    }
    for door in doors {
        for as_who in Counted::Network.all() {
            let wait = world.enter(door, &Turn::own(limit, as_who)).await;
            assert!(wait.is_some(), "{name}: {door} lets {as_who:?} through");
        }
        let beside = Turn { number: limit, as_who: Counted::Network.another(), other: 1 };
        assert_eq!(world.enter(door, &beside).await, None, "{name}: {door}, another network");
    }
    println!("doors {name}: {limit} allowed at {} doors in turn, then each of them shut", doors.len());
}

impl World {
    /// Tries one door of a counter of networks.
    async fn enter(&self, door: &str, turn: &Turn<'_>) -> Option<Duration> {
        let (server, number, ann) = (&self.server, turn.number, &self.people[0]);
        let email = format!("c{number}@example.org");
        let sign_in = json!({"email": email, "password": "wrong-password"});
        let from_there = |method: Method, path: &str, body: &Value| {
            server.request(method, path).header("x-forwarded-for", turn.as_who).json(body)
        };
        match door {
            "wrong_password_by_prefix" => {
                waits(&self.open(Method::POST, "/auth/v1/auth", &sign_in, turn.as_who).await, 401)
            }
            "wrong_password_by_host" => {
                let request = from_there(Method::POST, "/v1/auth", &sign_in);
                waits(&request.header("host", "auth.api.example.com").send().await, 401)
            }
            "wrong_password_by_console" => {
                let mut browser = Browser::coming_from(server, turn.as_who);
                let fields = [("email", email.as_str()), ("password", "wrong-password"), ("next", "/")];
                let page = browser.post("/sign-in", "/sign-in", &fields).await;
                assert!([401, 429].contains(&page.status), "{}: {}", page.status, page.html);
                (page.status == 429).then_some(Duration::ZERO)
            }
            // Five tries for each code, and every fourth comes through this door.
            "wrong_channel_code" => {
                let body = json!({"priority": number / 20 + 1, "code": "000000"});
                let path = format!("{}/notification-channel/verification", of(ann));
                waits(&from_there(Method::PATCH, &path, &body).token(&ann.token).send().await, 422)
            }
            "wrong_username_code" => {
                if number % 20 < 4 {
                    let asked = self.username(ann, &format!("u{number}@example.org")).await;
                    assert_eq!(asked.status, 200, "{}", asked.body);
                }
                let request = from_there(Method::PATCH, "/v1/customer/username", &json!({"code": "000000"}));
                waits(&request.token(&ann.token).send().await, 422)
            }
            // One invitation, whose link was handed over, and an address of somebody else each time.
            "account_by_invitation" => {
                let (team, number_of_one) = (&self.teams[0], "+994501112233");
                // There from the second time on.
                server.inviting(ann, team, "sms", number_of_one).send().await;
                let token = server.hand_over(ann, team, number_of_one).await;
                let email = format!("s{number}{}@example.org", turn.as_who.len());
                let account = json!({
                    "token": token, "name": "S", "surname": "T", "email": email, "password": PASSWORD
                });
                waits(&self.open(Method::POST, "/v1/invitation/accept", &account, turn.as_who).await, 201)
            }
            door => self.spend(door, turn).await,
        }
    }
}

#[tokio::test]
async fn refused_sign_ins_count_together_by_program_by_prefix_by_host_and_by_the_console() {
    let doors =
        ["wrong_password", "wrong_password_by_console", "wrong_password_by_prefix", "wrong_password_by_host"];
    shared("client_refused_sign_ins", 60, &doors).await;
}

#[tokio::test]
async fn sign_ups_count_together_with_and_without_an_invitation() {
    shared("client_sign_ups", 10, &["sign_up", "account_by_invitation"]).await;
}

#[tokio::test]
async fn wrong_codes_of_a_network_count_together_whatever_they_are_for() {
    let doors = ["wrong_code", "wrong_password_code", "wrong_channel_code", "wrong_username_code"];
    shared("client_wrong_codes", 30, &doors).await;
}

#[tokio::test]
async fn codes_that_a_network_asks_for_count_together_for_passwords_and_sign_ups() {
    shared("client_code_requests", 60, &["ask_for_password", "ask_for_sign_up"]).await;
}

#[tokio::test]
async fn codes_to_a_mailbox_count_together_for_channels_and_usernames_of_all_organizations() {
    let world = World::new("codes_to_a_mailbox").await;
    let (server, people) = (&world.server, &world.people);
    let address = |number: usize| format!("z.oe+{number}@example.org");
    let channel = |by: &Person, email: &str| {
        let body = json!({"type": "email", "value": email});
        server.post(&format!("{}/notification-channel", of(by))).token(&by.token).json(&body)
    };
    server.add_channel(&people[0], &of(&people[0]), "email", "pager@example.org").await;
    for number in 0..50 {
        channel(&people[number % 5], &address(number)).expect(201).await;
        let asked = world.username(&people[5 + number % 6], &address(number)).await;
        assert_eq!(asked.status, 200, "{}", asked.body);
    }
    server.advance(AGAIN);
    let priority = |number: i64, value: &str| json!({"priority": number, "value": value});
    let path = format!("{}/notification-channel", of(&people[0]));
    let doors = [
        ("a channel", channel(&people[11], &address(50)).send().await),
        ("a username", world.username(&people[11], &address(51)).await),
        ("the same", world.username(&people[11], "zoe@example.org").await),
        (
            "another value",
            server.put(&path).token(&people[0].token).json(&priority(1, &address(52))).send().await,
        ),
        (
            "another code",
            server
                .post(&format!("{path}/verification"))
                .token(&people[0].token)
                .json(&json!({"priority": 2}))
                .send()
                .await,
        ),
    ];
    let shut = doors.len();
    for (door, answer) in doors {
        assert_eq!(answer.status, 429, "{door}: {}", answer.body);
        assert_eq!(answer.text("/detail"), "Too many codes went to this receiver today. Try again tomorrow.");
        assert!(answer.retry_after() > 23 * 3_600, "{door}: {}", answer.retry_after());
    }
    println!("doors codes_to_a_mailbox: 100 allowed at 2 doors, then {shut} of {shut} shut");
}

#[tokio::test]
async fn messages_to_a_number_count_together_whatever_they_say() {
    const NUMBER: &str = "+994551234567";
    let world = World::new("toll_number").await;
    let (server, ann, first) = (&world.server, &world.people[0], &world.teams[0]);
    let second = &server.team(ann, "B").await;
    let channel = |method: Method, owner: &str, what: &str, body: &Value| {
        server.request(method, &format!("{owner}/notification-channel{what}")).token(&ann.token).json(body)
    };
    let number_one = json!({"priority": 1});
    let resend = || channel(Method::POST, &of_team(first), "/verification", &number_one);
    let moved = json!({"priority": 1, "value": NUMBER});
    let change = || channel(Method::PUT, &of_team(second), "", &moved);
    let test = || channel(Method::POST, &of(ann), "/test", &number_one);
    let remind = || server.reminding(ann, first, NUMBER);
    // Ten of them, of every kind.
    world.verified_number(ann, &of(ann), NUMBER).await;
    server.add_channel(ann, &of_team(first), "sms", NUMBER).await;
    server.add_channel(ann, &of_team(second), "sms", "+994502345678").await;
    server.advance(AGAIN);
    resend().expect(200).await;
    change().expect(200).await;
    server.inviting(ann, first, "sms", NUMBER).expect(201).await;
    remind().expect(200).await;
    for _ in 0..4 {
        test().expect(200).await;
    }
    // Past what each kind waits for by itself.
    server.advance(Duration::from_secs(16 * 60));
    let doors = [
        (
            "a channel of calls",
            channel(Method::POST, &of(ann), "", &json!({"type": "phone", "value": NUMBER})),
        ),
        ("another code", resend()),
        ("another value", change()),
        ("a test", test()),
        ("an invitation", server.inviting(ann, second, "sms", NUMBER)),
        ("a reminder", remind()),
    ];
    let shut = doors.len();
    for (door, request) in doors {
        let answer = request.send().await;
        assert_eq!(answer.status, 429, "{door}: {}", answer.body);
        let detail = answer.text("/detail");
        assert!(detail.starts_with("Too many messages went to this number"), "{door}: {detail}");
    }
    println!("doors toll_number: 10 allowed at 6 doors, then {shut} of {shut} shut");
}
