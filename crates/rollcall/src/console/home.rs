//! The first page: what this is for who is not signed in; for a member what needs attention, or four steps to a working team.

use askama::Template;
use serde::Deserialize;

use super::channels::Channel;
use super::door::{Listed, Refusal};
use super::frame::{Answer, Frame, html, initials};
use super::teams::find::{self, Team};
use super::visit::{Member, Visit};

/// How many teams are looked into; the list of teams has all of them.
const TEAMS: usize = 8;

#[derive(Template)]
#[template(path = "landing.html")]
struct Landing {
    frame: Frame,
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    frame: Frame,
    first_name: String,
    own_id: String,
    channels: Vec<Channel>,
    teams: Vec<Watched>,
    further: usize,
}

/// How many faces of a team stand side by side, and how many names in a line.
const FACES: usize = 5;

/// A team with what there is to know of it at a glance.
struct Watched {
    team: Team,
    people: Vec<Person>,
    channels: Vec<Channel>,
    waiting: Vec<Waiting>,
}

/// A member of a team.
#[derive(Deserialize)]
struct Person {
    customer_id: String,
    full_name: String,
    reachable: bool,
}

impl Person {
    fn initials(&self) -> String {
        initials(&self.full_name)
    }
}

/// Somebody who has not answered yet.
#[derive(Deserialize)]
struct Waiting {
    channel: String,
    status: String,
}

impl Watched {
    fn reached(&self) -> bool {
        self.channels.iter().any(Channel::is_active)
    }

    fn open(&self) -> usize {
        self.waiting.iter().filter(|invitation| invitation.status == "pending").count()
    }

    fn expired(&self) -> impl Iterator<Item = &Waiting> {
        self.waiting.iter().filter(|invitation| invitation.status == "expired")
    }

    fn failing(&self) -> impl Iterator<Item = &Channel> {
        self.channels.iter().filter(|channel| channel.failing())
    }

    fn faces(&self) -> impl Iterator<Item = &Person> {
        self.people.iter().take(FACES)
    }

    /// How many more than those whose faces are shown.
    fn more(&self) -> usize {
        usize::try_from(self.team.member_count).unwrap_or(0).saturating_sub(self.faces().count())
    }

    /// Everybody whose face is shown, by name.
    fn names(&self) -> String {
        listed(self.faces(), self.more())
    }
}

/// Names in a line, and how many more there are.
fn listed<'a>(people: impl Iterator<Item = &'a Person>, more: usize) -> String {
    let names: Vec<_> = people.map(|person| person.full_name.as_str()).collect();
    let names = names.join(", ");
    if more > 0 { format!("{names} +{more}") } else { names }
}

impl Home {
    /// The four steps, each with whether it is done.
    fn steps(&self) -> [bool; 4] {
        [
            self.reached(),
            !self.teams.is_empty(),
            self.teams.iter().any(|watched| watched.team.member_count > 1 || !watched.waiting.is_empty()),
            self.teams.iter().any(Watched::reached),
        ]
    }

    /// Whether somebody who may do all of them still has one before them.
    fn begins(&self) -> bool {
        let root = self.frame.person.as_ref().is_some_and(super::frame::Person::is_root);
        root && self.steps().contains(&false)
    }

    /// `done`, `now` for the first that is not, or nothing.
    fn step(&self, index: usize) -> &'static str {
        let steps = self.steps();
        match (steps[index], steps.iter().position(|done| !done)) {
            (true, _) => "done",
            (false, Some(first)) if first == index => "now",
            _ => "",
        }
    }

    fn reached(&self) -> bool {
        self.channels.iter().any(Channel::is_active)
    }

    fn own_failing(&self) -> impl Iterator<Item = &Channel> {
        self.channels.iter().filter(|channel| channel.failing())
    }

    /// Members of a team, other than who looks, whom nothing reaches.
    fn unreached<'a>(&self, watched: &'a Watched) -> Vec<&'a Person> {
        let others = watched.people.iter().filter(|person| person.customer_id != self.own_id);
        others.filter(|person| !person.reachable).collect()
    }

    /// Their names in a line.
    #[expect(clippy::unused_self, reason = "called by the template")]
    fn names_of(&self, people: &[&Person]) -> String {
        listed(people.iter().copied().take(FACES), people.len().saturating_sub(FACES))
    }

    /// Whether there is anything that somebody should look at.
    fn troubled(&self) -> bool {
        let team = |watched: &Watched| {
            !watched.reached()
                || watched.failing().next().is_some()
                || watched.expired().next().is_some()
                || !self.unreached(watched).is_empty()
        };
        !self.reached() || self.own_failing().next().is_some() || self.teams.iter().any(team)
    }

    /// The page of the team that the next step is about.
    fn first_team(&self) -> String {
        self.teams
            .first()
            .map_or_else(|| "/teams".to_owned(), |watched| format!("/teams/{}", watched.team.id))
    }
}

/// `GET /`
pub(super) async fn show(visit: Visit) -> Answer {
    let Some(member) = Member::of(visit.clone()) else {
        return html(&Landing { frame: Frame::open(&visit) });
    };
    let frame = Frame::of(&member, "home").await?;
    let name = frame.person.as_ref().map(|person| person.full_name.as_str()).unwrap_or_default();
    let first_name = name.split_whitespace().next().unwrap_or_default().to_owned();
    let channels = channels_of(&member, &format!("/v1/customer/{}", member.customer_id())).await?;
    let all = find::all(&member).await?;
    let further = all.len().saturating_sub(TEAMS);
    let mut teams = Vec::new();
    for team in all.into_iter().take(TEAMS) {
        let api = format!("/v1/team/{}", team.id);
        let waiting: Listed<Waiting> =
            member.door.get(&member, &format!("{api}/invitations?limit=200")).await?;
        let waiting = waiting.data.into_iter().filter(|invitation| invitation.status != "accepted").collect();
        let people: Listed<Person> =
            member.door.get(&member, &format!("{api}/reachability?limit=200")).await?;
        let channels = channels_of(&member, &api).await?;
        teams.push(Watched { people: people.data, channels, waiting, team });
    }
    html(&Home { frame, first_name, own_id: member.customer_id(), channels, teams, further })
}

async fn channels_of(member: &Member, api: &str) -> Result<Vec<Channel>, Refusal> {
    let path = format!("{api}/notification-channels?limit=200");
    let listed: Listed<Channel> = member.door.get(member, &path).await?;
    Ok(listed.data)
}
