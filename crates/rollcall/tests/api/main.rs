//! The API as its clients see it: a real listener, a real database, real receivers on loopback.

mod accounts;
mod audit;
mod channels;
mod channels_changes;
mod channels_delivery;
mod channels_team;
mod channels_webhook;
mod customers;
mod customers_leaving;
mod customers_username;
mod edge;
mod idempotency;
mod invitations;
mod invitations_answers;
mod invitations_fields;
mod members;
mod organizations;
mod pages;
mod races;
mod races_channels;
mod races_invitations;
mod services;
mod sessions;
mod support;
mod teams;
mod upkeep;
