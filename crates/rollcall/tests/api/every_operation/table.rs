//! The table: what each operation gives to whom, and what it leaves in the audit log.

/// One operation.
pub(super) struct Row {
    /// Method and path template, as in the document.
    pub(super) operation: &'static str,
    /// The status for a root, a manager and a user of the team, for a customer of another organization, and without a
    /// token. `{id}` of a customer is the user's own; what has no team is everybody's own.
    pub(super) statuses: [u16; 5],
    /// What a success writes to the audit log; nothing for a query.
    pub(super) events: &'static [&'static str],
}

const fn row(operation: &'static str, statuses: [u16; 5], events: &'static [&'static str]) -> Row {
    Row { operation, statuses, events }
}

/// Open to everybody.
const fn open(operation: &'static str, status: u16, events: &'static [&'static str]) -> Row {
    row(operation, [status; 5], events)
}

/// Every member of the team sees it.
const SEEN: [u16; 5] = [200, 200, 200, 404, 401];
/// Root and managers do it.
const GOVERNED: [u16; 5] = [200, 200, 403, 404, 401];
/// The same, where something is made.
const MADE: [u16; 5] = [201, 201, 403, 404, 401];
/// The user's own, and nobody else's.
const OWN: [u16; 5] = [404, 404, 200, 404, 401];
/// Everybody for themselves.
const EACH: [u16; 5] = [200, 200, 200, 200, 401];
/// Roots in their own organization.
const ROOTS: [u16; 5] = [200, 403, 403, 200, 401];

/// Theirs, where work is accepted.
const OWN_ACCEPTED: [u16; 5] = [404, 404, 202, 404, 401];
/// Root and managers do it, where work is accepted.
const ACCEPTED: [u16; 5] = [202, 202, 403, 404, 401];

/// Every operation, in the order in which they are tried: who leaves for good is the last.
pub(super) const TABLE: &[Row] = &[
    // The root's own session, before a new password ends it.
    row("DELETE /v1/customer/session/{session_id}", [200, 404, 404, 404, 401], &["session.closed"]),
    row("GET /v1/customer/sessions", EACH, &[]),
    row("DELETE /v1/customer/sessions", EACH, &["session.others_closed"]),
    row("GET /v1/notification-channel-types", EACH, &[]),
    open("GET /v1/push/public-key", 200, &[]),
    open("POST /v1/account", 201, &["sign_up.requested"]),
    open("PATCH /v1/account", 200, &["customer.created"]),
    open("POST /v1/account/confirmation-code", 200, &["sign_up.requested"]),
    open("POST /v1/account/password", 200, &["password.reset_requested"]),
    open("PATCH /v1/account/password", 200, &["password.reset"]),
    row("PUT /v1/account/password", EACH, &["password.changed"]),
    open("POST /v1/auth", 200, &["session.started"]),
    open("POST /v1/auth/refresh", 200, &["session.refreshed"]),
    row("DELETE /v1/auth", EACH, &["session.ended"]),
    open("POST /v1/invitation/preview", 200, &[]),
    open("POST /v1/invitation/decline", 200, &["invitation.declined"]),
    // Members have joined already; a stranger asks for an account.
    row("POST /v1/invitation/accept", [409, 409, 409, 200, 201], &["invitation.accepted"]),
    row("GET /v1/customer", EACH, &[]),
    row("GET /v1/customer/{customer_id}", [200, 404, 200, 404, 401], &[]),
    row("GET /v1/customer/export", EACH, &[]),
    row("PATCH /v1/customer", EACH, &["customer.updated"]),
    row("POST /v1/customer/feedback", [201, 201, 201, 201, 401], &["feedback.given"]),
    row("PUT /v1/customer/username", EACH, &["username.requested"]),
    row("DELETE /v1/customer/username", EACH, &["username.cancelled"]),
    row("PATCH /v1/customer/username", EACH, &["username.changed"]),
    row("GET /v1/org/usage", EACH, &[]),
    row("GET /v1/org/audit-log", ROOTS, &[]),
    row("PATCH /v1/organization", ROOTS, &["organization.renamed"]),
    row("GET /v1/plan/{plan}/{version}/limits", EACH, &[]),
    row(
        "POST /v1/customer/{id}/notification-channel",
        [404, 404, 201, 404, 401],
        &["notification_channel.created"],
    ),
    row("GET /v1/customer/{id}/notification-channels", OWN, &[]),
    row("PUT /v1/customer/{id}/notification-channel", OWN, &["notification_channel.updated"]),
    row("PATCH /v1/customer/{id}/notification-channel", OWN, &["notification_channel.reordered"]),
    row("PATCH /v1/customer/{id}/notification-channel/verification", OWN, &["notification_channel.verified"]),
    row("POST /v1/customer/{id}/notification-channel/verification", OWN, &["notification_channel.code_sent"]),
    row("POST /v1/customer/{id}/notification-channel/test", OWN, &["notification_channel.tested"]),
    row("PUT /v1/customer/{id}/notification-channel/enabled", OWN, &["notification_channel.disabled"]),
    row("GET /v1/customer/{id}/notification-channel/deliveries", OWN, &[]),
    row(
        "POST /v1/customer/{id}/notification-channel/deliveries/{delivery_id}/retry",
        OWN_ACCEPTED,
        &["notification_channel.delivery_retried"],
    ),
    row("POST /v1/customer/{id}/notification", OWN_ACCEPTED, &["notification.sent"]),
    row("DELETE /v1/customer/{id}/notification-channel", OWN, &["notification_channel.deleted"]),
    row("POST /v1/team/{id}/notification-channel", MADE, &["notification_channel.created"]),
    row("GET /v1/team/{id}/notification-channels", SEEN, &[]),
    row("PUT /v1/team/{id}/notification-channel", GOVERNED, &["notification_channel.updated"]),
    row("PATCH /v1/team/{id}/notification-channel", GOVERNED, &["notification_channel.reordered"]),
    row(
        "PATCH /v1/team/{id}/notification-channel/verification",
        GOVERNED,
        &["notification_channel.verified"],
    ),
    row(
        "POST /v1/team/{id}/notification-channel/verification",
        GOVERNED,
        &["notification_channel.code_sent"],
    ),
    row("POST /v1/team/{id}/notification-channel/test", GOVERNED, &["notification_channel.tested"]),
    row("PUT /v1/team/{id}/notification-channel/enabled", GOVERNED, &["notification_channel.disabled"]),
    row("GET /v1/team/{id}/notification-channel/deliveries", SEEN, &[]),
    row(
        "POST /v1/team/{id}/notification-channel/deliveries/{delivery_id}/retry",
        ACCEPTED,
        &["notification_channel.delivery_retried"],
    ),
    row("POST /v1/team/{id}/notification", ACCEPTED, &["notification.sent"]),
    row("GET /v1/team/{id}/reachability", SEEN, &[]),
    row("DELETE /v1/team/{id}/notification-channel", GOVERNED, &["notification_channel.deleted"]),
    row("POST /v1/team", [201, 201, 403, 201, 401], &["team.created"]),
    row("GET /v1/teams", EACH, &[]),
    row("PUT /v1/team/{id}", GOVERNED, &["team.renamed"]),
    row("GET /v1/team/{id}/members", SEEN, &[]),
    row("PATCH /v1/team/{id}/member/{member_id}", GOVERNED, &["member.role_changed"]),
    row("DELETE /v1/team/{id}/member/{member_id}", GOVERNED, &["member.removed"]),
    row("GET /v1/team/{id}/invitations", SEEN, &[]),
    row("POST /v1/team/{id}/invitation", MADE, &["invitation.sent"]),
    row("POST /v1/team/{id}/invitation/reminder", GOVERNED, &["invitation.reminded"]),
    row("POST /v1/team/{id}/invitation/link", GOVERNED, &["invitation.link_created"]),
    row("DELETE /v1/team/{id}/invitation", GOVERNED, &["invitation.withdrawn"]),
    row("POST /v1/service", MADE, &["service.created"]),
    row("GET /v1/team/{id}/services", SEEN, &[]),
    row("GET /v1/team-service/{id}", SEEN, &[]),
    row("PUT /v1/service/{id}", GOVERNED, &["service.renamed"]),
    row("DELETE /v1/service/{id}", GOVERNED, &["service.deleted"]),
    row("DELETE /v1/team/{id}", GOVERNED, &["team.deleted"]),
    // The only root of others stays.
    row("DELETE /v1/customer", [409, 200, 200, 200, 401], &["customer.deleted"]),
];
