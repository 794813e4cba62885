//! What is done to a channel: its code entered or sent again, a test, on and off, moved, deleted.

use http::Method;
use serde_json::{Value, json};

use super::owner::Owned;
use super::show::refused;
use crate::console::door::Refusal;
use crate::console::forms::Posted;
use crate::console::frame::{Answer, go_saying};
use crate::console::sign_up::digits;

async fn send(owned: &Owned, method: Method, path: &str, body: Value) -> Result<Value, Refusal> {
    let path = format!("{}/notification-channel{path}", owned.api);
    owned.member.door.send(&owned.member, method, &path, body).await
}

/// `POST …/{priority}/verify`
pub(super) async fn verify(owned: Owned, posted: Posted) -> Answer {
    let body = json!({"code": digits(posted.value("code")), "priority": owned.priority});
    match send(&owned, Method::PATCH, "/verification", body).await {
        Ok(_) => Ok(go_saying(&owned.page(), "channel_verified", &[])),
        Err(refusal) => refused(owned, "verify", posted, refusal).await,
    }
}

/// `POST …/{priority}/again`
pub(super) async fn send_again(owned: Owned, posted: Posted) -> Answer {
    match send(&owned, Method::POST, "/verification", json!({"priority": owned.priority})).await {
        Ok(_) => Ok(go_saying(&owned.page(), "code_sent", &[])),
        Err(refusal) => refused(owned, "again", posted, refusal).await,
    }
}

/// `POST …/{priority}/test`: waits for the outcome, and says what the receiver answered.
pub(super) async fn test(owned: Owned, posted: Posted) -> Answer {
    match send(&owned, Method::POST, "/test", json!({"priority": owned.priority})).await {
        Ok(answer) => {
            let delivery = &answer["delivery"];
            let latency = delivery["latency_ms"].as_i64().unwrap_or_default().to_string();
            let detail = delivery["detail"].as_str().unwrap_or_default();
            let key = match delivery["status"].as_str() {
                Some("delivered") => "tested",
                Some("failed") => "not_tested",
                _ if detail.is_empty() => "test_queued",
                _ => "not_tested_yet",
            };
            Ok(go_saying(&owned.page(), key, &[&latency, &owned.member.texts.detail(detail)]))
        }
        Err(refusal) => refused(owned, "test", posted, refusal).await,
    }
}

/// `POST …/{priority}/retry`
pub(super) async fn retry(owned: Owned, posted: Posted) -> Answer {
    let id: uuid::Uuid = posted.value("delivery_id").parse().map_err(|_| Refusal::not_found())?;
    match send(&owned, Method::POST, &format!("/deliveries/{id}/retry"), Value::Null).await {
        Ok(_) => Ok(go_saying(&format!("{}#deliveries", owned.page()), "retried", &[])),
        Err(refusal) => refused(owned, "retry", posted, refusal).await,
    }
}

/// `POST …/{priority}/enabled`
pub(super) async fn enable(owned: Owned, posted: Posted) -> Answer {
    let enabled = posted.value("enabled") == "true";
    let body = json!({"enabled": enabled, "priority": owned.priority});
    match send(&owned, Method::PUT, "/enabled", body).await {
        Ok(_) => {
            let key = if enabled { "channel_enabled" } else { "channel_disabled" };
            Ok(go_saying(&owned.page(), key, &[]))
        }
        Err(refusal) => refused(owned, "enabled", posted, refusal).await,
    }
}

/// `POST …/{priority}/delete`
pub(super) async fn delete(owned: Owned, posted: Posted) -> Answer {
    let path = format!("?priority={}", owned.priority);
    match send(&owned, Method::DELETE, &path, Value::Null).await {
        Ok(_) => Ok(go_saying(&owned.base, "channel_deleted", &[])),
        Err(refusal) => refused(owned, "delete", posted, refusal).await,
    }
}

/// `POST …/move`
pub(super) async fn reorder(owned: Owned, posted: Posted) -> Answer {
    let number = |field: &str| posted.value(field).parse::<u16>().map_err(|_| Refusal::not_found());
    let body = json!({"priority": number("priority")?, "new_priority": number("new_priority")?});
    send(&owned, Method::PATCH, "", body).await?;
    let place = posted.value("new_priority");
    Ok(go_saying(&format!("{}#channel-{place}", owned.base), "channel_moved", &[place]))
}
