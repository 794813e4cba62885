//! Gives a channel a new value, which takes over once it is proved.

use jiff::Timestamp;

use super::send_code::{Sending, scope, send};
use super::view::{self, ChannelChanged};
use super::{destination, owner, store};
use crate::app::App;
use crate::codes::{self, Pace};
use crate::db::Tx;
use crate::domain::access::Action as Right;
use crate::domain::channel::{Change, Channel, Owner};
use crate::domain::channel_value::ChannelValue;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::{CustomerId, DeliveryId, TeamId};
use crate::domain::priority::Priority;
use crate::http::command::Command;
use crate::http::path::Path;
use crate::http::reply::Reply;
use crate::problem::{Code, Problem};

crate::body! {
    /// A new value of a channel. The type does not change.
    pub struct ChangeChannel {
        /// Which channel.
        pub priority: Priority,
        /// What its type takes. The current value takes a waiting one back.
        pub value: String,
    }
}

/// Change the value of a personal notification channel
///
/// A code goes to the new value, which takes over once the code is confirmed. Until then a verified old value goes on
/// receiving; one that was never verified is replaced at once. The current value again takes a waiting one back.
#[utoipa::path(
    put, path = "/v1/customer/{id}/notification-channel", tag = "Personal notification channels",
    params(("id" = CustomerId, Path, description = "You.")), request_body = ChangeChannel,
    responses(
        (status = 200, description = "The new value waits for its code.", body = ChannelChanged),
        (status = 404, description = "`not_found`: you have no channel with this priority."),
        (status = 409, description = "`duplicate_channel`."),
        (status = 429, description = "`rate_limited`: the receiver has got too many codes."),
    ),
)]
pub async fn change_personal_channel(
    Path(id): Path<CustomerId>,
    command: Command<ChangeChannel>,
) -> Result<Reply, Problem> {
    change(Owner::Customer(id), command).await
}

/// Change the value of a team's notification channel
///
/// For managers of the team and roots of its organization. A code goes to the new value, which takes over once the code is
/// confirmed. Until then a verified old value goes on receiving; one that was never verified is replaced at once. The
/// current value again takes a waiting one back.
#[utoipa::path(
    put, path = "/v1/team/{id}/notification-channel", tag = "Team notification channels",
    params(("id" = TeamId, Path, description = "The team.")), request_body = ChangeChannel,
    responses(
        (status = 200, description = "The new value waits for its code.", body = ChannelChanged),
        (status = 403, description = "`role_insufficient`."),
        (status = 404, description = "`not_found`: no such team, or it has no channel with this priority."),
        (status = 409, description = "`duplicate_channel`."),
        (status = 429, description = "`rate_limited`: the receiver has got too many codes."),
    ),
)]
pub async fn change_team_channel(
    Path(id): Path<TeamId>,
    command: Command<ChangeChannel>,
) -> Result<Reply, Problem> {
    change(Owner::Team(id), command).await
}

async fn change(owner: Owner, command: Command<ChangeChannel>) -> Result<Reply, Problem> {
    let delivery_id: DeliveryId = command.app.fresh_id(command.now);
    command
        .run(move |tx, command| {
            let (app, caller, now) = (&command.app, &command.caller, command.now);
            let holder = owner::load(&tx, caller, owner, Right::Govern)?;
            let ChangeChannel { priority, value } = command.admit(&tx)?;
            let mut channel = store::take(&tx, app, &holder, *priority)?;
            let value =
                destination::parse(app, channel.kind, value).map_err(|why| Problem::field("value", why))?;
            if store::is_duplicate(&tx, app, &holder, channel.kind, &value, channel.channel_id)? {
                return Err(Problem::new(Code::DuplicateChannel).into());
            }
            // To the letter: addresses that only compare as the same may be two mailboxes.
            let waits_already = channel.awaits_code().is_ok_and(|waiting| *waiting == value);
            let message = match replace(&tx, app, &mut channel, value, now)? {
                Change::Settled => "The channel has this value already: nothing waits for a code.",
                Change::AwaitsCode => {
                    let pace = if waits_already { Pace::Again } else { Pace::First };
                    match send(&tx, app, &holder, &channel, &Sending { caller, delivery_id, pace, now }) {
                        // It is no new value, so that the code which is out goes on holding.
                        Err(refusal) if refusal.code == Code::ResendTooSoon => {
                            "This value waits for its code already: enter the one that we have just sent."
                        }
                        sent => {
                            sent?;
                            "We have sent a six-digit code to the new value: enter it within ten minutes."
                        }
                    }
                }
            };
            let reply = Reply::ok(&ChannelChanged {
                message: message.to_owned(),
                notification_channel: view::load(&tx, &channel, &holder)?,
            });
            let target = Target::Channel(channel.channel_id);
            command.commit(tx, Event::new(holder.organization_id, Action::ChannelUpdated, target), reply)
        })
        .await
}

/// Keeps the new value; a code for a value that does not wait any more is void.
fn replace(
    tx: &Tx<'_>,
    app: &App,
    channel: &mut Channel,
    value: ChannelValue,
    now: Timestamp,
) -> Result<Change, Problem> {
    let change = channel.change_value(value);
    store::save(tx, app, channel)?;
    if change == Change::Settled {
        codes::forget(tx, &scope(channel, channel.value()))?;
        store::drop_codes(tx, channel, now)?;
    }
    Ok(change)
}
