//! A small HTTP/1.1 server: reads whole requests, asks a closure for each answer, and ends when dropped.
//!
//! Its own rather than a framework's, since it must also speak wrongly (see [`crate::Answer`]).

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use tokio::io::{self, AsyncReadExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

use crate::http_answer::{self, Answer};

/// Longest head or body taken, in octets.
const LONGEST: usize = 4 << 20;

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    /// `POST` and so on.
    pub method: String,
    /// Path and query, as sent.
    pub path: String,
    /// Names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// The body's octets.
    pub body: Vec<u8>,
    /// When it was complete.
    pub arrived: Instant,
}

impl Request {
    /// The first header of that name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as text; what is not UTF-8 is replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null if it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// A running server.
pub(crate) struct HttpServer {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    accepting: AbortHandle,
}

impl HttpServer {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Panics
    /// If loopback cannot be listened on.
    pub(crate) async fn start(answer: impl Fn(Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback can be listened on");
        let address = listener.local_addr().expect("a listener has an address");
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        let answer = Arc::new(answer);
        let accepting = tokio::spawn(async move {
            // The set owns the connections: it is dropped, and they with it, when this task is aborted.
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let answer = Arc::clone(&answer);
                open.spawn(async move { serve(stream, &*answer).await.is_ok() });
                while open.try_join_next().is_some() {}
            }
        });
        Self { address, connections, accepting: accepting.abort_handle() }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Connections accepted so far.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn serve(mut stream: TcpStream, answer: &(impl Fn(Request) -> Answer + Sync)) -> io::Result<()> {
    let mut held = Vec::new();
    while let Some(request) = read(&mut stream, &mut held).await? {
        if !http_answer::write(answer(request), &mut stream).await? {
            break;
        }
    }
    Ok(())
}

/// The next request; `None` at the end. `held` is what was read beyond it.
async fn read(stream: &mut TcpStream, held: &mut Vec<u8>) -> io::Result<Option<Request>> {
    let head_end = loop {
        if let Some(at) = held.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        if held.len() > LONGEST || stream.read_buf(held).await? == 0 {
            return Ok(None);
        }
    };
    let text = String::from_utf8_lossy(&held[..head_end]).into_owned();
    let mut lines = text.split("\r\n");
    let mut start = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
    let (method, path) = (start.next().unwrap_or_default(), start.next().unwrap_or_default());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length =
        headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let end = head_end + 4 + length.unwrap_or(0).min(LONGEST);
    while held.len() < end {
        if stream.read_buf(held).await? == 0 {
            return Ok(None);
        }
    }
    let rest = held.split_off(end);
    let body = std::mem::replace(held, rest).split_off(head_end + 4);
    Ok(Some(Request { method, path, headers, body, arrived: Instant::now() }))
}
