//! Verifying channels: each with its own code, read from the mailbox beforehand, all of them as fast as so many clients can.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};

use crate::contestant::Contestant;

/// How many channels an owner can have.
pub(crate) const CHANNELS: u32 = 999;

/// A channel that waits: its priority, and its code.
pub(crate) type Waiting = (u32, String);

/// Makes channels and collects their codes; then verifies all, and says how many that were per second.
pub(crate) async fn rate(contestant: &Contestant, team: &str, clients: usize) -> f64 {
    let waiting = prepare(contestant, &format!("{}/v1/team/{team}", contestant.base)).await;
    verify(contestant, team, waiting, clients).await
}

/// Verifies all, and says how many that were per second.
pub(crate) async fn verify(
    contestant: &Contestant,
    team: &str,
    waiting: Vec<Waiting>,
    clients: usize,
) -> f64 {
    let client = client();
    let url = format!("{}/v1/team/{team}/notification-channel/verification", contestant.base);
    let count = u32::try_from(waiting.len()).expect("few");
    let (waiting, next) = (Arc::new(waiting), Arc::new(AtomicUsize::new(0)));
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..clients {
        let (client, waiting, next) = (client.clone(), Arc::clone(&waiting), Arc::clone(&next));
        let (url, token) = (url.clone(), contestant.token.clone());
        tasks.spawn(async move {
            while let Some((priority, code)) = waiting.get(next.fetch_add(1, Ordering::Relaxed)) {
                let body = json!({ "priority": priority, "code": code });
                let request = client.patch(&url).bearer_auth(&token).json(&body);
                request.send().await.expect("an answer").error_for_status().expect("verified");
            }
        });
    }
    tasks.join_all().await;
    f64::from(count) / begun.elapsed().as_secs_f64()
}

fn client() -> Client {
    Client::builder().build().expect("a client")
}

async fn prepare(contestant: &Contestant, owner: &str) -> Vec<Waiting> {
    let (client, mut codes) = (client(), Vec::new());
    for priority in 1..=CHANNELS {
        let body = json!({ "type": "email", "value": address(owner, priority), "priority": priority });
        let request = client.post(format!("{owner}/notification-channel")).bearer_auth(&contestant.token);
        request.json(&body).send().await.expect("an answer").error_for_status().expect("a channel");
    }
    for priority in 1..=CHANNELS {
        codes.push((priority, code(contestant, &client, &address(owner, priority)).await));
    }
    codes
}

fn address(owner: &str, priority: u32) -> String {
    let team = owner.rsplit('/').next().unwrap_or_default();
    format!("ops-{priority}-{team}@example.com")
}

/// The code that went to an address, once the outbox has come to it.
async fn code(contestant: &Contestant, client: &Client, address: &str) -> String {
    let url = format!("{}/mailbox/messages?to={address}", contestant.base);
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(60) {
        let answer: Value = client.get(&url).send().await.expect("an answer").json().await.expect("JSON");
        if let Some(text) = answer["data"][0]["text"].as_str() {
            let digits = text.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 6);
            return digits.expect("a code").to_owned();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no code came to {address}");
}
