//! A plain connection that hands over no more than one line at a time.
//!
//! Why: the SMTP library reads ahead into a buffer that outlives STARTTLS, so that replies slipped in behind the
//! server's "220 go ahead" would be taken for replies of the encrypted session (CVE-2021-38371 and its kin). Here what
//! stands behind a line stays on this side of the encryption: injected plain text breaks the TLS handshake instead.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A TCP connection read line by line.
#[derive(Debug)]
pub(super) struct LineStream {
    inner: TcpStream,
    /// Read, and not yet handed over.
    held: Box<[u8; 1024]>,
    from: usize,
    to: usize,
}

impl LineStream {
    pub(super) fn new(inner: TcpStream) -> Self {
        Self { inner, held: Box::new([0; 1024]), from: 0, to: 0 }
    }
}

impl AsyncRead for LineStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.from == this.to {
            let mut fresh = ReadBuf::new(&mut this.held[..]);
            ready!(Pin::new(&mut this.inner).poll_read(cx, &mut fresh))?;
            (this.from, this.to) = (0, fresh.filled().len());
        }
        let held = &this.held[this.from..this.to];
        let line = held.iter().position(|octet| *octet == b'\n').map_or(held.len(), |end| end + 1);
        let given = line.min(out.remaining());
        out.put_slice(&held[..given]);
        this.from += given;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for LineStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(cx, octets)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}

impl AsyncTokioStream for LineStream {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.inner.peer_addr()
    }
}
