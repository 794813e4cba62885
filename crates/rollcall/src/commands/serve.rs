//! `rollcall serve`: listens until it is asked to end.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, anyhow};
use rollcall::config::{Config, Mailbox};
use rollcall::http::server::{self, Bounds};
use rollcall::start::{self, Means};
use rollcall::telemetry::{Telemetry, metrics};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::Instant;

/// How many connections may be made before they are taken over; `net.core.somaxconn` lowers it. To those beyond, the system answers with
/// cookies (`tcp_syncookies` of tcp(7)), of which some fail under load: their clients are reset.
const WAITING: u32 = 4_096;

/// When everything has ended after it was asked for, but for what is written down at the very last.
const END: Duration = Duration::from_secs(27);

/// Starts every part of the process, says where it is, and ends it on SIGTERM or SIGINT.
pub(crate) async fn run(config: Config) -> anyhow::Result<()> {
    let telemetry = Telemetry::begin(&config)?;
    // A taken port is the most likely fault, so it is looked for before anything is written.
    let listener = listen(config.listen)?;
    let metrics_listener = match config.metrics_listen {
        Some(address) => Some(listen(address).context("ROLLCALL_METRICS_LISTEN")?),
        None => None,
    };
    let address = listener.local_addr()?;
    let mailbox = config.policy.mailbox != Mailbox::Off;
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let running = start::start(config, Means::system()).await?;
    let mut lines =
        vec![format!("Rollcall is ready on http://{address}  (reference: http://{address}/docs)\n")];
    if mailbox {
        lines.push(format!("Messages without a transport wait in the mailbox: http://{address}/mailbox\n"));
    }
    if let Some(listener) = &metrics_listener {
        lines.push(format!("Metrics: http://{}/metrics\n", listener.local_addr()?));
    }
    // Written at once: who reads the first line has the others.
    print!("{}", lines.concat());
    let (ending, ended) = watch::channel(false);
    let metrics = match metrics_listener {
        Some(listener) => {
            let handle = metrics::gather().map_err(|error| anyhow!("metrics cannot be gathered: {error}"))?;
            Some(tokio::spawn(metrics::serve(listener, handle, running.app.clone(), end(ended.clone()))))
        }
        None => None,
    };
    let front = rollcall::routes::front(&running.app);
    let mut until = None;
    let asked = async {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        let end = Instant::now() + END;
        until = Some(end);
        running.wind_down(end);
        tracing::info!("ending: no new connections, finishing what is in flight");
    };
    server::serve(listener, front, Bounds::default().within(files()), asked).await;
    running.stop(until.unwrap_or_else(Instant::now)).await;
    ending.send_replace(true);
    if let Some(Err(error)) = match metrics {
        Some(task) => Some(task.await),
        None => None,
    } {
        tracing::error!(%error, "the metrics had failed");
    }
    telemetry.end().await;
    Ok(())
}

/// How many files the process may have open: as many as the system lets it have, whatever it begins with.
fn files() -> usize {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        tracing::debug!(%error, "the limit of open files stays as it is");
    }
    getrlimit(Resource::Nofile)
        .current
        .map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
}

fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // As servers do, so that a restart need not wait for connections that linger.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(WAITING)
    };
    listener().with_context(|| format!("cannot listen on {address}"))
}

/// Resolves once the rest of the process has ended.
async fn end(mut ended: watch::Receiver<bool>) {
    // A sender that is gone has ended too.
    let _ = ended.wait_for(|ended| *ended).await;
}
