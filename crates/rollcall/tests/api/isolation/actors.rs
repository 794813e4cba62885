//! Who tries: from nobody at all to members whose role does not suffice, with what each of them must be told.

use serde_json::json;

use super::tenant::Tenant;
use crate::console::Browser;
use crate::operations::Door;
use crate::support::{Person, Server, teams};

/// What somebody is to the tenant that is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Sends nothing that proves who they are.
    Nobody,
    /// A customer of the organization who is not in the team.
    Neighbour,
    /// A customer of another organization.
    Stranger,
    /// A customer of another organization who manages the team.
    Guest,
    User,
    Manager,
    Root,
}

/// Somebody who sends requests.
pub(super) struct Actor {
    pub(super) name: String,
    pub(super) headers: Vec<String>,
    /// Of a browser.
    pub(super) cookie: Option<String>,
    pub(super) standing: Standing,
}

impl Actor {
    /// A customer with a good token.
    pub(super) fn of(name: &str, person: &Person, standing: Standing) -> Self {
        Self {
            name: name.to_owned(),
            headers: vec![format!("Bearer {}", person.token)],
            cookie: None,
            standing,
        }
    }

    fn nobody(name: &str, headers: &[&str]) -> Self {
        let headers = headers.iter().map(|header| (*header).to_owned()).collect();
        Self { name: name.to_owned(), headers, cookie: None, standing: Standing::Nobody }
    }
}

/// What of a request decides who may send it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub(super) door: Door,
    /// Whether it is about the sender's own channels and profile.
    pub(super) mine: bool,
    /// Whether it makes, changes or removes a root.
    pub(super) rooted: bool,
}

/// The refusal for somebody by the role table, or none where they may.
#[expect(clippy::match_same_arms, reason = "one arm for each line of the role table")]
pub(super) fn refusal(standing: Standing, cell: Cell) -> Option<u16> {
    use Standing::{Guest, Manager, Neighbour, Nobody, Root, Stranger, User};
    match (cell.door, standing) {
        (Door::Open, _) => None,
        (_, Nobody) => Some(401),
        (Door::Caller, _) => None,
        (Door::Own | Door::Profile, _) if cell.mine => None,
        (Door::Profile, Root) => None,
        (Door::Own | Door::Profile, _) => Some(404),
        (Door::Root, Root) | (Door::MakeTeam, Root | Manager) => None,
        // At home these two may be anything.
        (Door::Root | Door::MakeTeam, Stranger) | (Door::MakeTeam, Neighbour) => None,
        (Door::Root | Door::MakeTeam, _) => Some(403),
        (Door::See | Door::Govern, Neighbour | Stranger) => Some(404),
        (Door::See, _) | (Door::Govern, Root) => None,
        (Door::Govern, Manager | Guest) => cell.rooted.then_some(403),
        (Door::Govern, User) => Some(403),
    }
}

/// Everybody who must not reach the victim's things.
pub(super) async fn intruders(server: &Server, victim: &Tenant, other: &Tenant, expired: &str) -> Vec<Actor> {
    let good = format!("Bearer {}", victim.root.token);
    let signed_out = server.sign_in(&victim.root.email, &victim.root.password).await;
    server.delete("/v1/auth").token(&signed_out.token).expect(200).await;
    let gone = server.member(&victim.root, &victim.team, "leaver", "manager").await;
    let leave = json!({"reason": "moving on"});
    server.delete("/v1/customer").token(&gone.token).json(&leave).expect(200).await;
    let removed = server.member(&victim.root, &victim.team, "removed", "manager").await;
    let path = teams::member_path(&victim.team, &removed);
    server.delete(&path).token(&victim.root.token).expect(200).await;
    let ended = server.person("ended").await;
    server.guest(&victim.root, &victim.team, &ended, "manager").await;
    let path = teams::member_path(&victim.team, &ended);
    server.delete(&path).token(&victim.root.token).expect(200).await;
    let invited = server.person("asked").await;
    server.invite(&victim.root, &victim.team, &invited.email, "manager").await;
    let demoted = server.member(&victim.root, &victim.team, "demoted", "manager").await;
    let path = teams::member_path(&victim.team, &demoted);
    let user = json!({"role": "user"});
    server.patch(&path).token(&victim.root.token).json(&user).expect(200).await;
    let mut browser = Browser::new(server);
    browser.sign_in(&victim.root.email).await;
    let cookie = browser.cookie("__Host-rollcall").expect("a cookie").to_owned();
    let cookies = Some(format!("__Host-rollcall={cookie}"));
    let bearer = |token: &str| format!("Bearer {token}");
    vec![
        Actor::nobody("nobody", &[]),
        Actor::nobody("a made-up token", &["Bearer nothing"]),
        Actor::nobody("an empty token", &["Bearer "]),
        Actor::nobody("another scheme", &[&format!("Basic {}", victim.root.token)]),
        Actor::nobody("two tokens", &[&good, &good]),
        Actor::nobody("a refresh token", &[&bearer(&victim.root.refresh_token)]),
        Actor::nobody("an expired token", &[&bearer(expired)]),
        Actor::nobody("a token after signing out", &[&bearer(&signed_out.token)]),
        Actor::nobody("a browser's token", &[&bearer(&cookie)]),
        Actor { cookie: cookies, ..Actor::nobody("a browser", &[]) },
        Actor::nobody("a customer who has left", &[&bearer(&gone.token)]),
        Actor::of("one who is invited", &invited, Standing::Stranger),
        Actor::of("a guest whose membership has ended", &ended, Standing::Stranger),
        Actor::of("the root of another tenant", &other.root, Standing::Stranger),
        Actor::of("a manager of another tenant", &other.manager, Standing::Stranger),
        Actor::of("a user of another tenant", &other.user, Standing::Stranger),
        Actor::of("a manager who was removed", &removed, Standing::Neighbour),
        Actor::of("a manager of another team", &victim.neighbour, Standing::Neighbour),
        Actor::of("a manager who became a user", &demoted, Standing::User),
        Actor::of("a user of the team", &victim.user, Standing::User),
        Actor::of("a manager of the team", &victim.manager, Standing::Manager),
    ]
}
