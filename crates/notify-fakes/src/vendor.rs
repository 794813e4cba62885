//! The services that channels lead to: each checks what it gets as the vendor would, and answers as the vendor does.

mod discord;
mod ms_teams;
mod ntfy;
mod pagerduty;
mod slack;
pub mod telegram;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use crate::http_answer::Answer;
use crate::http_server::{HttpServer, Request};
use crate::kept::{Kept, locked};

/// Which service is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vendor {
    /// Incoming webhooks.
    Slack,
    /// A workflow.
    MsTeams,
    /// A webhook.
    Discord,
    /// The Bot API.
    Telegram,
    /// The Events API v2.
    PagerDuty,
    /// A server of topics.
    Ntfy,
}

/// How a service is disposed. What is wrong with a request is refused in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// Takes what is right.
    #[default]
    Good,
    /// Refuses everything for good.
    Refusing,
    /// Asks to come back in [`FakeVendor::RETRY_AFTER`] seconds.
    Throttling,
    /// Says that the receiver does not exist any more.
    Gone,
    /// Fails with a 500.
    Broken,
}

/// One request with what the vendor would find wrong in it.
#[derive(Clone, Debug)]
pub struct Received {
    /// The request.
    pub request: Request,
    /// Empty where all is right.
    pub faults: Vec<String>,
}

/// What a vendor's file does: finds the faults of a request, and answers in a mood.
trait Play {
    fn faults(request: &Request) -> Vec<String>;
    fn answer(mood: Mood, request: &Request, faults: &[String]) -> Answer;
}

/// A running service.
pub struct FakeVendor {
    vendor: Vendor,
    server: HttpServer,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    received: Kept<Received>,
    mood: Mutex<Mood>,
}

impl FakeVendor {
    /// What a throttling service asks for.
    pub const RETRY_AFTER: u64 = 37;

    /// Starts one on a free port of 127.0.0.1.
    ///
    /// # Panics
    /// If loopback cannot be listened on.
    pub async fn start(vendor: Vendor) -> Self {
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let server = HttpServer::start(move |request| {
            let mood = *locked(&shared.mood);
            let (faults, answer) = match vendor {
                Vendor::Slack => play::<slack::Slack>(mood, &request),
                Vendor::MsTeams => play::<ms_teams::MsTeams>(mood, &request),
                Vendor::Discord => play::<discord::Discord>(mood, &request),
                Vendor::Telegram => play::<telegram::Telegram>(mood, &request),
                Vendor::PagerDuty => play::<pagerduty::PagerDuty>(mood, &request),
                Vendor::Ntfy => play::<ntfy::Ntfy>(mood, &request),
            };
            shared.received.push(Received { request, faults });
            answer
        });
        Self { vendor, server: server.await, state }
    }

    /// Sets how it is disposed from now on.
    pub fn be(&self, mood: Mood) {
        *locked(&self.state.mood) = mood;
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The base of its API.
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The value of a channel that leads here, the `n`-th of many.
    #[must_use]
    pub fn value(&self, n: u32) -> String {
        let base = self.base();
        match self.vendor {
            Vendor::Slack => format!("{base}/services/T0000AAAA/B0000BBBB/slackCanarySecret{n}"),
            Vendor::MsTeams => format!(
                "{base}/workflows/flow{n}/triggers/manual/paths/invoke?api-version=2016-06-01&sig=teamsCanarySecret{n}"
            ),
            Vendor::Discord => format!("{base}/api/webhooks/10{n}/discordCanarySecret{n}"),
            Vendor::Telegram => format!("71{n}:telegramCanarySecret_{n}-x@-10017{n}"),
            Vendor::PagerDuty => format!("pagerdutyCanarySecret{n:011}"),
            Vendor::Ntfy => format!("{base}/ntfyCanarySecret{n}"),
        }
    }

    /// What it got so far.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.state.received.all()
    }

    /// Waits until there are `n` requests, and gives all.
    ///
    /// # Panics
    /// After [`crate::PATIENCE`], or when the vendor would find fault with one.
    pub async fn wait_for(&self, n: usize) -> Vec<Request> {
        let received = self.state.received.wait_for("request", n).await;
        for one in &received {
            assert!(one.faults.is_empty(), "{:?}: {:?} in {}", self.vendor, one.faults, one.request.text());
        }
        received.into_iter().map(|one| one.request).collect()
    }
}

fn play<P: Play>(mood: Mood, request: &Request) -> (Vec<String>, Answer) {
    let faults = P::faults(request);
    let answer = P::answer(mood, request, &faults);
    (faults, answer)
}

/// The faults found so far, put together line by line.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    /// What holds for every JSON API: POST, the content type, a body that parses.
    fn of_json(request: &Request) -> Self {
        let mut faults = Self::default();
        faults.unless(request.method == "POST", "not a POST");
        let media = request.header("content-type").unwrap_or_default();
        faults.unless(media.starts_with("application/json"), "not application/json");
        faults.unless(request.json().is_object(), "the body is no JSON object");
        faults
    }

    fn unless(&mut self, right: bool, wrong: &str) {
        if !right {
            self.0.push(wrong.to_owned());
        }
    }

    /// A text of 1 to `most` characters at a JSON pointer, which may be left out where it is not `needed`.
    fn text(&mut self, body: &serde_json::Value, pointer: &str, most: usize, needed: bool) {
        let right = match body.pointer(pointer) {
            None | Some(serde_json::Value::Null) => !needed,
            Some(text) => text.as_str().is_some_and(|text| (1..=most).contains(&text.chars().count())),
        };
        self.unless(right, &format!("{pointer} is no text of 1 to {most} characters"));
    }

    fn found(self) -> Vec<String> {
        self.0
    }
}
