//! `rollcall serve`: listens until it is asked to end.

use anyhow::Context;
use rollcall::config::{Config, Mailbox};
use rollcall::http::server::{self, Bounds};
use rollcall::start::{self, Means};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// Starts every part of the process, says where it is, and ends it on SIGTERM or SIGINT.
pub(crate) async fn run(config: Config) -> anyhow::Result<()> {
    start::logging(&config);
    // A taken port is the most likely fault, so it is looked for before anything is written.
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let address = listener.local_addr()?;
    let mailbox = config.policy.mailbox != Mailbox::Off;
    let running = start::start(config, Means::system()).await?;
    println!("Rollcall is ready on http://{address}  (reference: http://{address}/docs)");
    if mailbox {
        println!("Messages without a transport wait in the mailbox: http://{address}/mailbox");
    }
    let router = rollcall::routes::router(&running.app);
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let end = async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        tracing::info!("ending: no new connections, finishing what is in flight");
    };
    server::serve(listener, router, Bounds::default(), end).await;
    running.stop().await;
    Ok(())
}
