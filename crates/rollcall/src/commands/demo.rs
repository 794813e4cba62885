//! `rollcall demo`: an example organization, made by the operations themselves. Nothing leaves this machine: every message stays in
//! the built-in mailbox.

mod visitor;

use std::time::Duration;

use anyhow::{Context, bail};
use rollcall::config::{Config, Mailbox};
use rollcall::start::{self, Means};
use serde_json::json;
use tokio::time::Instant;

use self::visitor::{Person, Visitor};

/// How long messages that are under way may take at the end.
const END: Duration = Duration::from_secs(20);

/// Fills an empty database.
pub(crate) async fn run(mut config: Config) -> anyhow::Result<()> {
    (config.smtp, config.sms, config.phone) = (None, None, None);
    config.policy.mailbox = Mailbox::Open;
    config.policy.rate_limits = false;
    let database = config.database.to_string();
    let running = start::start(config, Means::system()).await?;
    let visitor = Visitor::new(running.app.clone());
    let made = fill(&visitor, &database).await;
    running.stop(Instant::now() + END).await;
    let ann = made?;
    println!("{database} holds the example organization.");
    println!(
        "Start it with `rollcall serve` and sign in as {} with the password {}",
        ann.email, ann.password
    );
    println!(
        "(in the console, or with POST /v1/auth; ben@example.com and cleo@example.com have the same password)."
    );
    Ok(())
}

async fn fill(visitor: &Visitor, database: &str) -> anyhow::Result<Person> {
    if !visitor.is_first().await? {
        bail!("{database} is not empty; give --data-dir a folder of its own for the demo");
    }
    let ann = visitor.sign_up("Ann", "Lee").await.context("the first customer")?;
    let name = json!({"name": "Example Hosting"});
    visitor.send("PATCH", "/v1/organization", Some(&ann), &name).await?;
    let platform = visitor.team(&ann, "Platform").await?;
    let payments = visitor.team(&ann, "Payments").await?;
    let ben = visitor.join(&ann, &platform, "Ben", "Ode", "manager").await?;
    let cleo = visitor.join(&ben, &platform, "Cleo", "Ruiz", "user").await?;
    let waiting = json!({"channel_value": "dan@example.com", "channel_type": "email", "role": "user"});
    visitor.send("POST", &format!("/v1/team/{payments}/invitation"), Some(&ann), &waiting).await?;
    for (team, service) in
        [(&platform, "Public website"), (&platform, "Status page"), (&payments, "Checkout API")]
    {
        visitor.send("POST", "/v1/service", Some(&ann), &json!({"name": service, "team_id": team})).await?;
    }
    for person in [&ann, &ben, &cleo] {
        let owner = format!("/v1/customer/{}", person.customer_id);
        visitor.channel(person, &owner, "email", &person.email).await?;
    }
    visitor.channel(&ann, &format!("/v1/team/{platform}"), "email", "platform-oncall@example.com").await?;
    visitor.channel(&ann, &format!("/v1/team/{payments}"), "email", "payments-oncall@example.com").await?;
    visitor.all_is_delivered().await?;
    Ok(ann)
}
