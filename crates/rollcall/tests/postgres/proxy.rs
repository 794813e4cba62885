//! A wire to the database that can be cut, held and mended.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Up,
    /// Nobody answers: connections are closed, new ones as soon as they are made.
    Cut,
    /// Bytes go nowhere.
    Held,
}

/// Ends with the runtime of its test.
pub(crate) struct Proxy {
    state: Arc<watch::Sender<State>>,
    port: u16,
    server: String,
}

impl Proxy {
    /// Before the server of a `postgres://` URL.
    pub(crate) async fn before(server: &str) -> Self {
        let (_, rest) = server.split_once('@').expect("a user");
        let address = rest.split(['/', '?']).next().expect("a host").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(watch::Sender::new(State::Up));
        let for_connections = Arc::clone(&state);
        let to = address.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, to.clone(), for_connections.subscribe()));
            }
        });
        Self { state, port, server: server.replace(&address, &format!("127.0.0.1:{port}")) }
    }

    /// The same URL by this wire.
    pub(crate) fn url(&self) -> &str {
        debug_assert!(self.server.contains(&self.port.to_string()));
        &self.server
    }

    pub(crate) fn cut(&self) {
        self.state.send_replace(State::Cut);
    }

    pub(crate) fn hold(&self) {
        self.state.send_replace(State::Held);
    }

    pub(crate) fn mend(&self) {
        self.state.send_replace(State::Up);
    }
}

async fn carry(client: TcpStream, to: String, mut state: watch::Receiver<State>) {
    if *state.borrow() == State::Cut {
        return;
    }
    let Ok(server) = TcpStream::connect(to).await else { return };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let (mut there, mut back) = ([0; 8_192], [0; 8_192]);
    loop {
        let held = *state.borrow() == State::Held;
        tokio::select! {
            changed = state.changed() => if changed.is_err() || *state.borrow() == State::Cut { return },
            read = from_client.read(&mut there), if !held => match read {
                Ok(count) if count > 0 && to_server.write_all(&there[..count]).await.is_ok() => {}
                _ => return,
            },
            read = from_server.read(&mut back), if !held => match read {
                Ok(count) if count > 0 && to_client.write_all(&back[..count]).await.is_ok() => {}
                _ => return,
            },
            () = tokio::time::sleep(Duration::from_secs(60)) => {}
        }
    }
}
