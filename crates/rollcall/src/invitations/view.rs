//! An invitation as its team sees it.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::id::{CustomerId, InvitationId};
use crate::domain::invitation::{InvitationChannel, Status};
use crate::domain::role::InvitedRole;
use crate::http::moment::Moment;

/// What stands in the place of somebody who has left for good.
pub(crate) const FORMER_MEMBER: &str = "former member";

/// An invitation.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Invitation)]
pub struct InvitationView {
    /// Its id.
    pub invitation_id: InvitationId,
    /// The address or number.
    pub channel: String,
    /// By what it is sent.
    pub channel_type: InvitationChannel,
    /// What the invited person will be.
    pub role: InvitedRole,
    /// Who invites.
    pub sender: Sender,
    /// Who invites, or `former member`.
    pub sender_full_name: String,
    /// What has become of it.
    pub status: Status,
    /// When it was sent.
    pub created_at: Moment,
    /// When the last reminder went out.
    pub reminded_at: Option<Moment>,
    /// Until when it is open.
    pub expires_at: Moment,
}

/// Who invites.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = InvitationSender)]
pub struct Sender {
    /// Their id; null for a former member.
    pub customer_id: Option<CustomerId>,
    /// Their name, or `former member`.
    pub full_name: String,
}

/// An invitation after a change.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InvitationChanged {
    /// What was done, for people.
    pub message: String,
    /// The invitation as it now is.
    pub invitation: InvitationView,
}

/// An invitation as it is stored, with its sender's name.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) invitation_id: InvitationId,
    pub(crate) channel: String,
    pub(crate) channel_type: InvitationChannel,
    pub(crate) role: InvitedRole,
    pub(crate) sender: Option<(CustomerId, String, String)>,
    pub(crate) status: String,
    pub(crate) created_at: Timestamp,
    pub(crate) reminded_at: Option<Timestamp>,
    pub(crate) expires_at: Timestamp,
}

impl Stored {
    /// Its status now.
    pub(crate) fn status(&self, now: Timestamp) -> Status {
        Status::now(&self.status, self.expires_at, now)
    }

    /// As its team sees it now.
    pub(crate) fn view(self, now: Timestamp) -> InvitationView {
        let status = self.status(now);
        let sender = match self.sender {
            Some((customer_id, name, surname)) => {
                Sender { customer_id: Some(customer_id), full_name: format!("{name} {surname}") }
            }
            None => Sender { customer_id: None, full_name: FORMER_MEMBER.to_owned() },
        };
        InvitationView {
            invitation_id: self.invitation_id,
            channel: self.channel,
            channel_type: self.channel_type,
            role: self.role,
            sender_full_name: sender.full_name.clone(),
            sender,
            status,
            created_at: self.created_at.into(),
            reminded_at: self.reminded_at.map(Moment::from),
            expires_at: self.expires_at.into(),
        }
    }
}
