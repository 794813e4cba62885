//! Races over invitations: one becomes one membership at the most, and none once it was withdrawn.

use std::time::Duration;

use serde_json::json;

use crate::support::races::{how_often, many, one_of, outcomes, race, rounds};
use crate::support::{Answer, PASSWORD, Server};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_accepted_four_times_at_once_makes_one_member() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    let (ann, gus) = (server.person("Ann").await, server.person("Gus").await);
    let team = server.team(&ann, "A").await;
    for round in rounds() {
        let sent = server.invite(&ann, &team, &gus.email, "user").await;
        let links = [sent, server.hand_over(&ann, &team, &gus.email).await];
        let accept = |racer: usize| {
            let body = json!({"token": links[racer % 2]});
            server.post("/v1/invitation/accept").token(&gus.token).json(&body).send()
        };
        let answers = race((0..4).map(accept).collect()).await;
        assert_eq!(outcomes(&answers), one_of(200, 4, 409, "invitation_not_pending"), "round {round}");
        assert_eq!(server.roles(&ann, &team).await.len(), 2, "round {round}");
        server.remove(&ann, &team, &gus).expect(200).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_strangers_with_one_link_one_gets_the_account() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    let ann = server.person("Ann").await;
    for round in rounds() {
        let team = server.team(&ann, &format!("Team {round}")).await;
        let token = server.invite(&ann, &team, &format!("bea{round}@example.com"), "user").await;
        let accept = |name: &str| {
            let body = json!({"token": token, "name": name, "surname": "T", "password": PASSWORD});
            server.post("/v1/invitation/accept").json(&body).send()
        };
        let answers = race(vec![accept("Bea"), accept("Eve")]).await;
        assert_eq!(outcomes(&answers), one_of(201, 2, 409, "invitation_not_pending"), "round {round}");
        let winner = if answers[0].status == 201 { "Bea" } else { "Eve" };
        let names: Vec<_> = server.roles(&ann, &team).await.into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["Ann", winner], "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_accepting_declining_and_withdrawing_at_once_one_comes_about() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    let (ann, gus) = (server.person("Ann").await, server.person("Gus").await);
    let team = server.team(&ann, "A").await;
    for round in rounds() {
        let token = server.invite(&ann, &team, &gus.email, "user").await;
        let body = json!({"token": token});
        let accept = server.post("/v1/invitation/accept").token(&gus.token).json(&body);
        let decline = server.post("/v1/invitation/decline").json(&body);
        let withdraw = server.withdrawing(&ann, &team, &gus.email);
        let mut racers = vec![accept.send(), decline.send(), withdraw.send()];
        // Each of them is the first to be sent in a third of the rounds.
        racers.rotate_left(round % 3);
        let mut answers = race(racers).await;
        answers.rotate_right(round % 3);
        let won: Vec<_> = answers.iter().map(|answer| answer.status == 200).collect();
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "round {round}: {won:?}");
        for (answer, code) in
            answers.iter().zip(["invitation_not_pending", "invitation_not_pending", "not_found"])
        {
            assert!(answer.status == 200 || answer.body["code"] == code, "round {round}: {}", answer.body);
        }
        let joined = server.roles(&ann, &team).await.len() == 2;
        assert_eq!(joined, won[0], "round {round}");
        if joined {
            server.remove(&ann, &team, &gus).expect(200).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_by_text_message_that_many_accept_at_once_is_one_persons() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    let ann = server.person("Ann").await;
    let mut people = Vec::new();
    for number in 0..8 {
        people.push(server.person(&format!("Gus{number}")).await);
    }
    for round in rounds() {
        let team = server.team(&ann, &format!("Team {round}")).await;
        server.inviting(&ann, &team, "sms", "+491701234567").expect(201).await;
        let token = server.hand_over(&ann, &team, "+491701234567").await;
        let racers = many(round);
        let accept = |number: usize| {
            let by = &people[number % people.len()];
            server.post("/v1/invitation/accept").token(&by.token).json(&json!({"token": token})).send()
        };
        let answers = race((0..racers).map(accept).collect()).await;
        // Who asks again after having joined is a member.
        let good = answers.iter().filter(|answer| answer.status == 200).count();
        let refused = |answer: &&Answer| {
            ["invitation_not_pending", "already_member"].iter().any(|code| answer.body["code"] == *code)
        };
        assert_eq!((good, answers.iter().filter(refused).count()), (1, racers - 1), "round {round}");
        assert_eq!(server.roles(&ann, &team).await.len(), 2, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_accepted_while_its_time_runs_out_makes_one_member_or_none() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    let ann = server.person("Ann").await;
    let mut joined = 0;
    for round in rounds() {
        let (ann, gus) =
            (server.sign_in(&ann.email, PASSWORD).await, server.person(&format!("Gus{round}")).await);
        let team = server.team(&ann, &format!("Team {round}")).await;
        let token = server.invite(&ann, &team, &gus.email, "user").await;
        // A few looks at the clock before its end.
        server.clock.advance(Duration::from_secs(7 * 24 * 60 * 60 - 1));
        let (ann, gus) =
            (server.sign_in(&ann.email, PASSWORD).await, server.sign_in(&gus.email, PASSWORD).await);
        let accept =
            || server.post("/v1/invitation/accept").token(&gus.token).json(&json!({"token": token})).send();
        // Before them, among them or behind them.
        let run_out = async {
            tokio::time::sleep(Duration::from_micros(300 * (round as u64 % 20))).await;
            server.clock.advance(Duration::from_secs(1));
            server.get("/v1/teams").token(&ann.token).send().await
        };
        let mut racers: Vec<std::pin::Pin<Box<dyn Future<Output = Answer>>>> =
            (0..many(round)).map(|_| Box::pin(accept()) as _).collect();
        racers.insert(round % (many(round) + 1), Box::pin(run_out));
        let answers = race(racers).await;
        let good = answers.iter().filter(|answer| answer.body["member"].is_object()).count();
        assert!(good <= 1, "round {round}: {:?}", outcomes(&answers));
        assert_eq!(server.roles(&ann, &team).await.len(), 1 + good, "round {round}");
        let late = server.post("/v1/invitation/accept").token(&gus.token).json(&json!({"token": token}));
        late.refused(409, "invitation_not_pending").await;
        joined += good;
    }
    println!("the invitation was accepted in time in {joined} of {} rounds", how_often());
}
