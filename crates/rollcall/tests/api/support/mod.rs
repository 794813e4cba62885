//! What every test stands on: a server of its own, a client, people with accounts, and a clock that can be moved.

pub(crate) mod channels;
mod client;
mod clock;
mod database;
pub(crate) mod figures;
mod invitations;
mod mailbox;
pub(crate) mod notifications;
mod people;
pub(crate) mod races;
pub(crate) mod rows;
mod server;
pub(crate) mod teams;
mod trials;

pub(crate) use client::{Answer, Request};
pub(crate) use invitations::token_in;
pub(crate) use people::{PASSWORD, Person};
pub(crate) use server::Server;
pub(crate) use trials::trials;
