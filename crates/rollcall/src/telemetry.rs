//! What can be seen of a running process: its log, its traces, its metrics. None of them names a person or holds a secret.

pub mod metrics;
pub(crate) mod traces;

use std::io::IsTerminal;

use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::config::Config;

/// The log and the traces of a process; end it last, so that what it still holds gets out.
#[derive(Debug)]
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
}

/// Why it cannot be begun: one line for the operator.
#[derive(Debug, thiserror::Error)]
#[error("ROLLCALL_OTLP_ENDPOINT: traces cannot be sent there")]
pub struct TelemetryError(#[from] opentelemetry_otlp::ExporterBuildError);

impl Telemetry {
    /// Sends the log to the standard error, as text or as JSON, and the traces to where the settings say.
    ///
    /// # Errors
    /// That traces cannot be sent there.
    pub fn begin(config: &Config) -> Result<Self, TelemetryError> {
        let filter = EnvFilter::new(&config.log);
        let text = tracing_subscriber::fmt::layer()
            .with_ansi(std::io::stderr().is_terminal())
            .with_writer(std::io::stderr);
        let log = if config.log_json {
            text.json().with_filter(filter).boxed()
        } else {
            text.with_filter(filter).boxed()
        };
        let traces = config.otlp_endpoint.as_ref().map(traces::provider).transpose()?;
        let spans = traces.as_ref().map(traces::layer);
        let set = tracing_subscriber::registry().with(log).with(spans).try_init();
        if let Err(error) = set {
            tracing::debug!(%error, "a log is set up already");
        }
        Ok(Self { traces })
    }

    /// Sends the traces that still wait.
    pub async fn end(self) {
        let Some(traces) = self.traces else { return };
        let sent = tokio::task::spawn_blocking(move || traces.shutdown()).await;
        if let Ok(Err(error)) = sent {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}
