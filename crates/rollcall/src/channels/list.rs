//! Lists the channels of a person or a team, by priority.

use axum::response::Response;
use jiff::Timestamp;
use uuid::Uuid;

use super::view::{ChannelView, LastDelivery, show};
use super::{owner, sealed};
use crate::domain::access::Action;
use crate::domain::channel::Owner;
use crate::domain::channel_type::ChannelType;
use crate::domain::id::{ChannelId, CustomerId, DeliveryId, TeamId};
use crate::http::params::{List, Params};
use crate::http::path::Path;
use crate::http::query::Query;
use crate::problem::Problem;

/// List personal notification channels
///
/// Your own channels, the most important first.
#[utoipa::path(
    get, path = "/v1/customer/{id}/notification-channels", tag = "Personal notification channels",
    params(
        ("id" = CustomerId, Path, description = "You."),
        ("include_types" = Option<Vec<ChannelType>>, Query, description = "Only these types: a list with commas, repeated, or both."),
        ("exclude_types" = Option<Vec<ChannelType>>, Query, description = "Not these types, whatever `include_types` says."),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "How many at the most; 50 by default."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
    ),
    responses((status = 200, description = "The channels, by priority.", body = List<ChannelView>)),
)]
pub async fn list_personal_channels(Path(id): Path<CustomerId>, query: Query) -> Result<Response, Problem> {
    list(Owner::Customer(id), query).await
}

/// List the notification channels of a team
///
/// For whoever sees the team, the most important channel first. Secrets in values are masked for plain users.
#[utoipa::path(
    get, path = "/v1/team/{id}/notification-channels", tag = "Team notification channels",
    params(
        ("id" = TeamId, Path, description = "The team."),
        ("include_types" = Option<Vec<ChannelType>>, Query, description = "Only these types: a list with commas, repeated, or both."),
        ("exclude_types" = Option<Vec<ChannelType>>, Query, description = "Not these types, whatever `include_types` says."),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "How many at the most; 50 by default."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
    ),
    responses((status = 200, description = "The channels, by priority.", body = List<ChannelView>)),
)]
pub async fn list_team_channels(Path(id): Path<TeamId>, query: Query) -> Result<Response, Problem> {
    list(Owner::Team(id), query).await
}

/// A channel with its newest delivery.
type Row = (
    ChannelId,
    i64,
    String,
    Vec<u8>,
    Option<Vec<u8>>,
    bool,
    Option<Timestamp>,
    Option<String>,
    Timestamp,
    Option<DeliveryId>,
    Option<String>,
    Option<String>,
    Option<Timestamp>,
);

async fn list(owner: Owner, query: Query) -> Result<Response, Problem> {
    query
        .run(move |reader, query| {
            let holder = owner::load(reader, &query.caller, owner, Action::See)?;
            let mut params = query.params();
            let wanted = wanted(&mut params);
            let page = params.page()?;
            let rows: Vec<Row> = reader.fetch_all(
                "select channel.channel_id, channel.priority, channel.type, channel.value_sealed,
                        channel.pending_sealed, channel.enabled, channel.verified_at, channel.disabled_reason,
                        channel.created_at, last.delivery_id, last.kind, last.status,
                        coalesce(last.finished_at, last.created_at)
                 from notification_channel channel
                 left join delivery last on last.organization_id = channel.organization_id
                      and last.delivery_id = (
                        select delivery_id from delivery
                        where organization_id = channel.organization_id and channel_id = channel.channel_id
                        order by delivery_id desc limit 1)
                 where channel.organization_id = $1 and channel.owner_id = $2 and channel.priority > $3
                   and $4 like '%,' || channel.type || ',%'
                 order by channel.priority limit $5",
                (holder.organization_id, holder.owner.uuid(), page.number_or(0), wanted, page.rows()),
            )?;
            let channels = rows.into_iter().map(
                |(
                    id,
                    priority,
                    kind,
                    value,
                    pending,
                    enabled,
                    verified,
                    reason,
                    created,
                    delivery_id,
                    sent,
                    status,
                    at,
                )| {
                    let row = (id, priority, kind, value, pending, enabled, verified, reason, created);
                    let last = delivery_id.zip(sent).zip(status).zip(at).map(
                        |(((delivery_id, kind), status), at)| LastDelivery {
                            delivery_id,
                            kind,
                            status,
                            at: at.into(),
                        },
                    );
                    Ok((sealed::read(&query.app, &holder, row)?, last))
                },
            );
            let channels: Vec<_> = channels.collect::<Result<_, Problem>>()?;
            Ok(page.list(
                channels,
                |(channel, _)| (channel.priority.get(), Uuid::nil()),
                |(channel, last)| show(&channel, &holder, last),
            ))
        })
        .await
}

/// The types that are asked for, as `,email,sms,`: one text finds any number of them in one statement.
fn wanted(params: &mut Params) -> String {
    let included = params.parsed("include_types", ChannelType::parse);
    let excluded = params.parsed("exclude_types", ChannelType::parse);
    let wanted = ChannelType::ALL
        .into_iter()
        .filter(|kind| included.is_empty() || included.contains(kind))
        .filter(|kind| !excluded.contains(kind));
    wanted.fold(",".to_owned(), |text, kind| text + kind.as_str() + ",")
}
