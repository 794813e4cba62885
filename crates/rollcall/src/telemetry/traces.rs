//! Traces by OTLP over HTTP: a span for each request, named by its route.

use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry_otlp::{ExporterBuildError, Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::registry::LookupSpan;
use url::Url;

/// Batches spans and sends them to `{endpoint}/v1/traces` from a thread of its own.
pub(super) fn provider(endpoint: &Url) -> Result<SdkTracerProvider, ExporterBuildError> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{}/v1/traces", endpoint.as_str().trim_end_matches('/')))
        .with_protocol(Protocol::HttpBinary)
        .build()?;
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(Resource::builder().with_service_name("rollcall").build())
        .build())
}

/// Names a span by what became known after it had begun: the bridge takes no second name from a field.
pub(crate) fn rename(span: &Span, name: String) {
    span.context().span().update_name(name);
}

/// Our own spans alone: what libraries think of themselves is for the log.
pub(super) fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(
    provider: &SdkTracerProvider,
) -> impl Layer<S> + use<S> {
    let ours = Targets::new().with_target("rollcall", LevelFilter::INFO);
    tracing_opentelemetry::layer().with_tracer(provider.tracer("rollcall")).with_filter(ours)
}
