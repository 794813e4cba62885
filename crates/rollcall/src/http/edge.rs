//! The edge: what each request passes around its route, from the outside inwards. What may refuse a read is asked by
//! `front.rs` too, which stands before it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::address::Directory;
use super::request_id::{RequestId, X_REQUEST_ID};
use super::{accept, access_log, client_address, cors, deadline, head, problem_body, reply_headers};
use crate::app::App;

/// What it needs.
#[derive(Clone)]
pub struct Edge {
    app: App,
    directory: Arc<Directory>,
}

impl Edge {
    /// Of an app that has these operations.
    #[must_use]
    pub fn new(app: &App, directory: Directory) -> Self {
        Self { app: app.clone(), directory: Arc::new(directory) }
    }
}

/// Gives the request its id, and lets it pass. One function, not a layer for each step: each of those would be cloned and boxed with all
/// that it stands around, for each request.
pub async fn pass(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let (id, method) = (RequestId::of(request.headers(), &edge.app), request.method().clone());
    request.extensions_mut().insert(id.clone());
    // Boxed: those around it would each take its size twice over.
    let answer = deadline::keep(deadline::LONGEST, Box::pin(admit(&edge, request, next)));
    let answer = async {
        let mut response = problem_body::render(Some(&id), &method, answer).await;
        reply_headers::add(response.headers_mut());
        response
    };
    let mut response = access_log::write(&method, &id, answer).await;
    response.headers_mut().insert(X_REQUEST_ID, id.into_value());
    response
}

async fn admit(edge: &Edge, mut request: Request, next: Next) -> Response {
    if let Some(problem) = head::fault(&request) {
        return problem.into_response();
    }
    client_address::find(&edge.app.policy, &mut request);
    cors::allow(&edge.app.policy, request, |request| route(edge, request, next)).await
}

async fn route(edge: &Edge, request: Request, next: Next) -> Response {
    if let Some(problem) = accept::fault(&request) {
        return problem.into_response();
    }
    // Takes the prefix off before the router looks at the path.
    match edge.directory.address(request) {
        Ok(request) => next.run(request).await,
        Err(refusal) => *refusal,
    }
}
