//! A gateway for text messages and calls that speaks Twilio's API of 2010-04-01.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::http_answer::Answer;
use crate::http_server::{HttpServer, Request};
use crate::kept::{Kept, locked};

const SID: &str = "AC00000000000000000000000000000001";
const TOKEN: &str = "fake-gateway-token";

/// How the gateway fails; the request is kept all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TwilioFault {
    /// 21211: "To" is no valid number.
    InvalidTo,
    /// 21610: the receiver answered STOP.
    Unsubscribed,
    /// 20429: too many requests.
    TooManyRequests,
    /// Status 500 without JSON.
    ServerError,
    /// No answer at all.
    Hang,
}

/// One order to the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwilioRequest {
    /// The number to reach.
    pub to: String,
    /// The number it comes from.
    pub from: String,
    /// Text of a message; `None` for a call.
    pub body: Option<String>,
    /// XML of a call; `None` for a message.
    pub twiml: Option<String>,
    /// User and password of the Basic authentication, as `SID:TOKEN`.
    pub auth: Option<String>,
}

impl TwilioRequest {
    /// The first six digits that are said or written: a code.
    #[must_use]
    pub fn code(&self) -> String {
        let text = self.twiml.as_deref().or(self.body.as_deref()).unwrap_or_default();
        text.chars().filter(char::is_ascii_digit).take(6).collect()
    }
}

/// The running gateway.
pub struct FakeTwilio {
    server: HttpServer,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    requests: Kept<TwilioRequest>,
    fault: Mutex<Option<TwilioFault>>,
}

impl FakeTwilio {
    /// Starts one on a free port of 127.0.0.1.
    ///
    /// # Panics
    /// If loopback cannot be listened on.
    pub async fn start() -> Self {
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let server = HttpServer::start(move |request| shared.answer(&request)).await;
        Self { server, state }
    }

    /// Sets how it fails from now on; `None` mends it.
    pub fn fail(&self, fault: impl Into<Option<TwilioFault>>) {
        *locked(&self.state.fault) = fault.into();
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The setting that names this gateway, for messages from `from` (`+1…`).
    #[must_use]
    pub fn url(&self, from: &str) -> String {
        format!("twilio+http://{SID}:{TOKEN}@{}?from={from}", self.address())
    }

    /// The orders so far, refused ones included.
    #[must_use]
    pub fn requests(&self) -> Vec<TwilioRequest> {
        self.state.requests.all()
    }

    /// Waits until there are `n` orders, and gives all.
    ///
    /// # Panics
    /// After [`crate::PATIENCE`].
    pub async fn wait_for(&self, n: usize) -> Vec<TwilioRequest> {
        self.state.requests.wait_for("order", n).await
    }

    /// Waits for an order that `wanted` accepts.
    ///
    /// # Panics
    /// After [`crate::PATIENCE`].
    pub async fn wait_for_one(&self, wanted: impl Fn(&TwilioRequest) -> bool) -> TwilioRequest {
        self.state.requests.wait("such order", |all| all.iter().find(|order| wanted(order)).cloned()).await
    }
}

impl State {
    fn answer(&self, request: &Request) -> Answer {
        let form: HashMap<String, String> = form_urlencoded::parse(&request.body).into_owned().collect();
        let field = |name: &str| form.get(name).cloned();
        let order = TwilioRequest {
            to: field("To").unwrap_or_default(),
            from: field("From").unwrap_or_default(),
            body: field("Body"),
            twiml: field("Twiml"),
            auth: basic(request),
        };
        let account = format!("/2010-04-01/Accounts/{SID}");
        let call = match request.path.strip_prefix(account.as_str()) {
            Some("/Messages.json") => false,
            Some("/Calls.json") => true,
            _ => return error(404, 20404, "The requested resource was not found"),
        };
        // Looked at before the order is seen: a fault that a test sets after seeing it is for the next one.
        let fault = *locked(&self.fault);
        self.requests.push(order.clone());
        if request.method != "POST" {
            return error(405, 20004, "Method not allowed");
        }
        if order.auth != Some(format!("{SID}:{TOKEN}")) {
            return error(401, 20003, "Authenticate");
        }
        match fault {
            Some(TwilioFault::InvalidTo) => {
                error(400, 21211, &format!("The 'To' number {} is not a valid phone number.", order.to))
            }
            Some(TwilioFault::Unsubscribed) => error(400, 21610, "Attempt to send to unsubscribed recipient"),
            Some(TwilioFault::TooManyRequests) => error(429, 20429, "Too Many Requests"),
            Some(TwilioFault::ServerError) => Answer::text(500, "<html>oops</html>"),
            Some(TwilioFault::Hang) => Answer::Hang,
            None if order.to.is_empty() => error(400, 21604, "A 'To' phone number is required."),
            None if call && order.twiml.is_none() => error(400, 21205, "Url parameter is required."),
            None if !call && order.body.is_none() => error(400, 21602, "Message body is required."),
            None => Answer::json(201, &created(&order, call)),
        }
    }
}

/// The vendor's 201: numbers as strings, dates by RFC 2822.
fn created(order: &TwilioRequest, call: bool) -> Value {
    let date = "Thu, 24 Aug 2023 05:01:45 +0000";
    if call {
        json!({
            "sid": "CA00000000000000000000000000000002", "account_sid": SID, "api_version": "2010-04-01",
            "to": order.to, "from": order.from, "status": "queued", "direction": "outbound-api",
            "date_created": date, "date_updated": date, "duration": null, "price": null, "price_unit": "USD",
        })
    } else {
        json!({
            "sid": "SM00000000000000000000000000000003", "account_sid": SID, "api_version": "2010-04-01",
            "to": order.to, "from": order.from, "body": order.body, "status": "queued", "num_segments": "1",
            "num_media": "0", "direction": "outbound-api", "error_code": null, "error_message": null,
            "date_created": date, "date_updated": date, "date_sent": null, "price": null, "price_unit": "USD",
        })
    }
}

fn error(status: u16, code: u32, message: &str) -> Answer {
    let more = format!("https://www.twilio.com/docs/errors/{code}");
    Answer::json(status, &json!({"code": code, "message": message, "more_info": more, "status": status}))
}

fn basic(request: &Request) -> Option<String> {
    let encoded = request.header("authorization")?.strip_prefix("Basic ")?;
    String::from_utf8(STANDARD.decode(encoded).ok()?).ok()
}
