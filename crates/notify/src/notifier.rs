//! The one door: takes a destination and a message, picks the transport, measures the attempt.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use jiff::Timestamp;
use reqwest::Certificate;
use tokio::time::Instant;

use crate::guard::resolver::{Lookup, SystemLookup};
use crate::guarded::Guarded;
use crate::http_client;
use crate::pagerduty::PagerDuty;
use crate::smtp::Smtp;
use crate::telegram::Telegram;
use crate::twilio::Twilio;
use crate::web_push::VapidKey;
use crate::{Destination, Message, Outcome, Settings, SettingsError, Transport};
use crate::{discord, ms_teams, ntfy, slack, web_push, webhook};

/// Sends messages. Make one and share it: it keeps connections.
pub struct Notifier {
    web: Guarded,
    smtp: Option<Smtp>,
    sms: Option<Twilio>,
    phone: Option<Twilio>,
    telegram: Telegram,
    pagerduty: PagerDuty,
    vapid: Option<VapidKey>,
}

impl Notifier {
    /// A notifier for these settings. Connects to nothing yet.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        Self::with_lookup(settings, Arc::new(SystemLookup))
    }

    /// The same, with another look-up for the names in people's URLs. The guard checks what it answers.
    pub fn with_lookup(settings: Settings, lookup: Arc<dyn Lookup>) -> Result<Self, SettingsError> {
        Self::make(settings, lookup, None)
    }

    /// The same, which trusts one more root certificate, in PEM, when it speaks HTTPS: for tests, whose receivers no
    /// public authority vouches for. No setting leads here.
    pub fn trusting(
        settings: Settings,
        lookup: Arc<dyn Lookup>,
        root_pem: &[u8],
    ) -> Result<Self, SettingsError> {
        let root = Certificate::from_pem(root_pem).map_err(|_| SettingsError::Tls)?;
        Self::make(settings, lookup, Some(&root))
    }

    fn make(
        settings: Settings,
        lookup: Arc<dyn Lookup>,
        root: Option<&Certificate>,
    ) -> Result<Self, SettingsError> {
        let Settings { smtp, mail_from, sms, phone, telegram, pagerduty, vapid, guard, bounds } = settings;
        let smtp = match smtp {
            None => None,
            Some(server) => {
                let from = mail_from.ok_or(SettingsError::MailFromMissing)?;
                Some(Smtp::new(server, &from, bounds)?)
            }
        };
        let plain = http_client::plain(&bounds, root).map_err(|_| SettingsError::Tls)?;
        Ok(Self {
            web: Guarded::new(guard, lookup, bounds, root).map_err(|_| SettingsError::Tls)?,
            smtp,
            sms: sms.map(|account| Twilio::new(plain.clone(), account, bounds)),
            phone: phone.map(|account| Twilio::new(plain.clone(), account, bounds)),
            telegram: Telegram::new(plain.clone(), telegram, bounds),
            pagerduty: PagerDuty::new(plain, pagerduty, bounds),
            vapid,
        })
    }

    /// Whether a transport is set up.
    #[must_use]
    pub fn can_send(&self, transport: Transport) -> bool {
        match transport {
            Transport::Email => self.smtp.is_some(),
            Transport::Sms => self.sms.is_some(),
            Transport::Phone => self.phone.is_some(),
            Transport::Push => self.vapid.is_some(),
            Transport::Webhook
            | Transport::Slack
            | Transport::MsTeams
            | Transport::Discord
            | Transport::Telegram
            | Transport::PagerDuty
            | Transport::Ntfy => true,
        }
    }

    /// One attempt to deliver, within [`crate::Bounds::total`]. Never fails otherwise than by its [`Outcome`].
    ///
    /// `now` dates the mail and the webhook's signature; `message.id` stays the same from attempt to attempt.
    pub async fn deliver(&self, destination: &Destination, message: &Message, now: Timestamp) -> Outcome {
        let start = Instant::now();
        // A reply that makes a protocol library panic must not take the caller's worker along.
        let attempt = AssertUnwindSafe(self.attempt(destination, message, now)).catch_unwind();
        let outcome =
            attempt.await.unwrap_or_else(|_| Outcome::retry("The receiver's answer was not understood."));
        Outcome { latency: start.elapsed(), ..outcome }
    }

    async fn attempt(&self, destination: &Destination, message: &Message, now: Timestamp) -> Outcome {
        if message.check_id().is_err() {
            return Outcome::refused("The id of this message cannot be sent.");
        }
        match destination {
            Destination::Email(to) => match &self.smtp {
                Some(smtp) => smtp.send(to, message, now).await,
                None => not_set_up(),
            },
            Destination::Sms(to) => match &self.sms {
                Some(gateway) => gateway.text(to, message, now).await,
                None => not_set_up(),
            },
            Destination::Phone(to) => match &self.phone {
                Some(gateway) => gateway.call(to, message, now).await,
                None => not_set_up(),
            },
            Destination::Webhook { url, secrets } => {
                either(webhook::send(&self.web, url, secrets, message, now).await)
            }
            Destination::Slack(url) => either(slack::send(&self.web, url, message, now).await),
            Destination::MsTeams(url) => either(ms_teams::send(&self.web, url, message, now).await),
            Destination::Discord(url) => either(discord::send(&self.web, url, message, now).await),
            Destination::Ntfy(url) => either(ntfy::send(&self.web, url, message, now).await),
            Destination::Telegram { token, chat } => {
                either(self.telegram.send(token, chat, message, now).await)
            }
            Destination::PagerDuty(key) => either(self.pagerduty.send(key, message, now).await),
            Destination::Push(to) => match &self.vapid {
                Some(vapid) => either(web_push::send(&self.web, vapid, to, message, now).await),
                None => not_set_up(),
            },
        }
    }

    /// The public key that browsers subscribe with, where Web Push is set up.
    #[must_use]
    pub fn push_public_key(&self) -> Option<&str> {
        self.vapid.as_ref().map(VapidKey::public)
    }
}

/// A transport that broke off early (`?`) has its outcome all the same.
fn either(outcome: Result<Outcome, Outcome>) -> Outcome {
    outcome.unwrap_or_else(|outcome| outcome)
}

fn not_set_up() -> Outcome {
    Outcome::refused("This kind of message is not set up here.")
}
