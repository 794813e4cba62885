//! A client that writes bytes and tells what became of them: whether a request that was sent whole was answered, or reset.

use std::io::ErrorKind;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Answered, with the status, and whether the connection goes on.
    Answered(u16, bool),
    /// No connection was to be had: nothing was sent.
    Refused,
    /// The connection had ended before anything was sent.
    Over,
    /// It was sent, and the connection ended without an answer: one that was made for it or one that had been used before, by a failure
    /// or in order.
    Lost { anew: bool, error: Option<ErrorKind> },
}

/// A connection, if there is one.
#[derive(Default)]
pub(crate) struct Wire(Option<TcpStream>);

impl Wire {
    /// Sends a request on the connection that there is, or on a new one.
    pub(crate) async fn ask(&mut self, address: &str, request: &[u8]) -> Fate {
        if self.0.as_ref().is_some_and(ended) {
            self.0 = None;
            return Fate::Over;
        }
        let anew = self.0.is_none();
        let stream = match self.0.take() {
            Some(stream) => Ok(stream),
            None => TcpStream::connect(address).await,
        };
        let Ok(mut stream) = stream else { return Fate::Refused };
        if let Err(error) = stream.write_all(request).await {
            return Fate::Lost { anew, error: Some(error.kind()) };
        }
        match answer(&mut stream).await {
            Ok((status, goes_on)) => {
                self.0 = goes_on.then_some(stream);
                Fate::Answered(status, goes_on)
            }
            Err(error) => Fate::Lost { anew, error },
        }
    }
}

/// Whether the other side has ended the connection by now.
fn ended(stream: &TcpStream) -> bool {
    !matches!(stream.try_read(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock)
}

/// Reads one answer to its end, or until the connection has ended: with a failure, or in order.
async fn answer(stream: &mut TcpStream) -> Result<(u16, bool), Option<ErrorKind>> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4_096]);
    loop {
        let read = stream.read(&mut buffer).await.map_err(|error| Some(error.kind()))?;
        if read == 0 {
            return Err(None);
        }
        bytes.extend_from_slice(&buffer[..read]);
        if let Some(whole) = whole(&String::from_utf8_lossy(&bytes)) {
            return Ok(whole);
        }
    }
}

/// The status of an answer that is whole, and whether the connection goes on.
fn whole(text: &str) -> Option<(u16, bool)> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let head = head.to_lowercase();
    let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let length: usize = field("content-length:")?.parse().ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    (body.len() >= length).then(|| (status, field("connection:") != Some("close")))
}

/// A request with a JSON body, as bytes.
pub(crate) fn post(path: &str, token: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}
