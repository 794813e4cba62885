//! Races: commands that start at the same moment, fifty times over. No order of them reaches a forbidden state.

use serde_json::{Value, json};

use crate::support::races::{one_of, outcomes, race, rounds};
use crate::support::teams::{PlansFile, member_path};
use crate::support::{Answer, Person, Server};

async fn change(server: &Server, by: &Person, team: &str, member: &Person, role: &str) -> Answer {
    server.change(by, team, member, &json!({"role": role})).send().await
}

/// The roots of an organization that has this team with all of them as members.
async fn roots(server: &Server, by: &Person, team: &str) -> Vec<String> {
    let members = server.listed(by, &format!("/v1/team/{team}/members")).await;
    let roots = members.iter().filter(|member| member["role"] == "root");
    roots.map(|member| member["customer_id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_roots_who_step_down_at_once_one_stays() {
    let server = Server::raced(&[]).await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let bob = server.another_root(&ann, &team, "Bob").await;
    for round in rounds() {
        let role = if round % 2 == 0 { "user" } else { "manager" };
        let step_down = |who| change(&server, who, &team, who, role);
        let answers = race(vec![step_down(&ann), step_down(&bob)]).await;
        assert_eq!(outcomes(&answers), one_of(200, 2, 409, "last_root"), "round {round}");
        let (stays, gone) = if answers[0].status == 200 { (&bob, &ann) } else { (&ann, &bob) };
        assert_eq!(
            roots(&server, stays, &team).await,
            std::slice::from_ref(&stays.customer_id),
            "round {round}"
        );
        assert_eq!(change(&server, stays, &team, gone, "root").await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_roots_who_unmake_each_other_at_once_one_stays() {
    let server = Server::raced(&[]).await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let bob = server.another_root(&ann, &team, "Bob").await;
    for round in rounds() {
        let unmake = |by, member| change(&server, by, &team, member, "user");
        let answers = race(vec![unmake(&ann, &bob), unmake(&bob, &ann)]).await;
        // The slower one is no root any more, and so may not change one.
        assert_eq!(outcomes(&answers), one_of(200, 2, 403, "role_insufficient"), "round {round}");
        let (stays, gone) = if answers[0].status == 200 { (&ann, &bob) } else { (&bob, &ann) };
        assert_eq!(
            roots(&server, stays, &team).await,
            std::slice::from_ref(&stays.customer_id),
            "round {round}"
        );
        assert_eq!(change(&server, stays, &team, gone, "root").await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_name_is_taken_once() {
    let server = Server::raced(&[]).await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    for round in rounds() {
        let names = [format!("round {round}"), format!("ROUND {round}")];
        let name = |racer: usize| &names[racer % 2];
        let create = |path: &'static str, body: Value| server.post(path).token(&ann.token).json(&body).send();
        let teams = (0..4).map(|racer| create("/v1/team", json!({"name": name(racer)})));
        let answers = race(teams.collect()).await;
        assert_eq!(outcomes(&answers), one_of(201, 4, 409, "name_taken"), "round {round}");
        let services =
            (0..4).map(|racer| create("/v1/service", json!({"name": name(racer), "team_id": team})));
        let answers = race(services.collect()).await;
        assert_eq!(outcomes(&answers), one_of(201, 4, 409, "name_taken"), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_free_place_of_a_plan_is_given_once() {
    let plans = PlansFile::with("teams = 2, services = 1, team_members = 3");
    let server = plans.server().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let racers = 4;
    for round in rounds() {
        let teams = (0..racers).map(|racer| {
            let body = json!({"name": format!("{round} {racer}")});
            server.post("/v1/team").token(&ann.token).json(&body).send()
        });
        let answers = race(teams.collect()).await;
        assert_eq!(outcomes(&answers), one_of(201, racers, 409, "limit_reached"), "round {round}");
        let made = answers.iter().find(|answer| answer.status == 201).expect("one was made");
        let path = format!("/v1/team/{}", made.text("/team/team_id"));

        let services = (0..racers).map(|racer| {
            let body = json!({"name": format!("{round} {racer}"), "team_id": team});
            server.post("/v1/service").token(&ann.token).json(&body).send()
        });
        let answers = race(services.collect()).await;
        assert_eq!(outcomes(&answers), one_of(201, racers, 409, "limit_reached"), "round {round}");
        let made = answers.iter().find(|answer| answer.status == 201).expect("one was made");
        let service = format!("/v1/service/{}", made.text("/service/service_id"));

        server.delete(&service).token(&ann.token).expect(200).await;
        server.delete(&path).token(&ann.token).expect(200).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_is_moved_by_one_of_two_who_move_at_once() {
    let server = Server::raced(&[]).await;
    let ann = server.person("Ann").await;
    let home = server.team(&ann, "A").await;
    let teams = [server.team(&ann, "B").await, server.team(&ann, "C").await];
    let uma = server.member(&ann, &home, "Uma", "user").await;
    for round in rounds() {
        let to = |team: &str| server.change(&ann, &home, &uma, &json!({"new_team_id": team})).send();
        let answers = race(vec![to(&teams[0]), to(&teams[1])]).await;
        assert_eq!(outcomes(&answers), one_of(200, 2, 404, "not_found"), "round {round}");
        assert_eq!(server.listed(&uma, "/v1/teams").await.len(), 1, "round {round}");
        let there = usize::from(answers[1].status == 200);
        let back = json!({"new_team_id": home});
        server.change(&ann, &teams[there], &uma, &back).expect(200).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_invitation_outlives_the_right_of_its_sender() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let mia = server.member(&ann, &team, "Mia", "manager").await;
    for round in rounds() {
        let body = json!({"channel_value": format!("r{round}@example.com"), "channel_type": "email"});
        let invite = server.post(&format!("/v1/team/{team}/invitation")).token(&mia.token).json(&body);
        let demote = server.patch(&member_path(&team, &mia)).token(&ann.token).json(&json!({"role": "user"}));
        let answers = race(vec![invite.send(), demote.send()]).await;
        assert_eq!(answers[1].status, 200, "round {round}: {}", answers[1].body);
        assert!(matches!(answers[0].status.as_u16(), 201 | 403), "round {round}: {}", answers[0].body);
        let invitations = server.listed(&ann, &format!("/v1/team/{team}/invitations")).await;
        let open: Vec<_> =
            invitations.iter().filter(|invitation| invitation["status"] == "pending").collect();
        assert_eq!(open, Vec::<&Value>::new(), "round {round}");
        assert_eq!(change(&server, &ann, &team, &mia, "manager").await.status, 200);
    }
}
