//! Answers that are kept ready are what the storage would say, to the byte, whoever changed whatever in between.

use std::time::Duration;

use rollcall::db::Error;
use rollcall::domain::event::{Action, By, Event, Target};
use rollcall::domain::id::OrganizationId;
use serde_json::json;

use crate::support::teams::member_path;
use crate::support::{Answer, Person, Server};

/// An answer that may be a kept one.
async fn ready(server: &Server, by: &Person, path: &str) -> Answer {
    server.get(path).token(&by.token).send().await
}

/// The same past what is kept.
async fn fresh(server: &Server, by: &Person, path: &str) -> Answer {
    server.get(path).token(&by.token).header("cache-control", "no-cache").send().await
}

/// What must be the same: all but the time and the request's id.
fn essence(answer: &Answer) -> (u16, Vec<u8>, Vec<(String, String)>) {
    let headers = answer.headers.iter().filter(|(name, _)| *name != "date" && *name != "x-request-id");
    let mut headers: Vec<_> = headers
        .map(|(name, value)| (name.to_string(), value.to_str().expect("ASCII").to_owned()))
        .filter(|_| answer.status != 401 && answer.status != 404)
        .collect();
    headers.sort();
    // The body of a refusal names the request.
    let body = if answer.status == 200 { answer.bytes.clone() } else { Vec::new() };
    (answer.status.as_u16(), body, headers)
}

/// Compares, unless the outbox changed something just between the two fresh answers.
async fn compare(server: &Server, by: &Person, path: &str, after: &str) {
    for _ in 0..20 {
        let before = essence(&fresh(server, by, path).await);
        let given = essence(&ready(server, by, path).await);
        if before == essence(&fresh(server, by, path).await) {
            let shown = String::from_utf8_lossy(&given.1).into_owned();
            assert!(given == before, "{path} for {} after {after}: {} {shown}", by.email, given.0);
            return;
        }
    }
    panic!("{path} never stood still");
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % sides
    }
}

/// Two organizations that are guests of each other.
struct World {
    server: Server,
    ann: Person,
    bob: Person,
    cara: Person,
    dan: Person,
    of_ann: String,
    of_bob: String,
    services: Vec<String>,
}

impl World {
    async fn new() -> Self {
        let server = Server::start().await;
        let (ann, bob) = (server.person("Ann").await, server.person("Bob").await);
        let (of_ann, of_bob) = (server.team(&ann, "Platform").await, server.team(&bob, "Billing").await);
        let cara = server.member(&ann, &of_ann, "Cara", "manager").await;
        let dan = server.member(&bob, &of_bob, "Dan", "user").await;
        server.guest(&ann, &of_ann, &bob, "user").await;
        server.guest(&bob, &of_bob, &ann, "manager").await;
        let services = vec![server.service(&ann, &of_ann, "Shop").await];
        Self { server, ann, bob, cara, dan, of_ann, of_bob, services }
    }

    fn people(&self) -> [&Person; 4] {
        [&self.ann, &self.bob, &self.cara, &self.dan]
    }

    /// What those see of guests who are none themselves: the narrowest scope beside the farthest reach.
    fn of_guests(&self) -> [(Person, String); 4] {
        let members = |team: &str| format!("/v1/team/{team}/members");
        [
            (self.cara.clone(), members(&self.of_ann)),
            (self.dan.clone(), members(&self.of_bob)),
            (self.cara.clone(), "/v1/org/usage".to_owned()),
            (self.dan.clone(), "/v1/teams".to_owned()),
        ]
    }

    fn paths(&self) -> Vec<String> {
        let mut paths =
            vec!["/v1/customer".to_owned(), "/v1/teams".to_owned(), "/v1/teams?limit=1".to_owned()];
        for team in [&self.of_ann, &self.of_bob] {
            for what in [
                "members",
                "services",
                "notification-channels",
                "invitations",
                "notification-channel/deliveries",
            ] {
                paths.push(format!("/v1/team/{team}/{what}"));
            }
        }
        for person in self.people() {
            paths.push(format!("/v1/customer/{}", person.customer_id));
            paths.push(format!("/v1/customer/{}/notification-channels", person.customer_id));
        }
        paths.extend(["/v1/org/usage".to_owned(), "/v1/org/audit-log".to_owned()]);
        paths.push(format!("/v1/team-service/{}", self.services[0]));
        paths.push("/customer-query/v1/customer".to_owned());
        paths
    }

    /// One change out of many; says which.
    async fn change(&mut self, step: usize, dice: &mut Dice) -> String {
        let what = dice.throw(14);
        let server = &self.server;
        let (name, role) = (format!("Name {step}"), ["user", "manager"][step % 2]);
        let by = self.people()[dice.throw(4)].clone();
        let team = [&self.of_ann, &self.of_bob][dice.throw(2)].clone();
        let request = match what {
            0 => server.put(&format!("/v1/team/{team}")).json(&json!({ "name": name })),
            1 => server.post("/v1/team").json(&json!({ "name": name })),
            2 => server.patch("/v1/customer").json(&json!({ "name": name })),
            3 => server.patch("/v1/organization").json(&json!({ "name": name })),
            4 => server.post("/v1/service").json(&json!({ "name": name, "team_id": team })),
            5 => server.put(&format!("/v1/service/{}", self.services[0])).json(&json!({ "name": name })),
            6 => server
                .post(&format!("/v1/team/{team}/notification-channel"))
                .json(&json!({ "type": "email", "value": format!("ops{step}@example.com") })),
            7 => server
                .post(&format!("/v1/customer/{}/notification-channel", by.customer_id))
                .json(&json!({ "type": "email", "value": format!("me{step}@example.com") })),
            8 => server.delete(&format!("/v1/team/{team}/notification-channel?priority=1")),
            9 => server.patch(&member_path(&self.of_ann, &self.cara)).json(&json!({ "role": role })),
            10 => server
                .post(&format!("/v1/team/{team}/invitation"))
                .json(&json!({ "channel_type": "email", "channel_value": format!("new{step}@example.com"), "role": "user" })),
            11 => server.put("/v1/customer/username").json(&json!({ "email": format!("other{step}@example.com") })),
            12 => server.post("/v1/customer/feedback").json(&json!({ "message": name })),
            _ => {
                // A guest leaves, or comes back.
                let path = member_path(&self.of_bob, &self.ann);
                if server.delete(&path).token(&self.bob.token).send().await.status != 200 {
                    server.guest(&self.bob, &self.of_bob, &self.ann, "user").await;
                }
                return format!("{step}: a guest leaves or comes back");
            }
        };
        let answer = request.token(&by.token).send().await;
        format!("{step}: change {what} by {}, {}", by.email, answer.status)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_kept_is_what_the_storage_says_whoever_changed_what() {
    let mut world = World::new().await;
    let mut dice = Dice(20_261_124);
    for step in 0..100 {
        // Everything that may be kept is kept before the change.
        let paths = world.paths();
        let drawn =
            |dice: &mut Dice| (world.people()[dice.throw(4)].clone(), paths[dice.throw(paths.len())].clone());
        let asked: Vec<_> = (0..8).map(|_| drawn(&mut dice)).chain(world.of_guests()).collect();
        for (by, path) in &asked {
            ready(&world.server, by, path).await;
        }
        let after = world.change(step, &mut dice).await;
        for (by, path) in &asked {
            compare(&world.server, by, path, &after).await;
        }
    }
}

#[tokio::test]
async fn what_is_kept_is_given_without_asking_the_storage_where_no_other_process_writes_to_it() {
    let world = World::new().await;
    let (server, ann) = (&world.server, &world.ann);
    let before = ready(server, ann, "/v1/org/usage").await;
    server.get("/v1/org/usage").token(&world.cara.token).expect(200).await;
    change_behind_its_back(server).await;
    let cara = &world.cara;
    // Where other processes write too, the database is asked; tests/processes/kept.rs shows what it says.
    if server.app.db.is_exclusive() {
        assert_eq!(ready(server, cara, "/v1/org/usage").await.bytes, before.bytes);
    }
    assert_ne!(fresh(server, cara, "/v1/org/usage").await.bytes, before.bytes);
}

/// A change of all organizations that says it reached nobody, which no command can: what is kept stays.
async fn change_behind_its_back(server: &Server) {
    let now = server.app.now();
    let written: Result<(), Error> = server
        .app
        .db
        .write(move |tx| {
            tx.execute("update organization set plan_version = $1", ("v9",))?;
            let nobody = Event::new(OrganizationId::NONE, Action::SessionRefused, Target::Server);
            tx.commit(&By::service("test"), now, nobody, ())
        })
        .await;
    written.expect("written");
}

#[tokio::test]
async fn who_asks_by_a_tag_makes_the_answer_ready_as_well() {
    let world = World::new().await;
    let (server, cara) = (&world.server, &world.cara);
    let path = "/v1/org/usage";
    // Past what is kept: nothing is made ready by it.
    let first = fresh(server, cara, path).await;
    let tag = first.headers["etag"].to_str().expect("ASCII");
    server.get(path).token(&cara.token).header("if-none-match", tag).expect(304).await;
    change_behind_its_back(server).await;
    if server.app.db.is_exclusive() {
        server.get(path).token(&cara.token).header("if-none-match", tag).expect(304).await;
        assert_eq!(essence(&ready(server, cara, path).await), essence(&first));
    }
}

#[tokio::test]
async fn a_kept_answer_carries_what_a_fresh_one_does() {
    let world = World::new().await;
    let (server, cara) = (&world.server, &world.cara);
    let path = format!("/v1/team/{}/members", world.of_ann);
    let first = server.get(&path).token(&cara.token).expect(200).await;
    let tag = first.headers["etag"].to_str().expect("ASCII").to_owned();
    for cached in [false, true] {
        let request = || {
            let request = server.get(&path).token(&cara.token).header("x-request-id", "mine-1");
            if cached { request } else { request.header("cache-control", "no-cache") }
        };
        let whole = request().expect(200).await;
        assert_eq!((whole.headers["x-request-id"].as_bytes(), &whole.bytes), (&b"mine-1"[..], &first.bytes));
        let same = request().header("if-none-match", &format!("\"x\", W/{tag}")).expect(304).await;
        assert_eq!((same.headers["etag"].as_bytes(), same.bytes.len()), (tag.as_bytes(), 0));
        assert!(!same.headers.contains_key("content-type"));
        request().header("if-none-match", "\"x\"").expect(200).await;
        request().header("accept", "text/html").refused(406, "not_acceptable").await;
        request().header("host", "auth.example.com").refused(404, "not_found").await;
        request().header("host", "customer-query.example.com").expect(200).await;
    }
    let twice = server.get(&path).token(&cara.token).token(&cara.token);
    twice.refused(401, "token_invalid").await;
    server.request(http::Method::HEAD, &path).token(&cara.token).expect(200).await;
}

#[tokio::test]
async fn a_kept_answer_ends_with_its_token() {
    let world = World::new().await;
    let (server, cara) = (&world.server, &world.cara);
    let other = server.sign_in(&cara.email, &cara.password).await;
    for person in [cara, &other] {
        server.get("/v1/customer").token(&person.token).expect(200).await;
        server.get("/v1/customer").token(&person.token).expect(200).await;
    }
    server.delete("/v1/auth").token(&other.token).expect(200).await;
    server.get("/v1/customer").token(&other.token).refused(401, "token_invalid").await;
    server.get("/v1/customer").token(&cara.token).expect(200).await;
    server.clock.advance(Duration::from_secs(60 * 60));
    server.get("/v1/customer").token(&cara.token).refused(401, "token_expired").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_written_reads_it_at_once_beside_everybody_else() {
    let world = World::new().await;
    let server = &world.server;
    let writer = async |by: &Person, team: &str| {
        for number in 0..40 {
            let name = format!("{} {number}", by.email);
            server
                .put(&format!("/v1/team/{team}"))
                .token(&by.token)
                .json(&json!({ "name": name }))
                .expect(200)
                .await;
            let teams = server.listed(by, "/v1/teams").await;
            assert!(teams.iter().any(|team| team["name"] == name.as_str()), "{name}: {teams:?}");
        }
    };
    let reader = async |by: &Person| {
        for _ in 0..200 {
            server.get("/v1/teams").token(&by.token).expect(200).await;
        }
    };
    let second = server.team(&world.cara, "Second").await;
    tokio::join!(
        writer(&world.ann, &world.of_ann),
        writer(&world.cara, &second),
        writer(&world.bob, &world.of_bob),
        reader(&world.ann),
        reader(&world.cara),
    );
}
