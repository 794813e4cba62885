//! The rules of the schema by the names that refusals are made of, and the walls between tenants.

use rollcall::db::{Error, Tx};
use rollcall::domain::id::{CustomerId, InvitationId, OrganizationId, ServiceId, TeamId};
use rollcall::problem::{Code, Problem};
use uuid::Uuid;

use super::{Store, done, now};

fn id<T: From<Uuid>>(number: u128) -> T {
    T::from(Uuid::from_u128(number))
}

/// An organization with a customer and a team, all made of its number.
fn tenant(tx: &Tx<'_>, number: u128) -> Result<(), Error> {
    let organization: OrganizationId = id(number);
    let (customer, team): (CustomerId, TeamId) = (id(number + 1), id(number + 2));
    tx.execute(
        "insert into organization (organization_id, name, plan, plan_version, created_at)
         values ($1, 'Example', 'developer', 'v1', $2)",
        (organization, now()),
    )?;
    identity(tx, number, customer, &format!("ann{number}@example.com"))?;
    tx.execute(
        "insert into customer (organization_id, customer_id, root, password_hash) values ($1, $2, true, '')",
        (organization, customer),
    )?;
    add_team(tx, number, team, "platform")?;
    member(tx, number, number + 2, number + 1)
}

fn identity(tx: &Tx<'_>, number: u128, customer: CustomerId, email: &str) -> Result<(), Error> {
    tx.execute(
        "insert into identity (customer_id, organization_id, email, email_key, name, surname, created_at)
         values ($1, $2, $3, $3, 'Ann', 'Lee', $4)",
        (customer, id::<OrganizationId>(number), email, now()),
    )
    .map(|_| ())
}

fn add_team(tx: &Tx<'_>, number: u128, team: TeamId, name: &str) -> Result<(), Error> {
    tx.execute(
        "insert into team (organization_id, team_id, name, name_key, created_at) values ($1, $2, $3, $3, $4)",
        (id::<OrganizationId>(number), team, name, now()),
    )
    .map(|_| ())
}

fn member(tx: &Tx<'_>, number: u128, team: u128, customer: u128) -> Result<(), Error> {
    tx.execute(
        "insert into membership (organization_id, team_id, customer_id, role, joined_at) values ($1, $2, $3, 'user', $4)",
        (id::<OrganizationId>(number), id::<TeamId>(team), id::<CustomerId>(customer), now()),
    )
    .map(|_| ())
}

fn service(tx: &Tx<'_>, number: u128, team: u128, service: u128) -> Result<(), Error> {
    tx.execute(
        "insert into service (organization_id, service_id, team_id, name, name_key, created_at, updated_at)
         values ($1, $2, $3, 'Web', 'web', $4, $4)",
        (id::<OrganizationId>(number), id::<ServiceId>(service), id::<TeamId>(team), now()),
    )
    .map(|_| ())
}

fn invitation(tx: &Tx<'_>, number: u128, invitation: u128, status: &'static str) -> Result<(), Error> {
    tx.execute(
        "insert into invitation (organization_id, invitation_id, team_id, channel_type, channel, channel_key, role,
                                 status, expires_at, created_at)
         values ($1, $2, $3, 'email', 'x@example.com', 'x@example.com', 'user', $4, $5, $5)",
        (id::<OrganizationId>(number), id::<InvitationId>(invitation), id::<TeamId>(number + 2), status, now()),
    )
    .map(|_| ())
}

/// A verified channel of the customer, with one-byte digests.
fn channel(
    tx: &Tx<'_>,
    number: u128,
    channel: u128,
    priority: i64,
    value: u8,
    pending: Option<u8>,
) -> Result<(), Error> {
    let pending = pending.map(|byte| vec![byte]);
    tx.execute(
        "insert into notification_channel (organization_id, channel_id, owner_id, customer_id, priority, type, value_sealed,
                                           value_digest, pending_sealed, pending_digest, enabled, verified_at, created_at)
         values ($1, $2, $3, $3, $4, 'email', $5, $5, $6, $6, true, $7, $7)",
        (
            id::<OrganizationId>(number),
            id::<Uuid>(channel),
            id::<CustomerId>(number + 1),
            priority,
            vec![value],
            pending,
            now(),
        ),
    )
    .map(|_| ())
}

type Break = fn(&Tx<'_>) -> Result<(), Error>;

/// Runs against one tenant and takes everything back.
async fn outcome(store: &Store, attempt: Break) -> Result<(), Error> {
    store
        .db
        .write(move |tx| {
            tenant(&tx, 100)?;
            tenant(&tx, 200)?;
            attempt(&tx)?;
            Err::<rollcall::db::Committed<()>, _>(Error::Missing)
        })
        .await
}

#[tokio::test]
async fn every_unique_rule_is_known_by_its_name_and_has_a_refusal() {
    let store = Store::new().await;
    let broken: [(&str, Code, Break); 8] = [
        ("team.name_key", Code::NameTaken, |tx| add_team(tx, 100, id(150), "platform")),
        ("identity.email_key", Code::AccountExists, |tx| identity(tx, 100, id(150), "ann200@example.com")),
        ("membership.customer_id", Code::AlreadyMember, |tx| member(tx, 100, 102, 101)),
        ("service.name_key", Code::NameTaken, |tx| {
            service(tx, 100, 102, 150).and_then(|()| service(tx, 100, 102, 151))
        }),
        ("invitation.channel_key", Code::AlreadyInvited, |tx| {
            invitation(tx, 100, 150, "pending").and_then(|()| invitation(tx, 100, 151, "pending"))
        }),
        ("notification_channel.priority", Code::PriorityTaken, |tx| {
            channel(tx, 100, 150, 1, 1, None).and_then(|()| channel(tx, 100, 151, 1, 2, None))
        }),
        ("notification_channel.value_digest", Code::DuplicateChannel, |tx| {
            channel(tx, 100, 150, 1, 1, None).and_then(|()| channel(tx, 100, 151, 2, 1, None))
        }),
        ("notification_channel.pending_digest", Code::DuplicateChannel, |tx| {
            channel(tx, 100, 150, 1, 1, Some(9)).and_then(|()| channel(tx, 100, 151, 2, 2, Some(9)))
        }),
    ];
    for (name, code, attempt) in broken {
        let error = outcome(&store, attempt).await.expect_err(name);
        assert_eq!(error, Error::Unique(name.to_owned()));
        assert_eq!(Problem::from(error).code, code, "{name}");
    }
}

#[tokio::test]
async fn every_named_rule_of_the_schema_has_a_refusal_of_its_own() {
    let (connection, _folder) = Store::new().await.by_hand().await;
    let mut statement =
        connection.prepare("select sql from sqlite_schema where sql is not null").expect("a query");
    let texts = statement.query_map((), |row| row.get::<_, String>(0)).expect("rows");
    let texts: Vec<_> = texts.map(|text| text.expect("a text")).collect();
    let named = texts.iter().flat_map(|text| text.split('"').skip(1).step_by(2));
    let named: Vec<_> = named.filter(|name| name.contains('.')).collect();
    assert!(named.len() >= 8, "{named:?}");
    for name in named {
        let problem = Problem::from(Error::Unique(name.to_owned()));
        assert_ne!(problem.code, Code::Internal, "{name} has no refusal");
    }
}

#[tokio::test]
async fn nothing_can_refer_to_a_thing_of_another_tenant() {
    let store = Store::new().await;
    let across: [Break; 2] = [|tx| service(tx, 100, 202, 150), |tx| member(tx, 100, 202, 101)];
    for attempt in across {
        assert_eq!(outcome(&store, attempt).await, Err(Error::ForeignKey));
    }
    // A guest of another organization is the one who may be named across.
    assert_eq!(outcome(&store, |tx| member(tx, 100, 102, 201)).await, Err(Error::Missing));
}

#[tokio::test]
async fn a_closed_invitation_leaves_room_for_a_new_one() {
    let store = Store::new().await;
    let again: Break =
        |tx| invitation(tx, 100, 150, "declined").and_then(|()| invitation(tx, 100, 151, "pending"));
    assert_eq!(outcome(&store, again).await, Err(Error::Missing));
}

#[tokio::test]
async fn checks_of_the_schema_hold() {
    let store = Store::new().await;
    assert!(matches!(outcome(&store, |tx| channel(tx, 100, 150, 0, 1, None)).await, Err(Error::Check(_))));
    assert!(matches!(outcome(&store, |tx| invitation(tx, 100, 150, "lost")).await, Err(Error::Check(_))));
    assert_eq!(store.db.write(done).await, Ok(()));
}
