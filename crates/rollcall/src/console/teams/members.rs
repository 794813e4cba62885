//! What is done to a member of a team: another role, another team, removed; and leaving by oneself.

use axum::extract::Path;
use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::people::refused;
use crate::console::forms::Posted;
use crate::console::frame::{Answer, go_saying};
use crate::console::visit::Member;

fn path(team: Uuid, member: Uuid) -> String {
    format!("/v1/team/{team}/member/{member}")
}

/// `POST /teams/{team}/members/{member}/role`
pub(super) async fn set_role(member: Member, Path((team, id)): Path<(Uuid, Uuid)>, posted: Posted) -> Answer {
    let body = json!({"role": posted.value("role")});
    match member.door.send(&member, Method::PATCH, &path(team, id), body).await {
        Ok(answer) => {
            let name = answer["member"]["full_name"].as_str().unwrap_or_default();
            Ok(go_saying(&format!("/teams/{team}#member-{id}"), "role_changed", &[name]))
        }
        Err(refusal) => refused(&member, team, "member", posted, refusal).await,
    }
}

/// `POST /teams/{team}/members/{member}/move`
pub(super) async fn move_on(member: Member, Path((team, id)): Path<(Uuid, Uuid)>, posted: Posted) -> Answer {
    let body = json!({"new_team_id": posted.value("new_team_id")});
    match member.door.send(&member, Method::PATCH, &path(team, id), body).await {
        Ok(answer) => {
            let name = answer["member"]["full_name"].as_str().unwrap_or_default();
            Ok(go_saying(&format!("/teams/{}", posted.value("new_team_id")), "member_moved", &[name]))
        }
        Err(refusal) => refused(&member, team, "member", posted, refusal).await,
    }
}

/// `POST /teams/{team}/members/{member}/remove`
pub(super) async fn remove(member: Member, Path((team, id)): Path<(Uuid, Uuid)>, posted: Posted) -> Answer {
    let own = id.to_string() == member.customer_id();
    match member.door.send(&member, Method::DELETE, &path(team, id), Value::Null).await {
        Ok(_) if own => Ok(go_saying("/teams", "team_left", &[])),
        Ok(_) => Ok(go_saying(&format!("/teams/{team}"), "member_removed", &[])),
        Err(refusal) => refused(&member, team, "member", posted, refusal).await,
    }
}
