//! Verifying channels: each with its own code, read from the mailbox beforehand, all of them as fast as so many clients can.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};

use crate::contestant::Contestant;

/// How many channels an owner can have.
const CHANNELS: u16 = 999;

/// Makes channels and collects their codes; then verifies all, and says how many that were per second.
pub(crate) async fn rate(contestant: &Contestant, team: &str, clients: usize) -> f64 {
    let owner = format!("{}/v1/team/{team}", contestant.base);
    let client = Client::builder().pool_max_idle_per_host(clients).build().expect("a client");
    let codes = Arc::new(prepare(contestant, &client, &owner).await);
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            let (client, codes, next) = (client.clone(), Arc::clone(&codes), Arc::clone(&next));
            let (url, token) =
                (format!("{owner}/notification-channel/verification"), contestant.token.clone());
            tokio::spawn(async move {
                while let Some((priority, code)) = codes.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let body = json!({ "priority": priority, "code": code });
                    let request = client.patch(&url).bearer_auth(&token).json(&body);
                    request.send().await.expect("an answer").error_for_status().expect("verified");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("a client");
    }
    f64::from(CHANNELS) / begun.elapsed().as_secs_f64()
}

async fn prepare(contestant: &Contestant, client: &Client, owner: &str) -> Vec<(u16, String)> {
    let mut codes = Vec::new();
    for priority in 1..=CHANNELS {
        let body = json!({ "type": "email", "value": address(owner, priority), "priority": priority });
        let request = client.post(format!("{owner}/notification-channel")).bearer_auth(&contestant.token);
        request.json(&body).send().await.expect("an answer").error_for_status().expect("a channel");
    }
    for priority in 1..=CHANNELS {
        codes.push((priority, code(contestant, client, &address(owner, priority)).await));
    }
    codes
}

fn address(owner: &str, priority: u16) -> String {
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
