//! A sequence played on the server and on the model at the same time, until one says what the other does not.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::Tally;
use super::operation::{Given, Of, Operation};
use super::rules::{Model, Outcome, Owner};
use crate::support::{Answer, PASSWORD, Server, token_in};

/// How many people without an account invitations go to.
const STRANGERS: usize = 2;

/// A sequence while it is played.
pub(super) struct Play<'a> {
    pub(super) server: &'a Server,
    pub(super) model: Model,
    /// Tells the people of this sequence from all others.
    name: String,
    /// What the server calls the people, teams, invitations' links and services of the model.
    pub(super) ids: Vec<String>,
    pub(super) tokens: Vec<String>,
    pub(super) teams: Vec<String>,
    links: Vec<String>,
    services: Vec<String>,
    /// What was done, for who reads of a divergence.
    pub(super) story: Vec<String>,
}

/// What is sent, and by whom.
struct Asked {
    by: Option<usize>,
    method: Method,
    path: String,
    body: Value,
    success: u16,
}

impl<'a> Play<'a> {
    /// Two people with an organization each.
    pub(super) async fn begin(server: &'a Server, name: String) -> Self {
        let (ids, tokens, teams) = (Vec::new(), Vec::new(), Vec::new());
        let (model, links, services, story) = (Model::default(), Vec::new(), Vec::new(), Vec::new());
        let mut play = Self { server, model, name, ids, tokens, teams, links, services, story };
        for person in ["ann", "gus"] {
            let email = format!("{person}.{}@example.com", play.name);
            let account = json!({"name": person, "surname": "Tester", "email": email, "password": PASSWORD});
            server.post("/v1/account").json(&account).expect(201).await;
            let text = play.message(&email, 1).await;
            let code = text.lines().map(str::trim).find(|line| line.len() == 6).expect("a code").to_owned();
            let proof = json!({"email": email, "confirmation_code": code});
            server.patch("/v1/account").json(&proof).expect(200).await;
            let signed_in = server.sign_in(&email, PASSWORD).await;
            play.ids.push(signed_in.customer_id);
            play.tokens.push(signed_in.token);
            play.model.sign_up(&email, &format!("{person} Tester"));
        }
        play
    }

    /// The newest message for an address once there are so many.
    async fn message(&self, to: &str, count: usize) -> String {
        for _ in 0..5_000 {
            let kept = self.server.get(&format!("/mailbox/messages?to={to}")).expect(200).await;
            if kept.data().len() >= count {
                return kept.text("/data/0/text");
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        panic!("no message for {to}")
    }

    async fn messages(&self, to: &str) -> usize {
        self.server.get(&format!("/mailbox/messages?to={to}")).expect(200).await.data().len()
    }

    fn person(&self, number: u8) -> usize {
        usize::from(number) % self.model.people.len()
    }

    /// None where there has been none yet, as with all things.
    fn team(&self, number: u8) -> Option<usize> {
        usize::from(number).checked_rem(self.teams.len())
    }

    fn owner(&self, of: Of) -> Option<(Owner, String)> {
        Some(match of {
            Of::Person(number) => {
                let person = self.person(number);
                (Owner::Person(person), format!("/v1/customer/{}", self.ids[person]))
            }
            Of::Team(number) => {
                let team = self.team(number)?;
                (Owner::Team(team), format!("/v1/team/{}", self.teams[team]))
            }
        })
    }

    /// The address of somebody who has an account, had one, or has none.
    fn address(&self, whom: u8) -> String {
        let place = usize::from(whom) % (self.model.people.len() + STRANGERS);
        match self.model.people.get(place) {
            Some(person) => person.email.clone(),
            None => format!("stranger{}.{}@example.com", place - self.model.people.len(), self.name),
        }
    }

    /// Plays one operation.
    ///
    /// # Errors
    /// Where server and model differ.
    pub(super) async fn play(&mut self, operation: Operation, tally: &Tally) -> Result<(), String> {
        let Some(done) = self.one(operation).await else { return Ok(()) };
        let (answer, expected, success) = done;
        let code = answer.body["code"].as_str().unwrap_or_default();
        *tally.lock().expect("the tally").entry(code.to_owned()).or_default() += 1;
        let got = (answer.status.as_u16(), code);
        let wanted = expected.err().unwrap_or((success, ""));
        self.story.push(format!("{operation:?}: {} {code}", answer.status.as_u16()));
        if got == wanted { Ok(()) } else { Err(format!("{got:?} instead of {wanted:?}: {}", answer.body)) }
    }

    async fn ask(&self, asked: Asked) -> Answer {
        let mut request = self.server.request(asked.method, &asked.path);
        if let Some(by) = asked.by {
            request = request.token(&self.tokens[by]);
        }
        if asked.body.is_null() { request.send().await } else { request.json(&asked.body).send().await }
    }

    /// None where the operation is about something that has never been there.
    async fn one(&mut self, operation: Operation) -> Option<(Answer, Outcome, u16)> {
        let (expected, asked) = self.resolve(operation).await?;
        let success = asked.success;
        let to = asked.body["channel_value"].as_str().map(str::to_owned);
        let before = match &to {
            Some(to) if success == 201 => self.messages(to).await,
            _ => 0,
        };
        let answer = self.ask(asked).await;
        if answer.status.as_u16() == success && expected.is_ok() {
            self.learn(operation, &answer, to.map(|to| (to, before + 1))).await;
        }
        Some((answer, expected, success))
    }

    /// Remembers what the server calls what was made.
    async fn learn(&mut self, operation: Operation, answer: &Answer, letter: Option<(String, usize)>) {
        match operation {
            Operation::CreateTeam { .. } => self.teams.push(answer.text("/team/team_id")),
            Operation::CreateService { .. } => self.services.push(answer.text("/service/service_id")),
            Operation::Invite { .. } => {
                let (to, count) = letter.expect("an invitation goes to somebody");
                let text = self.message(&to, count).await;
                self.links.push(token_in(Some(&text)).expect("a link"));
            }
            Operation::AcceptAsStranger { .. } => {
                self.ids.push(answer.text("/member/customer_id"));
                self.tokens.push(answer.text("/access_token"));
            }
            _ => {}
        }
    }

    /// What the model says of an operation, and the request that asks the server.
    #[expect(clippy::too_many_lines, reason = "one arm for each operation")]
    async fn resolve(&mut self, operation: Operation) -> Option<(Outcome, Asked)> {
        let name = |number: u8| ["Alpha", "Beta", "ALPHA", "gamma"][usize::from(number) % 4];
        let asked = |by, method, path, body, success| Asked { by: Some(by), method, path, body, success };
        Some(match operation {
            Operation::CreateTeam { by, name: number } => {
                let (by, body) = (self.person(by), json!({"name": name(number)}));
                let outcome = self.model.create_team(by, name(number));
                (outcome, asked(by, Method::POST, "/v1/team".to_owned(), body, 201))
            }
            Operation::RenameTeam { by, team, name: number } => {
                let (by, team) = (self.person(by), self.team(team)?);
                let (path, body) = (format!("/v1/team/{}", self.teams[team]), json!({"name": name(number)}));
                (self.model.rename_team(by, team, name(number)), asked(by, Method::PUT, path, body, 200))
            }
            Operation::DeleteTeam { by, team } => {
                let (by, team) = (self.person(by), self.team(team)?);
                let path = format!("/v1/team/{}", self.teams[team]);
                (self.model.delete_team(by, team), asked(by, Method::DELETE, path, Value::Null, 200))
            }
            Operation::RenameOrganization { by, name: number } => {
                let (by, body) = (self.person(by), json!({"name": name(number)}));
                let outcome = self.model.rename_organization(by, name(number));
                (outcome, asked(by, Method::PATCH, "/v1/organization".to_owned(), body, 200))
            }
            Operation::Invite { by, team, whom, manager } => {
                let (by, team, to) = (self.person(by), self.team(team)?, self.address(whom));
                let role = if manager { "manager" } else { "user" };
                let body = json!({"channel_value": to, "channel_type": "email", "role": role});
                let path = format!("/v1/team/{}/invitation", self.teams[team]);
                (self.model.invite(by, team, &to, manager), asked(by, Method::POST, path, body, 201))
            }
            Operation::Withdraw { by, team, whom } => {
                let (by, team, to) = (self.person(by), self.team(team)?, self.address(whom));
                let path = format!("/v1/team/{}/invitation", self.teams[team]);
                let body = json!({"channel_value": to});
                (self.model.withdraw(by, team, &to), asked(by, Method::DELETE, path, body, 200))
            }
            Operation::Accept { by, invitation } => {
                let (by, invitation) = (self.person(by), self.invitation(invitation)?);
                let (path, body) =
                    ("/v1/invitation/accept".to_owned(), json!({"token": self.links[invitation]}));
                (self.model.accept(by, invitation), asked(by, Method::POST, path, body, 200))
            }
            Operation::AcceptOwn { invitation } => {
                let invitation = self.invitation(invitation)?;
                let to = &self.model.invitations[invitation].channel;
                let by = self.model.people.iter().rposition(|person| person.email == *to)?;
                let (path, body) =
                    ("/v1/invitation/accept".to_owned(), json!({"token": self.links[invitation]}));
                (self.model.accept(by, invitation), asked(by, Method::POST, path, body, 200))
            }
            Operation::AcceptAsStranger { invitation } => {
                let invitation = self.invitation(invitation)?;
                let (name, password) = ("Newcomer", PASSWORD);
                let token = &self.links[invitation];
                let body = json!({"token": token, "name": name, "surname": "Tester", "password": password});
                let path = "/v1/invitation/accept".to_owned();
                let asked = Asked { by: None, method: Method::POST, path, body, success: 201 };
                (self.model.accept_as_stranger(invitation), asked)
            }
            Operation::Decline { invitation } => {
                let invitation = self.invitation(invitation)?;
                let (path, body) =
                    ("/v1/invitation/decline".to_owned(), json!({"token": self.links[invitation]}));
                let asked = Asked { by: None, method: Method::POST, path, body, success: 200 };
                (self.model.decline(invitation), asked)
            }
            Operation::ChangeMember { by, team, member, role, to } => {
                let (by, team, member) = (self.person(by), self.team(team)?, self.person(member));
                let to = to.and_then(|to| self.team(to));
                let mut body = serde_json::Map::new();
                body.extend(role.map(|role: Given| ("role".to_owned(), json!(role.as_str()))));
                body.extend(to.map(|to| ("new_team_id".to_owned(), json!(self.teams[to]))));
                let path = self.member(team, member);
                let outcome = self.model.change_member(by, team, member, role, to);
                (outcome, asked(by, Method::PATCH, path, body.into(), 200))
            }
            Operation::RemoveMember { by, team, member } => {
                let (by, team, member) = (self.person(by), self.team(team)?, self.person(member));
                let path = self.member(team, member);
                (
                    self.model.remove_member(by, team, member),
                    asked(by, Method::DELETE, path, Value::Null, 200),
                )
            }
            Operation::LeaveTeam { by, team } => {
                let (by, team) = (self.person(by), self.team(team)?);
                let path = self.member(team, by);
                (self.model.remove_member(by, team, by), asked(by, Method::DELETE, path, Value::Null, 200))
            }
            Operation::CreateService { by, team, name: number } => {
                let (by, team) = (self.person(by), self.team(team)?);
                let body = json!({"name": name(number), "team_id": self.teams[team]});
                let outcome = self.model.create_service(by, team, name(number));
                (outcome, asked(by, Method::POST, "/v1/service".to_owned(), body, 201))
            }
            Operation::RenameService { by, service, name: number } => {
                let (by, service) = (self.person(by), self.service(service)?);
                let path = format!("/v1/service/{}", self.services[service]);
                let outcome = self.model.rename_service(by, service, name(number));
                (outcome, asked(by, Method::PUT, path, json!({"name": name(number)}), 200))
            }
            Operation::DeleteService { by, service } => {
                let (by, service) = (self.person(by), self.service(service)?);
                let path = format!("/v1/service/{}", self.services[service]);
                (self.model.delete_service(by, service), asked(by, Method::DELETE, path, Value::Null, 200))
            }
            Operation::AddChannel { by, of, value, priority } => {
                let (by, (owner, path)) = (self.person(by), self.owner(of)?);
                // Each owner has addresses of its own, so that the newest message is for this channel.
                let value = format!("c{value}.{owner:?}.{}@example.com", self.name);
                let value = value.to_lowercase().replace(['(', ')'], "");
                let mut body = json!({"type": "email", "value": value});
                if let Some(priority) = priority {
                    body["priority"] = json!(priority);
                }
                let outcome = self.model.add_channel(by, owner, &value, priority);
                (outcome, asked(by, Method::POST, format!("{path}/notification-channel"), body, 201))
            }
            Operation::MoveChannel { by, of, from, to } => {
                let (by, (owner, path)) = (self.person(by), self.owner(of)?);
                let body = json!({"priority": from, "new_priority": to});
                let outcome = self.model.move_channel(by, owner, from, to);
                (outcome, asked(by, Method::PATCH, format!("{path}/notification-channel"), body, 200))
            }
            Operation::VerifyChannel { by, of, priority } => {
                let (by, (owner, path)) = (self.person(by), self.owner(of)?);
                let outcome = self.model.verify_channel(by, owner, priority);
                let code = match &outcome {
                    Ok(()) => self.code(owner, priority).await,
                    Err(_) => "000000".to_owned(),
                };
                let body = json!({"priority": priority, "code": code});
                (
                    outcome,
                    asked(by, Method::PATCH, format!("{path}/notification-channel/verification"), body, 200),
                )
            }
            Operation::EnableChannel { by, of, priority, enabled } => {
                let (by, (owner, path)) = (self.person(by), self.owner(of)?);
                let body = json!({"priority": priority, "enabled": enabled});
                let outcome = self.model.enable_channel(by, owner, priority, enabled);
                (outcome, asked(by, Method::PUT, format!("{path}/notification-channel/enabled"), body, 200))
            }
            Operation::DeleteChannel { by, of, priority } => {
                let (by, (owner, path)) = (self.person(by), self.owner(of)?);
                let path = format!("{path}/notification-channel?priority={priority}");
                let outcome = self.model.delete_channel(by, owner, priority);
                (outcome, asked(by, Method::DELETE, path, Value::Null, 200))
            }
            Operation::DeleteAccount { by } => {
                let (by, body) = (self.person(by), json!({"reason": "Enough."}));
                let outcome = self.model.delete_account(by);
                (outcome, asked(by, Method::DELETE, "/v1/customer".to_owned(), body, 200))
            }
        })
    }

    fn member(&self, team: usize, member: usize) -> String {
        format!("/v1/team/{}/member/{}", self.teams[team], self.ids[member])
    }

    fn invitation(&self, number: u8) -> Option<usize> {
        usize::from(number).checked_rem(self.links.len())
    }

    fn service(&self, number: u8) -> Option<usize> {
        usize::from(number).checked_rem(self.services.len())
    }

    /// The code that the newest message to a channel brings.
    async fn code(&self, owner: Owner, priority: u8) -> String {
        let text = self.message(&self.model.channels[&owner][&priority].value, 1).await;
        text.lines().map(str::trim).find(|line| line.len() == 6).expect("a code").to_owned()
    }
}
