//! The console's only way to anything: the operations of the API, asked in this process, by the same router, with the same rights.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use http::{HeaderValue, Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower::ServiceExt;

use super::visit::Visit;
use crate::http::problem_body;
use crate::http::reply::json_bytes;
use crate::http::request_id::RequestId;

/// The most bytes of an answer: a page of a list is far below.
const ANSWER_LIMIT: usize = 8 * 1024 * 1024;

/// The operations.
#[derive(Clone)]
pub(super) struct Door(Router);

/// Why an operation did not do what was asked, as its problem document says.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) detail: String,
    #[serde(default)]
    pub(super) errors: Vec<FieldFault>,
    #[serde(default)]
    pub(super) request_id: String,
    /// Seconds until another try makes sense.
    #[serde(skip)]
    pub(super) retry_after: Option<u64>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct FieldFault {
    pub(super) field: String,
    pub(super) code: String,
    pub(super) message: String,
}

/// The rows of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Listed<T> {
    pub(super) data: Vec<T>,
    pub(super) next_cursor: Option<String>,
}

impl Door {
    /// A door to these operations.
    pub(super) fn new(operations: Router) -> Self {
        Self(operations)
    }

    /// Asks a query.
    pub(super) async fn get<T: DeserializeOwned>(&self, visit: &Visit, path: &str) -> Result<T, Refusal> {
        self.ask(visit, Method::GET, path, None).await
    }

    /// Gives a command with a JSON body; `Value::Null` stands for none.
    pub(super) async fn send(
        &self,
        visit: &Visit,
        method: Method,
        path: &str,
        body: Value,
    ) -> Result<Value, Refusal> {
        self.ask(visit, method, path, (!body.is_null()).then_some(body)).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        visit: &Visit,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<T, Refusal> {
        let mut request = Request::new(Body::empty());
        *request.method_mut() = method.clone();
        *request.uri_mut() = path.parse().map_err(|_| Refusal::not_found())?;
        visit.introduce(request.extensions_mut());
        let headers = request.headers_mut();
        if let Some(program) = &visit.user_agent {
            headers.insert(USER_AGENT, program.clone());
        }
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(visit.texts.language()));
        if let Some(body) = body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            *request.body_mut() = Body::from(json_bytes(&body));
        }
        let id = request.extensions().get::<RequestId>().cloned();
        let operations = self.0.clone();
        let answer = async move {
            let Ok(response) = operations.oneshot(request).await;
            response
        };
        let response = problem_body::render(id.as_ref(), &method, answer).await;
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, ANSWER_LIMIT).await.map_err(|_| Refusal::internal())?;
        if parts.status.is_success() {
            return serde_json::from_slice(&bytes).map_err(|error| {
                tracing::error!(%error, "an operation's answer does not fit the console's page");
                Refusal::internal()
            });
        }
        let mut refusal: Refusal = serde_json::from_slice(&bytes).unwrap_or_else(|_| Refusal::internal());
        let wait = parts.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        refusal.retry_after = wait.and_then(|seconds| seconds.parse().ok());
        Err(refusal)
    }
}

impl Refusal {
    /// Nothing here, or nothing that this person may see.
    pub(super) fn not_found() -> Self {
        Self::of(StatusCode::NOT_FOUND, "not_found")
    }

    /// Something is wrong on our side; the log says what.
    pub(super) fn internal() -> Self {
        Self::of(StatusCode::INTERNAL_SERVER_ERROR, "internal")
    }

    /// A page that needs somebody who is signed in.
    pub(super) fn signed_out() -> Self {
        Self::of(StatusCode::UNAUTHORIZED, "token_missing")
    }

    /// One that the console makes by itself, in the words of the catalogue.
    pub(super) fn of(status: StatusCode, code: &str) -> Self {
        Self { status: status.as_u16(), code: code.to_owned(), ..Self::default() }
    }

    /// What is wrong with a field.
    pub(super) fn fault(&self, field: &str) -> Option<&FieldFault> {
        self.errors.iter().find(|fault| fault.field == field)
    }
}

impl Refusal {
    /// The same where the form calls a field by another name than the operation.
    pub(super) fn renamed(mut self, from: &str, to: &str) -> Self {
        for fault in self.errors.iter_mut().filter(|fault| fault.field == from) {
            to.clone_into(&mut fault.field);
        }
        self
    }
}

impl Refusal {
    /// The same, said of a field of the form.
    pub(super) fn about(mut self, field: &str, code: &str) -> Self {
        let fault =
            FieldFault { field: field.to_owned(), code: code.to_owned(), message: self.detail.clone() };
        self.errors.push(fault);
        "validation_failed".clone_into(&mut self.code);
        self.status = StatusCode::UNPROCESSABLE_ENTITY.as_u16();
        self.detail = String::new();
        self
    }
}
