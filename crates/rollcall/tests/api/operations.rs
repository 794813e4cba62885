//! Every operation of the API: whom it lets pass, what it answers and leaves, and a request for it that is right in all but who sends it.
//! A new operation has its line here, or no test of all operations passes.

mod aim;

use http::Method;
use serde_json::{Value, json};

pub(crate) use self::aim::Aim;
use crate::support::PASSWORD;

/// Whom an operation lets pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// Everybody; what it does hangs on a secret in its body.
    Open,
    /// Every customer; it is about the caller alone.
    Caller,
    /// The customer whose id stands in the path.
    Own,
    /// That customer, and the roots of their organization.
    Profile,
    /// Roots; it is about their organization.
    Root,
    /// Roots and managers of the home organization.
    MakeTeam,
    /// Members of the team and roots of its organization.
    See,
    /// Managers of the team and roots of its organization.
    Govern,
}

type Ask = fn(&Aim) -> Value;

/// One operation.
pub(crate) struct Operation {
    pub(crate) id: &'static str,
    pub(crate) door: Door,
    /// What a success writes to the audit log; nothing for a query.
    pub(crate) events: &'static [&'static str],
    status: u16,
    statuses: Option<[u16; 5]>,
    refusals: &'static [u16],
    query: &'static str,
    body: Option<Ask>,
}

const fn op(id: &'static str, door: Door) -> Operation {
    Operation { id, door, events: &[], status: 200, statuses: None, refusals: &[], query: "", body: None }
}

impl Operation {
    /// The status of a success.
    const fn gives(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// What each gets, where the door does not say it.
    const fn statuses_are(self, statuses: [u16; 5]) -> Self {
        Self { statuses: Some(statuses), ..self }
    }

    const fn event(self, event: &'static [&'static str; 1]) -> Self {
        Self { events: event, ..self }
    }

    /// What who may gets for the request below: a refusal that comes after every question of rights, since it has no real secret.
    const fn ends_in(self, statuses: &'static [u16]) -> Self {
        Self { refusals: statuses, ..self }
    }

    const fn query(self, query: &'static str) -> Self {
        Self { query, ..self }
    }

    const fn body(self, body: Ask) -> Self {
        Self { body: Some(body), ..self }
    }

    /// What a root, a manager and a user of the team, a customer of another organization and nobody get for what is in order: things of
    /// the team, of the user, and everybody's own.
    pub(crate) fn statuses(&self) -> [u16; 5] {
        let done = self.status;
        self.statuses.unwrap_or(match self.door {
            Door::Open => [done; 5],
            Door::Caller => [done, done, done, done, 401],
            Door::Own => [404, 404, done, 404, 401],
            Door::Profile => [done, 404, done, 404, 401],
            Door::Root => [done, 403, 403, done, 401],
            Door::MakeTeam => [done, done, 403, done, 401],
            Door::See => [done, done, done, 404, 401],
            Door::Govern => [done, done, 403, 404, 401],
        })
    }

    /// Whether this is what who may gets for the request below.
    pub(crate) fn lets_pass(&self, status: u16) -> bool {
        if self.refusals.is_empty() { status == self.status } else { self.refusals.contains(&status) }
    }

    pub(crate) fn body_for(&self, aim: &Aim) -> Option<Value> {
        self.body.map(|body| body(aim))
    }

    /// The path of a template, aimed.
    pub(crate) fn path(&self, template: &str, aim: &Aim) -> String {
        let id = match template {
            _ if template.starts_with("/v1/customer/") => &aim.customer,
            _ if template.starts_with("/v1/team/") => &aim.team,
            _ => &aim.service,
        };
        let path = template
            .replace("{id}", id)
            .replace("{customer_id}", &aim.customer)
            .replace("{member_id}", &aim.member)
            .replace("{session_id}", &aim.session)
            .replace("{delivery_id}", &aim.deliveries[usize::from(template.starts_with("/v1/team/"))])
            .replace("{plan}", "developer")
            .replace("{version}", "v1");
        assert!(!path.contains('{'), "{template}: a parameter that nobody fills");
        format!("{path}{}", self.query)
    }
}

/// In an order in which all succeed for who may: what ends something comes last.
pub(crate) const OPERATIONS: &[Operation] = &[
    op("sign_up", Door::Open).gives(201).event(&["sign_up.requested"]),
    op("confirm_account", Door::Open).event(&["customer.created"]).ends_in(&[422]),
    op("resend_confirmation_code", Door::Open).event(&["sign_up.requested"]),
    op("forgot_password", Door::Open).event(&["password.reset_requested"]),
    op("reset_password", Door::Open).event(&["password.reset"]).ends_in(&[422]),
    op("sign_in", Door::Open).event(&["session.started"]).ends_in(&[401]),
    op("refresh_session", Door::Open).event(&["session.refreshed"]).ends_in(&[401]),
    op("preview_invitation", Door::Open).ends_in(&[404]),
    op("accept_invitation", Door::Open)
        .statuses_are([409, 409, 409, 200, 201])
        .event(&["invitation.accepted"])
        .ends_in(&[404]),
    op("decline_invitation", Door::Open).event(&["invitation.declined"]).ends_in(&[404]),
    op("show_push_public_key", Door::Open),
    op("show_caller", Door::Caller),
    op("list_channel_types", Door::Caller),
    op("list_sessions", Door::Caller),
    op("show_usage", Door::Caller),
    op("show_plan_limits", Door::Caller),
    op("list_teams", Door::Caller),
    op("export_customer", Door::Caller),
    op("show_customer", Door::Profile),
    op("list_audit_log", Door::Root),
    op("list_personal_channels", Door::Own),
    op("list_personal_deliveries", Door::Own),
    op("list_members", Door::See),
    op("list_services", Door::See),
    op("list_invitations", Door::See),
    op("list_team_channels", Door::See),
    op("list_team_deliveries", Door::See),
    op("show_reachability", Door::See),
    op("show_service", Door::See),
    // The root's own, before a new username or password ends it.
    op("end_session", Door::Own).statuses_are([200, 404, 404, 404, 401]).event(&["session.closed"]),
    op("update_customer", Door::Caller).event(&["customer.updated"]).body(|_| json!({"surname": "Renamed"})),
    op("give_feedback", Door::Caller)
        .gives(201)
        .event(&["feedback.given"])
        .body(|_| json!({"message": "All is well."})),
    op("change_username", Door::Caller)
        .event(&["username.requested"])
        .body(|aim| json!({"email": aim.address()})),
    op("confirm_username", Door::Caller)
        .event(&["username.changed"])
        .ends_in(&[422])
        .body(|_| json!({"code": "000000"})),
    op("cancel_username", Door::Caller).event(&["username.cancelled"]),
    op("rename_organization", Door::Root)
        .event(&["organization.renamed"])
        .body(|aim| json!({"name": aim.fresh})),
    op("create_team", Door::MakeTeam)
        .gives(201)
        .event(&["team.created"])
        .body(|aim| json!({"name": format!("{} team", aim.fresh)})),
    op("notify_customer", Door::Own).gives(202).event(&["notification.sent"]).body(|_| notification()),
    // It was delivered, and it is a code: who may hears just that.
    op("retry_personal_delivery", Door::Own)
        .gives(202)
        .event(&["notification_channel.delivery_retried"])
        .ends_in(&[409]),
    op("test_personal_channel", Door::Own)
        .event(&["notification_channel.tested"])
        .body(|_| json!({"priority": 1})),
    op("enable_personal_channel", Door::Own)
        .event(&["notification_channel.disabled"])
        .body(|_| json!({"priority": 1, "enabled": false})),
    op("verify_personal_channel", Door::Own)
        .event(&["notification_channel.verified"])
        .ends_in(&[422])
        .body(|_| json!({"priority": 2, "code": "000000"})),
    op("resend_personal_channel_code", Door::Own)
        .event(&["notification_channel.code_sent"])
        .body(|_| json!({"priority": 2})),
    op("create_personal_channel", Door::Own)
        .gives(201)
        .event(&["notification_channel.created"])
        .body(|aim| json!({"type": "email", "value": aim.address()})),
    op("change_personal_channel", Door::Own)
        .event(&["notification_channel.updated"])
        .body(|aim| json!({"priority": 3, "value": format!("x{}", aim.address())})),
    op("reorder_personal_channels", Door::Own)
        .event(&["notification_channel.reordered"])
        .body(|_| json!({"priority": 3, "new_priority": 1})),
    op("delete_personal_channels", Door::Own).event(&["notification_channel.deleted"]).query("?priority=1,2"),
    op("notify_team", Door::Govern).gives(202).event(&["notification.sent"]).body(|_| notification()),
    op("retry_team_delivery", Door::Govern)
        .gives(202)
        .event(&["notification_channel.delivery_retried"])
        .ends_in(&[409]),
    op("test_team_channel", Door::Govern)
        .event(&["notification_channel.tested"])
        .body(|_| json!({"priority": 1})),
    op("enable_team_channel", Door::Govern)
        .event(&["notification_channel.disabled"])
        .body(|_| json!({"priority": 1, "enabled": false})),
    op("verify_team_channel", Door::Govern)
        .event(&["notification_channel.verified"])
        .ends_in(&[422])
        .body(|_| json!({"priority": 2, "code": "000000"})),
    op("resend_team_channel_code", Door::Govern)
        .event(&["notification_channel.code_sent"])
        .body(|_| json!({"priority": 2})),
    op("create_team_channel", Door::Govern)
        .gives(201)
        .event(&["notification_channel.created"])
        .body(|aim| json!({"type": "email", "value": aim.address()})),
    op("change_team_channel", Door::Govern)
        .event(&["notification_channel.updated"])
        .body(|aim| json!({"priority": 3, "value": format!("x{}", aim.address())})),
    op("reorder_team_channels", Door::Govern)
        .event(&["notification_channel.reordered"])
        .body(|_| json!({"priority": 3, "new_priority": 1})),
    op("delete_team_channels", Door::Govern).event(&["notification_channel.deleted"]).query("?priority=1,2"),
    op("remind_of_invitation", Door::Govern)
        .event(&["invitation.reminded"])
        .body(|aim| json!({"channel_value": aim.invited})),
    op("make_invitation_link", Door::Govern)
        .event(&["invitation.link_created"])
        .body(|aim| json!({"channel_value": aim.invited})),
    op("withdraw_invitation", Door::Govern)
        .event(&["invitation.withdrawn"])
        .body(|aim| json!({"channel_value": aim.invited})),
    op("invite_member", Door::Govern)
        .gives(201)
        .event(&["invitation.sent"])
        .body(|aim| json!({"channel_type": "email", "channel_value": aim.address()})),
    op("rename_team", Door::Govern)
        .event(&["team.renamed"])
        .body(|aim| json!({"name": format!("{} name", aim.fresh)})),
    op("create_service", Door::Govern)
        .gives(201)
        .event(&["service.created"])
        .body(|aim| json!({"team_id": aim.team, "name": format!("{} service", aim.fresh)})),
    op("rename_service", Door::Govern)
        .event(&["service.renamed"])
        .body(|aim| json!({"name": format!("{} other", aim.fresh)})),
    op("delete_service", Door::Govern).event(&["service.deleted"]),
    op("change_member", Door::Govern).event(&["member.role_changed"]).body(|_| json!({"role": "manager"})),
    op("remove_member", Door::Govern).event(&["member.removed"]),
    op("delete_team", Door::Govern).event(&["team.deleted"]).ends_in(&[409]),
    op("end_other_sessions", Door::Caller).event(&["session.others_closed"]),
    op("sign_out", Door::Caller).event(&["session.ended"]),
    op("change_password", Door::Caller)
        .event(&["password.changed"])
        .body(|_| json!({"current_password": PASSWORD, "password": "amber-lantern-52"})),
    // The last root stays.
    op("delete_customer", Door::Caller)
        .statuses_are([409, 200, 200, 200, 401])
        .event(&["customer.deleted"])
        .ends_in(&[200, 409])
        .body(|_| json!({"reason": "moving on"})),
];

fn notification() -> Value {
    json!({"title": "Down", "body": "Since noon.", "severity": "critical"})
}

/// Every operation of the document as method, template and entry; a new one without an entry is a failure.
pub(crate) fn all() -> Vec<(Method, String, &'static Operation)> {
    let document = rollcall::routes::document();
    let mut found = Vec::new();
    for (template, item) in &document.paths.paths {
        for (method, operation) in rollcall::http::openapi::operations(item) {
            let id = operation.operation_id.as_deref().expect("an operation has an id");
            let at = OPERATIONS.iter().position(|known| known.id == id);
            let at = at.unwrap_or_else(|| panic!("{id} has no line in tests/api/operations.rs"));
            found.push((at, method, template.clone()));
        }
    }
    found.sort_by_key(|(at, ..)| *at);
    assert_eq!(found.len(), OPERATIONS.len(), "an entry for an operation that there is not");
    found.into_iter().map(|(at, method, template)| (method, template, &OPERATIONS[at])).collect()
}
