//! The end of a listener: whoever is connected, or about to be, is served, and nobody else is let in to be cut off.
//!
//! A listener that is closed resets those whom the system has connected and the program has not taken over, whatever they have sent by
//! then. However fast one closes after looking, somebody may come in between.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};

/// Lets no more connections begin. Those that have begun are made, and still come. Whoever begins one now hears nothing, and tries again
/// after a second (RFC 6298 §2.1): at the process that listens here by then, or else to be refused, with nothing sent.
pub(super) fn shut(listener: &TcpListener) {
    if let Err(error) = pass_over_beginnings(listener) {
        tracing::debug!(%error, "clients may begin connections until the listener is closed");
    }
}

/// Has the system drop segments with SYN, the first of a connection, before the listener sees them (RFC 9293 §3.1; `socket(7)`,
/// `SO_ATTACH_FILTER`: a filter of a TCP socket is asked with its segments).
#[cfg(target_os = "linux")]
fn pass_over_beginnings(listener: &TcpListener) -> std::io::Result<()> {
    use socket2::{SockFilter, SockRef};
    const LOAD_BYTE: u16 = 0x30;
    const JUMP_IF_SET: u16 = 0x45;
    const RETURN: u16 = 0x06;
    const FLAGS: u32 = 13;
    const SYN: u32 = 0x02;
    const ALL_BYTES: u32 = u32::MAX;
    SockRef::from(listener).attach_filter(&[
        SockFilter::new(LOAD_BYTE, 0, 0, FLAGS),
        SockFilter::new(JUMP_IF_SET, 0, 1, SYN),
        SockFilter::new(RETURN, 0, 0, 0),
        SockFilter::new(RETURN, 0, 0, ALL_BYTES),
    ])
}

#[cfg(not(target_os = "linux"))]
fn pass_over_beginnings(_: &TcpListener) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

/// Closes the listener, but for those whom the system has connected already.
pub(super) fn close(listener: TcpListener) -> Vec<(TcpStream, SocketAddr)> {
    let mut connected = Vec::new();
    let listener = match listener.into_std() {
        Ok(listener) => listener,
        Err(error) => {
            tracing::warn!(%error, "the listener was closed at once");
            return connected;
        }
    };
    // It never blocks: an error is that nobody is left, or that no file can be opened.
    while let Ok((stream, peer)) = listener.accept() {
        let stream = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream));
        match stream {
            Ok(stream) => connected.push((stream, peer)),
            Err(error) => tracing::debug!(%error, "a connection could not be taken over"),
        }
    }
    connected
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn who_was_connected_is_taken_over_and_nobody_else_is_let_in_to_be_cut_off() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
        let address = listener.local_addr().expect("an address");
        let before = TcpStream::connect(address).await.expect("connected");
        shut(&listener);
        let (came, _) = listener.accept().await.expect("who was connected");
        assert_eq!(came.peer_addr().ok(), before.local_addr().ok());
        let mut late = Box::pin(TcpStream::connect(address));
        assert!(timeout(Duration::from_millis(200), &mut late).await.is_err(), "it was let in or refused");
        assert!(close(listener).is_empty());
        let refused =
            timeout(Duration::from_secs(30), late).await.expect("it tries again").expect_err("refused");
        assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    }

    #[tokio::test]
    async fn on_ipv6_too() {
        let Ok(listener) = TcpListener::bind("[::1]:0").await else {
            return eprintln!("skipped: this machine has no IPv6");
        };
        let address = listener.local_addr().expect("an address");
        shut(&listener);
        let late = timeout(Duration::from_millis(200), TcpStream::connect(address)).await;
        assert!(late.is_err(), "it was let in or refused");
    }
}
