//! Rollcall: who is on the team, what they may do, and how to reach them.
//!
//! The rooms, from the street inwards; imports run down this list and never up:
//! `server` starts, `routes` lists every operation, the plural modules are the operations, `http` is the edge that
//! each request passes, `app` is what an operation may use, `db` stores, `domain` holds the rules.

pub mod access;
pub mod accounts;
mod allowances;
pub mod app;
pub mod audit;
pub mod channels;
pub mod clock;
mod codes;
pub mod config;
mod console;
pub mod customers;
pub mod db;
pub mod domain;
pub mod entropy;
pub mod feedback;
mod folders;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod http;
pub mod invitations;
pub mod keys;
pub mod mailbox;
pub mod members;
mod messages;
pub mod notifications;
pub mod organizations;
pub mod outbox;
mod pages;
pub mod passwords;
pub mod problem;
pub mod routes;
pub mod services;
pub mod sessions;
pub mod start;
pub mod teams;
pub mod telemetry;
#[cfg(test)]
mod timing;
pub mod upkeep;
