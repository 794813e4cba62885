//! A receiver of webhooks: keeps each request and answers by a script.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use crate::http_answer::Answer;
use crate::http_server::{HttpServer, Request};
use crate::kept::{Kept, locked};

/// An HTTP server that keeps what it gets. It answers 200 until told otherwise.
pub struct FakeReceiver {
    server: HttpServer,
    state: Arc<State>,
}

struct State {
    requests: Kept<Request>,
    script: Mutex<VecDeque<Answer>>,
    otherwise: Mutex<Answer>,
}

impl FakeReceiver {
    /// Starts one on a free port of 127.0.0.1.
    ///
    /// # Panics
    /// If loopback cannot be listened on.
    pub async fn start() -> Self {
        let state = Arc::new(State {
            requests: Kept::default(),
            script: Mutex::default(),
            otherwise: Mutex::new(Answer::status(200)),
        });
        let shared = Arc::clone(&state);
        let server = HttpServer::start(move |request| {
            // Decided before the request is seen: what a test that saw it queues is for the next one.
            let next = locked(&shared.script).pop_front();
            let answer = next.unwrap_or_else(|| locked(&shared.otherwise).clone());
            shared.requests.push(request);
            answer
        });
        Self { server: server.await, state }
    }

    /// Starts one that always gives this answer.
    ///
    /// # Panics
    /// If loopback cannot be listened on.
    pub async fn answering(answer: Answer) -> Self {
        let receiver = Self::start().await;
        receiver.always(answer);
        receiver
    }

    /// Queues answers for the next requests, one each.
    pub fn script(&self, answers: impl IntoIterator<Item = Answer>) {
        locked(&self.state.script).extend(answers);
    }

    /// The answer to every request that no script is left for.
    pub fn always(&self, answer: Answer) {
        *locked(&self.state.otherwise) = answer;
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// `http://127.0.0.1:port` and the path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// Connections so far, requests or not: none for a canary that nobody touched.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.server.connections()
    }

    /// The requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.state.requests.all()
    }

    /// Waits until there are `n` requests, and gives all.
    ///
    /// # Panics
    /// After [`crate::PATIENCE`].
    pub async fn wait_for(&self, n: usize) -> Vec<Request> {
        self.state.requests.wait_for("request", n).await
    }

    /// Waits for a request that `wanted` accepts.
    ///
    /// # Panics
    /// After [`crate::PATIENCE`].
    pub async fn wait_for_one(&self, wanted: impl Fn(&Request) -> bool) -> Request {
        self.state
            .requests
            .wait("such request", |all| all.iter().find(|request| wanted(request)).cloned())
            .await
    }
}
