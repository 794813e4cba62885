//! The catalogue of refusals, each an RFC 9457 problem: one table for codes, statuses and texts.

mod catalogue;
mod convert;
mod markdown;

use std::borrow::Cow;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::RETRY_AFTER;
use serde::Serialize;
use utoipa::ToSchema;

pub use catalogue::Code;
pub use markdown::markdown;

use crate::domain::invalid::Invalid;

/// A refusal. What clients see is made of it in `http::problem_body`, which adds the request's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which refusal of the catalogue.
    pub code: Code,
    /// What happened to this request and what to do next, for people; no secret, query or path of a machine.
    pub detail: Cow<'static, str>,
    /// The faulty fields, all of them (422 alone).
    pub errors: Vec<FieldError>,
    /// When to try again.
    pub retry_after: Option<Duration>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// The dotted path in the body, or the parameter's name.
    pub field: String,
    /// What is wrong, stable, for programs.
    pub code: Cow<'static, str>,
    /// What is wrong and how to mend it, for people.
    pub message: Cow<'static, str>,
}

impl FieldError {
    /// One field and why its value was refused.
    pub fn new(field: impl Into<String>, why: Invalid) -> Self {
        Self { field: field.into(), code: Cow::Borrowed(why.code), message: why.message }
    }
}

impl Problem {
    /// A refusal with the catalogue's own text.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self { code, detail: Cow::Borrowed(code.detail()), errors: Vec::new(), retry_after: None }
    }

    /// A refusal with a text for just this case.
    pub fn because(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { detail: detail.into(), ..Self::new(code) }
    }

    /// 422 for the given fields.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::new(Code::ValidationFailed) }
    }

    /// 422 for one field.
    pub fn field(field: impl Into<String>, why: Invalid) -> Self {
        Self::invalid(vec![FieldError::new(field, why)])
    }

    /// 404: unknown, or nothing that this caller may see.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Code::NotFound)
    }

    /// The same refusal with the time after which another try makes sense, rounded up to whole seconds.
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        let wait = self.retry_after.or_else(|| self.code.default_retry_after())?;
        Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).map(|seconds| seconds.max(1))
    }
}

impl IntoResponse for Problem {
    /// The bare status and headers; `http::problem_body` writes the body, which needs the request's id.
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        if let Some(seconds) = self.retry_after_seconds() {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(challenge) = self.code.challenge() {
            response
                .headers_mut()
                .insert(http::header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response.extensions_mut().insert(self);
        response
    }
}
