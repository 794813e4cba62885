//! The statements of Rollcall's requests as scripts for pgbench, one round trip each.

use crate::data;

/// The token's look-up, of which a request past the cache makes its own, and a ready answer is confirmed by.
fn token() -> String {
    format!(
        "select token.customer_id, token.organization_id, token.session_id, token.expires_at,
                exists (select 1 from membership where membership.customer_id = token.customer_id
                        and membership.organization_id <> token.organization_id)
         from token where token.token_digest = decode('{}', 'hex') and token.kind = 'access';",
        hex::encode(data::token(0).digest())
    )
}

/// That alone.
pub(crate) fn look_up() -> String {
    lines(&[token()])
}

/// What `GET /v1/customer` asks.
pub(crate) fn profile() -> String {
    let (organization, customer) = (data::organization(0), data::customer(0));
    lines(&[
        token(),
        format!(
            "select identity.email, customer.pending_email, identity.name, identity.surname, identity.created_at, customer.root
             from customer join identity on identity.customer_id = customer.customer_id
             where customer.organization_id = '{organization}' and customer.customer_id = '{customer}';"
        ),
        format!(
            "select team.organization_id, team.team_id, team.name, membership.role from membership
             join team on team.organization_id = membership.organization_id and team.team_id = membership.team_id
             where membership.customer_id = '{customer}' and (membership.organization_id = '{organization}' or true)
             order by membership.joined_at, membership.team_id;"
        ),
        format!(
            "select name, plan, plan_version, trial_ends_at from organization where organization_id = '{organization}';"
        ),
        format!(
            "select (select count(*) from team where organization_id = '{organization}'),
                    (select coalesce(max(size), 0) from (select count(*) as size from membership
                       where organization_id = '{organization}' group by team_id) as teams),
                    (select count(*) from service where organization_id = '{organization}'),
                    (select count(*) from notification_channel where organization_id = '{organization}');"
        ),
    ])
}

/// What `GET /v1/team/{id}/members` asks.
pub(crate) fn members() -> String {
    let (organization, team, customer) = (data::organization(0), data::team(0), data::customer(0));
    lines(&[
        token(),
        format!(
            "select team.organization_id, team.name, team.created_at, customer.root, membership.role from directory
             join team on team.organization_id = directory.organization_id and team.team_id = directory.id
             left join customer on customer.organization_id = team.organization_id and customer.customer_id = '{customer}'
             left join membership on membership.organization_id = team.organization_id
               and membership.team_id = team.team_id and membership.customer_id = '{customer}'
             where directory.id = '{team}';"
        ),
        format!(
            "select membership.customer_id, identity.email, identity.name, identity.surname, customer.root, membership.role,
                    membership.joined_at
             from membership join identity on identity.customer_id = membership.customer_id
             left join customer on customer.organization_id = membership.organization_id
               and customer.customer_id = membership.customer_id
             where membership.organization_id = '{organization}' and membership.team_id = '{team}'
             order by membership.joined_at, membership.customer_id limit 51;"
        ),
    ])
}

/// What ids of new teams are counted by: they grow, as those of Rollcall do.
pub(crate) const SEQUENCE: &str = "create sequence bench";

/// The rows of a new team, in one of so many organizations after the first so many, under its lock.
pub(crate) fn create(organizations: u32) -> String {
    let id = |kind: u8, number: &str| {
        format!("('01900000-0000-7000-8000-{kind:02x}' || lpad(to_hex({number}), 10, '0'))::uuid")
    };
    let (organization, customer) = (id(1, ":o::integer"), id(3, ":o::integer * 10"));
    let team =
        |next: &str| format!("('01900000-0000-7000-a000-' || lpad(to_hex({next}('bench')), 12, '0'))::uuid");
    let (first, again) = (team("nextval"), team("currval"));
    let (from, to) = (organizations, 2 * organizations - 1);
    lines(&[
        format!("\\set o random({from}, {to})"),
        "begin;".to_owned(),
        format!("select 1 from organization where organization_id = {organization} for no key update;"),
        format!("insert into directory (id, organization_id) values ({first}, {organization});"),
        format!(
            "insert into team (organization_id, team_id, name, name_key, created_at)
             values ({organization}, {again}, currval('bench')::text, currval('bench')::text, 1);"
        ),
        format!(
            "insert into membership (organization_id, team_id, customer_id, role, joined_at)
             values ({organization}, {again}, {customer}, 'manager', 1);"
        ),
        format!(
            "insert into audit_head (organization_id, seq, hash) values ({organization}, 1, decode(repeat('00', 32), 'hex'))
             on conflict (organization_id) do update set seq = audit_head.seq + 1 returning seq \\gset"
        ),
        format!(
            "insert into audit_event (organization_id, seq, event_id, at, actor_id, action, target_type, target_id, request_id, ip,
                                      ip_salt, ip_digest, hash)
             values ({organization}, :seq, {again}, 1, {customer}, 'team.created', 'team', {again}::text, {again}::text,
                     '127.0.0.1', decode(repeat('00', 16), 'hex'), decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'));"
        ),
        format!(
            "update audit_head set hash = decode(repeat('11', 32), 'hex') where organization_id = {organization};"
        ),
        "commit;".to_owned(),
    ])
}

/// One line each, as pgbench wants what ends with a command of its own.
fn lines(statements: &[String]) -> String {
    let lines =
        statements.iter().map(|statement| statement.lines().map(str::trim).collect::<Vec<_>>().join(" "));
    lines.collect::<Vec<_>>().join("\n")
}
