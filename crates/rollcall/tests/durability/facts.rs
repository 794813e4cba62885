//! What a database holds, as facts that can be counted: read on one snapshot, beside the server, on either engine.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rollcall::db::{Place, inspect};
use rusqlite::{Connection, OpenFlags};
use tokio_postgres::{Client, NoTls};

/// Facts with how often each is there.
pub(crate) type Facts = BTreeMap<String, usize>;

/// A database that is looked at without the service.
#[derive(Debug, Clone)]
pub(crate) enum Storage {
    /// An SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL database by its URL, and whether its server can look into its own files.
    Postgres(String, bool),
}

/// The facts that writers bring about and end. `{id}` makes an id of the text that the audit log has.
const FACTS: &str = "
    select 'team ' || name from team
    union all select 'creator of ' || team.name from membership join team
      on team.organization_id = membership.organization_id and team.team_id = membership.team_id
    union all select 'place of ' || team.name from directory join team
      on team.organization_id = directory.organization_id and team.team_id = directory.id
    union all select 'service ' || name from service
    union all select 'place of ' || service.name from directory join service
      on service.organization_id = directory.organization_id and service.service_id = directory.id
    union all select 'invitation ' || channel from invitation
    union all select 'link ' || invitation.channel from invitation_token join invitation
      on invitation.organization_id = invitation_token.organization_id
         and invitation.invitation_id = invitation_token.invitation_id
    union all select 'event ' || request_id from audit_event where request_id like 'key-%'
    union all select 'answer ' || key from idempotency
    union all select 'channel ' || request_id from made
    union all select 'code ' || made.request_id from made join one_time_code
      on one_time_code.organization_id = made.organization_id and one_time_code.purpose = 'channel'
         and one_time_code.subject = made.subject
    union all select 'delivery ' || made.request_id from made join delivery
      on delivery.organization_id = made.organization_id and delivery.channel_id = made.channel_id
    union all select 'letter ' || made.request_id from made join delivery
      on delivery.organization_id = made.organization_id and delivery.channel_id = made.channel_id
      join letter on letter.id = delivery.delivery_id";

/// Channels with the request that made them; letters, wherever they are.
const WITH: &str = "
    with made as (
      select audit_event.organization_id, audit_event.request_id, audit_event.target_id as subject,
             notification_channel.channel_id
      from audit_event join notification_channel
        on notification_channel.organization_id = audit_event.organization_id
           and notification_channel.channel_id = {id}
      where audit_event.request_id like 'key-%'),
    letter as (select delivery_id as id from outbox union all select message_id from mailbox_message)";

/// What must hold whatever was done: each query names what breaks its rule.
const RULES: &[(&str, &str)] = &[
    (
        "an organization with customers has a root",
        "select name from organization where organization_id in (select organization_id from customer)
           and organization_id not in (select organization_id from customer where root)",
    ),
    ("a team has its place", "select name from team where team_id not in (select id from directory)"),
    (
        "a place leads somewhere",
        "select cast(count(*) as text) from directory
         where id not in (select team_id from team) and id not in (select service_id from service)
         having count(*) > 0",
    ),
    (
        "a place in a team is a place of a customer",
        "select role from membership where customer_id not in (select customer_id from identity)",
    ),
    ("priorities are positive", "select type from notification_channel where priority < 1"),
    (
        "an owner has each priority once",
        "select cast(priority as text) from notification_channel
         group by organization_id, owner_id, priority having count(*) > 1",
    ),
    (
        "an open invitation has a link",
        "select channel from invitation where status = 'pending'
           and invitation_id not in (select invitation_id from invitation_token)",
    ),
    (
        "a team has an open invitation to an address once",
        "select min(channel) from invitation where status = 'pending'
         group by organization_id, team_id, channel_type, channel_key having count(*) > 1",
    ),
    // The code for who signs up belongs to no organization.
    (
        "an invitation has one letter",
        "select cast(count(*) as text) from (
           select channel from invitation
           where channel not in (select recipient from mailbox_message)) waiting
         having count(*) <> (select count(*) from outbox
                             where delivery_id not in (select delivery_id from delivery)
                               and organization_id in (select organization_id from organization))",
    ),
    (
        "a letter is kept once",
        "select recipient from mailbox_message where recipient like '%@invited.example'
         group by recipient having count(*) > 1",
    ),
    ("a code is guessed at most five times", "select purpose from one_time_code where attempts > 5"),
    ("an address has one account", "select email_key from identity group by email_key having count(*) > 1"),
];

impl Storage {
    /// A PostgreSQL database, with the extension that looks into files where the server has it.
    pub(crate) async fn postgres(client: &Client, url: String) -> Self {
        let looks = client.batch_execute("create extension if not exists amcheck schema public").await;
        Self::Postgres(url, looks.is_ok())
    }

    /// All facts, on one snapshot.
    pub(crate) async fn facts(&self) -> Facts {
        let id = match self {
            Self::Sqlite(_) => "unhex(audit_event.target_id, '-')",
            Self::Postgres(..) => {
                "case when audit_event.target_type = 'notification_channel' then cast(audit_event.target_id as uuid) end"
            }
        };
        let mut facts = Facts::new();
        for fact in self.texts(&format!("{}{FACTS}", WITH.replace("{id}", id))).await {
            *facts.entry(fact).or_default() += 1;
        }
        facts
    }

    /// What breaks a rule, in the files or in the data.
    pub(crate) async fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (rule, query) in RULES {
            faults.extend(self.texts(query).await.into_iter().map(|what| format!("{rule}: not {what}")));
        }
        let checks: &[&str] = match self {
            Self::Sqlite(_) => &[
                "select integrity_check from pragma_integrity_check where integrity_check <> 'ok'",
                "select \"table\" from pragma_foreign_key_check",
            ],
            Self::Postgres(_, false) => &[],
            Self::Postgres(_, true) => &[
                // Each index has each row of its table, in order; each table can be read whole.
                "select cast(count(public.bt_index_check(pg_class.oid, true)) as text) from pg_index
                 join pg_class on pg_class.oid = indexrelid join pg_am on pg_am.oid = relam and amname = 'btree'
                 join pg_namespace on pg_namespace.oid = relnamespace
                 where nspname = current_schema() having count(*) < 20",
                "select msg from pg_class join pg_namespace on pg_namespace.oid = relnamespace,
                 lateral public.verify_heapam(pg_class.oid) where relkind = 'r' and nspname = current_schema()",
            ],
        };
        for check in checks {
            faults.extend(self.texts(check).await);
        }
        let place: Place = match self {
            Self::Sqlite(path) => Place::Sqlite(path.clone()),
            Self::Postgres(url, _) => url.parse().expect("a URL"),
        };
        let audit = tokio::task::spawn_blocking(move || inspect::verify_audit_log(&place));
        if let Err(broken) = audit.await.expect("a walk") {
            faults.push(broken.to_string());
        }
        faults
    }

    async fn texts(&self, sql: &str) -> Vec<String> {
        match self {
            Self::Sqlite(path) => {
                let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
                let connection = connection.expect("the database opens");
                connection.busy_timeout(std::time::Duration::from_secs(5)).expect("a timeout");
                let mut statement = connection.prepare(sql).expect("a statement");
                let rows = statement.query_map((), |row| row.get(0)).expect("rows");
                rows.collect::<Result<_, _>>().expect("texts")
            }
            Self::Postgres(url, _) => {
                let rows = connect(url).await.query(sql, &[]).await.expect("rows");
                rows.iter().map(|row| row.get(0)).collect()
            }
        }
    }
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("the server answers");
    tokio::spawn(async move { drop(connection.await) });
    client
}
