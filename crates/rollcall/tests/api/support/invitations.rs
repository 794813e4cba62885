//! Invitations as tests send, find and hand them over.

use http::Method;
use notify_fakes::Mail;
use serde_json::{Value, json};

use super::{Person, Request, Server};

impl Server {
    /// A command on the invitations of a team that is about to be sent; `what` follows `invitation` in the path.
    pub(crate) fn on_invitation(
        &self,
        method: Method,
        by: &Person,
        team: &str,
        what: &str,
        body: &Value,
    ) -> Request<'_> {
        self.request(method, &format!("/v1/team/{team}/invitation{what}")).token(&by.token).json(body)
    }

    pub(crate) fn inviting(&self, by: &Person, team: &str, kind: &str, value: &str) -> Request<'_> {
        let body = json!({"channel_type": kind, "channel_value": value});
        self.on_invitation(Method::POST, by, team, "", &body)
    }

    pub(crate) fn reminding(&self, by: &Person, team: &str, value: &str) -> Request<'_> {
        self.on_invitation(Method::POST, by, team, "/reminder", &json!({"channel_value": value}))
    }

    pub(crate) fn withdrawing(&self, by: &Person, team: &str, value: &str) -> Request<'_> {
        self.on_invitation(Method::DELETE, by, team, "", &json!({"channel_value": value}))
    }

    /// The token of a hand-over link.
    pub(crate) async fn hand_over(&self, by: &Person, team: &str, value: &str) -> String {
        let body = json!({"channel_value": value});
        let made = self.on_invitation(Method::POST, by, team, "/link", &body).expect(200).await;
        token_in(Some(&made.text("/link"))).expect("a link")
    }

    /// Invites a person by mail to a team and gives the link's token.
    pub(crate) async fn invite(&self, by: &Person, team_id: &str, email: &str, role: &str) -> String {
        let before = self.smtp.count(|mail| token_to(mail, email).is_some());
        let body = json!({"channel_value": email, "channel_type": "email", "role": role});
        self.on_invitation(Method::POST, by, team_id, "", &body).expect(201).await;
        self.link_to(email, before + 1).await
    }

    /// The token in the n-th mail with a link to an address.
    pub(crate) async fn link_to(&self, address: &str, nth: usize) -> String {
        self.smtp.wait_for_nth(nth, |mail| token_to(mail, address)).await
    }

    /// What a link's invitation is now.
    pub(crate) async fn status_of(&self, token: &str) -> String {
        let preview = self.post("/v1/invitation/preview").json(&json!({"token": token}));
        preview.expect(200).await.text("/invitation/status")
    }

    pub(crate) async fn invitations(&self, by: &Person, team: &str) -> Vec<Value> {
        self.listed(by, &format!("/v1/team/{team}/invitations")).await
    }
}

/// The token of an invitation's link in a message.
pub(crate) fn token_in(text: Option<&str>) -> Option<String> {
    let (_, rest) = text?.split_once("/invitation?token=")?;
    Some(rest.split_whitespace().next().unwrap_or_default().to_owned())
}

/// The token in a mail to an address.
fn token_to(mail: &Mail, address: &str) -> Option<String> {
    mail.to.iter().any(|to| to == address).then(|| token_in(mail.text.as_deref())).flatten()
}
