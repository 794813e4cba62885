//! TLS to the database: encrypted and proved where that is asked for, and nothing is sent to who cannot prove it.

use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::Value;

use super::process::{Folder, refusal};
use super::server::Server;

/// An authority of a test's own.
struct Authority {
    root: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let root = parameters.self_signed(&key).expect("a certificate").pem();
        Self { root, issuer: Issuer::new(parameters, key) }
    }

    /// A server that shows a certificate for a name and takes nothing that is not encrypted.
    fn server(&self, name: &str) -> Server {
        let server = Server::new("");
        let key = KeyPair::generate().expect("a key");
        let parameters = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let certificate = parameters.signed_by(&key, &self.issuer).expect("a certificate");
        server.write("data/server.crt", &certificate.pem());
        server.write("data/server.key", &key.serialize_pem());
        server.write("data/pg_hba.conf", "hostssl all all 127.0.0.1/32 trust\n");
        server.stop();
        let settings = "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nssl = on\n";
        server.write("data/postgresql.auto.conf", settings);
        server.start();
        server
    }

    fn root(&self, folder: &Folder, name: &str) -> PathBuf {
        let path = folder.file(name);
        std::fs::write(&path, &self.root).expect("written");
        path
    }
}

/// By another name than `127.0.0.1`, so that there is one to be wrong.
fn url(server: &Server, settings: &str) -> String {
    format!("postgres://rollcall@localhost:{}/postgres?{settings}", server.port())
}

fn refused(folder: &Folder, url: &str) -> String {
    refusal(folder.command(&["migrate"]).env("ROLLCALL_DATABASE_URL", url))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_server_that_proves_its_name_is_served_encrypted() {
    let (folder, authority) = (Folder::new(), Authority::new());
    let server = authority.server("localhost");
    let root = authority.root(&folder, "root.pem");
    let proved = format!("sslmode=verify-full&sslrootcert={}&application_name=proved", root.display());
    let watcher = url(&server, "sslmode=require&application_name=watcher");
    for settings in [&proved, "sslmode=require&application_name=required", "application_name=preferred"] {
        let url = url(&server, settings);
        let program = tokio::task::block_in_place(|| folder.serve(&[("ROLLCALL_DATABASE_URL", &url)]));
        let ready = program.http.get(format!("{}/readyz", program.url)).send().await.expect("an answer");
        assert_eq!(ready.status(), 200, "{settings}");
        if settings.contains("verify-full") {
            let token = program.sign_up("Ann").await;
            program.send("POST", "/v1/team", &token, &serde_json::json!({"name": "Platform"}), 201).await;
            program.send("GET", "/v1/teams", &token, &Value::Null, 200).await;
        }
        let name = settings.rsplit('=').next().expect("a name");
        let (connections, encrypted) = encrypted(&watcher, name).await;
        assert!(connections > 0 && connections == encrypted, "{name}: {encrypted} of {connections}");
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn a_wrong_name_a_wrong_authority_and_what_is_not_encrypted_are_refused_at_once() {
    let (folder, authority) = (Folder::new(), Authority::new());
    let (server, plain) = (authority.server("localhost"), Server::new(""));
    let (root, other) = (authority.root(&folder, "root.pem"), Authority::new().root(&folder, "another.pem"));
    let with = |mode: &str, root: &PathBuf| format!("sslmode={mode}&sslrootcert={}", root.display());
    let by_number = url(&server, &with("verify-full", &root)).replace("localhost", "127.0.0.1");
    for (url, word) in [
        (by_number, "certificate not valid for name"),
        (url(&server, &with("verify-full", &other)), "invalid peer certificate"),
        // A root that is given is used, whatever the mode says.
        (url(&server, &with("require", &other)), "invalid peer certificate"),
        // None of the system's.
        (url(&server, "sslmode=verify-full"), "UnknownIssuer"),
        (url(&server, "sslmode=disable"), "no encryption"),
        (url(&plain, "sslmode=require"), "does not support TLS"),
        (url(&plain, &with("verify-full", &root)), "does not support TLS"),
        (url(&server, "sslmode=verify-full&sslrootcert=/nowhere.pem"), "/nowhere.pem"),
    ] {
        let line = refused(&folder, &url);
        assert!(line.contains(word), "{url}: {line}");
    }
}

/// How many connections an application has, and how many of them are encrypted.
async fn encrypted(watcher: &str, application: &str) -> (i64, i64) {
    let place: rollcall::db::Place = watcher.parse().expect("a URL");
    let entropy = std::sync::Arc::new(rollcall::entropy::SystemEntropy);
    let settings = rollcall::db::Settings::at(place, entropy);
    let db = rollcall::db::Db::open(settings, jiff::Timestamp::UNIX_EPOCH).await.expect("it opens");
    let count =
        "select count(*), count(*) filter (where ssl) from pg_stat_ssl join pg_stat_activity using (pid)
                 where application_name = $1";
    let found = db.read_one(count, (application.to_owned(),)).await.expect("an answer");
    db.close().await.expect("closed");
    found.expect("a row")
}
