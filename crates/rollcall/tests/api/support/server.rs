//! A server of its own for each test: a database in a folder that goes with it, a listener, receivers.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{TryStreamExt, pin_mut};
use notify_fakes::{FakeReceiver, FakeSmtp, FakeTwilio};
use rollcall::app::App;
use rollcall::config::{Config, Settings};
use rollcall::db::Grouping;
use rollcall::db::backup::backup;
use rollcall::entropy::SystemEntropy;
use rollcall::http::server::{Bounds, serve};
use rollcall::passwords::Cost;
use rollcall::start::{self, Means, Running};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::clock::TestClock;
use super::database::Database;

pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) address: SocketAddr,
    /// What the operations use, to look at what is stored.
    pub(crate) app: App,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) smtp: FakeSmtp,
    pub(crate) sms: FakeTwilio,
    pub(crate) phone: FakeTwilio,
    /// Receives webhooks.
    pub(crate) receiver: FakeReceiver,
    pub(super) http: reqwest::Client,
    end: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<Running>>,
    folder: PathBuf,
    /// None: an SQLite file in the folder.
    database: Option<Database>,
    settings: Vec<(String, String)>,
    hashing: Cost,
    twin: Option<Twin>,
}

/// A second process on the same database: what is asked goes to the two in turn.
struct Twin {
    process: Process,
    asked: AtomicUsize,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// A server with further settings, as `("signup", "invited")`; an empty value unsets one.
    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        Self::at_cost(settings, Cost::TESTS).await
    }

    /// The same for races: two processes where the storage lets two have it, so that nothing which is held to an order in memory alone
    /// passes for a lock.
    pub(crate) async fn raced(settings: &[(&str, &str)]) -> Self {
        let mut server = Self::with(settings).await;
        if server.database.is_some() {
            let process =
                Process::start(&server.settings, &server.folder, &server.clock, server.hashing).await;
            server.twin = Some(Twin { process, asked: AtomicUsize::new(0) });
        }
        server
    }

    /// Where the next request goes.
    pub(super) fn base(&self) -> String {
        match &self.twin {
            Some(twin) if twin.asked.fetch_add(1, Ordering::Relaxed) % 2 == 1 => {
                format!("http://{}", twin.process.address)
            }
            _ => self.url.clone(),
        }
    }

    /// A server whose password hashes are so much work.
    pub(crate) async fn at_cost(settings: &[(&str, &str)], hashing: Cost) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("rollcall-api-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let (smtp, sms, phone) =
            (FakeSmtp::start().await, FakeTwilio::start().await, FakeTwilio::start().await);
        let given = [
            ("data_dir", folder.display().to_string()),
            ("smtp_url", smtp.url()),
            ("mail_from", "Rollcall <rollcall@example.com>".to_owned()),
            ("sms_url", sms.url("+15005550006")),
            ("phone_url", phone.url("+15005550006")),
            ("webhook_allow_http", "true".to_owned()),
            ("outbound_allow", "127.0.0.0/8".to_owned()),
        ];
        let database = Database::new().await;
        let given = given.into_iter().chain(database.as_ref().map(|schema| ("database_url", schema.url())));
        let further = settings.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let given: Vec<_> = given.chain(further).map(|(name, value)| (name.to_owned(), value)).collect();
        let clock = Arc::new(TestClock::new());
        let process = Process::start(&given, &folder, &clock, hashing).await;
        Self {
            url: format!("http://{}", process.address),
            address: process.address,
            app: process.app,
            clock,
            smtp,
            sms,
            phone,
            receiver: FakeReceiver::start().await,
            http: reqwest::Client::builder().no_proxy().build().expect("a client"),
            end: Some(process.end),
            serving: Some(process.serving),
            folder,
            database,
            settings: given,
            hashing,
            twin: None,
        }
    }

    /// Every byte that the server has stored, the key file aside.
    pub(crate) async fn stored(&self) -> Vec<u8> {
        if let Some(database) = &self.database {
            return rows(database).await;
        }
        let files = std::fs::read_dir(&self.folder).expect("the folder is there");
        let files = files
            .map(|file| file.expect("an entry").path())
            .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().contains(".db")));
        files.flat_map(|path| std::fs::read(path).expect("a file of the database")).collect()
    }

    /// A backup of what is stored, beside it; none where the storage is not a file.
    pub(crate) fn backed_up(&self) -> Option<Vec<u8>> {
        self.database.is_none().then(|| {
            let to = self.folder.join("backup");
            backup(&self.folder.join("rollcall.db"), &to).expect("a backup");
            let bytes = std::fs::read(&to).expect("its bytes");
            std::fs::remove_file(to).expect("it goes again");
            bytes
        })
    }

    /// Changes a setting, for the next start.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.settings.retain(|(known, _)| known != name);
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// Ends the server and starts it again on the same data. Attempts to deliver that do not end `within` are broken off.
    pub(crate) async fn restart(&mut self, within: Duration) {
        self.end(within).await;
        let process = Process::start(&self.settings, &self.folder, &self.clock, self.hashing).await;
        (self.url, self.address) = (format!("http://{}", process.address), process.address);
        (self.app, self.end, self.serving) = (process.app, Some(process.end), Some(process.serving));
    }

    async fn end(&mut self, within: Duration) {
        drop(self.end.take());
        if let Some(serving) = self.serving.take() {
            let running = serving.await.expect("the server ends");
            running.stop(tokio::time::Instant::now() + within).await;
        }
    }

    /// Moves the clock, and lets the worker look at what has become due.
    pub(crate) fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.app.db.worker_nudge().notify_one();
    }
}

/// Every byte of every row.
async fn rows(database: &Database) -> Vec<u8> {
    let client = database.client().await;
    let tables = "select tablename::text from pg_tables where schemaname = $1";
    let tables = client.query(tables, &[&database.schema()]).await.expect("the tables");
    let mut bytes = Vec::new();
    for table in tables {
        let copy = format!("copy {} to stdout (format binary)", table.get::<_, String>(0));
        let rows = client.copy_out(&copy).await.expect("the rows");
        pin_mut!(rows);
        while let Some(chunk) = rows.try_next().await.expect("a row") {
            bytes.extend_from_slice(&chunk);
        }
    }
    bytes
}

/// The part of a server that ends and starts again.
struct Process {
    app: App,
    address: SocketAddr,
    end: oneshot::Sender<()>,
    serving: JoinHandle<Running>,
}

impl Process {
    async fn start(
        settings: &[(String, String)],
        folder: &Path,
        clock: &Arc<TestClock>,
        hashing: Cost,
    ) -> Self {
        let means = Means {
            clock: Arc::clone(clock) as Arc<_>,
            entropy: Arc::new(SystemEntropy),
            hashing,
            grouping: Grouping::Shared,
            stage: None,
        };
        let running = start::start(config(settings, folder), means).await.expect("the server starts");
        let app = running.app.clone();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let front = rollcall::routes::front(&app);
        let (end, ended) = oneshot::channel();
        let serving = tokio::spawn(async move {
            serve(listener, front, Bounds::default(), async { drop(ended.await) }).await;
            running
        });
        Self { app, address, end, serving }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let twin = self.twin.take().map(|twin| twin.process.serving);
        for serving in self.serving.take().into_iter().chain(twin) {
            serving.abort();
        }
        // A file that is still open goes when it is closed.
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            eprintln!("{} stays: {error}", self.folder.display());
        }
    }
}

fn config(settings: &[(String, String)], folder: &Path) -> Config {
    let matches =
        clap::Command::new("rollcall").args(rollcall::config::flags()).get_matches_from(["rollcall"]);
    let variables = settings.iter().map(|(name, value)| {
        (OsString::from(format!("ROLLCALL_{}", name.to_ascii_uppercase())), OsString::from(value))
    });
    let settings = Settings::gather(&matches, variables, folder).expect("settings");
    Config::new(&settings).expect("a configuration")
}
