//! Receivers for tests: SMTP and HTTP servers on loopback that keep what they get and fail on demand.
//!
//! Each listens on 127.0.0.1 at a port of its own and ends, with all its connections, when it is dropped. Waiting is
//! by notification and bounded by [`PATIENCE`]: a wait that is not fulfilled panics, which fails the test.

pub mod http_answer;
mod http_server;
mod kept;
pub mod mail;
mod mime;
mod push_service;
mod receiver;
mod smtp;
mod smtp_dialogue;
mod tls;
mod tls_front;
mod twilio;
pub mod vendor;

pub use http_answer::Answer;
pub use http_server::Request;
pub use kept::PATIENCE;
pub use mail::Mail;
pub use push_service::{FakePushService, Pushed};
pub use receiver::FakeReceiver;
pub use smtp::{FakeSmtp, SmtpBehaviour, SmtpEncryption, SmtpFault};
pub use tls::{ROOT_PEM, TlsCertificate};
pub use tls_front::{Greeted, TlsFront};
pub use twilio::{FakeTwilio, TwilioFault, TwilioRequest};
pub use vendor::{FakeVendor, Mood, Vendor};
