//! Everything that is kept about the caller, in one answer, for them to take along (GDPR, articles 15 and 20).

use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::view::{self, Profile};
use crate::channels;
use crate::channels::view::ChannelView;
use crate::db::{Error, Reader};
use crate::domain::id::{CustomerId, DeliveryId, EventId, FeedbackId, OrganizationId, SessionId, TeamId};
use crate::http::moment::Moment;
use crate::http::query::Query;
use crate::problem::Problem;

/// The most rows of each log, the newest: an answer stays one that can be read.
const ROWS: i64 = 10_000;

/// Everything about a customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerExport {
    /// Who you are.
    profile: Profile,
    /// Where you are signed in.
    sessions: Vec<ExportedSession>,
    /// The teams that you are in, other organizations' included.
    memberships: Vec<ExportedMembership>,
    /// Your own channels, with their values.
    notification_channels: Vec<ChannelView>,
    /// What was sent to them, newest first.
    deliveries: Vec<ExportedDelivery>,
    /// Invitations that you sent.
    invitations_sent: Vec<ExportedInvitation>,
    /// Invitations to your address, and those that you accepted.
    invitations_received: Vec<ExportedInvitation>,
    /// What you told us.
    feedback: Vec<ExportedFeedback>,
    /// What you did, newest first.
    activity: Vec<ExportedEvent>,
}

/// A session.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedSession {
    session_id: SessionId,
    created_at: Moment,
    used_at: Moment,
    ip: Option<String>,
    user_agent: Option<String>,
}

/// A membership.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedMembership {
    team_id: TeamId,
    team: String,
    organization: String,
    role: String,
    joined_at: Moment,
}

/// A message to a channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedDelivery {
    delivery_id: DeliveryId,
    /// The channel's priority.
    #[schema(minimum = 1, maximum = 999)]
    priority: i64,
    kind: String,
    status: String,
    created_at: Moment,
    finished_at: Option<Moment>,
}

/// An invitation.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedInvitation {
    team: String,
    channel: String,
    role: String,
    status: String,
    created_at: Moment,
}

/// Feedback.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedFeedback {
    feedback_id: FeedbackId,
    message: String,
    category: Option<String>,
    #[schema(minimum = 1, maximum = 5)]
    rating: Option<i64>,
    created_at: Moment,
}

/// An entry of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedEvent {
    event_id: EventId,
    at: Moment,
    action: String,
    target_type: String,
    target_id: String,
    request_id: String,
    ip: Option<String>,
}

/// Export everything about yourself
///
/// Profile, sessions, memberships, channels with their values, invitations, feedback, and the newest ten thousand entries
/// each of what was sent to you and what you did.
#[utoipa::path(
    get, path = "/v1/customer/export", tag = "Customers",
    responses((status = 200, description = "Everything that is kept about you.", body = CustomerExport)),
)]
pub async fn export_customer(query: Query) -> Result<Response, Problem> {
    query
        .run(|reader, query| {
            let (home, id) = (query.caller.organization_id, query.caller.customer_id);
            let profile = view::read(reader, &query.app.plans, &query.caller, id)?;
            let profile = profile.ok_or_else(Problem::not_found)?;
            Ok(CustomerExport {
                sessions: sessions(reader, home, id)?,
                memberships: memberships(reader, id)?,
                notification_channels: channels::export::own(reader, &query.app, &query.caller)?,
                deliveries: deliveries(reader, home, id)?,
                invitations_sent: invitations_sent(reader, id)?,
                invitations_received: invitations_received(reader, id)?,
                feedback: feedback(reader, home, id)?,
                activity: activity(reader, id)?,
                profile,
            })
        })
        .await
}

fn sessions(
    reader: &Reader<'_>,
    home: OrganizationId,
    id: CustomerId,
) -> Result<Vec<ExportedSession>, Error> {
    let rows: Vec<(SessionId, Timestamp, Timestamp, Option<String>, Option<String>)> = reader.fetch_all(
        "select session_id, created_at, used_at, ip, user_agent from session
         where organization_id = $1 and customer_id = $2 order by created_at, session_id",
        (home, id),
    )?;
    let session = |(session_id, created_at, used_at, ip, user_agent): (_, Timestamp, Timestamp, _, _)| {
        ExportedSession { session_id, created_at: created_at.into(), used_at: used_at.into(), ip, user_agent }
    };
    Ok(rows.into_iter().map(session).collect())
}

fn memberships(reader: &Reader<'_>, id: CustomerId) -> Result<Vec<ExportedMembership>, Error> {
    let rows: Vec<(TeamId, String, String, String, Timestamp)> = reader.fetch_all(
        "select team.team_id, team.name, organization.name, membership.role, membership.joined_at
         from membership
         join team on team.organization_id = membership.organization_id and team.team_id = membership.team_id
         join organization on organization.organization_id = membership.organization_id
         where membership.customer_id = $1 order by membership.joined_at, membership.team_id",
        (id,),
    )?;
    let membership = |(team_id, team, organization, role, joined_at): (_, _, _, _, Timestamp)| {
        ExportedMembership { team_id, team, organization, role, joined_at: joined_at.into() }
    };
    Ok(rows.into_iter().map(membership).collect())
}

fn deliveries(
    reader: &Reader<'_>,
    home: OrganizationId,
    id: CustomerId,
) -> Result<Vec<ExportedDelivery>, Error> {
    let rows: Vec<(DeliveryId, i64, String, String, Timestamp, Option<Timestamp>)> = reader.fetch_all(
        "select delivery.delivery_id, channel.priority, delivery.kind, delivery.status, delivery.created_at,
                delivery.finished_at
         from notification_channel channel
         join delivery on delivery.organization_id = channel.organization_id
              and delivery.channel_id = channel.channel_id
         where channel.organization_id = $1 and channel.customer_id = $2
         order by delivery.delivery_id desc limit $3",
        (home, id, ROWS),
    )?;
    let delivery = |(delivery_id, priority, kind, status, created_at, finished_at): (
        _,
        _,
        _,
        _,
        Timestamp,
        Option<Timestamp>,
    )| ExportedDelivery {
        delivery_id,
        priority,
        kind,
        status,
        created_at: created_at.into(),
        finished_at: finished_at.map(Moment::from),
    };
    Ok(rows.into_iter().map(delivery).collect())
}

type Invitation = (String, String, String, String, Timestamp);

fn invitation((team, channel, role, status, created_at): Invitation) -> ExportedInvitation {
    ExportedInvitation { team, channel, role, status, created_at: created_at.into() }
}

fn invitations_sent(reader: &Reader<'_>, id: CustomerId) -> Result<Vec<ExportedInvitation>, Error> {
    let rows: Vec<Invitation> = reader.fetch_all(
        "select team.name, invitation.channel, invitation.role, invitation.status, invitation.created_at
         from invitation
         join team on team.organization_id = invitation.organization_id and team.team_id = invitation.team_id
         where invitation.sender_id = $1 order by invitation.created_at desc, invitation.invitation_id limit $2",
        (id, ROWS),
    )?;
    Ok(rows.into_iter().map(invitation).collect())
}

fn invitations_received(reader: &Reader<'_>, id: CustomerId) -> Result<Vec<ExportedInvitation>, Error> {
    let rows: Vec<Invitation> = reader.fetch_all(
        "select team.name, invitation.channel, invitation.role, invitation.status, invitation.created_at
         from identity
         join invitation on invitation.accepted_by = identity.customer_id
              or (invitation.channel_type = 'email' and invitation.channel_key = identity.email_key)
         join team on team.organization_id = invitation.organization_id and team.team_id = invitation.team_id
         where identity.customer_id = $1 order by invitation.created_at desc, invitation.invitation_id limit $2",
        (id, ROWS),
    )?;
    Ok(rows.into_iter().map(invitation).collect())
}

fn feedback(
    reader: &Reader<'_>,
    home: OrganizationId,
    id: CustomerId,
) -> Result<Vec<ExportedFeedback>, Error> {
    let rows: Vec<(FeedbackId, String, Option<String>, Option<i64>, Timestamp)> = reader.fetch_all(
        "select feedback_id, message, category, rating, created_at from feedback
         where organization_id = $1 and customer_id = $2 order by feedback_id desc limit $3",
        (home, id, ROWS),
    )?;
    let feedback = |(feedback_id, message, category, rating, created_at): (_, _, _, _, Timestamp)| {
        ExportedFeedback { feedback_id, message, category, rating, created_at: created_at.into() }
    };
    Ok(rows.into_iter().map(feedback).collect())
}

/// In the logs of all organizations: what has been done in one that was left since is still one's own.
fn activity(reader: &Reader<'_>, id: CustomerId) -> Result<Vec<ExportedEvent>, Error> {
    let rows: Vec<(EventId, Timestamp, String, String, String, String, Option<String>)> = reader.fetch_all(
        "select event_id, at, action, target_type, target_id, request_id, ip from audit_event
         where actor_id = $1 order by event_id desc limit $2",
        (id, ROWS),
    )?;
    let event =
        |(event_id, at, action, target_type, target_id, request_id, ip): (_, Timestamp, _, _, _, _, _)| {
            ExportedEvent { event_id, at: at.into(), action, target_type, target_id, request_id, ip }
        };
    Ok(rows.into_iter().map(event).collect())
}
