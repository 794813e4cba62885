//! One message to one receiver: transports, signing, the outbound guard, and what a failure means.
//!
//! This crate knows nothing of customers, teams or channels. It is handed a [`Destination`], a [`Message`] and
//! the time, makes ONE attempt within fixed [`Bounds`], and answers with an [`Outcome`] that says whether another
//! attempt makes sense. Queues, schedules and records are the caller's.
//!
//! - [`Notifier`] is the one door; it alone opens outbound sockets.
//! - [`guard`] decides which addresses a person may make this process talk to.
//! - [`standard_webhooks`] signs what goes to webhooks, [`web_push`] seals what goes to browsers.
//! - [`answer`] makes what receivers say fit for a log, [`retry`] holds the rules by which a failure is final or not.
//!
//! Absent on purpose: redirects, proxies from the environment, decompression, and any log line about a receiver.

pub mod answer;
mod causes;
mod cut;
mod destination;
mod discord;
pub mod guard;
mod guarded;
mod http_client;
mod message;
mod ms_teams;
mod notifier;
mod ntfy;
mod outcome;
mod pagerduty;
pub mod retry;
mod secret;
mod settings;
mod slack;
mod smtp;
pub mod standard_webhooks;
mod telegram;
mod twilio;
pub mod web_push;
mod webhook;

pub use destination::{Destination, Subscription, Transport};
pub use guard::GuardRules;
pub use message::{Link, Message, Severity};
pub use notifier::Notifier;
pub use outcome::{Outcome, Verdict};
pub use settings::{Bounds, Settings, SettingsError};
pub use smtp::{SmtpServer, SmtpServerError, SmtpTls, is_sender};
pub use twilio::{TwilioAccount, TwilioAccountError};
