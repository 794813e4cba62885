//! What can be seen of a running process: log lines, metrics and traces that name routes, and never a person, an id or a token.

mod process;
#[path = "telemetry/secrets.rs"]
mod secrets;

use notify_fakes::FakeReceiver;
use serde_json::{Value, json};

use crate::process::{Folder, PASSWORD, Program};
use crate::secrets::{NUMBER, Receivers, SENDER, Secrets, TEAM};

/// A team is made, looked for and not found; gives the token and the team's id.
async fn use_it(program: &Program) -> (String, String) {
    let token = program.sign_up("Ann").await;
    let team = program.send("POST", "/v1/team", &token, &json!({"name": "Platform"}), 201).await;
    let id = team["team"]["team_id"].as_str().expect("an id").to_owned();
    program.send("PUT", &format!("/v1/team/{id}"), &token, &json!({"name": "Payments"}), 200).await;
    program.send("GET", "/customer-query/v1/teams?limit=7", &token, &Value::Null, 200).await;
    program.send("GET", "/v1/nothing", &token, &Value::Null, 404).await;
    (token, id)
}

fn tells_nothing(text: &str, token: &str, id: &str) {
    for secret in [token, id, PASSWORD, "ann@example.com", "limit=7", "/v1/nothing"] {
        assert!(!text.contains(secret), "{secret} stands in {text}");
    }
}

#[tokio::test]
async fn each_request_has_a_line_in_the_log_with_its_route_and_its_id() {
    let folder = Folder::new();
    let program = folder.serve(&[("ROLLCALL_LOG_FORMAT", "json")]);
    let (token, id) = use_it(&program).await;
    let request = program.http.get(format!("{}/v1/teams", program.url)).header("x-request-id", "mine-1");
    assert_eq!(request.send().await.expect("an answer").status().as_u16(), 401);
    assert_eq!(program.terminate().code(), Some(0));
    let log = folder.log();
    tells_nothing(&log, &token, &id);
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    let answered = |route: &str, status: u16| {
        lines.iter().map(|line| &line["fields"]).find(|fields| {
            fields["message"] == "answered" && fields["route"] == route && fields["status"] == status
        })
    };
    let renamed = answered("/v1/team/{id}", 200).expect("a line for the new name");
    assert_eq!(renamed["method"], "PUT");
    assert!(renamed["duration_ms"].as_str().is_some_and(|time| time.parse::<f64>().is_ok()), "{renamed}");
    assert!(answered("/v1/teams", 200).is_some());
    assert!(answered("unmatched", 404).is_some());
    assert_eq!(answered("/v1/teams", 401).expect("a line for the refusal")["request_id"], "mine-1");
    assert!(answered("/healthz", 200).is_none());
}

#[tokio::test]
async fn metrics_are_prometheus_text_on_a_listener_of_their_own() {
    let folder = Folder::new();
    let program = folder.serve(&[("ROLLCALL_METRICS_LISTEN", "127.0.0.1:0")]);
    let (token, id) = use_it(&program).await;
    let address =
        program.said.lines().find_map(|line| line.strip_prefix("Metrics: ")).expect("its address").to_owned();
    let text = program.http.get(&address).send().await.expect("an answer").text().await.expect("a text");
    tells_nothing(&text, &token, &id);
    for line in [
        "# TYPE rollcall_http_requests_total counter",
        "rollcall_http_requests_total{method=\"PUT\",route=\"/v1/team/{id}\",status=\"2xx\"} 1",
        "rollcall_http_requests_total{method=\"GET\",route=\"unmatched\",status=\"4xx\"} 1",
        "rollcall_http_request_duration_seconds_bucket{method=\"GET\",route=\"/v1/teams\",le=\"+Inf\"} 1",
        "rollcall_delivery_attempts_total{transport=\"email\",outcome=\"kept\"} 1",
        "rollcall_outbox_messages 0",
        "# TYPE rollcall_storage_commits_total counter",
    ] {
        assert!(text.contains(line), "{line} is missing in\n{text}");
    }
    program.send("GET", "/metrics", "", &Value::Null, 404).await;
    assert_eq!(program.terminate().code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn traces_leave_by_otlp_and_name_the_route() {
    let folder = Folder::new();
    let collector = FakeReceiver::start().await;
    let program = folder.serve(&[("ROLLCALL_OTLP_ENDPOINT", &collector.url(""))]);
    let (token, id) = use_it(&program).await;
    // What waits is sent at the end.
    assert_eq!(program.terminate().code(), Some(0));
    let request = collector.wait_for_one(|request| request.path == "/v1/traces").await;
    let text = String::from_utf8_lossy(&request.body).into_owned();
    assert!(text.contains("PUT /v1/team/{id}"), "{text}");
    assert!(text.contains("rollcall"), "{text}");
    tells_nothing(&text, &token, &id);
}

#[tokio::test]
async fn a_collector_that_is_away_holds_nothing_up() {
    let folder = Folder::new();
    let program = folder.serve(&[("ROLLCALL_OTLP_ENDPOINT", "http://127.0.0.1:9")]);
    use_it(&program).await;
    assert_eq!(program.terminate().code(), Some(0));
}

#[tokio::test]
async fn no_secret_stands_in_a_log_a_metric_a_file_a_backup_or_an_error() {
    let folder = Folder::new();
    let receivers = Receivers::start().await;
    let (mail, sms, phone) = (receivers.mail.url(), receivers.sms.url(SENDER), receivers.phone.url(SENDER));
    let settings = [
        ("ROLLCALL_LOG", "trace"),
        ("ROLLCALL_METRICS_LISTEN", "127.0.0.1:0"),
        ("ROLLCALL_SMTP_URL", mail.as_str()),
        ("ROLLCALL_SMS_URL", sms.as_str()),
        ("ROLLCALL_PHONE_URL", phone.as_str()),
    ];
    let program = folder.serve(&settings);
    let mut secrets = Secrets::default();
    let answers = secrets.live(&program, &receivers).await;
    let metrics = program.said.lines().find_map(|line| line.strip_prefix("Metrics: ")).expect("its address");
    let metrics = program.http.get(metrics).send().await.expect("an answer").text().await.expect("a text");
    let backup = folder.file("backup.db");
    assert!(folder.run(&["backup", backup.to_str().expect("UTF-8")]).status.success());
    let read = |path: std::path::PathBuf| std::fs::read(path).expect("a file");
    let files = [read(folder.file("data/rollcall.db")), read(folder.file("data/rollcall.db-wal"))].concat();
    // What is no secret is found in the same way, so that a secret would be.
    let mut looked_at =
        secrets.are_not_in("the answers to mistakes", answers.as_bytes(), "credentials_invalid");
    looked_at += secrets.are_not_in("the metrics", metrics.as_bytes(), "/v1/team/{id}/invitation");
    looked_at += secrets.are_not_in("the backup", &read(backup), TEAM);
    looked_at += secrets.are_not_in("the database and its write-ahead log", &files, TEAM);
    assert_eq!(program.terminate().code(), Some(0));
    // A whole address or number is no secret, but no log's business either.
    secrets.add(["quokka@example.com", "vic@example.com", "Quokka", NUMBER]);
    looked_at += secrets.are_not_in("the log", folder.log().as_bytes(), "/v1/team/{id}/invitation");

    // A mail server with a password that is away, and a key of mail that cannot be sent: what is said of it names neither.
    let smtp = "smtp://quokka-user:quokka-smtp-password@127.0.0.1:9";
    let program = folder.serve(&[("ROLLCALL_LOG", "trace"), ("ROLLCALL_SMTP_URL", smtp)]);
    let forgotten = json!({"email": "quokka@example.com"});
    program.send("POST", "/v1/account/password", "", &forgotten, 200).await;
    let leave = json!({"reason": "moving on"});
    let token = program.sign_in("quokka@example.com").await;
    program.send("DELETE", "/v1/customer", &token, &leave, 200).await;
    assert_eq!(program.terminate().code(), Some(0));
    secrets.add([token.as_str(), "quokka-smtp-password"]);
    looked_at += secrets.are_not_in("the log", folder.log().as_bytes(), "/v1/customer");
    println!(
        "canaries: {} secrets, 0 found in {looked_at} bytes of files, log, metrics and errors",
        secrets.count()
    );
}
