//! What the rooms below refuse with, as problems: constraint names of the schema, failures of the storage.

use super::{Code, Problem};
use crate::db;

impl From<db::Error> for Problem {
    fn from(error: db::Error) -> Self {
        match error {
            db::Error::Unique(constraint) => Self::new(match constraint.as_str() {
                "team.name_key" | "service.name_key" => Code::NameTaken,
                "notification_channel.priority" => Code::PriorityTaken,
                "notification_channel.value_digest" | "notification_channel.pending_digest" => {
                    Code::DuplicateChannel
                }
                "invitation.channel_key" => Code::AlreadyInvited,
                "membership.customer_id" => Code::AlreadyMember,
                "identity.email_key" => Code::AccountExists,
                other => {
                    tracing::error!(
                        constraint = other,
                        "a unique rule of the schema has no refusal of its own"
                    );
                    Code::Internal
                }
            }),
            // What a statement counts on was there when the request was let in, and has gone since: the caller, or their organization.
            db::Error::Missing => Self::not_found(),
            db::Error::StorageFull => Self::because(
                Code::Unavailable,
                "The service has no room left on its disk, so nothing was changed. Reading still works.",
            ),
            db::Error::Unavailable => Self::new(Code::Unavailable),
            error => {
                tracing::error!(%error, "the storage refused a statement");
                Self::new(Code::Internal)
            }
        }
    }
}
