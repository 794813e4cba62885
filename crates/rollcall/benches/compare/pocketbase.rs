//! `PocketBase`: its own collections of users, members and teams, asked through its own API.

use serde_json::{Value, json};
use tokio::process::Command;

use crate::contestant::{Contestant, Folder};
use crate::peers::{free_port, python, run};

const PASSWORD: &str = "seven quiet lighthouses";

pub(crate) async fn start() -> Contestant {
    let (program, folder, port) = (python("pocketbase").await, Folder::new("pocketbase"), free_port());
    // It keeps the history of its collections beside its data.
    let folder_path = folder.path().join("data");
    let mut command = Command::new(&program);
    command.args(["superuser", "upsert", "admin@example.com", PASSWORD, "--dir"]).arg(&folder_path);
    run(&mut command).await;
    let mut command = Command::new(&program);
    command.args(["serve", "--http", &format!("127.0.0.1:{port}"), "--dir"]).arg(&folder_path);
    let members = "/api/collections/members/records?perPage=50&sort=joined_at";
    let mut contestant =
        Contestant::start("PocketBase", &mut command, String::new(), members.to_owned(), Some(folder)).await;
    let admin = sign_in(&contestant, "_superusers", "admin@example.com").await;
    contestant.token = text(&admin, "token");
    let signed_in = "@request.auth.id != ''";
    for (name, fields) in [
        ("members", ["email", "name", "surname", "full_name", "role", "joined_at"].as_slice()),
        ("teams", &["name"]),
    ] {
        let fields: Vec<_> = fields.iter().map(|name| json!({ "name": name, "type": "text" })).collect();
        let rules = json!({ "name": name, "type": "base", "fields": fields, "listRule": signed_in,
                            "viewRule": signed_in, "createRule": signed_in });
        post(&contestant, "/api/collections", &rules).await;
    }
    for number in 0..10 {
        let member = json!({ "email": format!("member-{number}@example.com"), "name": "Ann", "surname": "Archer",
                             "full_name": "Ann Archer", "role": "manager", "joined_at": "2026-01-01T00:00:00Z" });
        post(&contestant, "/api/collections/members/records", &member).await;
    }
    let email = "member-0@example.com";
    let user =
        json!({ "email": email, "password": PASSWORD, "passwordConfirm": PASSWORD, "name": "Ann Archer" });
    let user = post(&contestant, "/api/collections/users/records", &user).await;
    contestant.profile = format!("/api/collections/users/records/{}", text(&user, "id"));
    "/api/collections/teams/records".clone_into(&mut contestant.teams);
    contestant.token = text(&sign_in(&contestant, "users", email).await, "token");
    contestant
}

async fn sign_in(contestant: &Contestant, collection: &str, identity: &str) -> Value {
    let body = json!({ "identity": identity, "password": PASSWORD });
    post(contestant, &format!("/api/collections/{collection}/auth-with-password"), &body).await
}

async fn post(contestant: &Contestant, path: &str, body: &Value) -> Value {
    let request = reqwest::Client::new().post(format!("{}{path}", contestant.base)).json(body);
    let request = if contestant.token.is_empty() { request } else { request.bearer_auth(&contestant.token) };
    let answer = request.send().await.expect("an answer");
    let (status, text) = (answer.status(), answer.text().await.expect("its text"));
    assert!(status.is_success(), "{path}: {status} {text}");
    serde_json::from_str(&text).expect("JSON")
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().expect("a text").to_owned()
}
