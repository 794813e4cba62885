//! Requests at a given rate, whatever comes of those before: what many strangers do, who do not wait for each other.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::wire::{Head, Wire};

/// The most connections at a time of strangers, and of the proxies and programs that send most of what is asked for; a request that finds none
/// free is lost to the client, and counts as not served.
pub(crate) const STRANGERS: usize = 4_000;
pub(crate) const FAMILIAR: usize = 800;

/// What came of an offer.
#[derive(Debug, Default, Clone)]
pub(crate) struct Outcome {
    pub(crate) offered: usize,
    /// Milliseconds of each success, from the moment at which it was due.
    pub(crate) served: Vec<f64>,
    /// Milliseconds of each refusal with 429 or 503 and `Retry-After`, from the moment at which it was sent.
    pub(crate) turned_away: Vec<f64>,
    /// Every other status, and connections that broke.
    pub(crate) other: Vec<String>,
    /// Requests for which the client had no connection left.
    pub(crate) lost: usize,
}

impl Outcome {
    pub(crate) fn per_second(&self, took: Duration) -> f64 {
        f64::from(u32::try_from(self.served.len()).expect("not that many")) / took.as_secs_f64()
    }
}

/// The value below which a share of them lies.
pub(crate) fn percentile(values: &[f64], share: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index"
    )]
    let index = (values.len() as f64 * share) as usize;
    values.get(index.min(values.len().saturating_sub(1))).copied().unwrap_or(0.0)
}

/// Offers so many requests a second from strangers.
pub(crate) async fn offer(to: SocketAddr, requests: &[Vec<u8>], rate: f64, lasting: Duration) -> Outcome {
    offer_from(STRANGERS, to, requests, rate, lasting).await
}

/// The same from so many connections at the most.
pub(crate) async fn offer_from(
    connections: usize,
    to: SocketAddr,
    requests: &[Vec<u8>],
    rate: f64,
    lasting: Duration,
) -> Outcome {
    let requests: Arc<Vec<Vec<u8>>> = Arc::new(requests.to_vec());
    let idle: Arc<Mutex<Vec<Wire>>> = Arc::default();
    let outcome: Arc<Mutex<Outcome>> = Arc::default();
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    let mut sent = 0_u32;
    while begun.elapsed() < lasting {
        while f64::from(sent) < begun.elapsed().as_secs_f64() * rate {
            let due = begun + Duration::from_secs_f64(f64::from(sent) / rate);
            let number = sent as usize;
            sent += 1;
            while tasks.try_join_next().is_some() {}
            let wire = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            if wire.is_none() && tasks.len() >= connections {
                outcome.lock().unwrap_or_else(PoisonError::into_inner).lost += 1;
                continue;
            }
            let (requests, idle, outcome) = (Arc::clone(&requests), Arc::clone(&idle), Arc::clone(&outcome));
            tasks.spawn(async move {
                let begun = Instant::now();
                let asked = ask(to, wire, &requests[number % requests.len()]).await;
                let now = Instant::now();
                let milliseconds = |from: Instant| now.duration_since(from).as_secs_f64() * 1_000.0;
                let mut outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner);
                match asked {
                    Ok((Head { status: 200..=299, .. }, wire)) => {
                        outcome.served.push(milliseconds(due));
                        idle.lock().unwrap_or_else(PoisonError::into_inner).push(wire);
                    }
                    Ok((Head { status: 429 | 503, retry_after: true }, wire)) => {
                        outcome.turned_away.push(milliseconds(begun));
                        idle.lock().unwrap_or_else(PoisonError::into_inner).push(wire);
                    }
                    Ok((head, _)) => outcome.other.push(format!("{head:?}")),
                    Err(error) => outcome.other.push(error.to_string()),
                }
            });
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    while tasks.join_next().await.is_some() {}
    let mut outcome = std::mem::take(&mut *outcome.lock().unwrap_or_else(PoisonError::into_inner));
    outcome.offered = sent as usize;
    outcome
}

async fn ask(to: SocketAddr, wire: Option<Wire>, request: &[u8]) -> std::io::Result<(Head, Wire)> {
    if let Some(mut wire) = wire
        && let Ok(head) = wire.ask(request).await
    {
        return Ok((head, wire));
    }
    // None was open, or the server had closed it while it was idle.
    let mut wire = Wire::open(to).await?;
    let head = wire.ask(request).await?;
    Ok((head, wire))
}

/// As many requests as some clients get answered who each wait for their answer, a second.
pub(crate) async fn closed(to: SocketAddr, requests: &[Vec<u8>], clients: usize, lasting: Duration) -> f64 {
    let requests: Arc<Vec<Vec<u8>>> = Arc::new(requests.to_vec());
    let end = Instant::now() + lasting;
    let mut tasks = tokio::task::JoinSet::new();
    for client in 0..clients {
        let requests = Arc::clone(&requests);
        tasks.spawn(async move {
            let mut wire = Wire::open(to).await.expect("a connection");
            let mut count = 0_u32;
            while Instant::now() < end {
                let request = &requests[(client * 7 + count as usize) % requests.len()];
                assert!((200..300).contains(&wire.ask(request).await.expect("an answer").status));
                count += 1;
            }
            count
        });
    }
    let counts = tasks.join_all().await;
    f64::from(counts.iter().sum::<u32>()) / lasting.as_secs_f64()
}
