//! Another username: asked for, sent again, proved by its code, or forgotten.

use http::Method;
use serde_json::{Value, json};

use super::profile::{Profile, refused};
use crate::console::door::Refusal;
use crate::console::forms::Posted;
use crate::console::frame::{Answer, go_saying};
use crate::console::sign_up::digits;
use crate::console::visit::Member;

const PATH: &str = "/v1/customer/username";

/// `POST /account/username`
pub(super) async fn ask(member: Member, posted: Posted) -> Answer {
    let email = posted.trimmed("email");
    match member.door.send(&member, Method::PUT, PATH, json!({"email": email})).await {
        Ok(answer) if answer["verification"]["required"] == true => {
            Ok(go_saying("/account#username", "username_asked", &[email]))
        }
        Ok(_) => Ok(go_saying("/account#username", "username_same", &[])),
        Err(refusal) => refused(&member, "username", posted, refusal).await,
    }
}

/// `POST /account/username/code`
pub(super) async fn confirm(member: Member, posted: Posted) -> Answer {
    let body = json!({"code": digits(posted.value("code"))});
    match member.door.send(&member, Method::PATCH, PATH, body).await {
        Ok(_) => Ok(go_saying("/account#username", "username_changed", &[])),
        Err(refusal) => refused(&member, "username-code", posted, refusal).await,
    }
}

/// `POST /account/username/again`: asks for the pending address anew, which sends a code.
pub(super) async fn send_again(member: Member, posted: Posted) -> Answer {
    let profile: Profile = member.door.get(&member, "/v1/customer").await?;
    let pending = profile.pending_email.ok_or_else(Refusal::not_found)?;
    match member.door.send(&member, Method::PUT, PATH, json!({"email": pending})).await {
        Ok(_) => Ok(go_saying("/account#username", "code_sent", &[])),
        Err(refusal) => refused(&member, "username-code", posted, refusal).await,
    }
}

/// `POST /account/username/cancel`
pub(super) async fn cancel(member: Member, posted: Posted) -> Answer {
    match member.door.send(&member, Method::DELETE, PATH, Value::Null).await {
        Ok(_) => Ok(go_saying("/account#username", "username_cancelled", &[])),
        Err(refusal) => refused(&member, "username-code", posted, refusal).await,
    }
}
