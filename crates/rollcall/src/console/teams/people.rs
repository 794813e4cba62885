//! The people of a team: its members, and who is invited.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::find::{self, Team};
use crate::console::door::{Listed, Refusal};
use crate::console::forms::{Form, Posted};
use crate::console::frame::{Answer, Frame, go, page};
use crate::console::times::Time;
use crate::console::visit::Member;
use crate::domain::invitation::REMINDER_GAP;

#[derive(Template)]
#[template(path = "team.html")]
struct Page {
    frame: Frame,
    form: Form,
    team: Team,
    tab: &'static str,
    own_id: String,
    people: Vec<Person>,
    reach: Vec<Reach>,
    invitations: Vec<Invitation>,
    /// Where a member may be moved.
    others: Vec<Team>,
    /// A link that was made just now, and for whom.
    link: Option<(String, String)>,
    now: Timestamp,
}

/// A member.
#[derive(Deserialize)]
struct Person {
    customer_id: String,
    email: String,
    full_name: String,
    role: String,
    joined_at: Time,
}

impl Person {
    fn initials(&self) -> String {
        crate::console::frame::initials(&self.full_name)
    }
}

/// Whether a member can be reached.
#[derive(Deserialize)]
struct Reach {
    customer_id: String,
    reachable: bool,
    last_worked_at: Option<Time>,
}

/// Somebody who was invited.
#[derive(Deserialize)]
struct Invitation {
    channel: String,
    channel_type: String,
    role: String,
    sender_full_name: String,
    status: String,
    created_at: Time,
    reminded_at: Option<Time>,
    expires_at: Time,
}

impl Invitation {
    fn icon(&self) -> &'static str {
        if self.channel_type == "email" { "mail" } else { "message-square" }
    }

    fn tone(&self) -> &'static str {
        match self.status.as_str() {
            "pending" => "accent",
            "accepted" => "good",
            "expired" => "warn",
            _ => "",
        }
    }
}

impl Page {
    /// The name of the form for a member's role, or for moving them.
    #[expect(clippy::unused_self, reason = "called by the template")]
    fn form_of(&self, what: &str, person: &Person) -> String {
        format!("{what}-{}", person.customer_id)
    }

    fn reach_of(&self, person: &Person) -> Option<&Reach> {
        self.reach.iter().find(|reach| reach.customer_id == person.customer_id)
    }

    /// Whether who looks may change this member: a root is changed by a root alone.
    fn may_change(&self, person: &Person) -> bool {
        self.team.is_governed() && (person.role != "root" || self.team.role == "root")
    }

    fn roles(&self, person: &Person) -> Vec<(&'static str, bool)> {
        let roles =
            if self.team.role == "root" { &["user", "manager", "root"][..] } else { &["user", "manager"] };
        roles.iter().map(|role| (*role, *role == person.role)).collect()
    }

    /// Seconds until somebody who was reminded may be reminded again.
    fn rest(&self, invitation: &Invitation) -> i64 {
        invitation.reminded_at.map_or(0, |last| last.seconds_left(REMINDER_GAP, self.now))
    }

    /// When that is; none where it is now.
    fn rests_until(&self, invitation: &Invitation) -> Option<Time> {
        let last = invitation.reminded_at.filter(|_| self.rest(invitation) > 0);
        last.map(|last| last.after(REMINDER_GAP))
    }

    fn open(&self) -> usize {
        self.invitations.iter().filter(|invitation| invitation.status == "pending").count()
    }

    fn invited_role(&self, role: &str) -> bool {
        self.form.value("invite", "role", "user") == role
    }

    fn invited_type(&self, kind: &str) -> bool {
        self.form.value("invite", "channel_type", "email") == kind
    }
}

/// `GET /teams/{team}`
pub(super) async fn show(member: Member, Path(id): Path<Uuid>) -> Answer {
    let form = Form::fresh(member.texts);
    again(&member, id, form, None).await
}

/// The address of a form, looked up: its team.
pub(super) async fn back(Path(ids): Path<Vec<(String, String)>>) -> Response {
    let team = ids.iter().find(|(name, _)| name == "team").map_or("", |(_, id)| id.as_str());
    go(&format!("/teams/{team}"))
}

/// The page with the named form refused.
pub(super) async fn refused(
    member: &Member,
    id: Uuid,
    name: &'static str,
    posted: Posted,
    refusal: Refusal,
) -> Answer {
    again(member, id, Form::refused(member.texts, name, posted, refusal), None).await
}

/// The page with a form that was refused, or with a link that was made.
pub(super) async fn again(member: &Member, id: Uuid, form: Form, link: Option<(String, String)>) -> Answer {
    let frame = Frame::of(member, "teams").await?;
    let teams = find::all(member).await?;
    let (mut own, others): (Vec<_>, Vec<_>) = teams.into_iter().partition(|team| team.id == id);
    let team = own.pop().ok_or_else(Refusal::not_found)?;
    let others = others.into_iter().filter(Team::is_governed).collect();
    let people: Listed<Person> = member.door.get(member, &format!("/v1/team/{id}/members?limit=200")).await?;
    let reach: Listed<Reach> =
        member.door.get(member, &format!("/v1/team/{id}/reachability?limit=200")).await?;
    let path = format!("/v1/team/{id}/invitations?limit=200");
    let mut invitations: Listed<Invitation> = member.door.get(member, &path).await?;
    // Who is a member is listed above.
    invitations.data.retain(|invitation| invitation.status != "accepted");
    let shown = Page {
        frame,
        form: form.clone(),
        team,
        tab: "people",
        own_id: member.customer_id(),
        people: people.data,
        reach: reach.data,
        invitations: invitations.data,
        others,
        link,
        now: member.app.now(),
    };
    page(&shown, &form)
}
