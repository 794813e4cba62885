//! The edge: what every request passes on its way in and out. The list of operations is in `routes.rs`.

pub mod accept;
pub mod access_log;
pub mod address;
pub mod body;
pub mod caller;
pub mod client_address;
pub mod command;
pub mod cors;
pub mod crowd;
pub mod deadline;
pub mod edge;
pub mod fields;
pub mod front;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
pub mod head;
pub mod health;
pub mod idempotency;
mod json_object;
mod last_connections;
pub mod moment;
pub mod open_command;
pub mod openapi;
mod openapi_bounds;
mod outgoing;
pub mod params;
pub mod path;
pub mod position;
pub mod problem_body;
pub mod query;
pub mod ready;
pub mod reply;
pub mod reply_headers;
pub mod request_id;
pub mod server;
pub mod service;
