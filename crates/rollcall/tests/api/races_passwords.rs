//! Races of passwords and sessions: once a password is set, nothing that the one before opened stays open.

use std::pin::Pin;

use serde_json::json;

use crate::support::races::{is, outcomes, race, rounds};
use crate::support::{Answer, PASSWORD, Person, Request, Server};

const NEW: &str = "another-meadow-12";

impl Server {
    fn tries(&self, email: &str, password: &str) -> Request<'_> {
        self.post("/v1/auth").json(&json!({"email": email, "password": password}))
    }

    fn refreshes(&self, refresh_token: &str) -> Request<'_> {
        self.post("/v1/auth/refresh").json(&json!({"refresh_token": refresh_token}))
    }

    fn sets(&self, person: &Person, password: &str) -> Request<'_> {
        let body = json!({"current_password": PASSWORD, "password": password});
        self.put("/v1/account/password").token(&person.token).json(&body)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_token_that_was_handed_out_around_a_new_password_by_code_outlives_it() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    let (mut sign_ins, mut refreshes) = (0, 0);
    for round in rounds() {
        let ann = server.person(&format!("Ann{round}")).await;
        server.forgot(&ann.email).await;
        let code = server.recovery(&ann, 1).await;
        let mut racers: Vec<Pin<Box<dyn Future<Output = Answer>>>> = vec![
            Box::pin(server.reset(&ann.email, &code, NEW).send()),
            Box::pin(server.tries(&ann.email, PASSWORD).send()),
            Box::pin(server.refreshes(&ann.refresh_token).send()),
        ];
        racers.rotate_left(round % 3);
        let mut answers = race(racers).await;
        answers.rotate_right(round % 3);
        let what = outcomes(&answers);
        assert!(is(&answers[0], 200, ""), "round {round}: {what:?}");
        let mut tokens = vec![(ann.token.clone(), ann.refresh_token.clone())];
        for (answer, refusal, count) in [
            (&answers[2], "token_invalid", &mut refreshes),
            (&answers[1], "credentials_invalid", &mut sign_ins),
        ] {
            assert!(is(answer, 200, "") || is(answer, 401, refusal), "round {round}: {what:?}");
            if answer.status == 200 {
                tokens.push((answer.text("/access_token"), answer.text("/refresh_token")));
                *count += 1;
            }
        }
        for (access, _) in &tokens {
            let own = server.get("/v1/customer").token(access).send().await;
            assert!(is(&own, 401, "token_invalid"), "round {round}, {what:?}: {}", own.body);
        }
        // The newest first: an old one that is used again would end its family by itself.
        for (_, refresh) in tokens.iter().rev() {
            let again = server.refreshes(refresh).send().await;
            assert!(is(&again, 401, "token_invalid"), "round {round}, {what:?}: {}", again.body);
        }
        server.tries(&ann.email, PASSWORD).refused(401, "credentials_invalid").await;
        server.sign_in(&ann.email, NEW).await;
    }
    println!("{sign_ins} sign-ins and {refreshes} refreshes came before the new password, and ended with it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_sessions_that_set_another_password_at_once_one_lives_on_with_its_own() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    for round in rounds() {
        let ann = server.person(&format!("Ann{round}")).await;
        let sessions = [ann.clone(), server.again(&ann).await];
        let passwords = [NEW, "further-harvest-34"];
        let change = |number: usize| server.sets(&sessions[number], passwords[number]).send();
        let mut order = [0, 1];
        order.rotate_left(round % 2);
        let mut answers = race(order.map(change).into()).await;
        answers.rotate_left(round % 2);
        let what = outcomes(&answers);
        let winner = usize::from(answers[1].status == 200);
        assert!(is(&answers[winner], 200, ""), "round {round}: {what:?}");
        // Whose session ended before the request came has no token any more, who comes after it the wrong password.
        let loser = &answers[1 - winner];
        let refused = is(loser, 401, "credentials_invalid") || is(loser, 401, "token_invalid");
        assert!(refused, "round {round}: {what:?}");
        server.get("/v1/customer").token(&sessions[winner].token).expect(200).await;
        let ended = &sessions[1 - winner];
        server.get("/v1/customer").token(&ended.token).refused(401, "token_invalid").await;
        server.refreshes(&ended.refresh_token).refused(401, "token_invalid").await;
        for dead in [PASSWORD, passwords[1 - winner]] {
            server.tries(&ann.email, dead).refused(401, "credentials_invalid").await;
        }
        server.sign_in(&ann.email, passwords[winner]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_guesses_at_the_current_password_at_once_no_more_are_heard_than_of_guesses_in_a_row() {
    let server = Server::start().await;
    for round in rounds() {
        let ann = server.person(&format!("Ann{round}")).await;
        let guesses = (0..12).map(|number| {
            let body = json!({"current_password": format!("wrong-password-{number}"), "password": NEW});
            server.put("/v1/account/password").token(&ann.token).json(&body).send()
        });
        let mut answers = race(guesses.collect()).await;
        // Nor is the right one, however late it comes.
        answers.push(server.sets(&ann, NEW).send().await);
        let heard = answers.iter().filter(|answer| is(answer, 401, "credentials_invalid")).count();
        let held = answers.iter().filter(|answer| is(answer, 429, "rate_limited")).count();
        assert_eq!((heard, held), (5, 8), "round {round}: {:?}", outcomes(&answers));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_sign_ins_of_a_network_at_once_no_more_are_heard_than_of_some_in_a_row() {
    let server = Server::with(&[("trusted_proxies", "127.0.0.0/8")]).await;
    let from = |email: &str, password: &str| {
        server.tries(email, password).header("x-forwarded-for", "203.0.113.9").send()
    };
    for number in 0..52 {
        let refused = from(&format!("a{number}@example.org"), PASSWORD).await;
        assert!(is(&refused, 401, "credentials_invalid"), "{}", refused.body);
    }
    // Eight are left. Each is for another address, so that no account holds them back.
    let guesses = (0..32).map(|number| from(&format!("b{number}@example.org"), PASSWORD));
    let answers = race(guesses.collect()).await;
    let heard = answers.iter().filter(|answer| is(answer, 401, "credentials_invalid")).count();
    let held = answers.iter().filter(|answer| is(answer, 429, "rate_limited")).count();
    assert_eq!((heard, held), (8, 24), "{:?}", outcomes(&answers));
}
