//! Sends a test message to a channel and waits a little for what comes of it.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use tokio::time::{Instant, timeout};
use utoipa::ToSchema;

use super::destination::receiver;
use super::owner::{self, Holder};
use super::progress::{self, Outcome};
use super::{sealed, store};
use crate::allowances::{self, Allowance, toll};
use crate::db::Tx;
use crate::domain::access::Action as Right;
use crate::domain::channel::{Channel, Owner};
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::{CustomerId, DeliveryId, TeamId};
use crate::domain::one_time_code::LIFETIME;
use crate::domain::priority::Priority;
use crate::http::command::{Command, Parts};
use crate::http::path::Path;
use crate::http::reply::Reply;
use crate::messages::channel;
use crate::outbox::post::{Letter, post};
use crate::problem::{Code, Problem};

/// How often one channel may be tested.
const TESTS: Allowance = Allowance { name: "channel_tests", limit: 5, window: Duration::from_secs(60) };
/// How often in an hour: a receiver is not to be bothered all day long.
const TESTS_AN_HOUR: Allowance =
    Allowance { name: "channel_tests_an_hour", limit: 10, window: Duration::from_secs(60 * 60) };
/// How many tests one organization may send in a day: nobody is to be bothered through us.
const TESTS_OF_ALL: Allowance =
    Allowance { name: "organization_tests", limit: 50, window: Duration::from_secs(24 * 60 * 60) };
/// How long an answer waits for the outcome.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often the storage is looked at meanwhile: the worker may be another process.
const LOOK_EVERY: Duration = Duration::from_millis(250);

crate::body! {
    /// The channel that is to be tested.
    pub struct TestChannel {
        /// Which channel.
        pub priority: Priority,
    }
}

/// What came of a test.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelTested {
    /// What was done, for people.
    message: String,
    /// The test's way so far.
    delivery: TestDelivery,
}

/// A test on its way.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestDelivery {
    delivery_id: DeliveryId,
    /// `delivered`, `failed`, or `queued` while another attempt is to come.
    status: String,
    /// How many attempts have ended.
    #[schema(minimum = 0)]
    attempts: i64,
    /// The receiver's status at the last attempt: HTTP's for webhooks and gateways, the reply code of a mail server.
    response_status: Option<i64>,
    /// How long the last attempt took.
    latency_ms: Option<i64>,
    /// What came of the last attempt, for people.
    detail: Option<String>,
}

/// Test a personal notification channel
///
/// Sends a message the way that all go and waits up to five seconds for the outcome. Five a minute and ten an hour for each channel, fifty a day for an organization.
#[utoipa::path(
    post, path = "/v1/customer/{id}/notification-channel/test", tag = "Personal notification channels",
    params(("id" = CustomerId, Path, description = "You.")), request_body = TestChannel,
    responses(
        (status = 200, description = "The test was sent; `delivery` says what came of it so far.", body = ChannelTested),
        (status = 404, description = "`not_found`: you have no channel with this priority."),
        (status = 409, description = "`not_verified`."),
        (status = 429, description = "`rate_limited`."),
    ),
)]
pub async fn test_personal_channel(
    Path(id): Path<CustomerId>,
    command: Command<TestChannel>,
) -> Result<Reply, Problem> {
    test(Owner::Customer(id), command).await
}

/// Test a notification channel of a team
///
/// For managers of the team and roots of its organization. Sends a message the way that all go and waits up to five seconds
/// for the outcome. Five a minute and ten an hour for each channel, fifty a day for an organization.
#[utoipa::path(
    post, path = "/v1/team/{id}/notification-channel/test", tag = "Team notification channels",
    params(("id" = TeamId, Path, description = "The team.")), request_body = TestChannel,
    responses(
        (status = 200, description = "The test was sent; `delivery` says what came of it so far.", body = ChannelTested),
        (status = 403, description = "`role_insufficient`."),
        (status = 404, description = "`not_found`: no such team, or it has no channel with this priority."),
        (status = 409, description = "`not_verified`."),
        (status = 429, description = "`rate_limited`."),
    ),
)]
pub async fn test_team_channel(
    Path(id): Path<TeamId>,
    command: Command<TestChannel>,
) -> Result<Reply, Problem> {
    test(Owner::Team(id), command).await
}

async fn test(owner: Owner, command: Command<TestChannel>) -> Result<Reply, Problem> {
    let delivery_id: DeliveryId = command.app.fresh_id(command.now);
    let mut heard = command.app.attempts.listen();
    let reply = command
        .run(move |tx, command| {
            let holder = owner::load(&tx, &command.caller, owner, Right::Govern)?;
            let TestChannel { priority } = command.admit(&tx)?;
            let channel = store::take(&tx, &command.app, &holder, *priority)?;
            queue(&tx, command, &holder, &channel, delivery_id)?;
            let target = Target::Channel(channel.channel_id);
            let event = Event::new(holder.organization_id, Action::ChannelTested, target);
            command.commit(tx, event, answer(delivery_id, Outcome::queued()))
        })
        .await?;
    if reply.replayed {
        return Ok(reply);
    }
    let end = Instant::now() + PATIENCE;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        // Heard or not, the storage is what says what happened.
        let _ = timeout(left.min(LOOK_EVERY), heard.heard_of(delivery_id)).await;
        let outcome = outcome(&command, owner, delivery_id).await?;
        if outcome.attempts > 0 || outcome.status != "queued" || left.is_zero() {
            return command.amend(answer(delivery_id, outcome)).await;
        }
    }
}

async fn outcome(
    command: &Command<TestChannel>,
    owner: Owner,
    delivery_id: DeliveryId,
) -> Result<Outcome, Problem> {
    let caller = command.caller;
    let found = command.app.db.read(move |reader| {
        let holder = owner::load(reader, &caller, owner, Right::Govern)?;
        progress::outcome(reader, holder.organization_id, delivery_id)?.ok_or_else(Problem::not_found)
    });
    match found.await {
        // The test was accepted, whatever became of the channel or of the caller's role since.
        Err(refusal) if matches!(refusal.code, Code::NotFound | Code::RoleInsufficient) => {
            Ok(Outcome::gone())
        }
        found => found,
    }
}

fn queue(
    tx: &Tx<'_>,
    command: &Parts<TestChannel>,
    holder: &Holder,
    channel: &Channel,
    delivery_id: DeliveryId,
) -> Result<(), Problem> {
    let (app, now): (_, Timestamp) = (&command.app, command.now);
    let value = channel.testable().map_err(|_| Problem::new(Code::NotVerified))?;
    let refusal = "This channel was tested five times within a minute. Try again a little later.";
    allowances::spend(tx, app, &TESTS, &[&channel.channel_id.to_string()], refusal, now)?;
    let refusal = "This channel was tested ten times within an hour. Try again later.";
    allowances::spend(tx, app, &TESTS_AN_HOUR, &[&channel.channel_id.to_string()], refusal, now)?;
    let refusal = "Your organization has sent fifty tests today. Try again tomorrow.";
    allowances::spend(tx, app, &TESTS_OF_ALL, &[&channel.organization_id.to_string()], refusal, now)?;
    let secret = sealed::signing_secret(tx, app, channel)?;
    let receiver = receiver(channel.kind, value, secret);
    toll::spend(tx, app, channel.organization_id, &receiver, now)?;
    let letter = Letter {
        organization_id: channel.organization_id,
        delivery_id,
        channel_id: Some(channel.channel_id),
        customer_id: Some(command.caller.customer_id),
        receiver,
        message: channel::test(&store::asked(tx, holder, &command.caller)?),
        // A test that arrives when nobody waits for it any more would only puzzle.
        expires_at: now + LIFETIME,
    };
    Ok(post(tx, app, &letter, now)?)
}

fn answer(delivery_id: DeliveryId, outcome: Outcome) -> Reply {
    let message = match outcome.status.as_str() {
        "delivered" => "The test message was delivered.",
        "failed" => "The test message could not be delivered; `delivery` says why.",
        _ if outcome.attempts > 0 => "The first attempt failed; we go on trying. `delivery` says why.",
        _ => "The test message is on its way.",
    };
    let Outcome { status, attempts, response_status, latency_ms, detail } = outcome;
    Reply::ok(&ChannelTested {
        message: message.to_owned(),
        delivery: TestDelivery { delivery_id, status, attempts, response_status, latency_ms, detail },
    })
}
