//! The 34 examples of the reference run against the real program, unchanged but for host, token, ids and codes, with messages that
//! arrive at real receivers: mail by SMTP, SMS at a gateway, webhooks at a listener.

#[path = "reference/examples.rs"]
mod examples;
mod process;

use notify_fakes::{FakeReceiver, FakeSmtp, FakeTwilio};
use serde_json::{Value, json};

use crate::examples::Examples;
use crate::process::{Folder, PASSWORD, Program};

/// The ids and values that stand in the examples.
const CUSTOMER: &str = "c03b02ec-244f-4d2c-8f68-3910071ed5c8";
const OTHER: &str = "6fb4e64f-ad18-46e3-920c-92639adb137c";
const MEMBER: &str = "a43b87f6-9012-4f1e-bf5f-7c2f5b6e4f29";
const WEBHOOK: &str = "https://webhook.site/3f4db7ad-ca7f-4080-ab06-6056ea9eed3a";
const NUMBER: &str = "+994551234567";

struct World {
    program: Program,
    examples: Examples,
    smtp: FakeSmtp,
    sms: FakeTwilio,
    receiver: FakeReceiver,
    _folder: Folder,
}

/// A customer who is signed in.
struct Person {
    id: String,
    token: String,
}

impl World {
    async fn new() -> Self {
        let (smtp, sms, receiver) =
            (FakeSmtp::start().await, FakeTwilio::start().await, FakeReceiver::start().await);
        let folder = Folder::new();
        let program = folder.serve(&[
            ("ROLLCALL_SMTP_URL", &smtp.url()),
            ("ROLLCALL_MAIL_FROM", "Rollcall <rollcall@example.com>"),
            ("ROLLCALL_SMS_URL", &sms.url("+15005550006")),
            ("ROLLCALL_WEBHOOK_ALLOW_HTTP", "true"),
            ("ROLLCALL_OUTBOUND_ALLOW", "127.0.0.0/8"),
        ]);
        let examples = Examples::new(&program.url);
        Self { program, examples, smtp, sms, receiver, _folder: folder }
    }

    async fn person(&self, name: &str) -> Person {
        let email = format!("{}@example.com", name.to_lowercase());
        let account = json!({"name": name, "surname": "Tester", "email": email, "password": PASSWORD});
        self.program.send("POST", "/v1/account", "", &account, 201).await;
        let mail = self.smtp.wait_for(|mail| mail.to.contains(&email)).await;
        let proof = json!({"email": email, "confirmation_code": mail.code().expect("a code")});
        self.program.send("PATCH", "/v1/account", "", &proof, 200).await;
        self.sign_in(&email).await
    }

    async fn sign_in(&self, email: &str) -> Person {
        let credentials = json!({"email": email, "password": PASSWORD});
        let answer = self.program.send("POST", "/v1/auth", "", &credentials, 200).await;
        Person { id: text(&answer, "/customer/customer_id"), token: text(&answer, "/access_token") }
    }

    /// Invites somebody new to a team, who accepts.
    async fn member(&self, by: &Person, team: &str, name: &str) -> Person {
        let email = format!("{}@example.com", name.to_lowercase());
        let invitation = json!({"channel_value": email, "channel_type": "email"});
        self.program.send("POST", &format!("/v1/team/{team}/invitation"), &by.token, &invitation, 201).await;
        let mail = self.smtp.wait_for(|mail| mail.to.contains(&email)).await;
        let link = mail.text.as_deref().and_then(|text| text.split("/invitation?token=").nth(1));
        let token = link.and_then(|rest| rest.split_whitespace().next()).expect("a link");
        let accepted = json!({"token": token, "name": name, "surname": "Tester", "password": PASSWORD});
        self.program.send("POST", "/v1/invitation/accept", "", &accepted, 201).await;
        self.sign_in(&email).await
    }

    async fn team(&self, by: &Person, name: &str) -> String {
        let answer = self.program.send("POST", "/v1/team", &by.token, &json!({"name": name}), 201).await;
        text(&answer, "/team/team_id")
    }

    /// Adds mail channels at the given priorities.
    async fn mail_channels(&self, by: &Person, owner: &str, priorities: &[u16]) {
        for priority in priorities {
            let channel =
                json!({"type": "email", "value": format!("ops{priority}@example.com"), "priority": priority});
            self.program
                .send("POST", &format!("{owner}/notification-channel"), &by.token, &channel, 201)
                .await;
        }
    }

    /// The code of the newest event at a path of the webhook receiver.
    async fn event_code(&self, path: &str) -> String {
        let event = self.receiver.wait_for_one(|request| request.path == path).await;
        let event: Value = serde_json::from_slice(&event.body).expect("JSON");
        text(&event, "/data/code")
    }

    fn run(&mut self, method: &str, path: &str, by: &Person, texts: &[(&str, &str)]) -> Value {
        self.examples.run(method, path, &by.token, texts)
    }
}

fn text(answer: &Value, pointer: &str) -> String {
    answer
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("no {pointer} in {answer}"))
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_of_the_reference_succeeds() {
    let mut world = World::new().await;
    let john = world.person("John").await;
    customer(&mut world, &john).await;
    personal_channels(&mut world, &john).await;
    let team = teams(&mut world, &john).await;
    members(&mut world, &john, &team).await;
    team_channels(&mut world, &john, &team).await;
    services(&mut world, &john, &team);
    let leaving = world.person("Leaving").await;
    world.run("DELETE", "customer", &leaving, &[]);
    assert_eq!((world.examples.ran(), world.examples.count()), (34, 34));
}

async fn customer(world: &mut World, john: &Person) {
    let profile = world.run("GET", "customer/*", john, &[(OTHER, &john.id)]);
    assert_eq!(profile["customer_id"], john.id);
    let changed = world.run("PATCH", "customer", john, &[]);
    assert_eq!(changed["customer"]["full_name"], "John Smith");
    world.run("PUT", "customer/username", john, &[]);
    let mail = world.smtp.wait_for(|mail| mail.to.iter().any(|to| to == "pinghome@gmail.com")).await;
    let changed = world.run("PATCH", "customer/username", john, &[("293479", &mail.code().expect("a code"))]);
    assert_eq!(changed["customer"]["email"], "pinghome@gmail.com");
}

async fn personal_channels(world: &mut World, john: &Person) {
    let ids = [(CUSTOMER, john.id.as_str())];
    let made = world.run("POST", "customer/*/notification-channel", john, &ids);
    assert_eq!(made["notification_channel"]["priority"], 1);
    let code = world.sms.wait_for_one(|sms| sms.to == NUMBER).await.code();
    let proof = [ids[0], ("087608", &code)];
    let verified = world.run("PATCH", "customer/*/notification-channel/verification", john, &proof);
    assert_eq!(verified["notification_channel"]["status"], "active");
    let list = world.run("GET", "customer/*/notification-channels", john, &[("{id}", &john.id)]);
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1));
    let tested = world.run("POST", "customer/*/notification-channel/test", john, &ids);
    assert_eq!(tested["delivery"]["status"], "delivered");
    assert_eq!(world.sms.requests().len(), 2);
    world.run("PUT", "customer/*/notification-channel/enabled", john, &ids);
    world.mail_channels(john, &format!("/v1/customer/{}", john.id), &[3, 4]).await;
    let deleted = world.run("DELETE", "customer/*/notification-channel", john, &ids);
    assert_eq!(deleted["deleted"], json!([3, 4]));
    // The type of a channel stays, so the new address goes to a channel that is mail.
    let jane = world.person("Jane").await;
    world.mail_channels(&jane, &format!("/v1/customer/{}", jane.id), &[1]).await;
    world.run("PUT", "customer/*/notification-channel", &jane, &[(CUSTOMER, &jane.id)]);
    let mail = world.smtp.wait_for(|mail| mail.to.iter().any(|to| to == "new.email@ping-home.org")).await;
    assert!(mail.code().is_some());
}

async fn teams(world: &mut World, john: &Person) -> String {
    let made = world.run("POST", "team", john, &[]);
    let team = text(&made, "/team/team_id");
    let list = world.run("GET", "teams", john, &[]);
    assert_eq!(list["data"][0]["name"], "TeamName");
    world.run("PUT", "team/*", john, &[(CUSTOMER, &team)]);
    let unwanted = world.team(john, "Unwanted").await;
    world.run("DELETE", "team/*", john, &[(CUSTOMER, &unwanted)]);
    world.run("POST", "team/*/invitation", john, &[(CUSTOMER, &team)]);
    let invited = |mail: &notify_fakes::Mail| mail.to.iter().any(|to| to == "test@pinghome.eu");
    world.smtp.wait_for(invited).await;
    let list = world.run("GET", "team/*/invitations", john, &[(OTHER, &team)]);
    assert_eq!(list["data"][0]["channel"], "test@pinghome.eu");
    world.run("POST", "team/*/invitation/reminder", john, &[(CUSTOMER, &team)]);
    world.run("DELETE", "team/*/invitation", john, &[(CUSTOMER, &team)]);
    team
}

async fn members(world: &mut World, john: &Person, team: &str) {
    let kim = world.member(john, team, "Kim").await;
    let list = world.run("GET", "team/*/members", john, &[(OTHER, team)]);
    assert_eq!(list["data"].as_array().map(Vec::len), Some(2));
    world.run("DELETE", "team/*/member/*", john, &[(CUSTOMER, team), (MEMBER, &kim.id)]);
    let lou = world.member(john, team, "Lou").await;
    let second = world.team(john, "Second").await;
    // The example has one id in both places; moving to where one is already would be no move.
    let ids = [
        (
            "\"new_team_id\": \"c03b02ec-244f-4d2c-8f68-3910071ed5c8\"",
            &*format!("\"new_team_id\": \"{second}\""),
        ),
        (CUSTOMER, team),
        (MEMBER, &lou.id),
    ];
    world.run("PATCH", "team/*/member/*", john, &ids);
}

async fn team_channels(world: &mut World, john: &Person, team: &str) {
    let ids = [(CUSTOMER, team)];
    let (first, second) = (world.receiver.url("/first"), world.receiver.url("/second"));
    let made = world.run("POST", "team/*/notification-channel", john, &[ids[0], (WEBHOOK, &first)]);
    assert!(text(&made, "/signing_secret").starts_with("whsec_"));
    let code = world.event_code("/first").await;
    world.run("PATCH", "team/*/notification-channel/verification", john, &[ids[0], ("087608", &code)]);
    world.run("GET", "team/*/notification-channels", john, &[("{id}", team)]);
    let tested = world.run("POST", "team/*/notification-channel/test", john, &ids);
    assert_eq!(tested["delivery"]["status"], "delivered");
    world.run("PUT", "team/*/notification-channel/enabled", john, &ids);
    world.run("PUT", "team/*/notification-channel", john, &[ids[0], (WEBHOOK, &second)]);
    assert_eq!(world.event_code("/second").await.len(), 6);
    world.mail_channels(john, &format!("/v1/team/{team}"), &[3, 4]).await;
    let deleted = world.run("DELETE", "team/*/notification-channel", john, &ids);
    assert_eq!(deleted["deleted"], json!([3, 4]));
}

fn services(world: &mut World, john: &Person, team: &str) {
    let made = world.run("POST", "service", john, &[("39ed7fbd-200b-41eb-8467-a91f0809e802", team)]);
    let service = text(&made, "/service/service_id");
    world.run("PUT", "service/*", john, &[(CUSTOMER, &service)]);
    let found =
        world.run("GET", "team-service/*", john, &[("b39c7ff9-2ead-4a0d-a095-320b77d8bbdb", &service)]);
    assert_eq!(found["team"]["team_id"], team);
    world.run("DELETE", "service/*", john, &[(CUSTOMER, &service)]);
}
