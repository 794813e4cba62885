//! A tenant that has some of everything, with one unmistakable word in each of its texts.

use std::collections::HashMap;

use serde_json::json;
use uuid::Uuid;

use crate::operations::Aim;
use crate::support::teams::NOWHERE;
use crate::support::{Person, Server, channels};

/// An organization with its people and things.
pub(super) struct Tenant {
    /// Stands in every text of the tenant and nowhere else.
    pub(super) canary: &'static str,
    pub(super) organization: Uuid,
    pub(super) root: Person,
    pub(super) manager: Person,
    pub(super) user: Person,
    /// A user of the team whom requests are about.
    pub(super) pawn: Person,
    /// A manager of another team of the same organization.
    pub(super) neighbour: Person,
    pub(super) team: String,
    pub(super) other_team: String,
    pub(super) service: String,
    pub(super) invited: String,
    /// A session of each customer, beside the one of their token.
    sessions: HashMap<String, String>,
    /// The newest message to the channels of each owner, by the owner's path.
    deliveries: HashMap<String, String>,
}

impl Tenant {
    /// Makes the tenant.
    pub(super) async fn new(server: &Server, canary: &'static str) -> Self {
        let root = server.person(&format!("{canary}root")).await;
        let name = json!({"name": format!("{canary} organization")});
        let renamed = server.patch("/v1/organization").token(&root.token).json(&name).expect(200).await;
        let organization = renamed.text("/organization/organization_id").parse().expect("an id");
        let team = server.team(&root, &format!("{canary} team")).await;
        let other_team = server.team(&root, &format!("{canary} other team")).await;
        let member = async |name: &str, role: &str| {
            server.member(&root, &team, &format!("{canary}{name}"), role).await
        };
        let (manager, user) = (member("manager", "manager").await, member("user", "user").await);
        let pawn = member("pawn", "user").await;
        let neighbour = server.member(&root, &other_team, &format!("{canary}neighbour"), "manager").await;
        let service = server.service(&root, &team, &format!("{canary} service")).await;
        let invited = format!("{canary}invited@example.com");
        server.invite(&manager, &team, &invited, "user").await;
        let mut deliveries = HashMap::new();
        for person in [&root, &manager, &user] {
            let surname = json!({"surname": format!("{canary}son")});
            server.patch("/v1/customer").token(&person.token).json(&surname).expect(200).await;
            let owner = channels::of(person);
            deliveries.insert(owner.clone(), channels(server, person, &owner, canary).await);
        }
        let owner = channels::of_team(&team);
        deliveries.insert(owner.clone(), channels(server, &root, &owner, canary).await);
        let feedback = json!({"message": format!("{canary} is what I think.")});
        server.post("/v1/customer/feedback").token(&root.token).json(&feedback).expect(201).await;
        Self {
            canary,
            organization,
            root,
            manager,
            user,
            pawn,
            neighbour,
            team,
            other_team,
            service,
            invited,
            sessions: HashMap::new(),
            deliveries,
        }
    }

    /// A request at this tenant's things; personal ones are those of a person.
    pub(super) fn aim(&self, at: &Person) -> Aim {
        let delivery =
            |owner: &str| self.deliveries.get(owner).cloned().unwrap_or_else(|| NOWHERE.to_owned());
        Aim {
            deliveries: [delivery(&channels::of(at)), delivery(&channels::of_team(&self.team))],
            customer: at.customer_id.clone(),
            team: self.team.clone(),
            member: self.pawn.customer_id.clone(),
            service: self.service.clone(),
            session: self.sessions.get(&at.customer_id).cloned().unwrap_or_default(),
            invited: self.invited.clone(),
            fresh: "new",
        }
    }

    /// Texts and ids that belong to the tenant alone.
    pub(super) fn secrets(&self) -> Vec<String> {
        let people = [&self.root, &self.manager, &self.user, &self.pawn, &self.neighbour];
        let ids = people.into_iter().map(|person| person.customer_id.clone());
        ids.chain([self.organization.to_string(), self.team.clone(), self.other_team.clone()])
            .chain([self.service.clone(), self.canary.to_owned()])
            .collect()
    }

    /// Everybody's tokens anew, once the clock has moved past the life of the first ones.
    pub(super) async fn sign_in_again(&mut self, server: &Server) {
        for person in [&mut self.root, &mut self.manager, &mut self.user, &mut self.pawn, &mut self.neighbour]
        {
            let beside = server.sign_in(&person.email, &person.password).await;
            let sessions = server.listed(&beside, "/v1/customer/sessions").await;
            let own = sessions.iter().find(|session| session["current"] == true).expect("a session");
            let id = own["session_id"].as_str().expect("an id").to_owned();
            self.sessions.insert(person.customer_id.clone(), id);
            *person = server.sign_in(&person.email, &person.password).await;
        }
    }
}

/// A verified channel at priority 1 and one that waits for its code at 2; gives the newest message to them.
async fn channels(server: &Server, by: &Person, owner: &str, canary: &str) -> String {
    let whose = owner.rsplit(['/', '-']).next().unwrap_or_default();
    server.verified_email(by, owner, &format!("{canary}-{whose}@example.com")).await;
    let url = server.receiver.url(&format!("/{canary}/{whose}"));
    server.add_channel(by, owner, "webhook", &url).await;
    server.settled(by, owner).await;
    let newest = server.get(&format!("{owner}/notification-channel/deliveries?limit=1")).token(&by.token);
    newest.expect(200).await.text("/data/0/delivery_id")
}
