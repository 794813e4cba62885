//! What everybody sees at the end of a sequence, on the server and by the model.

use serde_json::{Value, json};

use super::play::Play;
use super::rules::{Owner, Standing};

impl Play<'_> {
    /// Compares the views of all people.
    ///
    /// # Errors
    /// The first view that differs.
    pub(super) async fn compare(&self) -> Result<(), String> {
        for person in 0..self.model.people.len() {
            if self.model.people[person].home.is_none() {
                let status = self.server.get("/v1/customer").token(&self.tokens[person]).send().await.status;
                same("whoever has left", &json!(status.as_u16()), &json!(401))?;
                continue;
            }
            self.profile(person).await?;
            self.teams_of(person).await?;
            let path = format!("/v1/customer/{}", self.ids[person]);
            self.channels(person, Owner::Person(person), &path).await?;
            for team in 0..self.teams.len() {
                self.team_as(person, team).await?;
            }
        }
        Ok(())
    }

    async fn get(&self, by: usize, path: &str) -> Value {
        self.server.get(path).token(&self.tokens[by]).expect(200).await.body
    }

    /// The role that somebody has in a team, as it is shown.
    fn role(&self, person: usize, team: usize) -> &'static str {
        let home = self.model.people[person].home == self.model.teams[team].organization;
        let members = &self.model.teams[team].members;
        let manager = members.iter().any(|member| member.person == person && member.manager);
        match (home && self.model.people[person].root, manager) {
            (true, _) => "root",
            (false, true) => "manager",
            (false, false) => "user",
        }
    }

    async fn profile(&self, person: usize) -> Result<(), String> {
        let shown = self.get(person, "/v1/customer").await;
        let mut joined: Vec<_> = (0..self.teams.len())
            .flat_map(|team| self.model.teams[team].members.iter().map(move |member| (member, team)))
            .filter(|(member, _)| member.person == person)
            .map(|(member, team)| (member.joined, team))
            .collect();
        joined.sort_unstable();
        let teams: Vec<_> = joined
            .iter()
            .map(|(_, team)| json!([self.model.teams[*team].name, self.role(person, *team)]))
            .collect();
        let known = &self.model.people[person];
        let highest = match known.root {
            true => "root",
            false if joined.iter().any(|(_, team)| self.role(person, *team) == "manager") => "manager",
            false => "user",
        };
        let organization = match &*self.model.organizations[known.home.expect("an account")] {
            "" => &shown["organization"]["name"],
            name => &json!(name),
        };
        let expected = json!([known.email, highest, organization, teams]);
        let rows = shown["teams"].as_array().expect("a list").iter();
        let rows: Vec<_> = rows.map(|row| json!([row["name"], row["role"]])).collect();
        let found = json!([shown["email"], shown["role"], shown["organization"]["name"], rows]);
        same("a profile", &found, &expected)?;
        let first = joined.first().map_or(Value::Null, |(_, team)| json!(self.model.teams[*team].name));
        same("the first team", &shown["team"]["name"], &first)
    }

    async fn teams_of(&self, person: usize) -> Result<(), String> {
        let seen =
            (0..self.teams.len()).filter(|team| self.model.standing(person, *team) != Standing::Stranger);
        let expected: Vec<_> = seen
            .map(|team| {
                let known = &self.model.teams[team];
                json!([known.name, known.members.len(), self.role(person, team)])
            })
            .collect();
        let listed = self.get(person, "/v1/teams").await;
        let rows = listed["data"].as_array().expect("a list").iter();
        let rows: Vec<_> = rows.map(|row| json!([row["name"], row["member_count"], row["role"]])).collect();
        same("the teams of somebody", &rows.into(), &expected.into())
    }

    async fn team_as(&self, person: usize, team: usize) -> Result<(), String> {
        let path = format!("/v1/team/{}", self.teams[team]);
        if self.model.standing(person, team) == Standing::Stranger {
            let lists = ["members", "services", "invitations", "notification-channels"];
            let list = format!("{path}/{}", lists[(person + team) % lists.len()]);
            let status = self.server.get(&list).token(&self.tokens[person]).send().await.status;
            return same("a team of strangers", &json!(status.as_u16()), &json!(404));
        }
        let known = &self.model.teams[team];
        let members = known.members.iter();
        let expected: Vec<_> =
            members.map(|member| json!([self.ids[member.person], self.role(member.person, team)])).collect();
        let found = self.rows(person, &format!("{path}/members"), &["customer_id", "role"]).await;
        same("the members of a team", &found, &expected.into())?;

        let services = self.model.services.iter().filter(|service| service.team == Some(team));
        let expected: Vec<_> = services.map(|service| json!([service.name])).collect();
        let found = self.rows(person, &format!("{path}/services"), &["name"]).await;
        same("the services of a team", &found, &expected.into())?;

        let invitations = self.model.invitations.iter();
        let shown = invitations.filter(|invited| invited.team == team && invited.status != "withdrawn");
        let role = |manager: bool| if manager { "manager" } else { "user" };
        let expected: Vec<_> =
            shown.map(|invited| json!([invited.channel, role(invited.manager), invited.status])).collect();
        let found = self.rows(person, &format!("{path}/invitations"), &["channel", "role", "status"]).await;
        same("the invitations to a team", &found, &expected.into())?;
        self.channels(person, Owner::Team(team), &path).await
    }

    async fn channels(&self, by: usize, owner: Owner, path: &str) -> Result<(), String> {
        let known = self.model.channels.get(&owner).into_iter().flatten();
        let expected: Vec<_> = known
            .map(|(priority, channel)| {
                let status = match (channel.verified, channel.enabled) {
                    (false, _) => "pending",
                    (true, true) => "active",
                    (true, false) => "disabled",
                };
                json!([priority, channel.value, status, channel.enabled])
            })
            .collect();
        let fields = ["priority", "value", "status", "enabled"];
        let found = self.rows(by, &format!("{path}/notification-channels"), &fields).await;
        same("the channels of an owner", &found, &expected.into())
    }

    /// Some fields of each row of a list.
    async fn rows(&self, by: usize, path: &str, fields: &[&str]) -> Value {
        let listed = self.get(by, path).await;
        let rows = listed["data"].as_array().expect("a list").iter();
        let rows: Vec<Value> =
            rows.map(|row| fields.iter().map(|field| row[*field].clone()).collect()).collect();
        rows.into()
    }
}

fn same(what: &str, found: &Value, expected: &Value) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: {found} instead of {expected}")) }
}
