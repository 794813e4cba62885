-- The first schema. Dialect card: docs/decisions/0003-one-sql-text.md.
-- Ids are UUIDs (16 bytes), times whole microseconds since 1970 UTC, `*_key` columns hold text folded for comparison,
-- `*_digest` columns HMAC-SHA256 or SHA-256, `*_sealed` columns ciphertext. Tenant tables lead with organization_id,
-- so that a reference across tenants cannot be stored. The nil organization holds what belongs to no tenant yet.

create table organization (
  organization_id blob primary key,
  name            text not null,
  plan            text not null,
  plan_version    text not null,
  trial_ends_at   integer,
  version         integer not null default 1,
  created_at      integer not null
) strict, without rowid;

-- Who somebody is, for every tenant: memberships name guests of other organizations through it.
create table identity (
  customer_id     blob primary key,
  organization_id blob not null references organization (organization_id) on delete cascade,
  email           text not null,
  email_key       text not null,
  name            text not null,
  surname         text not null,
  created_at      integer not null,
  constraint "identity.email_key" unique (email_key)
) strict, without rowid;
create index identity_by_organization on identity (organization_id, customer_id);

create table customer (
  organization_id   blob not null references organization (organization_id) on delete cascade,
  customer_id       blob not null references identity (customer_id) on delete cascade,
  root              integer not null check (root in (0, 1)),
  password_hash     text not null,
  pending_email     text,
  pending_email_key text,
  version           integer not null default 1,
  primary key (organization_id, customer_id),
  check ((pending_email is null) = (pending_email_key is null))
) strict, without rowid;
-- For the end of an identity, which looks for who refers to it.
create index customer_by_identity on customer (customer_id);

-- A sign-up that waits for its code: no account yet. One for each address; gone after 24 hours.
create table sign_up (
  email_key                  text primary key,
  email                      text not null,
  name                       text not null,
  surname                    text not null,
  password_hash              text not null,
  invitation_organization_id blob,
  invitation_id              blob,
  created_at                 integer not null,
  expires_at                 integer not null
) strict, without rowid;

create table session (
  organization_id blob not null,
  session_id      blob not null,
  customer_id     blob not null,
  created_at      integer not null,
  used_at         integer not null,
  ip              text,
  user_agent      text,
  primary key (organization_id, session_id),
  foreign key (organization_id, customer_id) references customer (organization_id, customer_id) on delete cascade
) strict, without rowid;
create index session_by_customer on session (organization_id, customer_id);

-- Digests of the tokens of programs (access, refresh) and browsers (console): a global look-up. A spent refresh token stays, so that its reuse is seen.
create table token (
  token_digest    blob primary key,
  kind            text not null check (kind in ('access', 'refresh', 'console')),
  organization_id blob not null,
  session_id      blob not null,
  customer_id     blob not null,
  expires_at      integer not null,
  used_at         integer,
  foreign key (organization_id, session_id) references session (organization_id, session_id) on delete cascade
) strict, without rowid;
create index token_by_session on token (organization_id, session_id);
create index token_by_expiry on token (expires_at);

-- Which organization a team or a service belongs to: the global look-up behind ids in a path.
create table directory (
  id              blob primary key,
  organization_id blob not null references organization (organization_id) on delete cascade
) strict, without rowid;
create index directory_by_organization on directory (organization_id);

create table team (
  organization_id blob not null references organization (organization_id) on delete cascade,
  team_id         blob not null,
  name            text not null,
  name_key        text not null,
  version         integer not null default 1,
  created_at      integer not null,
  primary key (organization_id, team_id),
  constraint "team.name_key" unique (organization_id, name_key)
) strict, without rowid;

create table membership (
  organization_id blob not null,
  team_id         blob not null,
  customer_id     blob not null references identity (customer_id) on delete cascade,
  role            text not null check (role in ('user', 'manager')),
  joined_at       integer not null,
  constraint "membership.customer_id" primary key (organization_id, team_id, customer_id),
  foreign key (organization_id, team_id) references team (organization_id, team_id) on delete cascade
) strict, without rowid;
create index membership_by_customer on membership (customer_id, joined_at);
create index membership_by_organization on membership (customer_id, organization_id);
create index membership_by_age on membership (organization_id, team_id, joined_at, customer_id);

create table invitation (
  organization_id blob not null,
  invitation_id   blob not null,
  team_id         blob not null,
  channel_type    text not null check (channel_type in ('email', 'sms')),
  channel         text not null,
  channel_key     text not null,
  role            text not null check (role in ('user', 'manager')),
  sender_id       blob references identity (customer_id) on delete set null,
  accepted_by     blob references identity (customer_id) on delete set null,
  status          text not null check (status in ('pending', 'accepted', 'declined', 'withdrawn')),
  delivery_id     blob,
  reminded_at     integer,
  expires_at      integer not null,
  created_at      integer not null,
  primary key (organization_id, invitation_id),
  foreign key (organization_id, team_id) references team (organization_id, team_id) on delete cascade
) strict, without rowid;
create unique index "invitation.channel_key" on invitation (organization_id, team_id, channel_type, channel_key)
  where status = 'pending';
create index invitation_by_sender on invitation (sender_id, organization_id);
create index invitation_by_accepter on invitation (accepted_by);
-- For what is kept about an address, and its end.
create index invitation_by_channel on invitation (channel_key);

-- A link of an invitation. `replaced`: a newer link of the same purpose took its place.
create table invitation_token (
  token_digest    blob primary key,
  organization_id blob not null,
  invitation_id   blob not null,
  purpose         text not null check (purpose in ('sent', 'handed_over')),
  replaced        integer not null default 0 check (replaced in (0, 1)),
  foreign key (organization_id, invitation_id) references invitation (organization_id, invitation_id) on delete cascade
) strict, without rowid;
create index invitation_token_by_invitation on invitation_token (organization_id, invitation_id);

-- A way to reach a customer or a team. Exactly one owner, repeated in owner_id for the unique rules.
-- delivered_at: when a message last arrived, to the minute. failing_since: the first attempt that failed after it.
create table notification_channel (
  organization_id blob not null,
  channel_id      blob not null,
  owner_id        blob not null,
  customer_id     blob,
  team_id         blob,
  priority        integer not null check (abs(priority) between 1 and 999),
  type            text not null,
  value_sealed    blob not null,
  value_digest    blob not null,
  pending_sealed  blob,
  pending_digest  blob,
  secret_sealed   blob,
  enabled         integer not null check (enabled in (0, 1)),
  verified_at     integer,
  disabled_reason text,
  delivered_at    integer,
  failing_since   integer,
  version         integer not null default 1,
  created_at      integer not null,
  primary key (organization_id, channel_id),
  check ((customer_id is null) <> (team_id is null) and owner_id = coalesce(customer_id, team_id)),
  check ((pending_sealed is null) = (pending_digest is null)),
  check (verified_at is not null or (enabled = 0 and pending_sealed is null)),
  constraint "notification_channel.priority" unique (organization_id, owner_id, priority),
  constraint "notification_channel.value_digest" unique (organization_id, owner_id, type, value_digest),
  constraint "notification_channel.pending_digest" unique (organization_id, owner_id, type, pending_digest),
  foreign key (organization_id, customer_id) references customer (organization_id, customer_id) on delete cascade,
  foreign key (organization_id, team_id) references team (organization_id, team_id) on delete cascade
) strict, without rowid;

-- A one-time code that is out. subject: what it proves (a channel, a customer, a sign-up), as text; one code each.
create table one_time_code (
  organization_id blob not null,
  purpose         text not null check (purpose in ('sign_up', 'password', 'username', 'channel')),
  subject         text not null,
  code_digest     blob not null,
  attempts        integer not null default 0,
  sent_at         integer not null,
  expires_at      integer not null,
  primary key (organization_id, purpose, subject)
) strict, without rowid;
create index one_time_code_by_expiry on one_time_code (expires_at);

-- Counters of what one subject may do in a window; they outlive codes and restarts.
create table allowance (
  allowance_key blob primary key,
  window_ends   integer not null,
  used          integer not null
) strict, without rowid;
create index allowance_by_end on allowance (window_ends);

-- What becomes of one-time codes on this server, hour by hour: a guesser at work, or texts that nobody reads, show here first.
create table code_tally (
  hour  integer primary key,
  wrong integer not null default 0,
  sent  integer not null default 0,
  used  integer not null default 0
) strict, without rowid;

create table service (
  organization_id blob not null,
  service_id      blob not null,
  team_id         blob not null,
  name            text not null,
  name_key        text not null,
  created_at      integer not null,
  updated_at      integer not null,
  primary key (organization_id, service_id),
  constraint "service.name_key" unique (organization_id, team_id, name_key),
  foreign key (organization_id, team_id) references team (organization_id, team_id)
) strict, without rowid;

-- Messages that wait for their transport: the queue alone, not sharded, emptied as it is worked off.
-- customer_id: whose account a message is about, so that it goes when they leave. room, lane, host: where it waits for its
-- turn; a lane is one organization at one host. A lease moves due_at to its own end.
create table outbox (
  delivery_id     blob primary key,
  organization_id blob not null,
  customer_id     blob,
  transport       text not null,
  room            text not null check (room in ('mail', 'gateway', 'web')),
  lane            blob not null,
  host            text not null,
  message_sealed  blob not null,
  attempts        integer not null default 0,
  due_at          integer not null,
  expires_at      integer not null,
  lease           blob,
  created_at      integer not null
) strict, without rowid;
create index outbox_by_due on outbox (room, due_at);
create index outbox_by_lane on outbox (room, lane, due_at);
create index outbox_by_organization on outbox (organization_id);
create index outbox_by_customer on outbox (customer_id) where customer_id is not null;
create index outbox_by_expiry on outbox (expires_at);
create index outbox_by_lease on outbox (lease) where lease is not null;

-- What became of each message to a channel, for its owner to read. message_sealed: what has failed and can be tried
-- again by hand; never a code. sender_id: whom it names; it goes with them.
create table delivery (
  organization_id blob not null,
  delivery_id     blob not null,
  channel_id      blob not null,
  kind            text not null,
  status          text not null check (status in ('queued', 'delivered', 'failed')),
  sender_id       blob,
  message_sealed  blob,
  created_at      integer not null,
  finished_at     integer,
  primary key (organization_id, delivery_id),
  foreign key (organization_id, channel_id) references notification_channel (organization_id, channel_id) on delete cascade
) strict, without rowid;
create index delivery_by_channel on delivery (organization_id, channel_id, delivery_id);
create index delivery_by_age on delivery (created_at);
create index delivery_by_sender on delivery (sender_id) where message_sealed is not null;

create table delivery_attempt (
  organization_id blob not null,
  delivery_id     blob not null,
  attempt         integer not null,
  at              integer not null,
  outcome         text not null check (outcome in ('delivered', 'retry', 'failed')),
  response_status integer,
  latency_ms      integer not null,
  detail          text not null,
  answer          text,
  primary key (organization_id, delivery_id, attempt),
  foreign key (organization_id, delivery_id) references delivery (organization_id, delivery_id) on delete cascade
) strict, without rowid;

-- What was sent under a deduplication key, so that it is sent once within a day. deliveries: what the sender was told.
create table notification_dedup (
  organization_id blob not null references organization (organization_id) on delete cascade,
  owner_id        blob not null,
  dedup_key       text not null,
  deliveries      text not null,
  expires_at      integer not null,
  primary key (organization_id, owner_id, dedup_key)
) strict, without rowid;
create index notification_dedup_by_expiry on notification_dedup (expires_at);

-- Messages that have no transport, kept for the built-in mailbox.
create table mailbox_message (
  message_id   blob primary key,
  customer_id  blob,
  transport    text not null,
  recipient    text not null,
  subject      text not null,
  body         text not null,
  html         text,
  created_at   integer not null
) strict, without rowid;
create index mailbox_message_by_recipient on mailbox_message (recipient, message_id);

create table feedback (
  organization_id blob not null,
  feedback_id     blob not null,
  customer_id     blob,
  kind            text not null check (kind in ('feedback', 'leaving')),
  message         text not null,
  category        text,
  rating          integer,
  created_at      integer not null,
  primary key (organization_id, feedback_id)
) strict, without rowid;

-- The last link of each organization's audit chain.
create table audit_head (
  organization_id blob primary key,
  seq             integer not null,
  hash            blob not null
) strict, without rowid;

-- The address stands outside the chain behind a salted digest, so that it can be erased without breaking the chain.
create table audit_event (
  organization_id blob not null,
  seq             integer not null,
  event_id        blob not null,
  at              integer not null,
  actor_id        blob,
  action          text not null,
  target_type     text not null,
  target_id       text not null,
  request_id      text not null,
  ip              text,
  ip_salt         blob,
  ip_digest       blob not null,
  hash            blob not null,
  primary key (organization_id, seq)
) strict, without rowid;
-- For what somebody did anywhere, and the end of the addresses that they did it from.
create index audit_event_by_actor on audit_event (actor_id, event_id);
create index audit_event_by_stranger on audit_event (target_id) where actor_id is null and ip is not null;

-- How many changes reached everybody, where several processes make them (PostgreSQL); their number is the sum. Here one process
-- counts by itself.
create table everybody_version (
  place   integer primary key,
  version integer not null
) strict, without rowid;

create table idempotency (
  organization_id blob not null,
  customer_id     blob not null,
  key             text not null,
  fingerprint     blob not null,
  status          integer not null,
  answer_sealed   blob not null,
  created_at      integer not null,
  primary key (organization_id, customer_id, key),
  foreign key (organization_id, customer_id) references customer (organization_id, customer_id) on delete cascade
) strict, without rowid;
create index idempotency_by_age on idempotency (created_at);
