//! Races over accounts: one address, one account, one code, one root at least, whatever comes at the same moment.

use futures_util::future::join_all;
use http::Method;
use rollcall::db::Error;
use serde_json::{Value, json};

use crate::support::races::{how_often, is, many, one_of, outcomes, race, rounds};
use crate::support::{Answer, PASSWORD, Person, Server};

const NEW: &str = "another-meadow-12";

impl Server {
    /// One number that the storage holds.
    async fn number(&self, sql: &'static str) -> i64 {
        let found = self.app.db.read(move |reader| reader.fetch_one::<(i64,)>(sql, ())).await;
        found.map_err(|error: Error| error).expect("a number").0
    }

    /// Has a code sent to a new address of somebody, and gives it.
    async fn username_code(&self, person: &Person, email: &str, nth: usize) -> String {
        let ask = self.put("/v1/customer/username").token(&person.token).json(&json!({"email": email}));
        ask.expect(200).await;
        self.code_for(email, nth).await
    }

    async fn confirm(&self, person: &Person, code: &str) -> Answer {
        self.patch("/v1/customer/username").token(&person.token).json(&json!({"code": code})).send().await
    }

    async fn leaves(&self, person: &Person) -> Answer {
        self.delete("/v1/customer").token(&person.token).json(&json!({"reason": "Enough"})).send().await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_roots_who_all_leave_for_good_or_step_down_at_once_one_stays() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    for round in rounds() {
        let racers = many(round);
        let ann = server.person(&format!("Ann{round}")).await;
        let team = server.team(&ann, "A").await;
        let mut roots = vec![ann];
        for number in 1..racers.min(8) {
            roots.push(server.another_root(&roots[0], &team, &format!("Root{round}n{number}")).await);
        }
        // Somebody is at home who is no root, so that the last root cannot take the organization along.
        let uma = server.member(&roots[0], &team, &format!("Uma{round}"), "user").await;
        let end = async |number: usize, root: &Person| {
            if number.is_multiple_of(2) {
                return server.leaves(root).await;
            }
            server.change(root, &team, root, &json!({"role": "user"})).send().await
        };
        let answers = race(roots.iter().enumerate().map(|(number, root)| end(number, root)).collect()).await;
        let expected = {
            let mut all = vec![(200, String::new()); roots.len() - 1];
            all.push((409, "last_root".to_owned()));
            all
        };
        assert_eq!(outcomes(&answers), expected, "round {round}");
        let members = server.listed(&uma, &format!("/v1/team/{team}/members")).await;
        assert_eq!(members.iter().filter(|member| member["role"] == "root").count(), 1, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_confirm_one_address_at_once_one_gets_it() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    let (ann, bea) = (server.person("Ann").await, server.person("Bea").await);
    for round in rounds() {
        let address = format!("wanted{round}@example.com");
        let codes =
            [server.username_code(&ann, &address, 1).await, server.username_code(&bea, &address, 2).await];
        let answers = race(vec![server.confirm(&ann, &codes[0]), server.confirm(&bea, &codes[1])]).await;
        assert_eq!(outcomes(&answers), one_of(200, 2, 422, "code_invalid"), "round {round}");
        let winner = usize::from(answers[1].status == 200);
        for (number, person) in [&ann, &bea].into_iter().enumerate() {
            let own = server.get("/v1/customer").token(&person.token).expect(200).await;
            assert_eq!(own.body["email"] == json!(address), number == winner, "round {round}");
        }
        let accounts = "select count(*) - count(distinct email_key) from identity";
        assert_eq!(server.number(accounts).await, 0, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_new_addresses_one_after_the_other_the_first_ones_code_is_dead() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    let ann = server.person("Ann").await;
    for round in rounds() {
        let (first, second) = (format!("x{round}@example.com"), format!("y{round}@example.com"));
        let stale = server.username_code(&ann, &first, 1).await;
        let fresh = server.username_code(&ann, &second, 1).await;
        if stale == fresh {
            continue;
        }
        let answers = race(vec![server.confirm(&ann, &stale), server.confirm(&ann, &fresh)]).await;
        let dead = is(&answers[0], 422, "code_invalid") || is(&answers[0], 409, "nothing_pending");
        assert!(dead && answers[1].status == 200, "round {round}: {:?}", outcomes(&answers));
        let own = server.get("/v1/customer").token(&ann.token).expect(200).await;
        assert_eq!(own.text("/email"), second, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recovery_code_that_went_to_the_old_address_dies_with_the_change() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    for round in rounds() {
        let ann = server.person(&format!("Ann{round}")).await;
        let new = format!("new{round}@example.com");
        let code = server.username_code(&ann, &new, 1).await;
        server.forgot(&ann.email).await;
        let recovery = server.recovery(&ann, 1).await;
        let mut racers: Vec<std::pin::Pin<Box<dyn Future<Output = Answer>>>> = vec![
            Box::pin(server.confirm(&ann, &code)),
            Box::pin(server.reset(&ann.email, &recovery, NEW).send()),
        ];
        if round % 2 == 1 {
            racers.swap(0, 1);
        }
        let mut answers = race(racers).await;
        if round % 2 == 1 {
            answers.swap(0, 1);
        }
        let (changed, reset) = (answers[0].status == 200, answers[1].status == 200);
        // The reset ends the session that asks for the change, unless that had been let in before.
        assert!(changed || is(&answers[0], 401, "token_invalid"), "round {round}: {}", answers[0].body);
        assert!(reset || is(&answers[1], 422, "code_invalid"), "round {round}: {}", answers[1].body);
        assert!(changed || reset, "round {round}");
        let again = server.reset(&ann.email, &recovery, NEW).send().await;
        assert!(is(&again, 422, "code_invalid"), "round {round}: {}", again.body);
        let (email, password) = (if changed { &new } else { &ann.email }, if reset { NEW } else { PASSWORD });
        server.sign_in(email, password).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_hundred_recovery_codes_guessed_at_once_five_are_looked_at() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    let mut hits = 0;
    for round in rounds() {
        let ann = server.person(&format!("Ann{round}")).await;
        server.forgot(&ann.email).await;
        let right: u32 = server.recovery(&ann, 1).await.parse().expect("six digits");
        let guess = |number: u32| {
            let guess = if number == u32::try_from(round % 10).expect("small") {
                right
            } else {
                (right + 1 + number) % 1_000_000
            };
            let (server, email) = (&server, &ann.email);
            async move { server.reset(email, &format!("{guess:06}"), NEW).send().await }
        };
        let answers = race((0..200).map(guess).collect()).await;
        let count =
            |status: u16, code: &str| answers.iter().filter(|answer| is(answer, status, code)).count();
        let (right, wrong, late) =
            (count(200, ""), count(422, "code_invalid"), count(429, "attempts_exhausted"));
        // Whom the hashing of the new password has no time for has not guessed.
        let busy = count(503, "unavailable");
        assert_eq!(right + wrong + late + busy, 200, "round {round}: {:?}", outcomes(&answers));
        // Once the code was used, there is none: a guess then says no more than a wrong one.
        assert!(right == 1 || wrong == 5, "round {round}: {right} right, {wrong} wrong, {late} late");
        let password = if right == 1 { NEW } else { PASSWORD };
        server.sign_in(&ann.email, password).await;
        hits += right;
    }
    println!("the right guess of 200 was among the first five in {hits} of {} rounds", how_often());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_signs_up_a_hundred_times_at_once_is_one_account() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    for round in rounds() {
        let racers = if round == 0 { 100 } else { many(round) };
        // One address in four spellings: letter case, and a domain in its own script.
        let spellings = [
            format!("zoe{round}@bücher.example"),
            format!("ZOE{round}@xn--bcher-kva.example"),
            format!("Zoe{round}@BÜCHER.example"),
            format!(" zoe{round}@xn--bcher-kva.EXAMPLE"),
        ];
        let sign_up = |number: usize| {
            let email = &spellings[number % spellings.len()];
            let body = json!({"name": "Zoe", "surname": "T", "email": email, "password": PASSWORD});
            server.post("/v1/account").json(&body).send()
        };
        let answers = race((0..racers).map(sign_up).collect()).await;
        // Whom the hashing of passwords has no time for is told so.
        let taken: Vec<_> = answers.iter().filter(|answer| answer.status != 503).collect();
        assert!(taken.len() > racers / 20, "round {round}: {} of {racers}", taken.len());
        for answer in &taken {
            assert_eq!((answer.status.as_u16(), &answer.bytes), (201, &taken[0].bytes), "round {round}");
        }
        assert_eq!(server.number("select count(*) from sign_up").await, 1, "round {round}");
        // A later one: its code is alone, and confirmed by many at once.
        let email = format!("zora{round}@example.com");
        let body = json!({"name": "Zora", "surname": "T", "email": email, "password": PASSWORD});
        server.post("/v1/account").json(&body).expect(201).await;
        let code = server.code_for(&email, 1).await;
        let proof = json!({"email": email, "confirmation_code": code});
        let confirm = || server.patch("/v1/account").json(&proof).send();
        let answers = race((0..many(round)).map(|_| confirm()).collect()).await;
        let good = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(good, 1, "round {round}: {:?}", outcomes(&answers));
        let made = i64::try_from(round + 1).expect("a small number");
        assert_eq!(server.number("select count(*) from organization").await, made, "round {round}");
        assert_eq!(server.number("select count(*) from identity").await, made, "round {round}");
        server.app.db.write(forget_sign_ups).await.expect("forgotten");
    }
}

/// So that the next round counts its own.
fn forget_sign_ups(tx: rollcall::db::Tx<'_>) -> Result<rollcall::db::Committed<()>, Error> {
    use rollcall::domain::event::{By, Event};
    tx.execute("delete from sign_up", ())?;
    tx.commit(&By::service("test"), jiff::Timestamp::UNIX_EPOCH, Event::upkeep(), ())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_is_asked_for_after_a_departure_was_answered_succeeds() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    for round in rounds() {
        let uma = server.member(&ann, &team, &format!("Uma{round}"), "manager").await;
        let (path, gone) =
            if round % 2 == 0 { ("/v1/customer", 401) } else { (&*format!("/v1/team/{team}"), 404) };
        let ended = std::sync::atomic::AtomicBool::new(false);
        let over = || ended.load(std::sync::atomic::Ordering::SeqCst);
        let asks = async |number: usize| {
            let mut late = 0;
            // Each goes on until two of its requests have begun after the end.
            while late < 2 {
                let begun_late = over();
                let by = |method, path: &str| server.request(method, path).token(&uma.token);
                let own = format!("/v1/customer/{}/notification-channel", uma.customer_id);
                let address = format!("uma{round}n{number}@example.com");
                let asked = match (round % 2, number % 5) {
                    (0, 0) => by(Method::POST, "/v1/customer/feedback").json(&json!({"message": "So good!"})),
                    (0, 1) => by(Method::PUT, "/v1/customer/username").json(&json!({"email": address})),
                    (0, 2) => by(Method::PATCH, "/v1/customer").json(&json!({"name": "Uma"})),
                    (0, 3) => by(Method::POST, &own).json(&json!({"type": "email", "value": address})),
                    (1, 0) => by(Method::PUT, path).json(&json!({"name": "A"})),
                    (1, _) => by(Method::GET, &format!("{path}/members")),
                    _ => by(Method::GET, path),
                };
                let answer = asked.send().await;
                let status = answer.status.as_u16();
                if begun_late {
                    late += 1;
                    assert!(status == gone || status == 503, "round {round}: {}", answer.body);
                } else {
                    // Who was let in just before finds nothing any more.
                    let fine =
                        status == gone || matches!(status, 404 | 409 | 503) || answer.status.is_success();
                    assert!(fine, "round {round}: {}", answer.body);
                }
            }
        };
        let end = async {
            let answer = if round % 2 == 0 {
                server.leaves(&uma).await
            } else {
                server.remove(&ann, &team, &uma).send().await
            };
            assert_eq!(answer.status, 200, "round {round}: {}", answer.body);
            ended.store(true, std::sync::atomic::Ordering::SeqCst);
        };
        tokio::join!(join_all((0..50).map(&asks)), end);
        let left = "select count(*) from feedback where customer_id is not null
                    and customer_id not in (select customer_id from identity)";
        assert_eq!(server.number(left).await, 0, "round {round}");
        let codes = "select count(*) from outbox where customer_id is not null
                     and customer_id not in (select customer_id from identity)";
        assert_eq!(server.number(codes).await, 0, "round {round}");
        let members: Vec<Value> = server.listed(&ann, &format!("/v1/team/{team}/members")).await;
        assert_eq!(members.len(), 1, "round {round}");
        if round % 2 == 1 {
            server.leaves(&uma).await;
        }
    }
}
