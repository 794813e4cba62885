//! The messages of the mailbox, newest first, as JSON.

use axum::Json;
use axum::extract::{Query, State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::App;
use crate::http::moment::Moment;
use crate::problem::Problem;

/// How many messages are shown.
const SHOWN: i64 = 200;

/// Which messages.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Filter {
    /// Of this receiver alone: an address, a number or a URL, as it was given.
    to: Option<String>,
}

impl Filter {
    /// The receiver, if one is asked for. The plus of a number that was typed into a query as it is arrives as a blank.
    pub(crate) fn receiver(self) -> Option<String> {
        let to = self.to?;
        let digits = to.trim();
        let number = to.starts_with(' ') && digits.len() >= 7 && digits.bytes().all(|b| b.is_ascii_digit());
        if number { Some(format!("+{digits}")) } else { Some(digits.to_owned()).filter(|to| !to.is_empty()) }
    }
}

/// A kept message.
#[derive(Debug, Serialize)]
pub(crate) struct KeptMessage {
    /// Who would have got it.
    pub(crate) to: String,
    /// By what: `email`, `sms`, `phone` or `webhook`.
    pub(crate) transport: String,
    /// The subject line.
    pub(crate) subject: String,
    /// The text, what a call says, or a webhook's JSON.
    pub(crate) text: String,
    /// Its id.
    pub(crate) message_id: Uuid,
    /// When it came.
    pub(crate) created_at: Moment,
}

/// The messages as clients get them.
#[derive(Debug, Serialize)]
pub(super) struct Messages {
    data: Vec<KeptMessage>,
}

/// `GET /mailbox/messages?to=`
pub(super) async fn messages(
    State(app): State<App>,
    Query(filter): Query<Filter>,
) -> Result<Json<Messages>, Problem> {
    Ok(Json(Messages { data: newest(&app, filter.receiver()).await? }))
}

/// The newest messages, of one receiver where `to` names one.
pub(crate) async fn newest(app: &App, to: Option<String>) -> Result<Vec<KeptMessage>, Problem> {
    let rows: Vec<(Uuid, String, String, String, String, Timestamp)> = app
        .db
        .read(move |reader| {
            reader
                .fetch_all(
                    "select message_id, transport, recipient, subject, body, created_at from mailbox_message
                     where cast($1 as text) is null or recipient = $1
                     order by message_id desc limit $2",
                    (&to, SHOWN),
                )
                .map_err(Problem::from)
        })
        .await?;
    Ok(rows
        .into_iter()
        .map(|(message_id, transport, to, subject, text, created_at)| KeptMessage {
            to,
            transport,
            subject,
            text,
            message_id,
            created_at: created_at.into(),
        })
        .collect())
}
