//! TLS in front of a fake that speaks plainly: what comes in encrypted is handed to it as it is.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::kept::Kept;
use crate::tls::{self, TlsCertificate};

/// A front that runs.
pub struct TlsFront {
    address: SocketAddr,
    greeted: Arc<Kept<Greeted>>,
    accepting: AbortHandle,
}

/// How one connection began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Greeted {
    /// With encryption, for the name that the client asked for, if it named one.
    Named(Option<String>),
    /// Not at all: the client did not like the certificate, or speaks no TLS.
    Refused,
}

impl TlsFront {
    /// Listens on a free port of 127.0.0.1 with this certificate, before the fake at `behind`.
    ///
    /// # Panics
    /// If loopback cannot be listened on.
    pub async fn before(behind: SocketAddr, certificate: TlsCertificate) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback can be listened on");
        let address = listener.local_addr().expect("a listener has an address");
        let (acceptor, greeted) = (tls::acceptor(certificate), Arc::<Kept<Greeted>>::default());
        let seen = Arc::clone(&greeted);
        let accepting = tokio::spawn(async move {
            // The set owns the connections: it is dropped, and they with it, when this task is aborted.
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, seen) = (acceptor.clone(), Arc::clone(&seen));
                open.spawn(async move { serve(stream, &acceptor, behind, &seen).await.is_ok() });
                while open.try_join_next().is_some() {}
            }
        });
        Self { address, greeted, accepting: accepting.abort_handle() }
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Waits until `n` connections have begun or were refused, and gives all.
    ///
    /// # Panics
    /// After [`crate::PATIENCE`].
    pub async fn wait_for(&self, n: usize) -> Vec<Greeted> {
        self.greeted.wait_for("connection", n).await
    }
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn serve(
    stream: TcpStream,
    acceptor: &TlsAcceptor,
    behind: SocketAddr,
    seen: &Kept<Greeted>,
) -> io::Result<()> {
    let mut outside = match acceptor.accept(stream).await {
        Ok(stream) => stream,
        Err(error) => {
            seen.push(Greeted::Refused);
            return Err(error);
        }
    };
    seen.push(Greeted::Named(outside.get_ref().1.server_name().map(str::to_owned)));
    let mut inside = TcpStream::connect(behind).await?;
    io::copy_bidirectional(&mut outside, &mut inside).await.map(|_| ())
}
