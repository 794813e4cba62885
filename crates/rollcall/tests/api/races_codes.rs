//! Codes that are guessed at once by many, where no organization makes one wait for the other: of who signs up there is none yet.

use serde_json::json;

use crate::support::races::{how_often, outcomes, race, rounds};
use crate::support::{PASSWORD, Server};

const GUESSES: u32 = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_codes_of_a_sign_up_guessed_at_once_five_are_looked_at() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    let mut hits = 0;
    for round in rounds() {
        let email = format!("zoe{round}@example.com");
        let account = json!({"name": "Zoe", "surname": "T", "email": email, "password": PASSWORD});
        server.post("/v1/account").json(&account).expect(201).await;
        let right: u32 = server.code_for(&email, 1).await.parse().expect("six digits");
        let guess = |number: u32| {
            // The right one is among the first to start, or none is.
            let off = if round % 2 == 0 { number } else { number + 1 };
            let proof =
                json!({"email": email, "confirmation_code": format!("{:06}", (right + off) % 1_000_000)});
            server.patch("/v1/account").json(&proof).send()
        };
        let answers = race((0..GUESSES).map(guess).collect()).await;
        let count = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
        let (right, wrong, late) = (count(200), count(422), count(429));
        assert_eq!(right + wrong + late, GUESSES as usize, "round {round}: {:?}", outcomes(&answers));
        // Once the code was used, there is none: a guess then says no more than a wrong one.
        assert!(right == 1 || wrong == 5, "round {round}: {right} right, {wrong} wrong, {late} late");
        hits += right;
    }
    println!("the right guess of {GUESSES} was among the first five in {hits} of {} rounds", how_often());
}
