//! Races over tenants: what belongs to nobody, what goes beyond a plan, what a right that has just gone still does.

use serde_json::{Value, json};

use crate::support::channels::{of, of_team};
use crate::support::races::{many, outcomes, race, rounds};
use crate::support::teams::{PlansFile, member_path};
use crate::support::{Answer, PASSWORD, Person, Server};

impl Server {
    /// The tables that know an id, the audit log aside.
    async fn tables_that_know(&self, id: &str) -> Vec<String> {
        let rows = self.stored_rows().await;
        let mut found = rows.holding(id);
        found.extend(rows.containing(&id.replace('-', "")));
        found.retain(|table| !table.starts_with("audit_"));
        found.sort();
        found.dedup();
        found
    }
}

/// How many succeeded; the others were refused like this, or not let in where there were too many at once.
fn successes(answers: &[Answer], status: u16, code: &str) -> usize {
    let good = answers.iter().filter(|answer| answer.status.is_success()).count();
    let is = |answer: &&Answer| answer.status == status && answer.body["code"] == code;
    let refused = answers.iter().filter(|answer| is(answer) || answer.status == 503).count();
    assert_eq!(good + refused, answers.len(), "{:?}", outcomes(answers));
    good
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_is_taken_lets_nothing_through_after_it() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let mia = server.member(&ann, &team, "Mia", "manager").await;
    for round in rounds() {
        let write = |number: usize| {
            let body = json!({"name": format!("{round} {number}"), "team_id": team});
            server.post("/v1/service").token(&mia.token).json(&body).send()
        };
        let demote =
            server.patch(&member_path(&team, &mia)).token(&ann.token).json(&json!({"role": "user"})).send();
        let mut racers: Vec<std::pin::Pin<Box<dyn Future<Output = Answer>>>> = vec![Box::pin(demote)];
        racers.extend((0..many(round)).map(|number| Box::pin(write(number)) as _));
        // The demotion is in the middle of them.
        let middle = racers.len() / 2;
        racers.swap(0, middle);
        let mut answers = race(racers).await;
        answers.swap(0, middle);
        assert_eq!(answers[0].status, 200, "round {round}: {}", answers[0].body);
        let made = successes(&answers[1..], 403, "role_insufficient");
        // Newest first: from the demotion on, nothing of hers.
        let log = server.listed(&ann, &format!("/v1/org/audit-log?limit={}", made + 1)).await;
        let actions: Vec<_> = log.iter().map(|entry| entry["action"].as_str().expect("a text")).collect();
        assert_eq!(actions.first(), Some(&"member.role_changed"), "round {round}: {actions:?}");
        assert_eq!(
            actions.iter().filter(|action| **action == "service.created").count(),
            made,
            "round {round}"
        );
        server.change(&ann, &team, &mia, &json!({"role": "manager"})).expect(200).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_who_want_the_last_places_of_a_plan_get_just_those() {
    let plans = PlansFile::with("notification_channels = 3, services = 2");
    let server = plans.server_with(&[("rate_limits", "off")]).await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    for round in rounds() {
        let racers = if round % 4 == 3 { 64 } else { many(round) };
        let channel = |number: usize| {
            let body = json!({"type": "email", "value": format!("c{round}n{number}@example.com")});
            // Personal ones and those of teams count together.
            let owner = if number.is_multiple_of(2) { of(&ann) } else { of_team(&team) };
            server.post(&format!("{owner}/notification-channel")).token(&ann.token).json(&body).send()
        };
        let answers = race((0..racers).map(channel).collect()).await;
        assert_eq!(successes(&answers, 409, "limit_reached"), racers.min(3), "round {round}");
        for owner in [of(&ann), of_team(&team)] {
            for channel in server.channels(&ann, &owner).await {
                let path = format!("{owner}/notification-channel?priority={}", channel["priority"]);
                server.delete(&path).token(&ann.token).expect(200).await;
            }
        }
        let service = |number: usize| {
            let body = json!({"name": format!("{round} {number}"), "team_id": team});
            server.post("/v1/service").token(&ann.token).json(&body).send()
        };
        let answers = race((0..racers).map(service).collect()).await;
        assert_eq!(successes(&answers, 409, "limit_reached"), racers.min(2), "round {round}");
        for service in server.listed(&ann, &format!("/v1/team/{team}/services")).await {
            let id = service["service_id"].as_str().expect("an id");
            server.delete(&format!("/v1/service/{id}")).token(&ann.token).expect(200).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_and_sixty_four_invitations_at_once_stay_within_the_days_allowance() {
    let server = Server::raced(&[]).await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let invite =
        |number: usize| server.inviting(&ann, &team, "email", &format!("i{number}@example.com")).send();
    let answers = race((0..164).map(invite).collect()).await;
    assert_eq!(successes(&answers, 429, "rate_limited"), 100);
    let path = format!("/v1/team/{team}/invitations?limit=200");
    assert_eq!(server.listed(&ann, &path).await.len(), 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_team_or_an_organization_that_goes_leaves_no_orphans() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    let (mut teams, mut organizations) = (0, 0);
    for round in rounds() {
        let ann = server.person(&format!("Ann{round}")).await;
        let team = server.team(&ann, "A").await;
        let organization =
            server.get("/v1/org/usage").token(&ann.token).expect(200).await.text("/organization_id");
        let add = |number: usize| {
            let post = |path: &str, body: Value| server.post(path).token(&ann.token).json(&body).send();
            match number % 4 {
                // A team that owns services stays; every other one gets none.
                0 if round % 4 != 0 => {
                    post("/v1/service", json!({"name": format!("S{number}"), "team_id": team}))
                }
                1 => post(
                    &format!("/v1/team/{team}/invitation"),
                    json!({"channel_value": format!("i{round}n{number}@example.com"), "channel_type": "email"}),
                ),
                2 => post(
                    &format!("/v1/team/{team}/notification-channel"),
                    json!({"type": "email", "value": format!("c{round}n{number}@example.com")}),
                ),
                _ => post("/v1/team", json!({"name": format!("T{number}")})),
            }
        };
        // The whole organization in every second round.
        let end = async {
            if round % 2 == 0 {
                return server.delete(&format!("/v1/team/{team}")).token(&ann.token).send().await;
            }
            server.delete("/v1/customer").token(&ann.token).json(&json!({"reason": "Enough"})).send().await
        };
        let mut racers: Vec<std::pin::Pin<Box<dyn Future<Output = Answer>>>> =
            (0..many(round)).map(|number| Box::pin(add(number)) as _).collect();
        racers.insert(racers.len() / 2, Box::pin(end));
        let mut answers = race(racers).await;
        let ended = answers.remove(many(round) / 2);
        for answer in &answers {
            let fine = matches!(answer.status.as_u16(), 201 | 401 | 403 | 404 | 503);
            assert!(fine, "round {round}: {} {}", answer.status, answer.body);
        }
        if ended.status == 503 {
            continue;
        }
        if ended.status == 409 {
            assert_eq!(ended.text("/code"), "team_has_services", "round {round}");
            continue;
        }
        assert_eq!(ended.status, 200, "round {round}: {}", ended.body);
        *(if round % 2 == 0 { &mut teams } else { &mut organizations }) += 1;
        let known = server.tables_that_know(&team).await;
        assert_eq!(known, Vec::<String>::new(), "round {round}");
        if round % 2 == 1 {
            let mut known = server.tables_that_know(&organization).await;
            // The reason for leaving is kept, and belongs to nobody.
            known.retain(|table| table != "feedback");
            assert_eq!(known, Vec::<String>::new(), "round {round}");
        }
    }
    println!("{teams} teams and {organizations} organizations went beside what was added to them");
    assert!(teams > 0 && organizations > 0, "{teams} teams and {organizations} organizations went");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_comes_back_in_another_organization_finds_nothing_of_its_old_one() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    let gus = server.person("Gus").await;
    let away = server.team(&gus, "Away").await;
    for round in rounds() {
        let ann = server.person(&format!("Ann{round}")).await;
        let canary = format!("canary{round}");
        let team = server.team(&ann, &canary).await;
        server.add_channel(&ann, &of(&ann), "email", &format!("{canary}@example.com")).await;
        let key = json!({"name": canary});
        let service = json!({"name": canary, "team_id": team});
        let service =
            server.post("/v1/service").token(&ann.token).header("idempotency-key", "k").json(&service);
        let service = service.expect(201).await.text("/service/service_id");
        let link = server.invite(&gus, &away, &ann.email, "manager").await;
        let leave = server.delete("/v1/customer").token(&ann.token).json(&json!({"reason": "Enough"})).send();
        let body = json!({"token": link, "name": "Eve", "surname": "Tester", "password": PASSWORD});
        let accept = server.post("/v1/invitation/accept").json(&body).send();
        let answers = race(vec![leave, accept]).await;
        assert_eq!(answers[0].status, 200, "round {round}: {}", answers[0].body);
        let refused =
            ["account_exists", "invitation_not_pending"].map(|code| answers[1].body["code"] == code);
        assert!(answers[1].status == 201 || refused.contains(&true), "round {round}: {}", answers[1].body);
        if answers[1].status != 201 {
            // Whoever left took the invitation along; another one brings the address back.
            let link = server.invite(&gus, &away, &ann.email, "manager").await;
            let body = json!({"token": link, "name": "Eve", "surname": "Tester", "password": PASSWORD});
            server.post("/v1/invitation/accept").json(&body).expect(201).await;
        }
        let eve = server.sign_in(&ann.email, PASSWORD).await;
        assert_ne!(eve.customer_id, ann.customer_id);
        nothing_of(&server, &eve, &canary).await;
        for path in [
            format!("/v1/team/{team}/members"),
            format!("/v1/team-service/{service}"),
            format!("{}/notification-channels", of(&ann)),
        ] {
            server.get(&path).token(&eve.token).refused(404, "not_found").await;
        }
        server.get("/v1/customer").token(&ann.token).refused(401, "token_invalid").await;
        let refresh = json!({"refresh_token": ann.refresh_token});
        server.post("/v1/auth/refresh").json(&refresh).refused(401, "token_invalid").await;
        // Not even an idempotency key of the one before.
        let fresh =
            server.post("/v1/team").token(&eve.token).header("idempotency-key", "k").json(&key).send().await;
        assert!(fresh.header("idempotency-replayed").is_empty(), "round {round}");
        let eves = server.delete("/v1/customer").token(&eve.token).json(&json!({"reason": "Enough"}));
        eves.expect(200).await;
    }
}

/// Nothing that somebody can read about themselves holds a text.
async fn nothing_of(server: &Server, person: &Person, canary: &str) {
    let channels = format!("{}/notification-channels", of(person));
    for path in ["/v1/customer", "/v1/customer/export", "/v1/teams", "/v1/org/usage", &channels] {
        let answer = server.get(path).token(&person.token).expect(200).await;
        assert!(!String::from_utf8_lossy(&answer.bytes).contains(canary), "{path}: {}", answer.body);
    }
}
