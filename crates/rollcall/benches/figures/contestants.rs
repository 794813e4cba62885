//! Who takes part: Rollcall with shared or single commits, and a bare hyper server.

use std::convert::Infallible;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rollcall::clock::{Clock, SystemClock};
use rollcall::config::{Config, Settings};
use rollcall::db::{Db, Error, Grouping};
use rollcall::domain::event::{By, Event};
use rollcall::domain::token::{Token, TokenKind};
use rollcall::http::server::{Bounds, serve as serve_http};
use rollcall::start::{self, Means};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use uuid::Uuid;

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

/// Ids and token of the data that every Rollcall contestant begins with.
const TOKEN: [u8; 32] = [7; 32];
const ORGANIZATION: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);
pub(crate) const TEAM: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0002);

pub(crate) fn token() -> String {
    Token::new(TokenKind::Access, TOKEN).as_str().to_owned()
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
        let url = format!("http://{}/v1/team/{TEAM}/members", self.address);
        let request = reqwest::Client::new().get(url).bearer_auth(token());
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
    std::fs::create_dir_all(folder).expect("a folder");
    let grouping = if shared { Grouping::Shared } else { Grouping::Single };
    let matches =
        clap::Command::new("rollcall").args(rollcall::config::flags()).get_matches_from(["rollcall"]);
    let data_dir = (OsString::from("ROLLCALL_DATA_DIR"), OsString::from(folder));
    let settings = Settings::gather(&matches, std::iter::once(data_dir), folder.as_ref()).expect("settings");
    let running =
        start::start(Config::new(&settings).expect("a configuration"), Means { grouping, ..Means::system() })
            .await
            .expect("it starts");
    fill(&running.app.db).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("{}", listener.local_addr().expect("an address"));
    let router = rollcall::routes::router(&running.app);
    serve_http(listener, router, Bounds::default(), std::future::pending()).await;
}

/// An organization with a root, a team and ten members.
async fn fill(db: &Db) {
    let now = SystemClock.now();
    let filled: Result<(), Error> = db
        .write(move |tx| {
            let later = now + jiff::SignedDuration::from_hours(24);
            tx.execute(
                "insert into organization (organization_id, name, plan, plan_version, created_at)
                 values ($1, 'Example', 'developer', 'v1', $2)",
                (ORGANIZATION, now),
            )?;
            tx.execute("insert into directory (id, organization_id) values ($1, $2)", (TEAM, ORGANIZATION))?;
            tx.execute(
                "insert into team (organization_id, team_id, name, name_key, created_at)
                 values ($1, $2, 'Platform', 'platform', $3)",
                (ORGANIZATION, TEAM, now),
            )?;
            for number in 0..10_u128 {
                let id = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0001_0000 + number);
                let email = format!("member-{number}@example.com");
                tx.execute(
                    "insert into identity (customer_id, organization_id, email, email_key, name, surname, created_at)
                     values ($1, $2, $3, $3, 'Ann', 'Archer', $4)",
                    (id, ORGANIZATION, email, now),
                )?;
                tx.execute(
                    "insert into customer (organization_id, customer_id, root, password_hash) values ($1, $2, $3, '')",
                    (ORGANIZATION, id, number == 0),
                )?;
                tx.execute(
                    "insert into membership (organization_id, team_id, customer_id, role, joined_at)
                     values ($1, $2, $3, 'manager', $4)",
                    (ORGANIZATION, TEAM, id, now),
                )?;
            }
            let (root, session) = (Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0001_0000), Uuid::from_u128(3));
            tx.execute(
                "insert into session (organization_id, session_id, customer_id, created_at, used_at)
                 values ($1, $2, $3, $4, $4)",
                (ORGANIZATION, session, root, now),
            )?;
            tx.execute(
                "insert into token (token_digest, kind, organization_id, session_id, customer_id, expires_at)
                 values ($1, 'access', $2, $3, $4, $5)",
                (Token::new(TokenKind::Access, TOKEN).digest(), ORGANIZATION, session, root, later),
            )?;
            tx.commit(&By::service("figures"), now, Event::upkeep(), ())
        })
        .await;
    filled.expect("the data is in");
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
