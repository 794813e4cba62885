//! A command that needs no token: sign-up, sign-in, invitations. It takes no idempotency key.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use http::header::USER_AGENT;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::body::{Body, Received};
use super::caller::{self, Caller};
use super::command::{Answer, Halt};
use crate::app::App;
use crate::db::{Committed, Position, Tx};
use crate::domain::event::{By, Event};
use crate::domain::id::CustomerId;
use crate::http::reply::Reply;
use crate::problem::Problem;

/// A command of anybody, with a body of type `T`.
pub struct OpenCommand<T>(Arc<Parts<T>>);

/// The parts of an open command.
pub struct Parts<T> {
    /// What it may use.
    pub app: App,
    /// Who asks, where a token was sent and the operation looks at it.
    pub caller: Option<Caller>,
    /// The same, for the audit log.
    pub by: By,
    /// The time of the request.
    pub now: Timestamp,
    /// The program that asks, cut to 200 characters, for the list of sessions.
    pub user_agent: Option<String>,
    body: Received<T>,
}

impl<T> Deref for OpenCommand<T> {
    type Target = Parts<T>;

    fn deref(&self) -> &Parts<T> {
        &self.0
    }
}

impl<T: Body> FromRequest<App> for OpenCommand<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let extensions = request.extensions();
        let (caller, by) = (extensions.get::<Caller>().copied(), caller::by(extensions));
        let user_agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
        let user_agent = user_agent.map(|text| text.chars().take(200).collect());
        let body = Received::from_request(request, app).await;
        let (app, now) = (app.clone(), app.now());
        Ok(Self(Arc::new(Parts { app, caller, by, now, user_agent, body })))
    }
}

impl<T: Body> Parts<T> {
    /// The body, or why it is refused.
    pub fn body(&self) -> Result<&T, Problem> {
        self.body.parsed()
    }

    /// The fields as they were sent, whatever is wrong with them.
    pub fn given(&self) -> Map<String, Value> {
        self.body.given()
    }

    /// Ends the command with its event and its answer.
    pub fn commit(&self, tx: Tx<'_>, event: Event, reply: Reply) -> Result<Committed<Answer>, Halt> {
        Ok(tx.commit(&self.by, self.now, event, Ok(reply))?)
    }

    /// The same, by a customer who was a stranger until this command.
    pub fn commit_as(
        &self,
        tx: Tx<'_>,
        customer_id: CustomerId,
        event: Event,
        reply: Reply,
    ) -> Result<Committed<Answer>, Halt> {
        let by = By { actor: Some(customer_id), ..self.by.clone() };
        Ok(tx.commit(&by, self.now, event, Ok(reply))?)
    }

    /// Ends the command with a refusal that must be remembered.
    pub fn refuse(&self, tx: Tx<'_>, event: Event, problem: Problem) -> Result<Committed<Answer>, Halt> {
        Ok(tx.commit(&self.by, self.now, event, Err(problem))?)
    }
}

impl<T: Body> OpenCommand<T> {
    /// Runs the command in one transaction. An engine may run it again, so it holds no state of its own.
    pub async fn run(
        &self,
        run: impl Fn(Tx<'_>, &Parts<T>) -> Result<Committed<Answer>, Halt> + Send + 'static,
    ) -> Result<Reply, Problem> {
        let parts = Arc::clone(&self.0);
        let answer: Result<(Answer, Option<Position>), Halt> =
            self.app.db.write_then(move |tx| run(tx, &parts), |_, _| Ok(())).await;
        match answer {
            Ok((answer, position)) => answer.map(|reply| Reply { position, ..reply }),
            Err(Halt::Refused(problem)) => Err(problem),
            Err(Halt::Replayed(reply)) => Ok(reply),
        }
    }
}
