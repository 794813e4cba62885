//! Requests to URLs that people choose: checked by the guard, resolved under it, within bounds, no redirect.

use std::sync::Arc;

use http::header::CONTENT_TYPE;
use jiff::Timestamp;
use reqwest::{Certificate, Client, RequestBuilder};
use serde_json::Value;
use url::{Position, Url};

use crate::guard::resolver::Lookup;
use crate::guard::{self, GuardRules};
use crate::http_client::{self, Answer};
use crate::{Bounds, Message, Outcome, answer};

/// The door to people's URLs, shared by all transports that go there: its connections are shared by host and few.
pub(crate) struct Guarded {
    client: Client,
    rules: GuardRules,
    bounds: Bounds,
}

impl Guarded {
    pub(crate) fn new(
        rules: GuardRules,
        lookup: Arc<dyn Lookup>,
        bounds: Bounds,
        root: Option<&Certificate>,
    ) -> reqwest::Result<Self> {
        Ok(Self { client: http_client::guarded(&rules, lookup, &bounds, root)?, rules, bounds })
    }

    /// The URL as it was checked, or the outcome of an attempt that is not made.
    ///
    /// Checked at each attempt: the rules may have changed since it was saved, and a literal address never reaches
    /// the resolver.
    pub(crate) fn target(&self, url: &str) -> Result<Url, Outcome> {
        guard::check_url(&self.rules, url).map_err(|_| http_client::not_allowed())
    }

    /// A POST to a URL that [`Guarded::target`] gave.
    pub(crate) fn post(&self, target: &Url) -> RequestBuilder {
        self.client.post(target.clone())
    }

    /// Sends a request that [`Guarded::post`] began.
    pub(crate) async fn send(&self, request: RequestBuilder, now: Timestamp) -> Result<Answer, Outcome> {
        http_client::answered(request, &self.bounds, now).await
    }

    /// Posts a message as JSON and judges what is answered. `secrets` are masked in the answer beside those of the URL.
    pub(crate) async fn tell(
        &self,
        target: &Url,
        body: &Value,
        (message, now): (&Message, Timestamp),
        secrets: &[&str],
        judge: impl FnOnce(&Answer) -> Outcome,
    ) -> Result<Outcome, Outcome> {
        let request = self.post(target).header(CONTENT_TYPE, "application/json").body(body.to_string());
        let answer = self.send(request, now).await?;
        Ok(judge(&answer).answered(answer.status, words(&answer, target, message, secrets)))
    }
}

/// From this length on a part of a path is taken for a secret of its own.
const LONG: usize = 12;

/// The receiver's words without what they repeat of ours: the secret parts of the URL, the codes, and `secrets`.
pub(crate) fn words(answer: &Answer, target: &Url, message: &Message, secrets: &[&str]) -> Option<String> {
    let mut hide = vec![&target[Position::BeforePath..], &target[Position::BeforePath..Position::AfterPath]];
    hide.extend(target.query());
    hide.extend(target.path_segments().into_iter().flatten().filter(|part| part.len() >= LONG));
    hide.extend(answer::codes(&message.event));
    hide.extend(answer::codes(&message.body));
    hide.extend(secrets);
    answer::fit(&answer.text(), &hide)
}
