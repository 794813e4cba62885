//! Lists the types of channels: what each asks for and whether this server can send to it.

use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::destination::available;
use crate::domain::channel_guide::Field;
use crate::domain::channel_type::ChannelType;
use crate::http::params::List;
use crate::http::query::Query;
use crate::problem::Problem;

/// A type of notification channel, told so that a form for it can be made of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotificationChannelType {
    #[serde(rename = "type")]
    kind: ChannelType,
    /// Its name.
    label: &'static str,
    /// What it is for.
    description: &'static str,
    /// What `value` is.
    value: &'static str,
    /// `value` put together: each `{name}` stands for the field of that name.
    value_template: &'static str,
    /// What is to be filled in.
    fields: Vec<ChannelTypeField>,
    /// How the code arrives that proves a channel.
    verification: &'static str,
    /// Whether this server can send to it; where not, creating one is refused with `type_unavailable`.
    available: bool,
}

/// One field of the form for a channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelTypeField {
    /// Its name in `value_template`.
    name: &'static str,
    /// What stands before it.
    label: &'static str,
    /// What helps to fill it in.
    hint: &'static str,
    /// An example.
    placeholder: &'static str,
    /// A regular expression that the whole must match.
    pattern: Option<&'static str>,
    /// An input of HTML (`email`, `tel`, `url`, `text`), or `push-subscription`: the browser's own, as JSON text.
    input: &'static str,
    /// Whether it is masked for those who may not change the channel.
    secret: bool,
}

/// List the types of notification channels
///
/// What each type asks for, how it is verified, and whether this server can send to it, so that clients need not know the
/// types.
#[utoipa::path(
    get, path = "/v1/notification-channel-types", tag = "Notification channel types",
    responses((status = 200, description = "Every type.", body = List<NotificationChannelType>)),
)]
pub async fn list_channel_types(query: Query) -> Result<Response, Problem> {
    query
        .run(|_, query| {
            let data = ChannelType::ALL.map(|kind| show(kind, available(&query.app, kind).is_ok()));
            Ok(List { data: data.into(), next_cursor: None })
        })
        .await
}

fn show(kind: ChannelType, available: bool) -> NotificationChannelType {
    let guide = kind.guide();
    let field = |field: &Field| ChannelTypeField {
        name: field.name,
        label: field.label,
        hint: field.hint,
        placeholder: field.placeholder,
        pattern: field.pattern,
        input: field.input.as_str(),
        secret: field.secret,
    };
    NotificationChannelType {
        kind,
        label: guide.label,
        description: guide.description,
        value: guide.value,
        value_template: guide.template,
        fields: guide.fields.iter().map(field).collect(),
        verification: guide.verification,
        available,
    }
}
