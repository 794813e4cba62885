-- The first schema, equal to that of migrations/sqlite in names and meaning; tests/both_schemas.rs compares the two.
-- Dialect card: docs/decisions/0003-one-sql-text.md. Ids are UUIDs, times whole microseconds since 1970 UTC, `*_key` columns hold text
-- folded for comparison, `*_digest` columns HMAC-SHA256 or SHA-256, `*_sealed` columns ciphertext. Tenant tables lead with
-- organization_id, so that a reference across tenants cannot be stored and the tables can be distributed by it.
-- Texts that keys and orders are made of are `collate "C"`: bytes in order, as SQLite has it, whatever the server's locale.
-- A primary key is named for its table and its last column, as SQLite names a rule that was broken.

create table organization (
  organization_id uuid constraint "organization.organization_id" primary key,
  name            text not null,
  plan            text not null,
  plan_version    text not null,
  trial_ends_at   bigint,
  version         bigint not null default 1,
  created_at      bigint not null
);

-- Who somebody is, for every tenant: memberships name guests of other organizations through it.
create table identity (
  customer_id     uuid constraint "identity.customer_id" primary key,
  organization_id uuid not null references organization (organization_id) on delete cascade,
  email           text not null,
  email_key       text collate "C" not null,
  name            text not null,
  surname         text not null,
  created_at      bigint not null,
  constraint "identity.email_key" unique (email_key)
);
create index identity_by_organization on identity (organization_id, customer_id);

create table customer (
  organization_id   uuid not null references organization (organization_id) on delete cascade,
  customer_id       uuid not null references identity (customer_id) on delete cascade,
  root              boolean not null,
  password_hash     text not null,
  pending_email     text,
  pending_email_key text collate "C",
  version           bigint not null default 1,
  constraint "customer.customer_id" primary key (organization_id, customer_id),
  check ((pending_email is null) = (pending_email_key is null))
);
-- For the end of an identity, which looks for who refers to it.
create index customer_by_identity on customer (customer_id);

-- A sign-up that waits for its code: no account yet. One for each address; gone after 24 hours.
create table sign_up (
  email_key                  text collate "C" constraint "sign_up.email_key" primary key,
  email                      text not null,
  name                       text not null,
  surname                    text not null,
  password_hash              text not null,
  invitation_organization_id uuid,
  invitation_id              uuid,
  created_at                 bigint not null,
  expires_at                 bigint not null
);

create table session (
  organization_id uuid not null,
  session_id      uuid not null,
  customer_id     uuid not null,
  created_at      bigint not null,
  used_at         bigint not null,
  ip              text,
  user_agent      text,
  constraint "session.session_id" primary key (organization_id, session_id),
  foreign key (organization_id, customer_id) references customer (organization_id, customer_id) on delete cascade
);
create index session_by_customer on session (organization_id, customer_id);

-- Digests of the tokens of programs (access, refresh) and browsers (console): a global look-up. A spent refresh token stays, so that its reuse is seen.
create table token (
  token_digest    bytea constraint "token.token_digest" primary key,
  kind            text collate "C" not null check (kind in ('access', 'refresh', 'console')),
  organization_id uuid not null,
  session_id      uuid not null,
  customer_id     uuid not null,
  expires_at      bigint not null,
  used_at         bigint,
  foreign key (organization_id, session_id) references session (organization_id, session_id) on delete cascade
);
create index token_by_session on token (organization_id, session_id);
create index token_by_expiry on token (expires_at);

-- Which organization a team or a service belongs to: the global look-up behind ids in a path.
create table directory (
  id              uuid constraint "directory.id" primary key,
  organization_id uuid not null references organization (organization_id) on delete cascade
);
create index directory_by_organization on directory (organization_id);

create table team (
  organization_id uuid not null references organization (organization_id) on delete cascade,
  team_id         uuid not null,
  name            text not null,
  name_key        text collate "C" not null,
  version         bigint not null default 1,
  created_at      bigint not null,
  constraint "team.team_id" primary key (organization_id, team_id),
  constraint "team.name_key" unique (organization_id, name_key)
);

create table membership (
  organization_id uuid not null,
  team_id         uuid not null,
  customer_id     uuid not null references identity (customer_id) on delete cascade,
  role            text not null check (role in ('user', 'manager')),
  joined_at       bigint not null,
  constraint "membership.customer_id" primary key (organization_id, team_id, customer_id),
  foreign key (organization_id, team_id) references team (organization_id, team_id) on delete cascade
);
create index membership_by_customer on membership (customer_id, joined_at);
create index membership_by_organization on membership (customer_id, organization_id);
create index membership_by_age on membership (organization_id, team_id, joined_at, customer_id);

create table invitation (
  organization_id uuid not null,
  invitation_id   uuid not null,
  team_id         uuid not null,
  channel_type    text collate "C" not null check (channel_type in ('email', 'sms')),
  channel         text not null,
  channel_key     text collate "C" not null,
  role            text not null check (role in ('user', 'manager')),
  sender_id       uuid references identity (customer_id) on delete set null,
  accepted_by     uuid references identity (customer_id) on delete set null,
  status          text collate "C" not null check (status in ('pending', 'accepted', 'declined', 'withdrawn')),
  delivery_id     uuid,
  reminded_at     bigint,
  expires_at      bigint not null,
  created_at      bigint not null,
  constraint "invitation.invitation_id" primary key (organization_id, invitation_id),
  foreign key (organization_id, team_id) references team (organization_id, team_id) on delete cascade
);
create unique index "invitation.channel_key" on invitation (organization_id, team_id, channel_type, channel_key)
  where status = 'pending';
create index invitation_by_sender on invitation (sender_id, organization_id);
create index invitation_by_accepter on invitation (accepted_by);
-- For what is kept about an address, and its end.
create index invitation_by_channel on invitation (channel_key);

-- A link of an invitation. `replaced`: a newer link of the same purpose took its place.
create table invitation_token (
  token_digest    bytea constraint "invitation_token.token_digest" primary key,
  organization_id uuid not null,
  invitation_id   uuid not null,
  purpose         text collate "C" not null check (purpose in ('sent', 'handed_over')),
  replaced        boolean not null default false,
  foreign key (organization_id, invitation_id) references invitation (organization_id, invitation_id) on delete cascade
);
create index invitation_token_by_invitation on invitation_token (organization_id, invitation_id);

-- A way to reach a customer or a team. Exactly one owner, repeated in owner_id for the unique rules.
-- delivered_at: when a message last arrived, to the minute. failing_since: the first attempt that failed after it.
create table notification_channel (
  organization_id uuid not null,
  channel_id      uuid not null,
  owner_id        uuid not null,
  customer_id     uuid,
  team_id         uuid,
  priority        bigint not null check (abs(priority) between 1 and 999),
  type            text collate "C" not null,
  value_sealed    bytea not null,
  value_digest    bytea not null,
  pending_sealed  bytea,
  pending_digest  bytea,
  secret_sealed   bytea,
  enabled         boolean not null,
  verified_at     bigint,
  disabled_reason text,
  delivered_at    bigint,
  failing_since   bigint,
  version         bigint not null default 1,
  created_at      bigint not null,
  constraint "notification_channel.channel_id" primary key (organization_id, channel_id),
  check ((customer_id is null) <> (team_id is null) and owner_id = coalesce(customer_id, team_id)),
  check ((pending_sealed is null) = (pending_digest is null)),
  check (verified_at is not null or (not enabled and pending_sealed is null)),
  constraint "notification_channel.priority" unique (organization_id, owner_id, priority),
  constraint "notification_channel.value_digest" unique (organization_id, owner_id, type, value_digest),
  constraint "notification_channel.pending_digest" unique (organization_id, owner_id, type, pending_digest),
  foreign key (organization_id, customer_id) references customer (organization_id, customer_id) on delete cascade,
  foreign key (organization_id, team_id) references team (organization_id, team_id) on delete cascade
);

-- A one-time code that is out. subject: what it proves (a channel, a customer, a sign-up), as text; one code each.
create table one_time_code (
  organization_id uuid not null,
  purpose         text collate "C" not null check (purpose in ('sign_up', 'password', 'username', 'channel')),
  subject         text collate "C" not null,
  code_digest     bytea not null,
  attempts        bigint not null default 0,
  sent_at         bigint not null,
  expires_at      bigint not null,
  constraint "one_time_code.subject" primary key (organization_id, purpose, subject)
);
create index one_time_code_by_expiry on one_time_code (expires_at);

-- Counters of what one subject may do in a window; they outlive codes and restarts.
create table allowance (
  allowance_key bytea constraint "allowance.allowance_key" primary key,
  window_ends   bigint not null,
  used          bigint not null
);
create index allowance_by_end on allowance (window_ends);

-- What becomes of one-time codes on this server, hour by hour: a guesser at work, or texts that nobody reads, show here first.
create table code_tally (
  hour  bigint constraint "code_tally.hour" primary key,
  wrong bigint not null default 0,
  sent  bigint not null default 0,
  used  bigint not null default 0
);

create table service (
  organization_id uuid not null,
  service_id      uuid not null,
  team_id         uuid not null,
  name            text not null,
  name_key        text collate "C" not null,
  created_at      bigint not null,
  updated_at      bigint not null,
  constraint "service.service_id" primary key (organization_id, service_id),
  constraint "service.name_key" unique (organization_id, team_id, name_key),
  foreign key (organization_id, team_id) references team (organization_id, team_id)
);

-- Messages that wait for their transport: the queue alone, not sharded, emptied as it is worked off.
-- customer_id: whose account a message is about, so that it goes when they leave. room, lane, host: where it waits for its
-- turn; a lane is one organization at one host. A lease moves due_at to its own end.
create table outbox (
  delivery_id     uuid constraint "outbox.delivery_id" primary key,
  organization_id uuid not null,
  customer_id     uuid,
  transport       text not null,
  room            text collate "C" not null check (room in ('mail', 'gateway', 'web')),
  lane            uuid not null,
  host            text not null,
  message_sealed  bytea not null,
  attempts        bigint not null default 0,
  due_at          bigint not null,
  expires_at      bigint not null,
  lease           uuid,
  created_at      bigint not null
);
create index outbox_by_due on outbox (room, due_at);
create index outbox_by_lane on outbox (room, lane, due_at);
create index outbox_by_organization on outbox (organization_id);
create index outbox_by_customer on outbox (customer_id) where customer_id is not null;
create index outbox_by_expiry on outbox (expires_at);
create index outbox_by_lease on outbox (lease) where lease is not null;

-- What became of each message to a channel, for its owner to read. message_sealed: what has failed and can be tried
-- again by hand; never a code. sender_id: whom it names; it goes with them.
create table delivery (
  organization_id uuid not null,
  delivery_id     uuid not null,
  channel_id      uuid not null,
  kind            text collate "C" not null,
  status          text collate "C" not null check (status in ('queued', 'delivered', 'failed')),
  sender_id       uuid,
  message_sealed  bytea,
  created_at      bigint not null,
  finished_at     bigint,
  constraint "delivery.delivery_id" primary key (organization_id, delivery_id),
  foreign key (organization_id, channel_id) references notification_channel (organization_id, channel_id) on delete cascade
);
create index delivery_by_channel on delivery (organization_id, channel_id, delivery_id);
create index delivery_by_age on delivery (created_at);
create index delivery_by_sender on delivery (sender_id) where message_sealed is not null;

create table delivery_attempt (
  organization_id uuid not null,
  delivery_id     uuid not null,
  attempt         bigint not null,
  at              bigint not null,
  outcome         text not null check (outcome in ('delivered', 'retry', 'failed')),
  response_status bigint,
  latency_ms      bigint not null,
  detail          text not null,
  answer          text,
  constraint "delivery_attempt.attempt" primary key (organization_id, delivery_id, attempt),
  foreign key (organization_id, delivery_id) references delivery (organization_id, delivery_id) on delete cascade
);

-- What was sent under a deduplication key, so that it is sent once within a day. deliveries: what the sender was told.
create table notification_dedup (
  organization_id uuid not null references organization (organization_id) on delete cascade,
  owner_id        uuid not null,
  dedup_key       text collate "C" not null,
  deliveries      text not null,
  expires_at      bigint not null,
  constraint "notification_dedup.dedup_key" primary key (organization_id, owner_id, dedup_key)
);
create index notification_dedup_by_expiry on notification_dedup (expires_at);

-- Messages that have no transport, kept for the built-in mailbox.
create table mailbox_message (
  message_id   uuid constraint "mailbox_message.message_id" primary key,
  customer_id  uuid,
  transport    text not null,
  recipient    text collate "C" not null,
  subject      text collate "C" not null,
  body         text not null,
  html         text,
  created_at   bigint not null
);
create index mailbox_message_by_recipient on mailbox_message (recipient, message_id);

create table feedback (
  organization_id uuid not null,
  feedback_id     uuid not null,
  customer_id     uuid,
  kind            text collate "C" not null check (kind in ('feedback', 'leaving')),
  message         text not null,
  category        text,
  rating          bigint,
  created_at      bigint not null,
  constraint "feedback.feedback_id" primary key (organization_id, feedback_id)
);

-- The last link of each organization's audit chain.
create table audit_head (
  organization_id uuid constraint "audit_head.organization_id" primary key,
  seq             bigint not null,
  hash            bytea not null
);

-- The address stands outside the chain behind a salted digest, so that it can be erased without breaking the chain.
create table audit_event (
  organization_id uuid not null,
  seq             bigint not null,
  event_id        uuid not null,
  at              bigint not null,
  actor_id        uuid,
  action          text not null,
  target_type     text not null,
  target_id       text not null,
  request_id      text not null,
  ip              text,
  ip_salt         bytea,
  ip_digest       bytea not null,
  hash            bytea not null,
  constraint "audit_event.seq" primary key (organization_id, seq)
);
-- For what somebody did anywhere, and the end of the addresses that they did it from.
create index audit_event_by_actor on audit_event (actor_id, event_id);
create index audit_event_by_stranger on audit_event (target_id) where actor_id is null and ip is not null;

-- How many changes reached everybody: the sum, so that they need not wait for each other in one row. With the end of an organization's
-- audit log it tells a process whether an answer that it keeps still holds.
create table everybody_version (
  place   bigint constraint "everybody_version.place" primary key,
  version bigint not null
);

create table idempotency (
  organization_id uuid not null,
  customer_id     uuid not null,
  key             text collate "C" not null,
  fingerprint     bytea not null,
  status          bigint not null,
  answer_sealed   bytea not null,
  created_at      bigint not null,
  constraint "idempotency.key" primary key (organization_id, customer_id, key),
  foreign key (organization_id, customer_id) references customer (organization_id, customer_id) on delete cascade
);
create index idempotency_by_age on idempotency (created_at);
