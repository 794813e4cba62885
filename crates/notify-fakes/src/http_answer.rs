//! What an HTTP fake answers: a proper response, or one of the ways in which receivers go wrong.

use std::time::Duration;

use tokio::io::{self, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

/// One answer.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A proper response.
    Reply {
        /// Its status.
        status: u16,
        /// Headers beyond `Content-Length`.
        headers: Vec<(String, String)>,
        /// Its body.
        body: Vec<u8>,
    },
    /// Reads the request and says nothing.
    Hang,
    /// A status and then one octet of body a second.
    Drip,
    /// A status line and then one header a second, for ever: never a status to act on.
    DripHeaders,
    /// Headers as fast as they are taken, for ever.
    EndlessHeaders,
    /// A 200 with a body of a gigabyte.
    Gigabyte,
    /// A 200 that promises 1,000 octets, sends ten and resets the connection.
    ResetMidBody,
    /// Resets the connection before any answer.
    Reset,
    /// Something that is not HTTP.
    Garbage,
}

impl Answer {
    /// A status with an empty body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Reply { status, headers: Vec::new(), body: Vec::new() }
    }

    /// A status with a body.
    #[must_use]
    pub fn text(status: u16, body: &str) -> Self {
        Self::Reply { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    /// A status with a JSON body.
    #[must_use]
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::text(status, &body.to_string()).with_header("content-type", "application/json")
    }

    /// A 302 to another place.
    #[must_use]
    pub fn redirect(to: &str) -> Self {
        Self::status(302).with_header("location", to)
    }

    /// A 429 that says when to come back, in seconds or as an HTTP date.
    #[must_use]
    pub fn too_many(retry_after: &str) -> Self {
        Self::status(429).with_header("retry-after", retry_after)
    }

    /// The same with one more header; only a [`Answer::Reply`] has any.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        if let Self::Reply { headers, .. } = &mut self {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }
}

/// Writes an answer. `Ok(true)` if the connection may carry another request.
pub(crate) async fn write(answer: Answer, stream: &mut TcpStream) -> io::Result<bool> {
    match answer {
        Answer::Reply { status, headers, body } => {
            let mut head = format!("HTTP/1.1 {status} Fake\r\ncontent-length: {}\r\n", body.len());
            for (name, value) in headers {
                head.extend([&name, ": ", &value, "\r\n"]);
            }
            head.push_str("\r\n");
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(&body).await?;
            return Ok(true);
        }
        Answer::Hang => std::future::pending::<()>().await,
        Answer::Drip => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n").await?;
            drip(stream, b"x").await?;
        }
        Answer::DripHeaders => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
            drip(stream, b"x: y\r\n").await?;
        }
        Answer::EndlessHeaders => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
            loop {
                stream.write_all(&b"x-endless: header\r\n".repeat(100)).await?;
            }
        }
        Answer::Gigabyte => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n").await?;
            let chunk = vec![b'g'; 64 * 1024];
            for _ in 0..(1 << 30) / chunk.len() {
                stream.write_all(&chunk).await?;
            }
        }
        Answer::ResetMidBody => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n0123456789").await?;
            stream.flush().await?;
            stream.set_zero_linger()?;
        }
        Answer::Reset => stream.set_zero_linger()?,
        Answer::Garbage => stream.write_all(b"SSH-2.0-OpenSSH_9.9\r\n").await?,
    }
    Ok(false)
}

async fn drip(stream: &mut TcpStream, drop: &[u8]) -> io::Result<()> {
    loop {
        stream.write_all(drop).await?;
        sleep(Duration::from_secs(1)).await;
    }
}
