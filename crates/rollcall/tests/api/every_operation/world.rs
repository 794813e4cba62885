//! An organization with one customer of each role, and what each operation needs to be there before it is tried.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use http::Method;
use notify_fakes::{Mail, SmtpFault};
use rollcall::db::Error;
use serde_json::{Value, json};

use crate::support::channels::{of, of_team};
use crate::support::notifications::alert;
use crate::support::teams::NOWHERE;
use crate::support::{Answer, PASSWORD, Person, Request, Server};

pub(super) struct World {
    pub(super) server: Server,
    root: Person,
    /// Another session of the root.
    session: String,
    manager: Person,
    user: Person,
    stranger: Person,
    /// A member who is changed by others.
    other: Person,
    /// A customer who forgets the password.
    forgetful: Person,
    count: AtomicU32,
}

/// What one try is about: a team of its own, so that tries do not disturb each other.
pub(super) struct Scene {
    team: String,
    service: String,
    invited: String,
    /// A message to one of the user's channels, and one to one of the team's.
    deliveries: [String; 2],
}

/// A request that may be sent.
pub(super) struct Ready {
    method: Method,
    path: String,
    body: Value,
    /// Of whom it is made for.
    pub(super) token: Option<String>,
}

impl Ready {
    pub(super) fn request<'a>(&self, world: &'a World, token: Option<&str>) -> Request<'a> {
        let request = world.server.request(self.method.clone(), &self.path);
        let request = token.into_iter().fold(request, Request::token);
        if self.body.is_null() { request } else { request.json(&self.body) }
    }
}

impl World {
    pub(super) async fn new() -> Self {
        let server = Server::with(&[("rate_limits", "off")]).await;
        let root = server.person("Ann").await;
        let home = server.team(&root, "Home").await;
        let mut members = Vec::new();
        for (name, role) in [("Mia", "manager"), ("Uma", "user"), ("Vic", "user")] {
            members.push(server.member(&root, &home, name, role).await);
        }
        let [manager, user, other] = members.try_into().expect("three");
        let (stranger, forgetful) = (server.person("Eve").await, server.person("Wes").await);
        server.sign_in(&root.email, PASSWORD).await;
        let sessions = server.listed(&root, "/v1/customer/sessions").await;
        let session = sessions.iter().find(|session| session["current"] == false).expect("the other one");
        let session = session["session_id"].as_str().expect("an id").to_owned();
        Self { server, root, session, manager, user, stranger, other, forgetful, count: AtomicU32::new(0) }
    }

    /// In the order of the table's statuses; nobody has no token.
    pub(super) fn callers(&self) -> [Option<&Person>; 5] {
        [Some(&self.root), Some(&self.manager), Some(&self.user), Some(&self.stranger), None]
    }

    fn fresh(&self) -> u32 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }

    fn address(&self) -> String {
        format!("n{}@fresh.example", self.fresh())
    }

    pub(super) async fn scene(&self) -> Scene {
        let server = &self.server;
        let team = server.team(&self.root, &format!("Team {}", self.fresh())).await;
        for (member, role) in [(&self.manager, "manager"), (&self.user, "user"), (&self.other, "user")] {
            let token = self.link(&team, role).await;
            let accept = server.post("/v1/invitation/accept").token(&member.token);
            accept.json(&json!({"token": token})).expect(200).await;
        }
        let service = server.service(&self.root, &team, "API").await;
        let invited = self.address();
        server.inviting(&self.root, &team, "email", &invited).expect(201).await;
        Scene { team, service, invited, deliveries: [NOWHERE, NOWHERE].map(str::to_owned) }
    }

    /// A scene with messages that have failed.
    pub(super) async fn scene_with_deliveries(&self) -> Scene {
        let mut scene = self.scene().await;
        for index in [0, 1] {
            scene.deliveries[index] = self.failed(&scene, index == 1).await;
        }
        scene
    }

    /// A message that has failed, to the team or to the user.
    async fn failed(&self, scene: &Scene, team: bool) -> String {
        let (server, (owner, by)) = (&self.server, self.owner(scene, team));
        server.verified_email(by, &owner, &self.address()).await;
        server.smtp.fail(SmtpFault::RecipientRefused);
        let sent = server.notify(by, &owner, &alert()).await;
        server.log(by, &owner).await;
        server.smtp.fail(None);
        sent.text("/deliveries/0/delivery_id")
    }

    /// The path of a team's or the user's things, with somebody who may do everything to them.
    fn owner(&self, scene: &Scene, team: bool) -> (String, &Person) {
        if team { (of_team(&scene.team), &self.root) } else { (of(&self.user), &self.user) }
    }

    /// A link that whoever is signed in may accept.
    async fn link(&self, team: &str, role: &str) -> String {
        let number = format!("+9945512{:05}", self.fresh());
        let body = json!({"channel_type": "sms", "channel_value": number, "role": role});
        self.server.on_invitation(Method::POST, &self.root, team, "", &body).expect(201).await;
        self.server.hand_over(&self.root, team, &number).await
    }

    /// Takes a member's right to the team of a scene: gives them a lower role, or removes them.
    pub(super) async fn demote(&self, scene: &Scene, member: &Person, role: Option<&str>) {
        let asked = match role {
            Some(role) => self.server.change(&self.root, &scene.team, member, &json!({"role": role})),
            None => self.server.remove(&self.root, &scene.team, member),
        };
        asked.expect(200).await;
    }

    /// The operation on the things of a scene, by a caller, with a request id of its own.
    pub(super) async fn ask(&self, operation: &str, scene: &Scene, by: Option<&Person>) -> (String, Answer) {
        let id = format!("every-{}", self.fresh());
        let ready = self.prepare(operation, scene, by).await;
        let request = ready.request(self, ready.token.as_deref()).header("x-request-id", &id);
        (id, request.send().await)
    }

    /// Makes what the operation needs, and gives the request that succeeds for who may.
    pub(super) async fn prepare(&self, operation: &str, scene: &Scene, by: Option<&Person>) -> Ready {
        let (method, template) = operation.split_once(' ').expect("a method and a path");
        let body = self.body(operation, scene, by).await;
        let signed_out = (operation == "DELETE /v1/auth").then_some(by).flatten();
        let token = match signed_out {
            // A session of its own, since the others are still needed.
            Some(person) => Some(self.another_token(person).await),
            None => by.map(|person| person.token.clone()),
        };
        let query =
            if method == "DELETE" && template.ends_with("notification-channel") { "?priority=1" } else { "" };
        let path = if template.contains("{delivery_id}") {
            let failed = self.failed(scene, template.contains("/team/")).await;
            self.path(&template.replace("{delivery_id}", &failed), scene)
        } else {
            self.path(template, scene)
        };
        Ready { method: method.parse().expect("a method"), path: format!("{path}{query}"), body, token }
    }

    async fn another_token(&self, person: &Person) -> String {
        let own = self.server.get("/v1/customer").token(&person.token).expect(200).await;
        self.server.sign_in(&own.text("/email"), PASSWORD).await.token
    }

    pub(super) fn path(&self, template: &str, scene: &Scene) -> String {
        let id = match template.split('/').nth(2) {
            Some("customer") => &self.user.customer_id,
            Some("service" | "team-service") => &scene.service,
            _ => &scene.team,
        };
        template
            .replace("{id}", id)
            .replace("{customer_id}", &self.user.customer_id)
            .replace("{member_id}", &self.other.customer_id)
            .replace("{delivery_id}", &scene.deliveries[usize::from(template.contains("/team/"))])
            .replace("{session_id}", &self.session)
            .replace("{plan}/{version}", "developer/v1")
    }

    /// A request with the ids of things that are there, but nothing else.
    pub(super) fn request(&self, method: Method, template: &str, scene: &Scene) -> Request<'_> {
        self.server.request(method, &self.path(template, scene))
    }

    /// Somebody who may do everything to a scene but what is the user's own.
    pub(super) fn entitled(&self, template: &str) -> &Person {
        if template.starts_with("/v1/customer/{") { &self.user } else { &self.root }
    }

    /// A path of nothing, and one of no ids.
    pub(super) fn wrong_paths(template: &str) -> [String; 2] {
        let ids = ["{id}", "{customer_id}", "{member_id}", "{delivery_id}", "{session_id}"];
        [NOWHERE, "no-id"].map(|id| ids.iter().fold(template.to_owned(), |path, name| path.replace(name, id)))
    }

    /// What the audit log has of a request.
    pub(super) async fn events(&self, request_id: &str) -> Vec<String> {
        let id = request_id.to_owned();
        let sql = "select action from audit_event where request_id = $1 order by organization_id, seq";
        let rows = self.server.app.db.read(move |reader| reader.fetch_all::<(String,)>(sql, (&id,))).await;
        let rows = rows.map_err(|error: Error| error).expect("the storage answers");
        rows.into_iter().map(|(action,)| action).collect()
    }

    /// The body of an operation, once what it needs is there. A new operation with a body has its line here.
    async fn body(&self, operation: &str, scene: &Scene, by: Option<&Person>) -> Value {
        let server = &self.server;
        let account =
            |email: &str| json!({"name": "N", "surname": "T", "email": email, "password": PASSWORD});
        match operation {
            "POST /v1/account" => account(&self.address()),
            "PATCH /v1/account" | "POST /v1/account/confirmation-code" => {
                let email = self.address();
                server.post("/v1/account").json(&account(&email)).expect(201).await;
                if operation.starts_with("POST") {
                    return json!({"email": email});
                }
                json!({"email": email, "confirmation_code": server.code_for(&email, 1).await})
            }
            "POST /v1/account/password" => json!({"email": self.forgetful.email}),
            "PATCH /v1/account/password" => {
                let to_them = |mail: &Mail| mail.to == [self.forgetful.email.clone()];
                let sent = server.smtp.count(|mail| to_them(mail) && mail.code().is_some());
                server.advance(Duration::from_secs(61));
                let email = &self.forgetful.email;
                server.post("/v1/account/password").json(&json!({"email": email})).expect(200).await;
                let code = self.new_code(email, sent).await;
                json!({"email": email, "code": code, "password": PASSWORD})
            }
            "PUT /v1/account/password" => json!({"current_password": PASSWORD, "password": PASSWORD}),
            "POST /v1/auth" => json!({"email": self.forgetful.email, "password": PASSWORD}),
            "POST /v1/auth/refresh" => {
                let session = server.sign_in(&self.forgetful.email, PASSWORD).await;
                json!({"refresh_token": session.refresh_token})
            }
            "POST /v1/invitation/preview" | "POST /v1/invitation/decline" => {
                json!({"token": self.link(&scene.team, "user").await})
            }
            "POST /v1/invitation/accept" if by.is_some() => {
                json!({"token": self.link(&scene.team, "user").await})
            }
            "POST /v1/invitation/accept" => {
                let token = server.invite(&self.root, &scene.team, &self.address(), "user").await;
                json!({"token": token, "name": "N", "surname": "T", "password": PASSWORD})
            }
            "PATCH /v1/customer" => json!({"surname": "Renamed"}),
            "DELETE /v1/customer" => json!({"reason": "Enough"}),
            "POST /v1/customer/feedback" => json!({"message": "Good"}),
            "PUT /v1/customer/username" => json!({"email": self.address()}),
            "DELETE /v1/customer/username" | "PATCH /v1/customer/username" => {
                let Some(by) = by else { return json!({"code": "000000"}) };
                let email = self.address();
                let ask = server.put("/v1/customer/username").token(&by.token);
                ask.json(&json!({"email": email})).expect(200).await;
                if operation.starts_with("DELETE") {
                    return Value::Null;
                }
                json!({"code": server.code_for(&email, 1).await})
            }
            "PATCH /v1/organization" | "POST /v1/team" | "PUT /v1/team/{id}" | "PUT /v1/service/{id}" => {
                json!({"name": format!("Name {}", self.fresh())})
            }
            "PATCH /v1/team/{id}/member/{member_id}" => json!({"role": "manager"}),
            "POST /v1/team/{id}/invitation" => {
                json!({"channel_type": "email", "channel_value": self.address()})
            }
            "POST /v1/team/{id}/invitation/reminder"
            | "POST /v1/team/{id}/invitation/link"
            | "DELETE /v1/team/{id}/invitation" => json!({"channel_value": scene.invited}),
            "POST /v1/service" => json!({"name": format!("S {}", self.fresh()), "team_id": scene.team}),
            "DELETE /v1/team/{id}" => {
                let service = format!("/v1/service/{}", scene.service);
                server.delete(&service).token(&self.root.token).send().await;
                Value::Null
            }
            _ if operation.ends_with("/notification") => {
                let (owner, by) = self.owner(scene, operation.contains("/team/"));
                server.verified_email(by, &owner, &self.address()).await;
                alert()
            }
            _ if operation.ends_with("/retry") => Value::Null,
            _ if operation.contains("/notification-channel") => self.channel_body(operation, scene).await,
            _ => Value::Null,
        }
    }

    /// The same for channels, whose owner is the team of the scene or the user.
    async fn channel_body(&self, operation: &str, scene: &Scene) -> Value {
        let server = &self.server;
        let (owner, by) = self.owner(scene, operation.contains("/team/"));
        let (_, what) = operation.split_once("/notification-channel").expect("a channel");
        let method = operation.split(' ').next().expect("a method");
        let channels = server.channels(by, &owner).await;
        if (method, what) == ("POST", "") {
            return json!({"type": "email", "value": self.address()});
        }
        // Whatever an earlier try made goes, so that the channel that is tried is the first.
        if !channels.is_empty() {
            let all: Vec<_> = channels.iter().map(|channel| channel["priority"].to_string()).collect();
            let path = format!("{owner}/notification-channel?priority={}", all.join(","));
            server.delete(&path).token(&by.token).expect(200).await;
        }
        let address = self.address();
        match (method, what) {
            ("POST", "/test") | ("PUT", "/enabled") => {
                server.verified_email(by, &owner, &address).await;
            }
            _ => {
                server.add_channel(by, &owner, "email", &address).await;
            }
        }
        match (method, what) {
            ("PUT", "") => json!({"priority": 1, "value": self.address()}),
            ("PATCH", "") => json!({"priority": 1, "new_priority": 2}),
            ("PATCH", "/verification") => {
                json!({"priority": 1, "code": server.code_for(&address, 1).await})
            }
            ("POST", "/verification") => {
                server.advance(Duration::from_secs(61));
                json!({"priority": 1})
            }
            ("POST", "/test") => json!({"priority": 1}),
            ("PUT", "/enabled") => json!({"priority": 1, "enabled": false}),
            _ => Value::Null,
        }
    }

    /// The code of the first mail with one that comes after so many.
    async fn new_code(&self, email: &str, before: usize) -> String {
        let to_them = |mail: &Mail| if mail.to == [email] { mail.code() } else { None };
        self.server.smtp.wait_for_nth(before + 1, to_them).await
    }
}
