//! PostgreSQL's contestants: databases of their own on a server that somebody else started, and pgbench with our statements.

use std::time::Duration;

use tokio::process::Command;

use crate::contestant::{Contestant, Folder};
use crate::load::Figures;
use crate::{data, peers};

/// A server, by the address of any of its databases.
pub(crate) struct Server {
    url: String,
}

impl Server {
    /// By an address such as `postgres://rollcall@127.0.0.1:5432/postgres?sslmode=disable`.
    pub(crate) fn at(url: &str) -> Self {
        Self { url: url.to_owned() }
    }

    /// A new database of that name; its address has no query, which not every driver understands.
    pub(crate) async fn database(&self, name: &str) -> String {
        for sql in [format!("drop database if exists {name}"), format!("create database {name}")] {
            peers::run(Command::new("psql").args(["--quiet", "--command", &sql, &self.url])).await;
        }
        let server = self.url.rsplit_once('/').expect("a database").0;
        format!("{server}/{name}")
    }

    /// A new database with the peers' tables and rows.
    pub(crate) async fn peers(&self) -> String {
        let (database, folder) = (self.database("peers").await, Folder::new("seed"));
        let file = folder.path().join("seed.sql");
        std::fs::write(&file, peers::seed()).expect("written");
        let mut seed = Command::new("psql");
        peers::run(seed.args(["--quiet", "--set", "ON_ERROR_STOP=1", "--file"]).arg(&file).arg(&database))
            .await;
        database
    }
}

/// Runs the script as fast as so many connections can; a transaction counts as an answer.
pub(crate) async fn pgbench(database: &str, script: &str, clients: usize, run: Duration) -> Figures {
    let folder = Folder::new("pgbench");
    let file = folder.path().join("script.sql");
    std::fs::write(&file, script).expect("written");
    let (connections, seconds) = (clients.to_string(), run.as_secs().max(1).to_string());
    let output = Command::new("pgbench")
        .args(["--no-vacuum", "--protocol", "prepared", "--jobs", if clients > 1 { "2" } else { "1" }])
        .args(["--client", &connections, "--time", &seconds, "--file"])
        .arg(&file)
        .arg(database)
        .output()
        .await
        .expect("pgbench is installed");
    let text = String::from_utf8_lossy(&output.stdout);
    let figure = |name: &str| -> f64 {
        let rest = text.split(name).nth(1).unwrap_or_else(|| panic!("pgbench: {text} {:?}", output.stderr));
        rest.split_whitespace().next().and_then(|word| word.parse().ok()).expect("a number")
    };
    let (rate, average) = (figure("tps = "), figure("latency average = "));
    Figures { rate, p50: average, p99: 0.0, errors: 0, processor: 0.0 }
}

/// The statements behind the list of members.
pub(crate) fn list_script() -> String {
    let digest = hex::encode(data::token(0).digest());
    let (team, customer) = (data::team(0), data::customer(0));
    format!(
        "select customer_id, organization_id, session_id, expires_at from token
           where token_digest = decode('{digest}', 'hex') and kind = 'access';
         select team.organization_id, team.name, team.created_at, customer.root, membership.role from directory
           join team on team.organization_id = directory.organization_id and team.team_id = directory.id
           left join customer on customer.organization_id = team.organization_id and customer.customer_id = '{customer}'
           left join membership on membership.organization_id = team.organization_id
             and membership.team_id = team.team_id and membership.customer_id = '{customer}'
           where directory.id = '{team}';
         select membership.customer_id, identity.email, identity.name, identity.surname, customer.root, membership.role,
                membership.joined_at
           from membership join identity on identity.customer_id = membership.customer_id
           left join customer on customer.organization_id = membership.organization_id
             and customer.customer_id = membership.customer_id
           where membership.organization_id = '{organization}' and membership.team_id = '{team}'
           order by membership.joined_at, membership.customer_id limit 51;",
        organization = data::organization(0)
    )
    .lines()
    .map(str::trim)
    .collect::<Vec<_>>()
    .join(" ")
    .replace("; ", ";\n")
}

/// The rows of a new team.
pub(crate) fn create_script() -> String {
    let (organization, customer) = (data::organization(0), data::customer(0));
    [
        "\\set id random(1, 9000000000000000000)".to_owned(),
        "begin;".to_owned(),
        format!("update organization set version = version + 1 where organization_id = '{organization}';"),
        format!("insert into directory (id, organization_id) values (md5(:id::text)::uuid, '{organization}');"),
        format!("insert into team (organization_id, team_id, name, name_key, created_at) values ('{organization}', md5(:id::text)::uuid, :id::text, :id::text, 1);"),
        format!("insert into membership (organization_id, team_id, customer_id, role, joined_at) values ('{organization}', md5(:id::text)::uuid, '{customer}', 'manager', 1);"),
        format!("insert into audit_event (organization_id, seq, event_id, at, actor_id, action, target_type, target_id, request_id, ip, ip_salt, ip_digest, hash) values ('{organization}', :id, md5(:id::text)::uuid, 1, '{customer}', 'team.created', 'team', :id::text, :id::text, '127.0.0.1', decode(repeat('00', 16), 'hex'), decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'));"),
        format!("insert into audit_head (organization_id, seq, hash) values ('{organization}', 1, decode(repeat('00', 32), 'hex')) on conflict (organization_id) do update set seq = audit_head.seq + 1, hash = excluded.hash;"),
        "commit;".to_owned(),
    ]
    .join("\n")
}

/// What takes part beside Rollcall.
pub(crate) async fn contestants(server: &Server) -> [Contestant; 2] {
    let database = server.peers().await;
    [peers::fastify_postgres(&database).await, peers::fastapi(&database).await]
}
