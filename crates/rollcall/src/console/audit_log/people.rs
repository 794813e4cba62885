//! The names of an organization's people and teams, for the log and its filter.

use std::collections::HashMap;

use serde::Deserialize;

use crate::console::door::{Listed, Refusal};
use crate::console::teams::find;
use crate::console::visit::Member;
use crate::invitations::view::FORMER_MEMBER;

/// How many teams are asked for their members; whoever is in none of them is found by a click on the name.
const TEAMS: usize = 20;

/// Names by their ids.
pub(super) struct Names {
    teams: HashMap<String, String>,
    people: HashMap<String, String>,
}

#[derive(Deserialize)]
struct Person {
    customer_id: String,
    full_name: String,
}

impl Names {
    /// The teams that the root governs, and who is in the first of them.
    pub(super) async fn of_organization(member: &Member) -> Result<Self, Refusal> {
        let mut found = Self { teams: HashMap::new(), people: HashMap::new() };
        let own = find::all(member).await?.into_iter().filter(|team| team.role == "root");
        for (index, team) in own.enumerate() {
            if index < TEAMS {
                let path = format!("/v1/team/{}/members?limit=200", team.id);
                let listed: Listed<Person> = member.door.get(member, &path).await?;
                let people = listed.data.iter();
                found.add(people.map(|person| (person.customer_id.as_str(), person.full_name.as_str())));
            }
            found.teams.insert(team.id.to_string(), team.name);
        }
        Ok(found)
    }

    /// Adds people who are not known yet.
    pub(super) fn add<'a>(&mut self, people: impl Iterator<Item = (&'a str, &'a str)>) {
        for (id, name) in people.filter(|(_, name)| *name != FORMER_MEMBER) {
            self.people.entry(id.to_owned()).or_insert_with(|| name.to_owned());
        }
    }

    /// Everybody by name.
    pub(super) fn people(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut all: Vec<_> = self.people.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
        all.sort_by_key(|(id, name)| (name.to_lowercase(), *id));
        all.into_iter()
    }

    /// The name of a team or a person.
    pub(super) fn of(&self, id: &str) -> Option<&str> {
        self.teams.get(id).or_else(|| self.people.get(id)).map(String::as_str)
    }
}
