//! A connection whose answers must be taken: a client that asks and does not read holds nothing for long.

use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::time::{Sleep, sleep};

/// A connection that ends where what is to be sent does not leave in time, however many bytes of it do.
pub(super) struct Outgoing<T> {
    inner: T,
    longest: Duration,
    /// Runs from the first time that the client took nothing, until all that waited has left.
    waiting: Option<Pin<Box<Sleep>>>,
}

impl<T> Outgoing<T> {
    pub(super) fn new(inner: T, longest: Duration) -> Self {
        Self { inner, longest, waiting: None }
    }

    fn patience(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize>> {
        let longest = self.longest;
        ready!(self.waiting.get_or_insert_with(|| Box::pin(sleep(longest))).as_mut().poll(cx));
        Poll::Ready(Err(Error::new(ErrorKind::TimedOut, "the client does not take its answer")))
    }
}

impl<T: Read + Unpin> Read for Outgoing<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl<T: Write + Unpin> Write for Outgoing<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize>> {
        match Pin::new(&mut self.inner).poll_write(cx, buf) {
            Poll::Pending => self.patience(cx),
            written @ Poll::Ready(_) => written,
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        match Pin::new(&mut self.inner).poll_write_vectored(cx, bufs) {
            Poll::Pending => self.patience(cx),
            written @ Poll::Ready(_) => written,
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    /// Asked for once everything has been written.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(Pin::new(&mut self.inner).poll_flush(cx))?;
        self.waiting = None;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use hyper_util::rt::TokioIo;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_not_taken_in_time_ends_the_connection() {
        let (near, far) = tokio::io::duplex(8);
        let mut near = Outgoing::new(TokioIo::new(near), Duration::from_secs(30));
        let write = async |near: &mut Outgoing<_>| {
            poll_fn(|cx| Pin::new(&mut *near).poll_write(cx, b"12345678")).await
        };
        assert_eq!(write(&mut near).await.expect("room for it"), 8);
        poll_fn(|cx| Pin::new(&mut near).poll_flush(cx)).await.expect("flushed");
        assert_eq!(write(&mut near).await.expect_err("nobody reads").kind(), ErrorKind::TimedOut);
        drop(far);
    }
}
