-- The peers' tables, for SQLite and PostgreSQL alike, with an organization, a team and ten members. The driver puts the
-- token's digest in.
create table organization (organization_id text primary key, name text not null, plan text not null, plan_version text not null);
create table customer (customer_id text primary key, organization_id text not null references organization,
  email text not null unique, name text not null, surname text not null, created_at text not null);
create table team (team_id text primary key, organization_id text not null references organization,
  name text not null, created_at text not null, unique (organization_id, name));
create table membership (team_id text not null references team, customer_id text not null references customer,
  role text not null, joined_at text not null, primary key (team_id, customer_id));
create index membership_by_customer on membership (customer_id, joined_at);
create table token (token_digest text primary key, customer_id text not null, organization_id text not null, expires_at text not null);
create table channel (team_id text not null references team, priority integer not null, value text not null, code_digest text not null,
  tries integer not null default 0, verified_at text, primary key (team_id, priority));
insert into organization values ('01900000-0000-7000-8000-000000000001', 'Example', 'developer', 'v1');
insert into team values ('01900000-0000-7000-8000-000000000002', '01900000-0000-7000-8000-000000000001', 'Platform', '2026-01-01T00:00:00Z');
insert into customer
  with recursive numbers (n) as (select 0 union all select n + 1 from numbers where n < 9)
  select '01900000-0000-7000-8000-00000001000' || n, '01900000-0000-7000-8000-000000000001',
         'member-' || n || '@example.com', 'Ann', 'Archer', '2026-01-01T00:00:00Z' from numbers;
insert into membership select '01900000-0000-7000-8000-000000000002', customer_id, 'manager', '2026-01-01T00:00:00Z' from customer;
insert into token select '{token_digest}', min(customer_id), min(organization_id), '2100-01-01T00:00:00Z' from customer;
