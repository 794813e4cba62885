//! What happened: every change names its event, and each event is a row of the audit log.

use super::id::{
    ChannelId, CustomerId, FeedbackId, Id, InvitationId, OrganizationId, ServiceId, SessionId, TeamId,
};

/// Who asked for a change, and from where.
#[derive(Debug, Clone)]
pub struct By {
    /// The customer who acts; none for a stranger or the service itself.
    pub actor: Option<CustomerId>,
    /// The request's id, as in `X-Request-Id`; the worker uses its task's name.
    pub request_id: String,
    /// The client's address, where there is a client.
    pub ip: Option<std::net::IpAddr>,
}

impl By {
    /// The service itself, in the named task.
    #[must_use]
    pub fn service(task: &str) -> Self {
        Self { actor: None, request_id: task.to_owned(), ip: None }
    }
}

/// A change that was made, or an attempt that must be remembered.
#[derive(Debug, Clone, Copy)]
pub struct Event {
    /// The organization whose log it belongs to; [`OrganizationId::NONE`] for the server's own.
    pub organization_id: OrganizationId,
    /// What was done.
    pub action: Action,
    /// What it was done to.
    pub target: Target,
}

impl Event {
    /// An event of an organization.
    #[must_use]
    pub fn new(organization_id: OrganizationId, action: Action, target: Target) -> Self {
        Self { organization_id, action, target }
    }

    /// Upkeep of the service's own tables (leases, delivery results, expired rows), which the audit log leaves out.
    #[must_use]
    pub fn upkeep() -> Self {
        Self::new(OrganizationId::NONE, Action::Upkeep, Target::Server)
    }
}

/// The thing that an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The server, or an address that is no account yet.
    Server,
    /// An organization.
    Organization(OrganizationId),
    /// A customer.
    Customer(CustomerId),
    /// A team.
    Team(TeamId),
    /// A member of a team, by customer.
    Member(CustomerId),
    /// An invitation.
    Invitation(InvitationId),
    /// A notification channel.
    Channel(ChannelId),
    /// A service.
    Service(ServiceId),
    /// A session.
    Session(SessionId),
    /// A piece of feedback.
    Feedback(FeedbackId),
}

impl Target {
    /// The kind of thing, as the audit log shows it.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Organization(_) => "organization",
            Self::Customer(_) => "customer",
            Self::Team(_) => "team",
            Self::Member(_) => "member",
            Self::Invitation(_) => "invitation",
            Self::Channel(_) => "notification_channel",
            Self::Service(_) => "service",
            Self::Session(_) => "session",
            Self::Feedback(_) => "feedback",
        }
    }

    /// The thing's id, empty for the server.
    #[must_use]
    pub fn id(self) -> String {
        let uuid = match self {
            Self::Server => return String::new(),
            Self::Organization(id) => id.uuid(),
            Self::Customer(id) | Self::Member(id) => id.uuid(),
            Self::Team(id) => id.uuid(),
            Self::Invitation(id) => id.uuid(),
            Self::Channel(id) => id.uuid(),
            Self::Service(id) => id.uuid(),
            Self::Session(id) => id.uuid(),
            Self::Feedback(id) => id.uuid(),
        };
        uuid.to_string()
    }
}

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)+) => {
        /// What was done, by the name that the audit log shows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Action { $($(#[$doc])* $variant,)+ }

        impl utoipa::ToSchema for Action {}
        impl utoipa::PartialSchema for Action {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                super::schema::words(&[$($name),+], "What was done.")
            }
        }

        impl Action {
            /// Every action, in the order of this file.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The stable name: `<thing>.<past participle>`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

actions! {
    /// Not audited: see [`Event::upkeep`].
    Upkeep = "server.upkeep",
    /// Somebody asked for an account, or again for its code.
    SignUpRequested = "sign_up.requested",
    /// A wrong code was tried on a sign-up.
    SignUpCodeRefused = "sign_up.code_refused",
    /// An account was made.
    CustomerCreated = "customer.created",
    /// Name or surname changed.
    CustomerUpdated = "customer.updated",
    /// A customer left for good.
    CustomerDeleted = "customer.deleted",
    /// A new username waits for its code.
    UsernameRequested = "username.requested",
    /// A waiting username was forgotten.
    UsernameCancelled = "username.cancelled",
    /// A wrong code was tried on a new username.
    UsernameCodeRefused = "username.code_refused",
    /// The username changed.
    UsernameChanged = "username.changed",
    /// A code to set a new password was asked for.
    PasswordResetRequested = "password.reset_requested",
    /// A wrong code was tried on a password.
    PasswordCodeRefused = "password.code_refused",
    /// A password was set anew by code.
    PasswordReset = "password.reset",
    /// A password was changed by its owner.
    PasswordChanged = "password.changed",
    /// A wrong password was given for a change of it.
    PasswordChangeRefused = "password.change_refused",
    /// Somebody signed in.
    SessionStarted = "session.started",
    /// A sign-in was refused.
    SessionRefused = "session.refused",
    /// Tokens were refreshed.
    SessionRefreshed = "session.refreshed",
    /// Somebody signed out.
    SessionEnded = "session.ended",
    /// Somebody ended another session of theirs.
    SessionClosed = "session.closed",
    /// Somebody ended all their sessions but the one in use.
    OtherSessionsClosed = "session.others_closed",
    /// A refresh token was used twice: its family ended.
    SessionRevoked = "session.revoked",
    /// The organization's name changed.
    OrganizationRenamed = "organization.renamed",
    /// A team was made.
    TeamCreated = "team.created",
    /// A team's name changed.
    TeamRenamed = "team.renamed",
    /// A team was deleted.
    TeamDeleted = "team.deleted",
    /// Somebody was invited.
    InvitationSent = "invitation.sent",
    /// Somebody was reminded.
    InvitationReminded = "invitation.reminded",
    /// A link was made to be handed over.
    InvitationLinkCreated = "invitation.link_created",
    /// An invitation was withdrawn.
    InvitationWithdrawn = "invitation.withdrawn",
    /// An invitation was accepted by an address that is yet to be confirmed.
    InvitationClaimed = "invitation.claimed",
    /// An invitation was accepted.
    InvitationAccepted = "invitation.accepted",
    /// An invitation was declined.
    InvitationDeclined = "invitation.declined",
    /// A member's role changed.
    MemberRoleChanged = "member.role_changed",
    /// A member moved to another team.
    MemberMoved = "member.moved",
    /// A member was removed, or left.
    MemberRemoved = "member.removed",
    /// A channel was added.
    ChannelCreated = "notification_channel.created",
    /// A channel's value changed, or waits to.
    ChannelUpdated = "notification_channel.updated",
    /// Channels changed their order.
    ChannelReordered = "notification_channel.reordered",
    /// A code was sent again.
    ChannelCodeSent = "notification_channel.code_sent",
    /// A wrong code was tried on a channel.
    ChannelCodeRefused = "notification_channel.code_refused",
    /// A channel was proved.
    ChannelVerified = "notification_channel.verified",
    /// A channel was switched on.
    ChannelEnabled = "notification_channel.enabled",
    /// A channel was switched off.
    ChannelDisabled = "notification_channel.disabled",
    /// A channel was tested.
    ChannelTested = "notification_channel.tested",
    /// A message that had failed or waited is tried again at once.
    ChannelDeliveryRetried = "notification_channel.delivery_retried",
    /// Channels were deleted.
    ChannelDeleted = "notification_channel.deleted",
    /// A notification was sent to the channels of a person or a team.
    NotificationSent = "notification.sent",
    /// A service was made.
    ServiceCreated = "service.created",
    /// A service's name changed.
    ServiceRenamed = "service.renamed",
    /// A service was deleted.
    ServiceDeleted = "service.deleted",
    /// Feedback was given.
    FeedbackGiven = "feedback.given",
}
