//! Who takes part: Rollcall with shared or single commits, and a bare hyper server.

use std::convert::Infallible;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rollcall::db::Grouping;
use rollcall::http::server::{Bounds, serve as serve_http};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use crate::data;

/// What to start.
pub(crate) enum Kind {
    Shared,
    Single,
    /// Sends this answer to everything.
    Bare(String),
}

/// A server in a process of its own.
pub(crate) struct Contestant {
    pub(crate) address: String,
    child: Child,
    folder: Option<PathBuf>,
}

impl Contestant {
    pub(crate) async fn start(kind: Kind) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("rollcall-figures-{}-{number}", std::process::id()));
        let path = folder.display().to_string();
        let arguments = match &kind {
            Kind::Shared => ["serve-shared", &path],
            Kind::Single => ["serve-single", &path],
            Kind::Bare(answer) => ["bare", answer],
        };
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(arguments)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let address = lines.next_line().await.expect("its output").expect("its address");
        let folder = (!matches!(kind, Kind::Bare(_))).then_some(folder);
        Self { address, child, folder }
    }

    /// The answer to the list of members, as text.
    pub(crate) async fn members_answer(&self) -> String {
        let url = format!("http://{}/v1/team/{}/members", self.address, data::team(0));
        let request = reqwest::Client::new().get(url).bearer_auth(data::token(0).as_str());
        let answer = request.send().await.expect("an answer").error_for_status().expect("a good one");
        answer.text().await.expect("its text")
    }

    pub(crate) fn resident_megabytes(&self) -> f64 {
        let id = self.child.id().expect("it runs");
        crate::program::resident_megabytes(id)
    }
}

impl Drop for Contestant {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder
            && let Err(error) = std::fs::remove_dir_all(folder)
        {
            eprintln!("{} stays: {error}", folder.display());
        }
    }
}

/// Rollcall with its data, until it is killed.
pub(crate) async fn serve(folder: &str, shared: bool) {
    let grouping = if shared { Grouping::Shared } else { Grouping::Single };
    let running = data::start(folder.as_ref(), &[], grouping).await;
    data::fill(&running.app.db, 10, "").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("{}", listener.local_addr().expect("an address"));
    let front = rollcall::routes::front(&running.app);
    serve_http(listener, front, Bounds::default(), std::future::pending()).await;
}

/// The ceiling: hyper alone, the same bytes.
pub(crate) async fn bare(answer: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("{}", listener.local_addr().expect("an address"));
    let answer: Arc<str> = answer.into();
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        stream.set_nodelay(true).expect("a socket option");
        let answer = Arc::clone(&answer);
        let service = service_fn(move |_| {
            let body = axum::body::Body::from(answer.as_bytes().to_vec());
            async move {
                let json = http::HeaderValue::from_static("application/json");
                let mut response = hyper::Response::new(body);
                response.headers_mut().insert(http::header::CONTENT_TYPE, json);
                Ok::<_, Infallible>(response)
            }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move { drop(connection.await) });
    }
}
