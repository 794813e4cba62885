//! `rollcall demo`: an example organization with twelve days behind it, made by the operations themselves. Nothing leaves this
//! machine: mail and calls stay in the built-in mailbox, and other receivers are played.

mod calendar;
mod story;
mod theatre;
mod visitor;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use rollcall::config::{Config, Mailbox};
use rollcall::start::{self, Means};
use tokio::time::Instant;

use self::calendar::Calendar;
use self::story::Story;
use self::theatre::Theatre;
use self::visitor::Visitor;

/// How long messages that are under way may take at the end.
const END: Duration = Duration::from_secs(20);
/// How long ago the organization begins.
const DAYS: i64 = 12;
/// A plan whose limits are near, so that there is something to see of them.
const PLANS: &str = "\
# The plan of the example organization. Without this file there are no limits.
[[plans]]
plan = \"developer\"
version = \"v1\"
limits = { teams = 5, team_members = 7, services = 6, notification_channels = 40 }
";

/// Fills an empty database.
pub(crate) async fn run(mut config: Config) -> anyhow::Result<()> {
    (config.smtp, config.sms, config.phone) = (None, None, None);
    config.policy.mailbox = Mailbox::Open;
    config.policy.rate_limits = false;
    let database = config.database.to_string();
    let plans = config.data_dir.join("plans.toml");
    let (calendar, theatre) = (Arc::new(Calendar::days_ago(DAYS)), Arc::new(Theatre::default()));
    let means = Means { clock: calendar.clone(), stage: Some(theatre.clone()), ..Means::system() };
    let running = start::start(config, means).await?;
    let visitor = Visitor::new(running.app.clone(), theatre.clone());
    let made = match visitor.is_first().await {
        Ok(true) => Story::begin(&visitor, &calendar, &theatre).await,
        Ok(false) => {
            Err(anyhow::anyhow!("{database} is not empty; give --data-dir a folder of its own for the demo"))
        }
        Err(error) => Err(error),
    };
    running.stop(Instant::now() + END).await;
    let ann = made?;
    std::fs::write(&plans, PLANS).with_context(|| format!("{} cannot be written", plans.display()))?;
    println!("{database} holds the example organization.");
    println!(
        "Start it with `rollcall serve` and sign in as {} with the password {}",
        ann.email, ann.password
    );
    println!(
        "(in the console, or with POST /v1/auth). The same password has ben@example.com, who manages a team, and cleo@example.com, a user."
    );
    println!("With `rollcall serve --plans-file {}` its plan has limits.", plans.display());
    Ok(())
}
