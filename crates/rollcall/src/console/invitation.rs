//! The page that an invitation's link opens: who invites to what, what has become of it, and accepting or declining by a form.
//!
//! Looking at it changes nothing: programs that look at links before people do accept nothing.

use askama::Template;
use axum::extract::Query;
use http::{Method, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::door::Refusal;
use super::forms::{Form, Posted};
use super::frame::{Answer, Frame, Person, go_saying, page};
use super::sign_in::welcome;
use super::sign_up::code_path;
use super::times::Time;
use super::visit::Visit;

#[derive(Template)]
#[template(path = "invitation.html")]
struct Page {
    frame: Frame,
    form: Form,
    token: String,
    invitation: Invitation,
    guest: Guest,
}

/// Who looks at it, as far as accepting is concerned.
#[derive(PartialEq, Eq)]
enum Guest {
    /// It is no longer open.
    TooLate,
    /// Signed in, and it may be theirs.
    Member { email: String },
    /// Signed in with another address than the invited one.
    SomebodyElse { email: String },
    /// Not signed in, and the address has an account.
    Known,
    /// Not signed in, and new.
    New,
}

#[derive(Deserialize)]
struct Preview {
    invitation: Invitation,
    account_exists: bool,
}

#[derive(Deserialize)]
struct Invitation {
    team: Team,
    organization: Named,
    channel: String,
    channel_type: String,
    role: String,
    sender_full_name: String,
    status: String,
    expires_at: Time,
}

#[derive(Deserialize)]
struct Team {
    team_id: String,
    name: String,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

impl Page {
    fn by_mail(&self) -> bool {
        self.invitation.channel_type == "email"
    }

    /// The key of what is said of an invitation that is no longer open.
    fn state(&self, ending: &str) -> String {
        format!("invitation.{}{ending}", self.invitation.status)
    }

    /// Back to this page, after signing in.
    fn next(&self) -> String {
        format!("/invitation?token={}", utf8_percent_encode(&self.token, NON_ALPHANUMERIC))
    }

    /// Where the invited signs in.
    fn sign_in(&self) -> String {
        let next = self.next();
        let next = utf8_percent_encode(&next, NON_ALPHANUMERIC);
        let email = if self.by_mail() { self.invitation.channel.as_str() } else { "" };
        format!("/sign-in?next={next}&email={}", utf8_percent_encode(email, NON_ALPHANUMERIC))
    }
}

/// The link's token.
#[derive(Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    token: String,
}

/// `GET /invitation?token=`
pub(super) async fn show(visit: Visit, Query(link): Query<Link>) -> Answer {
    let form = Form::fresh(visit.texts);
    again(&visit, link.token, form).await
}

async fn again(visit: &Visit, token: String, form: Form) -> Answer {
    let body = json!({"token": token});
    let preview = visit.door.send(visit, Method::POST, "/v1/invitation/preview", body).await;
    let preview: Preview = match preview {
        Ok(answer) => serde_json::from_value(answer).map_err(|_| Refusal::internal())?,
        Err(refusal) if refusal.status == 404 => {
            return Err(Refusal::of(StatusCode::NOT_FOUND, "invitation_unknown"));
        }
        Err(refusal) => return Err(refusal),
    };
    let Preview { invitation, account_exists } = preview;
    let guest = if invitation.status != "pending" {
        Guest::TooLate
    } else if visit.caller.is_some() {
        let Person { email, .. } = visit.door.get(visit, "/v1/customer").await?;
        // Only said here; the operation is what decides.
        let other =
            invitation.channel_type == "email" && email.to_lowercase() != invitation.channel.to_lowercase();
        if other { Guest::SomebodyElse { email } } else { Guest::Member { email } }
    } else if account_exists {
        Guest::Known
    } else {
        Guest::New
    };
    page(&Page { frame: Frame::open(visit), form: form.clone(), token, invitation, guest }, &form)
}

/// `POST /invitation/accept`
pub(super) async fn accept(visit: Visit, posted: Posted) -> Answer {
    let token = posted.value("token").to_owned();
    let mut body = json!({"token": token});
    if visit.caller.is_none() {
        for field in ["name", "surname", "password", "email"].into_iter().filter(|field| posted.has(field)) {
            body[field] = json!(posted.value(field));
        }
    }
    match visit.door.send(&visit, Method::POST, "/v1/invitation/accept", body).await {
        Ok(answer) => accepted(&visit, &posted, &answer).await,
        Err(refusal) => again(&visit, token, Form::refused(visit.texts, "accept", posted, refusal)).await,
    }
}

async fn accepted(visit: &Visit, posted: &Posted, answer: &Value) -> Answer {
    if answer["confirmation_required"] == true {
        let email = if posted.has("email") { posted.trimmed("email") } else { posted.value("channel") };
        return Ok(go_saying(&code_path(email), "code_first", &[]));
    }
    let joined = go_saying("/", "joined", &[posted.value("team")]);
    if answer["access_token"].is_string() { welcome(visit, answer, joined).await } else { Ok(joined) }
}

/// `POST /invitation/decline`
pub(super) async fn decline(visit: Visit, posted: Posted) -> Answer {
    let token = posted.value("token").to_owned();
    match visit.door.send(&visit, Method::POST, "/v1/invitation/decline", json!({"token": token})).await {
        Ok(_) => {
            let path = format!("/invitation?token={}", utf8_percent_encode(&token, NON_ALPHANUMERIC));
            Ok(go_saying(&path, "declined", &[]))
        }
        Err(refusal) => again(&visit, token, Form::refused(visit.texts, "decline", posted, refusal)).await,
    }
}
