//! Another password; every other session ends.

use http::Method;
use serde_json::json;

use super::profile::refused;
use crate::console::forms::Posted;
use crate::console::frame::{Answer, go_saying};
use crate::console::visit::Member;

/// `POST /account/password`
pub(super) async fn change(member: Member, posted: Posted) -> Answer {
    let body = json!({
        "current_password": posted.value("current_password"),
        "password": posted.value("password"),
    });
    match member.door.send(&member, Method::PUT, "/v1/account/password", body).await {
        Ok(_) => Ok(go_saying("/account#password", "password_changed", &[])),
        Err(mut refusal) => {
            if refusal.code == "credentials_invalid" {
                refusal = refusal.about("current_password", "password_wrong");
            }
            refused(&member, "password", posted, refusal).await
        }
    }
}
