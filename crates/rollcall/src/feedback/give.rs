//! Tells the operator something.

use serde::Serialize;
use utoipa::ToSchema;

use super::store::{self, Feedback};
use crate::access;
use crate::domain::event::{Action, Event, Target};
use crate::domain::feedback::{Category, Rating};
use crate::domain::free_text::FreeText;
use crate::domain::id::FeedbackId;
use crate::http::command::Command;
use crate::http::reply::Reply;
use crate::problem::Problem;

crate::body! {
    /// A piece of feedback.
    pub struct GiveFeedback {
        /// What you want to say: 1 to 4,000 characters.
        pub message: FreeText<1, 4000>,
        /// What it is about.
        pub category: Option<Category>,
        /// How content you are.
        pub rating: Option<Rating>,
    }
}

/// Feedback that was kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedbackGiven {
    /// What was done, for people.
    message: String,
    /// Its id, for questions about it.
    feedback_id: FeedbackId,
}

/// Give feedback
///
/// To whoever runs this server.
#[utoipa::path(
    post, path = "/v1/customer/feedback", tag = "Customers", request_body = GiveFeedback,
    responses((status = 201, description = "The feedback is kept.", body = FeedbackGiven)),
)]
pub async fn give_feedback(command: Command<GiveFeedback>) -> Result<Reply, Problem> {
    let feedback_id: FeedbackId = command.app.fresh_id(command.now);
    command
        .run(move |tx, command| {
            let GiveFeedback { message, category, rating } = command.admit(&tx)?;
            let organization_id = command.caller.organization_id;
            // Whoever leaves at this moment leaves nothing with their name behind.
            access::hold_home(&tx, &command.caller)?;
            let feedback = Feedback {
                customer_id: Some(command.caller.customer_id),
                kind: "feedback",
                message: message.as_str(),
                category: *category,
                rating: *rating,
            };
            store::insert(&tx, organization_id, feedback_id, &feedback, command.now)?;
            let message = "Thank you! We read every piece of feedback.".to_owned();
            let reply = Reply::created(&FeedbackGiven { message, feedback_id });
            let target = Target::Feedback(feedback_id);
            command.commit(tx, Event::new(organization_id, Action::FeedbackGiven, target), reply)
        })
        .await
}
