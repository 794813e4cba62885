//! People with accounts, made through the API as everybody makes theirs.

use notify_fakes::Mail;
use serde_json::json;

use super::{Request, Server};

/// A customer who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) customer_id: String,
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) token: String,
    pub(crate) refresh_token: String,
}

pub(crate) const PASSWORD: &str = "violet-harbour-71";

impl Server {
    /// Signs a person up with an organization of their own, by the code that their mail brings.
    pub(crate) async fn person(&self, name: &str) -> Person {
        let email = format!("{}@example.com", name.to_lowercase());
        let account = json!({"name": name, "surname": "Tester", "email": email, "password": PASSWORD});
        self.post("/v1/account").json(&account).expect(201).await;
        let mail = self.smtp.wait_for(|mail| mail.to.contains(&email)).await;
        let code = mail.code().expect("the mail brings a code");
        self.patch("/v1/account").json(&json!({"email": email, "confirmation_code": code})).expect(200).await;
        self.sign_in(&email, PASSWORD).await
    }

    /// The last code among the first `nth` mails to an address: a mail without one (an invitation) counts.
    pub(crate) async fn code_for(&self, email: &str, nth: usize) -> String {
        let to_them = |mail: &Mail| mail.to.iter().any(|to| to == email);
        let codes = |all: &[Mail]| {
            let theirs: Vec<_> = all.iter().filter(|mail| to_them(mail)).take(nth).map(Mail::code).collect();
            (theirs.len() == nth).then(|| theirs.into_iter().rev().flatten().next())
        };
        self.smtp.wait_until(codes).await.expect("a mail brings a code")
    }

    /// Asks for a code to set a new password.
    pub(crate) async fn forgot(&self, email: &str) {
        self.post("/v1/account/password").json(&json!({"email": email})).expect(200).await;
    }

    /// The code of the n-th mail for a new password.
    pub(crate) async fn recovery(&self, person: &Person, nth: usize) -> String {
        let sent = |mail: &Mail| {
            mail.to == [person.email.clone()] && mail.subject().contains("new Rollcall password")
        };
        self.smtp.wait_for_nth(nth, |mail| sent(mail).then(|| mail.code().expect("a code"))).await
    }

    /// A new password by code that is about to be asked for.
    pub(crate) fn reset(&self, email: &str, code: &str, password: &str) -> Request<'_> {
        let body = json!({"email": email, "code": code, "password": password});
        self.patch("/v1/account/password").json(&body)
    }

    /// Signs in.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Person {
        let answer =
            self.post("/v1/auth").json(&json!({"email": email, "password": password})).expect(200).await;
        Person {
            customer_id: answer.text("/customer/customer_id"),
            email: email.to_owned(),
            password: password.to_owned(),
            token: answer.text("/access_token"),
            refresh_token: answer.text("/refresh_token"),
        }
    }

    /// Makes a team and gives its id.
    pub(crate) async fn team(&self, owner: &Person, name: &str) -> String {
        self.post("/v1/team")
            .token(&owner.token)
            .json(&json!({"name": name}))
            .expect(201)
            .await
            .text("/team/team_id")
    }

    /// Invites somebody without an account, who accepts: a customer of the same organization.
    pub(crate) async fn member(&self, by: &Person, team_id: &str, name: &str, role: &str) -> Person {
        let email = format!("{}@example.com", name.to_lowercase());
        let token = self.invite(by, team_id, &email, role).await;
        let body = json!({"token": token, "name": name, "surname": "Tester", "password": PASSWORD});
        self.post("/v1/invitation/accept").json(&body).expect(201).await;
        self.sign_in(&email, PASSWORD).await
    }

    /// Invites somebody who has an account elsewhere and accepts: a guest.
    pub(crate) async fn guest(&self, by: &Person, team_id: &str, guest: &Person, role: &str) {
        let token = self.invite(by, team_id, &guest.email, role).await;
        self.post("/v1/invitation/accept")
            .token(&guest.token)
            .json(&json!({"token": token}))
            .expect(200)
            .await;
    }
}
