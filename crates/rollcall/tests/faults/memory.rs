//! Little memory: a flood of expensive requests ends in answers, or in a process that ends; never in a lost change.

use std::time::Duration;

use serde_json::json;

use crate::few_files::limited;
use crate::process::Folder;
use crate::scene::{SETTINGS, Scene, end, trials};

/// Kilobytes of address space: hardly more than what the idle process has mapped.
const ADDRESSES: usize = 900_000;
const FLOOD: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn with_little_memory_a_flood_is_answered_and_nothing_is_lost() {
    let trials = trials(2);
    let (mut answered, mut acknowledged) = (0, 0);
    for _ in 0..trials {
        let folder = Folder::new();
        let mut scene = Scene::with(limited(&folder, &format!("-v {ADDRESSES}"), &SETTINGS)).await;
        let writers = scene.ledger.writers(4, &scene.writer, "memory", Duration::from_millis(1));
        // Each sign-in hashes a password over 19 MiB; each body is as large as bodies may be.
        let long = "x".repeat(60_000);
        let flood = (0..FLOOD).map(|number| {
            let (http, url) = (scene.program.http.clone(), scene.program.url.clone());
            let body = if number % 2 == 0 {
                json!({"email": "ann@example.com", "password": "not-her-password"})
            } else {
                json!({"email": "ann@example.com", "password": long})
            };
            tokio::spawn(async move {
                let answer = http.post(format!("{url}/v1/auth")).json(&body).send().await;
                answer.is_ok_and(|answer| [401, 422, 429, 503].contains(&answer.status().as_u16()))
            })
        });
        for one in futures_util::future::join_all(flood.collect::<Vec<_>>()).await {
            answered += usize::from(one.expect("a request"));
        }
        writers.stop().await;
        assert!(scene.program.lives(), "the process ended");
        assert_eq!(scene.ready().await, 200, "it lives and is not ready");
        end(scene.program);
        scene.ledger.check_whole(&folder.file("data/rollcall.db"));
        acknowledged += scene.ledger.acknowledged();
    }
    println!(
        "{ADDRESSES} kB of address space: {trials} trials, {answered} of {} expensive requests answered, 0 processes ended, \
         {acknowledged} acknowledged, 0 lost",
        trials * FLOOD
    );
    assert_eq!(answered, trials * FLOOD, "expensive requests without an answer");
}
