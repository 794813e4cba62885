//! The load: clients that each keep one connection and send the next request once they have the answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::contestants::Contestant;
use crate::data::{team, token};

/// Teams made so far, so that each has a name of its own.
static MADE: AtomicU64 = AtomicU64::new(0);

pub(crate) async fn creates(contestant: &Contestant, clients: usize, run: Duration) -> f64 {
    let token = token(0).as_str().to_owned();
    let request = move || {
        let body = format!("{{\"name\":\"Team {}\"}}", MADE.fetch_add(1, Ordering::Relaxed));
        format!(
            "POST /v1/team HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    rate(contestant, clients, run, "HTTP/1.1 201", Arc::new(request)).await
}

pub(crate) async fn reads(contestant: &Contestant, clients: usize, run: Duration) -> f64 {
    let token = token(0).as_str().to_owned();
    let request = format!(
        "GET /v1/team/{}/members HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n",
        team(0)
    );
    rate(contestant, clients, run, "HTTP/1.1 200", Arc::new(move || request.clone())).await
}

/// Answers per second; any answer that does not begin as expected ends the measurement.
async fn rate(
    contestant: &Contestant,
    clients: usize,
    run: Duration,
    expected: &'static str,
    request: Arc<dyn Fn() -> String + Send + Sync>,
) -> f64 {
    let start = Instant::now();
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            let (address, request) = (contestant.address.clone(), Arc::clone(&request));
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(address).await.expect("a connection");
                stream.set_nodelay(true).expect("a socket option");
                let (mut answers, mut buffer) = (0_u32, Vec::with_capacity(16 * 1024));
                while start.elapsed() < run {
                    stream.write_all(request().as_bytes()).await.expect("sent");
                    answer(&mut stream, &mut buffer, expected).await;
                    answers += 1;
                }
                answers
            })
        })
        .collect();
    let mut answers = 0;
    for task in tasks {
        answers += task.await.expect("a client");
    }
    f64::from(answers) / start.elapsed().as_secs_f64()
}

/// Reads one answer whole, by its `content-length`.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>, expected: &str) {
    buffer.clear();
    loop {
        let read = stream.read_buf(buffer).await.expect("an answer");
        assert!(read > 0, "the server closed the connection");
        let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&buffer[..end]).expect("ASCII");
        assert!(head.starts_with(expected), "{head}");
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
        let whole = end + 4 + length.expect("a length");
        if buffer.len() >= whole {
            return;
        }
    }
}
