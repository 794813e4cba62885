//! Puts a process together from its settings: keys, storage, transports, worker.

use std::num::NonZero;
use std::sync::Arc;

use notify::web_push::VapidKey;
use notify::{GuardRules, Notifier};
use tokio::time::Instant;

use crate::app::{App, Parts};
use crate::channels::worker;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Mailbox};
use crate::db::{self, Db, Grouping, inspect};
use crate::domain::plan::Plans;
use crate::entropy::{Entropy, Onwards, SystemEntropy};
use crate::http::idempotency::RunningKeys;
use crate::http::ready::Ready;
use crate::http::service::Part;
use crate::keys;
use crate::outbox::worker::Worker;
use crate::outbox::{Attempts, Stage, Transports};
use crate::passwords::{Cost, Passwords};
use crate::upkeep::Upkeep;

/// Why a process cannot start: one line for the operator.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The keys.
    #[error("ROLLCALL_SECRET_KEY_FILE")]
    Keys(#[from] keys::KeyFileError),
    /// The storage.
    #[error(transparent)]
    Storage(#[from] db::OpenError),
    /// The transports.
    #[error("a transport cannot be set up")]
    Transports(#[from] notify::SettingsError),
    /// The key for Web Push.
    #[error(
        "the oldest key of ROLLCALL_SECRET_KEY_FILE gives no key for Web Push: put another one on the last line"
    )]
    Push(#[from] notify::web_push::SeedUnfit),
    /// The plans.
    #[error("ROLLCALL_PLANS_FILE: {0}")]
    Plans(String),
}

/// A process at work.
pub struct Running {
    /// What its operations use.
    pub app: App,
    worker: Option<(Worker, Upkeep)>,
}

impl Running {
    /// Lets the worker begin nothing more, while requests that are in flight go on: its attempts then end before `until`.
    pub fn wind_down(&self, until: Instant) {
        if let Some((worker, _)) = &self.worker {
            worker.wind_down(until);
        }
    }

    /// Ends the worker, then the storage, once no request is in flight any more.
    ///
    /// Attempts to deliver that still run at `until` are broken off and their messages given back; they are made again, under the same
    /// id, by whichever worker comes next.
    pub async fn stop(self, until: Instant) {
        if let Some((worker, upkeep)) = self.worker {
            upkeep.stop();
            worker.stop(until).await;
        }
        if let Err(error) = self.app.db.clone().close().await {
            tracing::error!(%error, "the storage did not close cleanly");
        }
    }
}

/// What a process takes from its surroundings; tests bring their own.
pub struct Means {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// How much work a password hash is.
    pub hashing: Cost,
    /// Whether waiting commands share a commit.
    pub grouping: Grouping,
    /// What receives messages in place of every transport, if anything does.
    pub stage: Option<Arc<dyn Stage>>,
}

impl Means {
    /// The system's clock and randomness, and hashes that are expensive to guess.
    #[must_use]
    pub fn system() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            hashing: Cost::SERVICE,
            grouping: Grouping::Shared,
            stage: None,
        }
    }
}

/// Opens everything that a process needs.
///
/// # Errors
/// See [`StartError`].
pub async fn start(config: Config, means: Means) -> Result<Running, StartError> {
    let Means { clock, entropy, hashing, grouping, stage } = means;
    let place = config.database.clone();
    let schema = tokio::task::spawn_blocking(move || inspect::schema(&place)).await;
    let empty = schema.map_err(|error| db::OpenError::Engine(error.to_string()))?? == 0;
    let keys = keys::load_or_create(&config.secret_key_file, empty, &*entropy)?;
    let plans = match &config.plans_file {
        None => Plans::default(),
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|error| StartError::Plans(format!("{} cannot be read: {error}", path.display())))?;
            Plans::from_toml(&text)
                .map_err(|error| StartError::Plans(format!("{}: {error}", path.display())))?
        }
    };
    let guard = GuardRules { allow_http: config.webhook_allow_http, allow_networks: config.outbound_allow };
    let standard = notify::Settings::default();
    let contact = contact(config.mail_from.as_deref(), &config.policy.public_url);
    let notifier = Notifier::new(notify::Settings {
        smtp: config.smtp,
        mail_from: config.mail_from,
        sms: config.sms,
        phone: config.phone,
        telegram: config.telegram_url.unwrap_or(standard.telegram),
        pagerduty: config.pagerduty_url.unwrap_or(standard.pagerduty),
        vapid: Some(VapidKey::from_seed(&keys.vapid_seed(), contact)?),
        guard: guard.clone(),
        bounds: standard.bounds,
    })?;
    let standbys = config.database_replicas;
    let storage =
        db::Settings { standbys, grouping, ..db::Settings::at(config.database, Arc::clone(&entropy)) };
    let db = Db::open(storage, clock.now()).await?;
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let app = App::new(Parts {
        ready: Ready::new(db.keeping()),
        db,
        clock,
        keys,
        passwords: Passwords::new(hashing, cores, &*entropy),
        transports: Transports { notifier, guard, mailbox: config.policy.mailbox != Mailbox::Off, stage },
        attempts: Attempts::new(),
        entropy,
        plans,
        policy: config.policy,
        running: RunningKeys::default(),
        onwards: Onwards::default(),
    });
    let worker = app
        .policy
        .parts
        .contains(&Part::Worker)
        .then(|| (Worker::start(app.clone(), worker::owners()), Upkeep::start(app.clone())));
    Ok(Running { app, worker })
}

/// Whom push services may write to (RFC 8292 §2.1): the address that mail comes from, else where the server is.
fn contact(mail_from: Option<&str>, public_url: &str) -> String {
    let address = mail_from.map(|from| from.rsplit_once('<').map_or(from, |(_, rest)| rest));
    match address.map(|address| address.trim_end_matches('>').trim()) {
        Some(address) => format!("mailto:{address}"),
        None => public_url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn push_services_get_an_address_to_write_to() {
        let url = "https://rollcall.example.com";
        for (from, contact_is) in [
            (Some("Rollcall <ops@example.com>"), "mailto:ops@example.com"),
            (Some("ops@example.com"), "mailto:ops@example.com"),
            (None, url),
        ] {
            assert_eq!(contact(from, url), contact_is);
        }
    }
}
