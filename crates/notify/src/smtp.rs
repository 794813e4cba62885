//! Mail by SMTP (RFC 5321): one message to one recipient through the operator's server, within bounds.

mod idle;
mod line_stream;
mod mail;
mod server;
mod session;

use jiff::Timestamp;
use lettre::message::Mailbox;
use tokio::time::timeout;

use self::idle::Idle;
pub use self::server::{SmtpServer, SmtpServerError, SmtpTls};
use self::session::{Connector, Failure, Reply};
use crate::{Bounds, Message, Outcome, SettingsError, Verdict, answer, retry};

/// Whether mail can come from this mailbox: `Rollcall <rollcall@example.com>`, or an address alone.
#[must_use]
pub fn is_sender(text: &str) -> bool {
    mail::sender(text).is_some()
}

/// The sender of mail.
pub(crate) struct Smtp {
    connector: Connector,
    from: Mailbox,
    idle: Idle,
    bounds: Bounds,
}

impl Smtp {
    pub(crate) fn new(server: SmtpServer, from: &str, bounds: Bounds) -> Result<Self, SettingsError> {
        let from = mail::sender(from).ok_or(SettingsError::MailFromMalformed)?;
        let connector = Connector::new(server, bounds.connect).map_err(|_| SettingsError::Tls)?;
        Ok(Self { connector, from, idle: Idle::default(), bounds })
    }

    /// Sends one mail. A connection lost after the text was sent is a retry: the server may then have taken the mail
    /// twice, under the same Message-ID.
    pub(crate) async fn send(&self, to: &str, message: &Message, now: Timestamp) -> Outcome {
        let mail = match mail::compose(&self.from, to, message, now) {
            Ok(mail) => mail,
            Err(unfit) => return Outcome::refused(unfit.to_string()),
        };
        let hide = self.hidden(to, message);
        // The library bounds only the connecting: this bounds all of it.
        match timeout(self.bounds.total, self.transmit(&mail)).await {
            Err(_) => Outcome::retry("The mail server did not answer in time."),
            Ok(Ok(reply)) => Outcome::new(Verdict::Delivered, "The mail server accepted the message.")
                .answered(reply.code, answer::fit(&reply.text, &hide)),
            Ok(Err(failure)) => explain(failure, &hide),
        }
    }

    async fn transmit(&self, mail: &mail::Mail) -> Result<Reply, Failure> {
        let mut session = match self.idle.take().await {
            Some(session) => session,
            None => self.connector.connect().await?,
        };
        // If this future is dropped in the middle, so is the session: a half-used one never goes back.
        match session.send(mail).await {
            Ok(reply) => {
                self.idle.keep(session);
                Ok(reply)
            }
            Err(failure) => {
                session.leave();
                Err(failure)
            }
        }
    }

    fn hidden<'a>(&'a self, to: &'a str, message: &'a Message) -> Vec<&'a str> {
        let mut hidden = vec![to];
        hidden.extend(self.connector.password());
        hidden.extend(answer::codes(&message.text));
        hidden
    }
}

fn explain(failure: Failure, hide: &[&str]) -> Outcome {
    match failure {
        Failure::Reply(reply) => {
            let verdict = retry::of_smtp_code(reply.code);
            let detail = match verdict {
                Verdict::Refused => format!("The mail server refuses the message (code {}).", reply.code),
                _ => format!("The mail server cannot take the message now (code {}).", reply.code),
            };
            Outcome::new(verdict, detail).answered(reply.code, answer::fit(&reply.text, hide))
        }
        // The recipient is not to blame for what follows, and the operator may mend it: worth another attempt.
        Failure::Credentials => Outcome::retry("The mail server refuses this server's credentials."),
        Failure::TlsMissing => Outcome::retry("The mail server offers no encryption, which is required."),
        Failure::Tls => Outcome::retry("No trustworthy encrypted connection to the mail server."),
        Failure::Unreachable => Outcome::retry("The mail server could not be reached."),
        Failure::Broken => Outcome::retry("The mail server broke off the connection."),
        Failure::Internationalized => {
            Outcome::refused("The mail server takes no internationalized addresses.")
        }
    }
}
