//! The program as operators meet it: its start and its end, its commands, what it refuses and in which words.

mod process;

use std::collections::{HashMap, HashSet};
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::process::{Folder, refusal, said};

#[tokio::test]
async fn it_says_where_it_is_and_ends_with_zero_on_sigterm() {
    let folder = Folder::new();
    let program = folder.serve(&[]);
    assert!(program.said.contains(&format!("{}/docs", program.url)), "{}", program.said);
    assert!(program.said.contains(&format!("{}/mailbox", program.url)), "{}", program.said);
    for path in ["/healthz", "/readyz", "/openapi.json", "/docs", "/docs/problems", "/"] {
        program.send("GET", path, "", &Value::Null, 200).await;
    }
    assert_eq!(program.terminate().code(), Some(0));
}

#[tokio::test]
async fn a_second_process_on_the_same_database_is_refused() {
    let folder = Folder::new();
    let program = folder.serve(&[]);
    let line = refusal(folder.command(&["serve"]).env("ROLLCALL_LISTEN", "127.0.0.1:0"));
    assert!(line.contains("in use by another process"), "{line}");
    let line =
        refusal(folder.command(&["serve"]).env("ROLLCALL_LISTEN", format!("127.0.0.1:{}", program.port())));
    assert!(line.contains("cannot listen on"), "{line}");
    program.send("GET", "/readyz", "", &Value::Null, 200).await;
}

#[test]
fn what_is_wrong_with_a_setting_is_said_in_one_line_that_names_it() {
    let folder = Folder::new();
    std::fs::write(folder.file("notes"), "no keys").expect("a file");
    for (name, value, words) in [
        ("ROLLCALL_LISTEN", "8080", "127.0.0.1:8080"),
        ("ROLLCALL_LISTN", "127.0.0.1:0", "no such setting"),
        ("ROLLCALL_SMTP_URL", "mail.example.com", "smtp"),
        ("ROLLCALL_OUTBOUND_ALLOW", "10/8x", "10/8x"),
        ("ROLLCALL_PLANS_FILE", "missing.toml", "cannot be read"),
        ("ROLLCALL_MAILBOX", "maybe", "auto, on, off"),
        ("ROLLCALL_MAIL_FROM", "ann@b@c", "rollcall@example.com"),
        ("ROLLCALL_SECRET_KEY_FILE", "notes", "64 hexadecimal digits"),
    ] {
        let line = refusal(folder.command(&["serve"]).env(name, value));
        assert!(line.contains(name) && line.contains(words), "{line}");
    }
    for (arguments, words) in [
        (vec!["serve", "--listen", "nowhere"], "--listen"),
        (vec!["serve", "--lisen", "127.0.0.1:0"], "--lisen"),
        (vec!["serve", "--listen"], "--listen"),
        (vec!["backup"], "<FILE>"),
        (vec!["server"], "server"),
    ] {
        let line = refusal(&mut folder.command(&arguments));
        assert!(line.contains(words), "{line}");
    }
    std::fs::write(folder.file("rollcall.toml"), "lisen = 'x'").expect("a file");
    let line = refusal(&mut folder.command(&["serve"]));
    assert!(line.contains("lisen") && line.contains("rollcall.toml"), "{line}");
}

#[tokio::test]
async fn a_key_file_named_without_a_folder_is_made_where_the_program_runs() {
    let folder = Folder::new();
    let program = folder.serve(&[("ROLLCALL_SECRET_KEY_FILE", "own.key")]);
    assert_eq!(program.terminate().code(), Some(0));
    assert!(folder.file("own.key").exists() && !folder.file("data/secret.key").exists());
}

#[test]
fn a_folder_that_cannot_be_written_ends_the_start_with_a_clear_line() {
    let folder = Folder::new();
    // Below a file there is no folder, not even for the superuser, whom a mode of 0500 would not hold back.
    std::fs::write(folder.file("data"), "").expect("a file");
    let line = refusal(folder.command(&["serve"]).env("ROLLCALL_LISTEN", "127.0.0.1:0"));
    assert!(line.contains("data/secret.key") && line.contains("cannot be used"), "{line}");
}

#[tokio::test]
async fn a_backup_of_a_running_server_brings_everything_back_elsewhere() {
    let (folder, elsewhere) = (Folder::new(), Folder::new());
    let program = folder.serve(&[]);
    program.sign_up("Ann").await;
    let file = folder.file("monday.db");
    let name = file.to_str().expect("UTF-8");
    assert!(said(&folder.run(&["backup", name])).contains("whole database"));
    let mode = std::fs::metadata(&file).expect("the backup").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(refusal(&mut folder.command(&["backup", name])).contains("exists already"));
    program.sign_up("Ben").await;

    assert!(refusal(&mut folder.command(&["restore", name])).contains("in use"));
    let copied = said(&elsewhere.run(&["restore", name]));
    assert!(copied.contains("key file"), "{copied}");
    assert!(
        refusal(elsewhere.command(&["serve"]).env("ROLLCALL_LISTEN", "127.0.0.1:0")).contains("secret.key")
    );
    std::fs::copy(folder.file("data/secret.key"), elsewhere.file("data/secret.key")).expect("the keys");
    let restored = elsewhere.serve(&[]);
    let token = restored.sign_in("ann@example.com").await;
    restored.send("GET", "/v1/teams", &token, &Value::Null, 200).await;
    let ben = json!({"email": "ben@example.com", "password": process::PASSWORD});
    restored.send("POST", "/v1/auth", "", &ben, 401).await;
    assert_eq!(restored.terminate().code(), Some(0));

    // What is replaced is kept, as a backup that can be restored itself.
    let cat = elsewhere.serve(&[]);
    cat.sign_up("Cat").await;
    assert_eq!(cat.terminate().code(), Some(0));
    assert!(said(&elsewhere.run(&["restore", name])).contains("rollcall.db.former-1"));
    assert!(said(&elsewhere.run(&["restore", name])).contains("rollcall.db.former-2"));
    assert!(!said(&elsewhere.run(&["restore", name, "--discard"])).contains("former"));
    let former = elsewhere.file("data/rollcall.db.former-1");
    said(&elsewhere.run(&["restore", former.to_str().expect("UTF-8"), "--discard"]));
    let again = elsewhere.serve(&[]);
    again.sign_in("cat@example.com").await;
    assert_eq!(again.terminate().code(), Some(0));
    let line = refusal(&mut elsewhere.command(&["restore", "missing.db"]));
    assert!(line.contains("missing.db"), "{line}");
}

#[test]
fn only_whole_databases_of_ours_and_of_our_time_are_restored() {
    let (folder, elsewhere) = (Folder::new(), Folder::new());
    said(&folder.run(&["migrate"]));
    let file = folder.file("backup.db");
    let name = file.to_str().expect("UTF-8");
    said(&folder.run(&["backup", name]));

    std::fs::write(
        folder.file("notes.txt"),
        "not a database, but long enough to have had a header of a hundred bytes".repeat(20),
    )
    .expect("a file");
    let notes = folder.file("notes.txt");
    let line = refusal(&mut elsewhere.command(&["restore", notes.to_str().expect("UTF-8")]));
    assert!(line.contains("not a Rollcall database"), "{line}");

    let newer = rusqlite::Connection::open(&file).expect("the backup");
    newer.execute("insert into schema_migration values (999, 'later', '', 0)", ()).expect("a row");
    newer.close().expect("closed");
    let line = refusal(&mut elsewhere.command(&["restore", name]));
    assert!(line.contains("999") && line.contains("newer"), "{line}");
    assert!(!elsewhere.file("data/rollcall.db").exists());
}

#[test]
fn a_damaged_backup_is_not_restored() {
    let (folder, elsewhere) = (Folder::new(), Folder::new());
    said(&folder.run(&["migrate"]));
    let file = folder.file("backup.db");
    said(&folder.run(&["backup", file.to_str().expect("UTF-8")]));
    let mut bytes = std::fs::read(&file).expect("the backup");
    let middle = bytes.len() / 2;
    bytes[middle - 4_096..middle + 4_096].fill(0xA5);
    std::fs::write(&file, bytes).expect("written");
    let line = refusal(&mut elsewhere.command(&["restore", file.to_str().expect("UTF-8")]));
    assert!(line.contains("backup.db") || line.contains("copy"), "{line}");
    // Not even the folder, where its first pages say so.
    let left = std::fs::read_dir(elsewhere.file("data")).into_iter().flatten();
    let left: Vec<_> = left.map(|entry| entry.expect("an entry").file_name()).collect();
    assert!(left.iter().all(|name| name.to_string_lossy().ends_with(".lock")), "{left:?}");
}

#[tokio::test]
async fn audit_verify_finds_the_place_of_an_edited_entry() {
    let folder = Folder::new();
    let program = folder.serve(&[]);
    let token = program.sign_up("Ann").await;
    program.send("POST", "/v1/team", &token, &json!({"name": "Platform"}), 201).await;
    assert!(said(&folder.run(&["audit", "verify"])).contains("The audit log holds"));
    let export = said(&folder.run(&["audit", "export"]));
    let entries: Vec<serde_json::Value> =
        export.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let last = entries.last().expect("an entry");
    assert_eq!(last["action"], "team.created");
    assert_eq!(last["hash"].as_str().map(str::len), Some(64));
    program.terminate();
    let database = rusqlite::Connection::open(folder.file("data/rollcall.db")).expect("the database");
    let edit = "update audit_event set action = 'team.deleted' where action = 'team.created'";
    assert_eq!(database.execute(edit, ()).expect("an edit"), 1);
    let line = refusal(&mut folder.command(&["audit", "verify"]));
    assert!(line.contains("does not hold at entry") && line.contains("changed"), "{line}");
}

#[tokio::test]
async fn the_mailbox_is_shown_to_this_machine_alone_unless_the_operator_says_otherwise() {
    let folder = Folder::new();
    let program = folder.serve(&[]);
    let status = async |header: (&str, &str)| {
        let request =
            program.http.get(format!("{}/mailbox/messages", program.url)).header(header.0, header.1);
        request.send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(status(("host", "localhost")).await, 200);
    assert_eq!(status(("host", "rollcall.example.com")).await, 404);
    assert_eq!(status(("x-forwarded-for", "127.0.0.1")).await, 404);
    program.terminate();

    let open =
        folder.serve(&[("ROLLCALL_MAILBOX", "on"), ("ROLLCALL_PUBLIC_URL", "https://rollcall.example.com")]);
    let page = open.http.get(format!("{}/mailbox", open.url)).header("host", "rollcall.example.com");
    assert_eq!(page.send().await.expect("an answer").status().as_u16(), 200);
    open.terminate();

    let off = folder.serve(&[
        ("ROLLCALL_MAILBOX", "off"),
        ("ROLLCALL_SMTP_URL", "smtp://127.0.0.1:2525"),
        ("ROLLCALL_MAIL_FROM", "Rollcall <rollcall@example.com>"),
    ]);
    assert!(!off.said.contains("mailbox"), "{}", off.said);
    off.send("GET", "/mailbox", "", &Value::Null, 404).await;
    off.terminate();

    let line = refusal(folder.command(&["serve"]).env("ROLLCALL_LISTEN", "0.0.0.0:0"));
    assert!(line.contains("ROLLCALL_SMTP_URL") && line.contains("ROLLCALL_MAILBOX=on"), "{line}");
}

#[tokio::test]
async fn an_operation_answers_in_all_three_forms_of_addressing() {
    let folder = Folder::new();
    let program = folder.serve(&[]);
    let token = program.sign_up("Ann").await;
    let status = async |path: &str, host: &str| {
        let request =
            program.http.get(format!("{}{path}", program.url)).bearer_auth(&token).header("host", host);
        request.send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(status("/v1/teams", "localhost").await, 200);
    assert_eq!(status("/customer-query/v1/teams", "localhost").await, 200);
    assert_eq!(status("/v1/teams", "customer-query.api.example.com").await, 200);
    assert_eq!(status("/v1/teams", "api.example.com").await, 200);
    assert_eq!(status("/customer-cmd/v1/teams", "localhost").await, 404);
    assert_eq!(status("/v1/teams", "customer-cmd.api.example.com").await, 404);
    assert_eq!(status("/customer-query/v1/teams", "customer-cmd.api.example.com").await, 404);
}

#[tokio::test]
async fn a_process_serves_only_its_parts() {
    let folder = Folder::new();
    let program = folder.serve(&[("ROLLCALL_SERVICES", "auth,worker")]);
    program.send("POST", "/v1/auth", "", &json!({"email": "a@example.com", "password": "x"}), 401).await;
    program.send("GET", "/v1/teams", "", &Value::Null, 404).await;
    program.send("GET", "/mailbox", "", &Value::Null, 404).await;
    program.send("GET", "/docs", "", &Value::Null, 200).await;
}

#[tokio::test]
async fn demo_fills_an_empty_database_once_and_says_how_to_sign_in() {
    let folder = Folder::new();
    // A mail server that would take messages away, were it asked.
    let mail = [("ROLLCALL_SMTP_URL", "smtp://127.0.0.1:9"), ("ROLLCALL_MAIL_FROM", "rollcall@example.com")];
    let words = said(&folder.command(&["demo"]).envs(mail).output().expect("it runs"));
    let password =
        words.split("password ").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("a password");
    assert!(refusal(&mut folder.command(&["demo"])).contains("not empty"));
    assert!(said(&folder.run(&["audit", "verify"])).contains("holds"));

    let program = folder.serve(&[]);
    let ann = json!({"email": "ann@example.com", "password": password});
    let session = program.send("POST", "/v1/auth", "", &ann, 200).await;
    assert_eq!(session["customer"]["role"], "root");
    let token = session["access_token"].as_str().expect("a token");
    let teams = program.send("GET", "/v1/teams", token, &Value::Null, 200).await;
    assert_eq!(teams["data"].as_array().map(Vec::len), Some(3));
    let id = teams["data"][0]["team_id"].as_str().expect("an id");
    let mut lists = HashMap::new();
    for (list, length) in
        [("members", 5), ("services", 4), ("invitations", 10), ("notification-channels", 11)]
    {
        let found = program.send("GET", &format!("/v1/team/{id}/{list}"), token, &Value::Null, 200).await;
        assert_eq!(found["data"].as_array().map(Vec::len), Some(length), "{list}: {found}");
        lists.insert(list, found.to_string());
    }
    for status in ["pending", "accepted", "declined", "expired"] {
        assert!(
            lists["invitations"].contains(&format!(r#""status":"{status}""#)),
            "an invitation that is {status}"
        );
    }
    for status in ["active", "pending", "disabled", "delivered", "failed", "queued"] {
        let found = lists["notification-channels"].contains(&format!(r#""status":"{status}""#));
        assert!(found, "a channel or its last delivery that is {status}");
    }
    assert!(
        lists["notification-channels"].contains("asked to be left alone"),
        "a reason to switch a channel off"
    );
    let kept = program.send("GET", "/mailbox/messages?to=lena@example.com", "", &Value::Null, 200).await;
    assert_eq!(kept["data"].as_array().map(Vec::len), Some(1), "the invitation stayed here");
    // Twelve days have passed in the organization.
    let log = program.send("GET", "/v1/org/audit-log?limit=200", token, &Value::Null, 200).await;
    let day = |at: &Value| at["at"].as_str().unwrap_or_default()[..10].to_owned();
    let days: HashSet<_> = log["data"].as_array().into_iter().flatten().map(day).collect();
    assert!(days.len() >= 6, "{days:?}");
}
