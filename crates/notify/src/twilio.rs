//! Text messages and calls through a gateway that speaks Twilio's API of 2010-04-01.
//!
//! The gateway is the operator's own choice and not subject to the guard. It offers no idempotency key: an attempt
//! whose answer is lost may have been sent, and a repetition then sends twice.

mod account;
mod twiml;

use jiff::Timestamp;
use reqwest::Client;
use serde::Deserialize;

pub use self::account::{TwilioAccount, TwilioAccountError};
use crate::http_client::{self, Answer, NoAnswer};
use crate::{Bounds, Message, Outcome, Verdict, answer, retry};

/// "To" is no number, unroutable, not capable of text, or not verified by a trial account: no use in trying again.
const NEVER: [u32; 4] = [21211, 21608, 21612, 21614];
/// The receiver answered STOP.
const UNSUBSCRIBED: u32 = 21610;
/// Too many requests, whatever the status says.
const RATE: u32 = 20429;
/// The account's own credentials are wrong.
const CREDENTIALS: u32 = 20003;

/// What is read of an answer. Everything else (it repeats the text and the number) is left aside.
#[derive(Deserialize, Default)]
struct Reply {
    sid: Option<String>,
    /// A word in a success (`queued`), a number in an error.
    status: Option<serde_json::Value>,
    code: Option<u32>,
    message: Option<String>,
}

/// The sender for one account.
pub(crate) struct Twilio {
    client: Client,
    account: TwilioAccount,
    bounds: Bounds,
}

impl Twilio {
    pub(crate) fn new(client: Client, account: TwilioAccount, bounds: Bounds) -> Self {
        Self { client, account, bounds }
    }

    /// Sends a text message.
    pub(crate) async fn text(&self, to: &str, message: &Message, now: Timestamp) -> Outcome {
        self.post("Messages", to, ("Body", &message.short), &message.short, now).await
    }

    /// Calls and says the text twice.
    pub(crate) async fn call(&self, to: &str, message: &Message, now: Timestamp) -> Outcome {
        self.post("Calls", to, ("Twiml", &twiml::say_twice(&message.spoken)), &message.spoken, now).await
    }

    async fn post(&self, what: &str, to: &str, content: (&str, &str), text: &str, now: Timestamp) -> Outcome {
        let Some(url) = self.account.endpoint(what) else {
            return Outcome::refused("The gateway's address is malformed.");
        };
        let request = self
            .client
            .post(url)
            .basic_auth(self.account.sid(), Some(self.account.token()))
            .form(&[("To", to), ("From", self.account.from()), content]);
        match http_client::exchange(request, &self.bounds, now).await {
            Ok(answer) => self.judge(&answer, to, text),
            Err(NoAnswer::TooSlow) => Outcome::retry("The gateway did not answer in time."),
            Err(NoAnswer::Broken) => Outcome::retry("The gateway broke off before it answered."),
            Err(NoAnswer::Unreachable | NoAnswer::Refused) => {
                Outcome::retry("The gateway could not be reached.")
            }
        }
    }

    fn judge(&self, answer: &Answer, to: &str, text: &str) -> Outcome {
        let status = answer.status;
        let reply: Reply = serde_json::from_slice(&answer.body).unwrap_or_default();
        let code = reply.code.filter(|_| !(200..300).contains(&status));
        let again = Verdict::Retry { after: answer.after };
        let (verdict, detail) = match (code, retry::of_http_status(status, answer.after)) {
            (_, Verdict::Delivered) => (Verdict::Delivered, "The gateway accepted the message.".to_owned()),
            (Some(UNSUBSCRIBED), _) => (Verdict::Gone, "The receiver asked for no more messages.".to_owned()),
            (Some(RATE), _) => (again, "The gateway asks to send less often.".to_owned()),
            (Some(code), _) if NEVER.contains(&code) => {
                (Verdict::Refused, "The gateway cannot reach this number.".to_owned())
            }
            // The receiver is not to blame, and the operator may mend it.
            (Some(CREDENTIALS), _) => (again, "The gateway refuses this server's account.".to_owned()),
            (_, _) if status == 401 => (again, "The gateway refuses this server's account.".to_owned()),
            (_, verdict) => (verdict, format!("The gateway answered with status {status}.")),
        };
        Outcome::new(verdict, detail).answered(status, self.words(&reply, to, text))
    }

    /// The gateway's words, without what they repeat of ours.
    fn words(&self, reply: &Reply, to: &str, text: &str) -> Option<String> {
        let said = match (reply.code, &reply.message, &reply.sid, &reply.status) {
            (Some(code), message, ..) => format!("{code} {}", message.as_deref().unwrap_or_default()),
            (None, _, Some(sid), Some(serde_json::Value::String(status))) => format!("{sid} {status}"),
            _ => return None,
        };
        let mut hide = vec![self.account.token(), self.account.from(), to, to.trim_start_matches('+')];
        hide.extend(answer::codes(text));
        answer::fit(&said, &hide)
    }
}
