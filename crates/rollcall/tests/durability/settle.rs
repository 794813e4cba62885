//! After a fault: what was not acknowledged is asked for again under its key, what was is asked for again too, and each is there once.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::ledger::{Entry, Intent};
use super::writers::Target;

/// How long one command may be refused because its first run has not ended yet, or the storage is not there yet.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks for every command again that was not acknowledged; gives their keys with the answers.
pub(crate) async fn finish(target: &Target, entries: &mut [Entry]) -> Vec<(String, String)> {
    let mut finished = Vec::new();
    for entry in entries.iter_mut().filter(|entry| entry.answer.is_none()) {
        let (answer, _) = again(target, &entry.intent, PATIENCE).await.expect("an answer");
        finished.push((entry.intent.key.clone(), answer.clone()));
        entry.answer = Some(answer);
    }
    finished
}

/// Asks for the last acknowledged command of each writer again: the answer is the one that was given, byte for byte. `name` is that of
/// the writers. Says how many there were.
pub(crate) async fn replay(target: &Target, entries: &[Entry], name: &str) -> usize {
    let entries = entries.iter().filter(|entry| writer(&entry.intent.key).starts_with(name));
    let last: BTreeMap<_, _> = entries
        .filter_map(|entry| Some((writer(&entry.intent.key), (entry, entry.answer.as_ref()?))))
        .collect();
    for (entry, answer) in last.values() {
        let (replayed, as_before) = again(target, &entry.intent, PATIENCE).await.expect("an answer");
        assert!(as_before, "{} was carried out anew", entry.intent.key);
        assert_eq!(&replayed, *answer, "{}", entry.intent.key);
    }
    last.len()
}

/// Which writer a key is of.
pub(crate) fn writer(key: &str) -> &str {
    key.rsplit_once('-').expect("a key of a writer").0
}

/// The answer, and whether it is one that was kept: who is told to come again does, for so long. What does not arrive whole is none.
pub(crate) async fn again(
    target: &Target,
    intent: &Intent,
    patience: Duration,
) -> reqwest::Result<(String, bool)> {
    let end = Instant::now() + patience;
    loop {
        let response = target.send(intent).await?;
        let (status, kept) = (response.status(), response.headers().contains_key("idempotency-replayed"));
        let body = response.text().await?;
        if status.is_success() {
            return Ok((body, kept));
        }
        let busy = matches!(status.as_u16(), 409 | 503) && Instant::now() < end;
        assert!(busy, "{} {}: {status} {body}", intent.method, intent.path);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
