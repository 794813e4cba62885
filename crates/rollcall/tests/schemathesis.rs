//! The OpenAPI document against the running program, by schemathesis: whatever the document allows is taken, whatever it forbids
//! is refused, and every answer is one that it describes; asked by a root, a manager, a user and a stranger, under each form of
//! address.
//!
//! `EXAMPLES` and `SEEDS` say how many requests are made up for each operation, and from how many seeds.

mod process;

use std::path::{Path, PathBuf};
use std::process::Command;

use rollcall::http::openapi;
use rollcall::http::service::Service;
use serde_json::{Value, json};

use crate::process::{Folder, PASSWORD, Program};

/// Who asks, and what exists around them.
struct Actor {
    email: Option<&'static str>,
    known: Value,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_answer_to_whoever_asks_is_one_that_the_document_describes() {
    let mut tried = Tried::default();
    for seed in 1..=setting("SEEDS", 1) {
        let runs = [None, Some("ruth"), Some("mona"), Some("ursa")].map(|who| {
            tokio::spawn(async move {
                let folder = Folder::new();
                let program = folder.serve(&[("ROLLCALL_RATE_LIMITS", "off")]);
                let actor = seeded(&program, who).await;
                // Whoever leaves can ask for nothing more; the only root of others is refused, and goes on.
                let leaves: &[&str] = match who {
                    Some("ruth") | None => &[],
                    _ => &["--exclude-operation-id", "delete_customer"],
                };
                tokio::task::block_in_place(|| {
                    run(&folder, &program, &actor, &program.url, seed, setting("EXAMPLES", 20), leaves)
                })
            })
        });
        for run in runs {
            tried.add(run.await.expect("a run"));
        }
    }
    tried.end("as root, manager, user and stranger");
}

#[tokio::test]
async fn every_form_of_address_answers_as_the_document_describes() {
    let mut tried = Tried::default();
    let folder = Folder::new();
    let program = folder.serve(&[("ROLLCALL_RATE_LIMITS", "off")]);
    let ruth = seeded(&program, Some("ruth")).await;
    // Signing in is another service's; the token is brought along.
    let actor = Actor { email: None, ..ruth };
    let examples = setting("EXAMPLES", 20).div_ceil(4);
    for service in Service::ALL {
        let own = operations(service);
        let host = format!("Host: {}.api.example.com", service.name());
        let prefixed = format!("{}/{}", program.url, service.name());
        for (url, header) in [(&prefixed, None), (&program.url, Some(["-H", host.as_str()]))] {
            let token = format!("Authorization: Bearer {}", program.sign_in("ruth@example.com").await);
            let mut more: Vec<&str> = own.iter().flat_map(|id| ["--include-operation-id", id]).collect();
            more.extend(header.into_iter().flatten());
            more.extend(["-H", &token]);
            // What a service allows is what it has itself; the document names the path's methods of all services.
            more.extend(["--exclude-checks", "allow_header_conformance"]);
            tried.add(run(&folder, &program, &actor, url, 1, examples, &more));
        }
    }
    tried.end("by prefix and by host");
}

/// The ids of a service's operations.
fn operations(service: Service) -> Vec<String> {
    let document = rollcall::routes::document();
    let all = document.paths.paths.iter().flat_map(|(path, item)| {
        openapi::operations(item).into_iter().map(move |(method, operation)| (path, method, operation))
    });
    let own = all.filter(|(path, method, _)| Service::of(method, path) == service);
    own.map(|(.., operation)| operation.operation_id.clone().expect("an id")).collect()
}

/// What came of all runs.
#[derive(Default)]
struct Tried {
    requests: usize,
    findings: Vec<String>,
}

impl Tried {
    fn add(&mut self, run: Result<usize, String>) {
        match run {
            Ok(requests) => self.requests += requests,
            Err(said) => self.findings.push(said),
        }
    }

    fn end(self, how: &str) {
        assert!(self.findings.is_empty(), "{}", self.findings.join("\n\n"));
        println!("schemathesis: {} requests {how}, 0 findings", self.requests);
    }
}

/// One run; gives the number of requests, or what it found.
fn run(
    folder: &Folder,
    program: &Program,
    actor: &Actor,
    url: &str,
    seed: usize,
    examples: usize,
    more: &[&str],
) -> Result<usize, String> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemathesis");
    let mut settings = std::fs::read_to_string(own.join("schemathesis.toml")).expect("the settings");
    if let Some(email) = actor.email {
        let auth = format!(
            "\n[auth.dynamic.openapi.bearer]\npath = \"/v1/auth\"\nextract_selector = \"/access_token\"\n\
             payload = {{ email = \"{email}\", password = \"{PASSWORD}\" }}\n"
        );
        settings.push_str(&auth);
    }
    std::fs::write(folder.file("schemathesis.toml"), settings).expect("the settings are written");
    let asked = Command::new(tool())
        .args(["run", &format!("{}/openapi.json", program.url), "--url", url])
        .args(["--phases", "examples,coverage,fuzzing", "--no-shrink", "--output-truncate", "false"])
        .args(["--seed", &seed.to_string(), "--max-examples", &examples.to_string()])
        .args(more)
        .current_dir(folder.path())
        .env("KNOWN", actor.known.to_string())
        .env("PYTHONPATH", own)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("NO_COLOR", "1")
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}; scripts/test installs it", tool().display()));
    let said = String::from_utf8_lossy(&asked.stdout);
    let who = actor.email.unwrap_or("a stranger");
    let errors = String::from_utf8_lossy(&asked.stderr);
    if !asked.status.success() {
        return Err(format!("{who} at {url}, seed {seed}, {more:?}:\n{said}\n{errors}"));
    }
    let (before, _) = said.split_once(" generated").expect("it counts its cases");
    let number = before.rsplit(char::is_whitespace).next().and_then(|number| number.parse().ok());
    Ok(number.expect("a number"))
}

fn tool() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/schemathesis/bin/st")
}

#[expect(clippy::disallowed_methods, reason = "a switch of the trials, not a setting")]
fn setting(name: &str, short: usize) -> usize {
    std::env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or(short)
}

/// An organization with a root (Ruth), a manager (Mona), a user (Ursa), a team, a service, channels and an invitation; and the
/// one who asks.
async fn seeded(program: &Program, who: Option<&str>) -> Actor {
    let root = program.sign_up("Ruth").await;
    let post = |path: String, body: Value, status| {
        let root = root.clone();
        async move { program.send("POST", &path, &root, &body, status).await }
    };
    let text = |value: &Value, pointer: &str| {
        value.pointer(pointer).and_then(Value::as_str).expect("a text").to_owned()
    };
    let team = text(&post("/v1/team".to_owned(), json!({"name": "Platform"}), 201).await, "/team/team_id");
    for (name, role) in [("Mona", "manager"), ("Ursa", "user")] {
        let email = format!("{}@example.com", name.to_lowercase());
        let invited = json!({"channel_value": email, "channel_type": "email", "role": role});
        post(format!("/v1/team/{team}/invitation"), invited, 201).await;
        let accepted = json!({"token": invitation(program, &email).await, "name": name, "surname": "T", "password": PASSWORD});
        program.send("POST", "/v1/invitation/accept", "", &accepted, 201).await;
    }
    let pending = json!({"channel_value": "pia@example.com", "channel_type": "email"});
    post(format!("/v1/team/{team}/invitation"), pending, 201).await;
    let channel = json!({"type": "email", "value": "team@example.com"});
    post(format!("/v1/team/{team}/notification-channel"), channel, 201).await;
    let service = post("/v1/service".to_owned(), json!({"name": "Checkout", "team_id": team}), 201).await;
    let mut known = json!({"team_id": team, "service_id": text(&service, "/service/service_id")});
    let Some(who) = who else { return Actor { email: None, known } };
    let email = match who {
        "ruth" => "ruth@example.com",
        "mona" => "mona@example.com",
        _ => "ursa@example.com",
    };
    let token = program.sign_in(email).await;
    let profile = program.send("GET", "/v1/customer", &token, &Value::Null, 200).await;
    let id = text(&profile, "/customer_id");
    let own = json!({"type": "email", "value": "own@example.com"});
    program.send("POST", &format!("/v1/customer/{id}/notification-channel"), &token, &own, 201).await;
    known["customer_id"] = json!(id);
    known["member_id"] = json!(id);
    Actor { email: Some(email), known }
}

/// The token of the invitation that the built-in mailbox has for somebody.
async fn invitation(program: &Program, to: &str) -> String {
    for _ in 0..500 {
        let kept = program.send("GET", &format!("/mailbox/messages?to={to}"), "", &Value::Null, 200).await;
        if let Some((_, rest)) =
            kept["data"][0]["text"].as_str().and_then(|text| text.split_once("/invitation?token="))
        {
            return rest.split_whitespace().next().expect("a token").to_owned();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("no invitation for {to} arrived");
}
