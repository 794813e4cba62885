//! Adds a notification channel and sends the code that proves it.

use notify::standard_webhooks::new_secret;
use serde::Serialize;
use utoipa::ToSchema;

use super::owner::{self, Holder};
use super::send_code::{Sending, send};
use super::view::{self, ChannelView};
use super::{destination, store};
use crate::codes::Pace;
use crate::db::Tx;
use crate::domain::access::Action as Right;
use crate::domain::channel::{Channel, Owner, State};
use crate::domain::channel_type::ChannelType;
use crate::domain::channel_value::ChannelValue;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::{ChannelId, CustomerId, DeliveryId, TeamId};
use crate::domain::plan::LimitKey;
use crate::domain::priority::Priority;
use crate::http::body::{Body, Fields};
use crate::http::command::Command;
use crate::http::path::Path;
use crate::http::reply::Reply;
use crate::organizations::limits;
use crate::problem::{Code, Problem};

/// A new notification channel.
#[derive(Debug, ToSchema)]
pub struct CreateChannel {
    /// By what messages arrive.
    #[schema(rename = "type")]
    kind: ChannelType,
    /// Where they arrive: an address, a number with its country code, or a URL.
    #[schema(value_type = String)]
    value: ChannelValue,
    /// The lowest free number where this is left out.
    priority: Option<Priority>,
}

impl Body for CreateChannel {
    /// By hand: what `value` may be depends on `type`, and both on what this server can reach.
    fn read(fields: &mut Fields) -> Option<Self> {
        let app = fields.app();
        let kind = fields.take::<ChannelType>("type");
        let available = fields.parsed("type", || Some(destination::available(app.as_ref()?, kind?)));
        let text = fields.take::<String>("value");
        let value =
            fields.parsed("value", || Some(destination::parse(app.as_ref()?, kind?, text.as_deref()?)));
        let priority = fields.take::<Option<Priority>>("priority");
        Some(Self { kind: available?, value: value?, priority: priority? })
    }
}

/// A channel that was just added.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelCreated {
    /// What was done, for people.
    message: String,
    /// The channel as it now is.
    notification_channel: ChannelView,
    /// The secret that messages to a webhook are signed with (Standard Webhooks). It is shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_secret: Option<String>,
}

/// Add a personal notification channel
///
/// A six-digit code goes there; the channel receives messages once the code is confirmed.
#[utoipa::path(
    post, path = "/v1/customer/{id}/notification-channel", tag = "Personal notification channels",
    params(("id" = CustomerId, Path, description = "You.")), request_body = CreateChannel,
    responses(
        (status = 201, description = "The channel waits for its code.", body = ChannelCreated),
        (status = 409, description = "`duplicate_channel`, `priority_taken` or `limit_reached`."),
        (status = 429, description = "`rate_limited`: the receiver has got too many codes."),
    ),
)]
pub async fn create_personal_channel(
    Path(id): Path<CustomerId>,
    command: Command<CreateChannel>,
) -> Result<Reply, Problem> {
    create(Owner::Customer(id), command).await
}

/// Add a notification channel of a team
///
/// For managers of the team and roots of its organization. A six-digit code goes there; the channel receives messages
/// once the code is confirmed.
#[utoipa::path(
    post, path = "/v1/team/{id}/notification-channel", tag = "Team notification channels",
    params(("id" = TeamId, Path, description = "The team.")), request_body = CreateChannel,
    responses(
        (status = 201, description = "The channel waits for its code.", body = ChannelCreated),
        (status = 403, description = "`role_insufficient`."),
        (status = 409, description = "`duplicate_channel`, `priority_taken` or `limit_reached`."),
        (status = 429, description = "`rate_limited`: the receiver has got too many codes."),
    ),
)]
pub async fn create_team_channel(
    Path(id): Path<TeamId>,
    command: Command<CreateChannel>,
) -> Result<Reply, Problem> {
    create(Owner::Team(id), command).await
}

async fn create(owner: Owner, command: Command<CreateChannel>) -> Result<Reply, Problem> {
    let (app, now) = (&command.app, command.now);
    let (channel_id, delivery_id): (ChannelId, DeliveryId) = (app.fresh_id(now), app.fresh_id(now));
    let fresh_secret = new_secret(app.random());
    command
        .run(move |tx, command| {
            let (app, caller, now) = (&command.app, &command.caller, command.now);
            let holder = owner::load(&tx, caller, owner, Right::Govern)?;
            let CreateChannel { kind, value, priority } = command.admit(&tx)?;
            let organization_id = holder.organization_id;
            if store::is_duplicate(&tx, app, &holder, *kind, value, channel_id)? {
                return Err(Problem::new(Code::DuplicateChannel).into());
            }
            let used = || store::count(&tx, organization_id);
            limits::check(&tx, &app.plans, organization_id, LimitKey::NotificationChannels, used)?;
            let channel = Channel {
                organization_id,
                channel_id,
                owner,
                priority: place(&tx, &holder, *priority)?,
                kind: *kind,
                state: State::Unverified { value: value.clone() },
                created_at: now,
            };
            let signing_secret = (*kind == ChannelType::Webhook).then(|| fresh_secret.clone());
            store::insert(&tx, app, &channel, signing_secret.as_deref())?;
            send(&tx, app, &holder, &channel, &Sending { caller, delivery_id, pace: Pace::First, now })?;
            let reply = Reply::created(&ChannelCreated {
                message:
                    "The channel is there. We have sent it a six-digit code: enter it within ten minutes."
                        .to_owned(),
                notification_channel: view::load(&tx, &channel, &holder)?,
                signing_secret,
            });
            let event = Event::new(organization_id, Action::ChannelCreated, Target::Channel(channel_id));
            command.commit(tx, event, reply)
        })
        .await
}

/// The number that was asked for, whose unique rule speaks for itself, or the lowest free one.
fn place(tx: &Tx<'_>, holder: &Holder, asked: Option<Priority>) -> Result<Priority, Problem> {
    let full = || {
        let detail = format!("All {} priorities are taken. Delete a channel first.", Priority::LAST);
        Problem::because(Code::LimitReached, detail)
    };
    match asked {
        Some(priority) => Ok(priority),
        None => Priority::lowest_free(&store::taken(tx, holder)?).ok_or_else(full),
    }
}
