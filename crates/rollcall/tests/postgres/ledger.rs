//! What clients were told, held against what the database has in the end.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio_postgres::Client;

use super::load::{Kind, Load, POOL, Told, Write};
use super::process::said;

/// When an answer must be there, whatever it says.
const SOON: Duration = Duration::from_secs(3);
/// What a machine that is busy with other tests may add; the trial's line says how long it took.
const SLACK: Duration = Duration::from_millis(500);
/// When everything must work again.
const HEALED: Duration = Duration::from_secs(5);

/// All that clients were told while something went wrong.
pub(crate) struct Ledger(Vec<Told>);

impl Ledger {
    pub(crate) fn new(told: Vec<Told>) -> Self {
        Self(told)
    }

    /// Both of them.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    pub(crate) fn good(&self) -> usize {
        self.0.iter().filter(|told| told.write.is_some() && told.good()).count()
    }

    pub(crate) fn refused(&self) -> usize {
        self.0.iter().filter(|told| !told.good()).count()
    }

    /// Whoever was refused was told soon, in the right words, and nobody was who asked later than the promise after the database
    /// was `back`. Then everything that was acknowledged is there; what was not is asked for again, under its key, and is there once.
    /// Gives the trial's line.
    pub(crate) async fn settle(&self, load: &Load, server: &Client, back: Instant) -> String {
        for told in self.0.iter().filter(|told| !told.good()) {
            assert!(told.status == 503 && told.body["code"] == "unavailable" && told.retry_after, "{told:?}");
            assert!(told.took < SOON + SLACK, "{told:?}");
            let late = told.begun.checked_duration_since(back).unwrap_or_default();
            assert!(late < HEALED, "still refused {late:?} after its return: {told:?}");
        }
        let ends = self
            .0
            .iter()
            .filter(|told| told.write.is_some() && told.good())
            .map(|told| told.begun + told.took);
        let healed = ends.filter_map(|end| end.checked_duration_since(back)).min().expect("an answer after");
        assert!(healed < HEALED, "healed after {healed:?}");
        let connections = connections(load, server).await;
        let (good, open): (Vec<_>, Vec<_>) = self
            .0
            .iter()
            .filter_map(|told| Some((told.write.as_ref()?, told.good())))
            .partition(|(_, good)| *good);
        let lost = lacking(load, server, good.iter().map(|(write, _)| *write)).await;
        assert!(lost.is_empty(), "{} of {} are lost: {lost:?}", lost.len(), good.len());
        let mut kept = 0;
        for (write, _) in &open {
            let told = load.send((*write).clone()).await;
            assert!(told.good(), "{told:?}");
            kept += usize::from(told.replayed);
        }
        self.each_is_there_once(load, server).await;
        let refusals = self.0.iter().filter(|told| !told.good());
        let slowest = refusals.map(|told| told.took).max().unwrap_or_default();
        format!(
            "{} writes acknowledged, 0 lost; {} requests refused, the slowest after {:.1} s; of {} writes among them {kept} had been \
             kept, and all are there once by their keys; answered again {:.1} s after its return; {connections} connections of {POOL}",
            good.len(),
            self.refused(),
            slowest.as_secs_f64(),
            open.len(),
            healed.as_secs_f64(),
        )
    }

    async fn each_is_there_once(&self, load: &Load, server: &Client) {
        let writes = || self.0.iter().filter_map(|told| told.write.as_ref());
        let lacking = lacking(load, server, writes()).await;
        assert!(lacking.is_empty(), "not there: {lacking:?}");
        for (kind, rows) in [
            (Kind::Feedback, "select count(*) from feedback"),
            (Kind::Team, "select count(*) from audit_event where action = 'team.created'"),
            (Kind::Rename, "select count(*) from audit_event where action = 'team.renamed'"),
        ] {
            let count: i64 = server.query_one(rows, &[]).await.expect("a count").get(0);
            let wanted = writes().filter(|write| write.kind == kind).count();
            assert_eq!(usize::try_from(count), Ok(wanted), "{kind:?}: each once");
        }
        let audit =
            load.folder.command(&["audit", "verify"]).env("ROLLCALL_DATABASE_URL", &load.url).output();
        assert!(said(&audit.expect("it runs")).contains("holds"));
    }
}

/// No connection has leaked: within the promise there are no more than the pool has.
async fn connections(load: &Load, server: &Client) -> i64 {
    let end = Instant::now() + HEALED;
    loop {
        let count = load.connections(server).await;
        if count <= POOL {
            return count;
        }
        assert!(Instant::now() < end, "{count} connections of a pool of {POOL}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Writes whose effect is not there. A team that has a new name was made.
async fn lacking<'a>(load: &Load, server: &Client, writes: impl Iterator<Item = &'a Write>) -> Vec<&'a str> {
    let mut names = feedback(server).await;
    let mut cursor = String::new();
    loop {
        let path = format!("/v1/teams?limit=200{cursor}");
        let page = load.program.send("GET", &path, &load.token, &Value::Null, 200).await;
        for team in page["data"].as_array().expect("a list") {
            let name = team["name"].as_str().expect("a name");
            names.insert(name.trim_end_matches(" renamed").to_owned());
            names.insert(name.to_owned());
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    writes.map(|write| write.name.as_str()).filter(|name| !names.contains(*name)).collect()
}

async fn feedback(server: &Client) -> BTreeSet<String> {
    let rows = server.query("select message from feedback", &[]).await.expect("rows");
    rows.iter().map(|row| row.get(0)).collect()
}
