//! Whoever has left stands nowhere any more: not in a row of any table, nor in a message that waits, sealed as it may be, nor in a byte that a
//! file keeps of what was deleted.

use std::collections::BTreeSet;

use notify_fakes::{Answer, SmtpFault};
use rollcall::db::Error;
use rollcall::upkeep::sweep;
use serde_json::json;
use uuid::Uuid;

use crate::support::channels::{of, of_team};
use crate::support::notifications::alert;
use crate::support::{PASSWORD, Person, Server, token_in};

/// In the name, each address, the browser and each URL.
const WORD: &str = "quokka";
const NUMBER: &str = "994557654321";
const CAME_FROM: &str = "203.0.113.77";
/// How many of them come and go.
const CROWD: usize = 12;

/// What stands in messages that wait or could be tried again, opened.
async fn sealed_words(server: &Server) -> String {
    let sql = "select delivery_id, message_sealed from outbox
               union all select delivery_id, message_sealed from delivery where message_sealed is not null";
    let rows: Result<Vec<(Uuid, Vec<u8>)>, Error> =
        server.app.db.read(move |reader| reader.fetch_all(sql, ())).await;
    let open = |(id, sealed): (Uuid, Vec<u8>)| {
        server.app.keys.open(&format!("outbox {id}"), &sealed).expect("the keys that sealed it")
    };
    let opened = rows.expect("the storage answers").into_iter().map(open);
    String::from_utf8_lossy(&opened.collect::<Vec<_>>().concat()).to_lowercase()
}

/// Joins by text message, and signs in from a browser elsewhere.
async fn joined(server: &Server, ann: &Person, home: &str) -> Person {
    server.inviting(ann, home, "sms", &format!("+{NUMBER}")).expect(201).await;
    let sms = server.sms.wait_for_one(|sms| sms.to.ends_with(NUMBER)).await;
    let token = token_in(sms.body.as_deref()).expect("a link");
    let email = format!("{WORD}@example.com");
    let body = json!({"token": token, "name": "Quokka", "surname": "Quokkason", "email": email, "password": PASSWORD});
    let accept = server.post("/v1/invitation/accept").header("x-forwarded-for", CAME_FROM);
    accept.json(&body).expect(201).await;
    let proof = json!({"email": email, "confirmation_code": server.code_for(&email, 1).await});
    server.patch("/v1/account").json(&proof).expect(200).await;
    let signed_in = server
        .post("/v1/auth")
        .header("user-agent", "quokka-browser/1")
        .header("x-forwarded-for", CAME_FROM)
        .json(&json!({"email": email, "password": PASSWORD}))
        .expect(200)
        .await;
    Person {
        customer_id: signed_in.text("/customer/customer_id"),
        token: signed_in.text("/access_token"),
        refresh_token: signed_in.text("/refresh_token"),
        password: PASSWORD.to_owned(),
        email,
    }
}

/// Leaves something of every kind behind, with the mail server and the receivers down from the middle on.
async fn lives(server: &Server, ann: &Person, home: &str, quokka: &Person) {
    let own = of(quokka);
    let put = |method: http::Method, path: &str, body| {
        let request = server.request(method, path).token(&quokka.token).header("x-forwarded-for", CAME_FROM);
        request.header("idempotency-key", &format!("{WORD}{path}")).json(&body).send()
    };
    server.verified_email(quokka, &own, "quokka-ops@example.com").await;
    server.verified_webhook(quokka, &own, "/quokka/hook").await;
    server.add_channel(quokka, &own, "sms", &format!("+{NUMBER}")).await;
    server.verified_email(ann, &of_team(home), "team@example.com").await;
    server.verified_webhook(ann, &of_team(home), "/team/hook").await;
    server.settled(quokka, &own).await;

    server.smtp.fail(SmtpFault::RecipientLater);
    server.receiver.always(Answer::status(410));
    for owner in [own.clone(), of_team(home)] {
        assert_eq!(put(http::Method::POST, &format!("{owner}/notification"), alert()).await.status, 202);
        for priority in [1, 2] {
            let test = json!({"priority": priority});
            server
                .post(&format!("{owner}/notification-channel/test"))
                .token(&quokka.token)
                .json(&test)
                .send()
                .await;
        }
    }
    let path = format!("/v1/team/{home}/notification-channel");
    let channel = json!({"type": "email", "value": "more@example.com"});
    assert_eq!(put(http::Method::POST, &path, channel).await.status, 201);
    let new = json!({"email": "quokka-new@example.com"});
    assert_eq!(put(http::Method::PUT, "/v1/customer/username", new).await.status, 200);
    let name = json!({"name": "Quokkina"});
    assert_eq!(put(http::Method::PATCH, "/v1/customer", name).await.status, 200);
    let feedback = json!({"message": "Good.", "rating": 5});
    assert_eq!(put(http::Method::POST, "/v1/customer/feedback", feedback).await.status, 201);
    server.inviting(quokka, home, "email", "vic@example.com").expect(201).await;
    server.post("/v1/account/password").json(&json!({"email": quokka.email})).expect(200).await;
    let wrong = json!({"email": quokka.email, "password": "another-password-9"});
    server.post("/v1/auth").header("x-forwarded-for", CAME_FROM).json(&wrong).expect(401).await;
    let other = server.team(ann, "Other").await;
    server.inviting(ann, &other, "email", &quokka.email).expect(201).await;
}

/// Two guests' teams: one that the person will be removed from, and one that will go with its organization.
struct Elsewhere {
    zoe: Person,
    left: String,
    dee: Person,
}

impl Elsewhere {
    /// While the mail server is up.
    async fn begin(server: &Server, quokka: &Person) -> Self {
        let (zoe, dee) = (server.person("Zoe").await, server.person("Dee").await);
        let (left, gone) = (server.team(&zoe, "Left").await, server.team(&dee, "Gone").await);
        server.guest(&zoe, &left, quokka, "manager").await;
        server.guest(&dee, &gone, quokka, "manager").await;
        server.verified_email(&zoe, &of_team(&left), "left@example.com").await;
        server.verified_webhook(&zoe, &of_team(&left), "/left/hook").await;
        let path = format!("/v1/team/{gone}/notification-channel");
        let channel = json!({"type": "email", "value": "gone@example.com"});
        let added = server.post(&path).token(&quokka.token).header("x-forwarded-for", CAME_FROM);
        added.json(&channel).expect(201).await;
        server.settled(quokka, &of_team(&gone)).await;
        Self { zoe, left, dee }
    }

    /// While the mail server and the receivers are down: one message waits and one has failed.
    async fn end(&self, server: &Server, quokka: &Person) {
        let sent = server.post(&format!("{}/notification", of_team(&self.left))).token(&quokka.token);
        sent.header("x-forwarded-for", CAME_FROM).json(&alert()).expect(202).await;
        let log = server.log(&self.zoe, &of_team(&self.left)).await;
        for status in ["failed", "queued"] {
            assert!(log.iter().any(|row| row["status"] == status), "{status}: {log:?}");
        }
        server.remove(&self.zoe, &self.left, quokka).expect(200).await;
        let leave = json!({"reason": "moving on"});
        server.delete("/v1/customer").token(&self.dee.token).json(&leave).expect(200).await;
    }
}

/// Uses a refresh token twice, which ends its session.
async fn has_a_session_revoked(server: &Server, quokka: &Person) {
    let copied = server.sign_in(&quokka.email, PASSWORD).await;
    for status in [200, 401] {
        let refresh = server.post("/v1/auth/refresh").header("x-forwarded-for", CAME_FROM);
        refresh.json(&json!({"refresh_token": copied.refresh_token})).expect(status).await;
    }
}

/// In how many logs the address stands, and by which of these actions.
async fn logged(server: &Server, actions: &[&str]) -> (usize, Vec<String>) {
    let sql = "select distinct organization_id, action from audit_event where ip = $1 order by action";
    let rows: Result<Vec<(Uuid, String)>, Error> =
        server.app.db.read(move |reader| reader.fetch_all(sql, (CAME_FROM,))).await;
    let (logs, found): (BTreeSet<_>, Vec<_>) = rows.expect("the storage answers").into_iter().unzip();
    let mut found: Vec<_> = found.into_iter().filter(|action| actions.contains(&action.as_str())).collect();
    found.dedup();
    (logs.len(), found)
}

#[tokio::test]
async fn whoever_leaves_takes_every_trace_along() {
    let server = Server::with(&[("trusted_proxies", "127.0.0.0/8")]).await;
    let (ann, gus) = (server.person("Ann").await, server.person("Gus").await);
    let (home, away) = (server.team(&ann, "Home").await, server.team(&gus, "Away").await);
    let quokka = joined(&server, &ann, &home).await;
    server.change(&ann, &home, &quokka, &json!({"role": "manager"})).expect(200).await;
    server.guest(&gus, &away, &quokka, "manager").await;
    let elsewhere = Elsewhere::begin(&server, &quokka).await;
    lives(&server, &ann, &home, &quokka).await;
    elsewhere.end(&server, &quokka).await;
    has_a_session_revoked(&server, &quokka).await;
    let actions = ["invitation.claimed", "notification.sent", "session.refused", "session.revoked"];
    let home_left_and_gone = 3;
    assert_eq!(logged(&server, &actions).await, (home_left_and_gone, actions.map(str::to_owned).to_vec()));
    let rows = server.stored_rows().await;
    let traces = [WORD, NUMBER, CAME_FROM].map(|trace| rows.holding(trace));
    for (table, found) in [
        ("identity", &traces[0]),
        ("session", &traces[0]),
        ("idempotency", &traces[0]),
        ("invitation", &traces[1]),
        ("audit_event", &traces[2]),
        ("session", &traces[2]),
    ] {
        assert!(found.iter().any(|name| name == table), "{table} is among {found:?}");
    }
    assert!(sealed_words(&server).await.contains(WORD), "messages name who sends them");

    let leave = json!({"reason": "moving on"});
    let left = server.delete("/v1/customer").token(&quokka.token).header("x-forwarded-for", CAME_FROM);
    left.json(&leave).expect(200).await;
    let rows = server.stored_rows().await;
    for trace in [WORD, NUMBER, CAME_FROM] {
        assert_eq!(rows.holding(trace), Vec::<String>::new(), "{trace}");
    }
    let sealed = sealed_words(&server).await;
    let about = |trace: &str| sealed.find(trace).map(|at| sealed[at.saturating_sub(40)..at + 20].to_owned());
    assert_eq!((about(WORD), about(NUMBER)), (None, None));
    let left = server.log(&elsewhere.zoe, &of_team(&elsewhere.left)).await;
    assert!(left.len() >= 2 && left.iter().all(|row| row["status"] != "queued"), "{left:?}");
    // What named nobody else stays: the team has its channels, and the log of them says that nothing waits.
    let log = server.log(&ann, &of_team(&home)).await;
    assert!(log.len() >= 4 && log.iter().all(|row| row["status"] != "queued"), "{log:?}");
    let invitations = server.listed(&ann, &format!("/v1/team/{home}/invitations")).await;
    assert!(invitations.iter().any(|row| row["channel"] == "former member" && row["status"] == "accepted"));
    server.audit_holds().await;
    println!("traces: 3 of 3 gone from {} tables and from every message that waits", rows.tables());
}

/// How often each word stands in these bytes, in whatever case.
fn counted(bytes: &[u8], words: &[&str]) -> Vec<usize> {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    words.iter().map(|word| text.matches(&word.to_lowercase()).count()).collect()
}

#[tokio::test]
async fn no_file_keeps_the_bytes_of_those_who_have_left() {
    let server = Server::with(&[("trusted_proxies", "127.0.0.0/8")]).await;
    let ann = server.person("Ann").await;
    let home = server.team(&ann, "Home").await;
    // Enough to fill pages that are split, emptied and given back.
    let mut quokkas = Vec::new();
    for number in 0..CROWD {
        let quokka = server.person(&format!("Quokka{number}")).await;
        for place in 0..5 {
            let url = server.receiver.url(&format!("/{place}/{}", WORD.repeat(60)));
            server.add_channel(&quokka, &of(&quokka), "webhook", &url).await;
        }
        quokkas.push(quokka);
    }
    let quokka = joined(&server, &ann, &home).await;
    server.change(&ann, &home, &quokka, &json!({"role": "manager"})).expect(200).await;
    lives(&server, &ann, &home, &quokka).await;
    quokkas.push(quokka);
    let words = [WORD, NUMBER, CAME_FROM, "ann@example.com"];
    let before = counted(&server.stored().await, &words);
    assert!(before[0] > 4 * CROWD && before.iter().all(|found| *found > 0), "{before:?}");

    for quokka in &quokkas {
        let left = server.delete("/v1/customer").token(&quokka.token).header("x-forwarded-for", CAME_FROM);
        left.json(&json!({"reason": "moving on"})).expect(200).await;
    }
    sweep(&server.app).await.expect("the storage answers");
    let stored = server.stored().await;
    let found = counted(&stored, &words);
    assert_eq!(found[..3], [0, 0, 0], "of {before:?}");
    assert!(found[3] > 0, "who stays is looked for in the same way");
    if let Some(backup) = server.backed_up() {
        let found = counted(&backup, &words);
        assert!(found[..3] == [0, 0, 0] && found[3] > 0, "a backup: {found:?}");
    }
    println!("traces: 0 of {before:?} in {} bytes of files, and in a backup", stored.len());
}

#[tokio::test]
async fn whoever_leaves_takes_their_mails_and_those_that_name_them_out_of_the_mailbox() {
    let server = Server::with(&[("smtp_url", ""), ("mail_from", ""), ("sms_url", "")]).await;
    let (quokka, gus) = (server.person_by_mailbox(WORD).await, server.person_by_mailbox("Gus").await);
    let (home, away) = (server.team(&quokka, "Home").await, server.team(&gus, "Away").await);
    server.inviting(&quokka, &home, "email", "vic@example.com").expect(201).await;
    let as_manager = json!({"channel_type": "email", "channel_value": quokka.email, "role": "manager"});
    server.on_invitation(http::Method::POST, &gus, &away, "", &as_manager).expect(201).await;
    server.all_sent().await;
    let token = token_in(Some(&server.newest_text(&quokka.email).await)).expect("a link");
    let accept = server.post("/v1/invitation/accept").token(&quokka.token);
    accept.json(&json!({"token": token})).expect(200).await;
    server.inviting(&quokka, &away, "email", "wes@example.com").expect(201).await;
    let team = of_team(&away);
    server.add_channel(&gus, &team, "email", "team@example.com").await;
    let code = server.newest_code("team@example.com").await;
    assert_eq!(server.verify(&gus, &team, 1, &code).await.status, 200);
    server.notify(&quokka, &team, &alert()).await;
    server.all_sent().await;
    server.remove(&gus, &away, &quokka).expect(200).await;
    server.all_sent().await;
    for to in ["vic@example.com", "wes@example.com", "team@example.com"] {
        assert!(server.newest_text(to).await.to_lowercase().contains(WORD), "{to} hears of them");
    }

    let leave = json!({"reason": "moving on"});
    server.delete("/v1/customer").token(&quokka.token).json(&leave).expect(200).await;
    assert_eq!(server.stored_rows().await.holding(WORD), Vec::<String>::new());
    // What is about others stays.
    server.newest_text(&gus.email).await;
    server.newest_code("team@example.com").await;
}

#[tokio::test]
async fn an_organization_that_was_named_after_who_leaves_is_named_after_a_root_who_stays() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let bob = server.another_root(&ann, &team, "Bob").await;
    let cat = server.another_root(&ann, &team, "Cat").await;
    let name = async |person: &Person| {
        server.get("/v1/customer").token(&person.token).expect(200).await.text("/organization/name")
    };
    assert_eq!(name(&bob).await, "Ann Tester");
    server.delete("/v1/customer").token(&ann.token).json(&json!({"reason": "x"})).expect(200).await;
    assert_eq!(name(&bob).await, "Bob Tester");
    server.patch("/v1/organization").token(&bob.token).json(&json!({"name": "Acme"})).expect(200).await;
    server.delete("/v1/customer").token(&bob.token).json(&json!({"reason": "x"})).expect(200).await;
    assert_eq!(name(&cat).await, "Acme");
}
