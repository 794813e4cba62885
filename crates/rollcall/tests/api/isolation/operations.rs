//! Every operation with whom it lets pass, and a request for it that is right in all but who sends it.

use http::Method;
use serde_json::{Value, json};

use crate::support::PASSWORD;
use crate::support::teams::NOWHERE;

/// Whom an operation lets pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
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

/// What a request is aimed at.
#[derive(Debug, Clone)]
pub(super) struct Aim {
    pub(super) customer: String,
    pub(super) team: String,
    pub(super) member: String,
    pub(super) service: String,
    /// A session of the customer.
    pub(super) session: String,
    /// A message to one of the customer's channels, and one to one of the team's.
    pub(super) deliveries: [String; 2],
    /// An address that is invited to the team.
    pub(super) invited: String,
    /// Keeps new names and addresses apart from those of other requests.
    pub(super) fresh: &'static str,
}

impl Aim {
    /// At nothing that was ever there.
    pub(super) fn nowhere() -> Self {
        let nothing = || NOWHERE.to_owned();
        Self {
            customer: nothing(),
            team: nothing(),
            member: nothing(),
            service: nothing(),
            session: nothing(),
            deliveries: [nothing(), nothing()],
            invited: "nobody@example.com".to_owned(),
            fresh: "new",
        }
    }

    fn address(&self) -> String {
        format!("{}-here@example.com", self.fresh)
    }
}

type Ask = fn(&Aim) -> Value;

/// One operation.
pub(super) struct Operation {
    pub(super) id: &'static str,
    pub(super) door: Door,
    /// The statuses for who may: success, or a refusal that comes after every question of rights.
    pub(super) success: &'static [u16],
    query: &'static str,
    body: Option<Ask>,
}

const fn op(id: &'static str, door: Door, success: &'static [u16]) -> Operation {
    Operation { id, door, success, query: "", body: None }
}

impl Operation {
    const fn query(self, query: &'static str) -> Self {
        Self { query, ..self }
    }

    const fn body(self, body: Ask) -> Self {
        Self { body: Some(body), ..self }
    }

    pub(super) fn body_for(&self, aim: &Aim) -> Option<Value> {
        self.body.map(|body| body(aim))
    }

    /// The path of a template, aimed.
    pub(super) fn path(&self, template: &str, aim: &Aim) -> String {
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
pub(super) const OPERATIONS: &[Operation] = &[
    op("sign_up", Door::Open, &[201]),
    op("confirm_account", Door::Open, &[422]),
    op("resend_confirmation_code", Door::Open, &[200]),
    op("forgot_password", Door::Open, &[200]),
    op("reset_password", Door::Open, &[422]),
    op("sign_in", Door::Open, &[401]),
    op("refresh_session", Door::Open, &[401]),
    op("preview_invitation", Door::Open, &[404]),
    op("accept_invitation", Door::Open, &[404]),
    op("decline_invitation", Door::Open, &[404]),
    op("show_push_public_key", Door::Open, &[200]),
    op("show_caller", Door::Caller, &[200]),
    op("list_channel_types", Door::Caller, &[200]),
    op("list_sessions", Door::Caller, &[200]),
    op("show_usage", Door::Caller, &[200]),
    op("show_plan_limits", Door::Caller, &[200]),
    op("list_teams", Door::Caller, &[200]),
    op("export_customer", Door::Caller, &[200]),
    op("show_customer", Door::Profile, &[200]),
    op("list_audit_log", Door::Root, &[200]),
    op("list_personal_channels", Door::Own, &[200]),
    op("list_personal_deliveries", Door::Own, &[200]),
    op("list_members", Door::See, &[200]),
    op("list_services", Door::See, &[200]),
    op("list_invitations", Door::See, &[200]),
    op("list_team_channels", Door::See, &[200]),
    op("list_team_deliveries", Door::See, &[200]),
    op("show_reachability", Door::See, &[200]),
    op("show_service", Door::See, &[200]),
    op("update_customer", Door::Caller, &[200]).body(|_| json!({"surname": "Renamed"})),
    op("give_feedback", Door::Caller, &[201]).body(|_| json!({"message": "All is well."})),
    op("change_username", Door::Caller, &[200]).body(|aim| json!({"email": aim.address()})),
    op("confirm_username", Door::Caller, &[422]).body(|_| json!({"code": "000000"})),
    op("cancel_username", Door::Caller, &[200]),
    op("rename_organization", Door::Root, &[200]).body(|aim| json!({"name": aim.fresh})),
    op("create_team", Door::MakeTeam, &[201]).body(|aim| json!({"name": format!("{} team", aim.fresh)})),
    op("notify_customer", Door::Own, &[202]).body(|_| notification()),
    // It was delivered, and it is a code: who may hears just that.
    op("retry_personal_delivery", Door::Own, &[409]),
    op("test_personal_channel", Door::Own, &[200]).body(|_| json!({"priority": 1})),
    op("enable_personal_channel", Door::Own, &[200]).body(|_| json!({"priority": 1, "enabled": false})),
    op("verify_personal_channel", Door::Own, &[422]).body(|_| json!({"priority": 2, "code": "000000"})),
    op("resend_personal_channel_code", Door::Own, &[200]).body(|_| json!({"priority": 2})),
    op("create_personal_channel", Door::Own, &[201])
        .body(|aim| json!({"type": "email", "value": aim.address()})),
    op("change_personal_channel", Door::Own, &[200])
        .body(|aim| json!({"priority": 3, "value": format!("x{}", aim.address())})),
    op("reorder_personal_channels", Door::Own, &[200]).body(|_| json!({"priority": 3, "new_priority": 1})),
    op("delete_personal_channels", Door::Own, &[200]).query("?priority=1,2"),
    op("notify_team", Door::Govern, &[202]).body(|_| notification()),
    op("retry_team_delivery", Door::Govern, &[409]),
    op("test_team_channel", Door::Govern, &[200]).body(|_| json!({"priority": 1})),
    op("enable_team_channel", Door::Govern, &[200]).body(|_| json!({"priority": 1, "enabled": false})),
    op("verify_team_channel", Door::Govern, &[422]).body(|_| json!({"priority": 2, "code": "000000"})),
    op("resend_team_channel_code", Door::Govern, &[200]).body(|_| json!({"priority": 2})),
    op("create_team_channel", Door::Govern, &[201])
        .body(|aim| json!({"type": "email", "value": aim.address()})),
    op("change_team_channel", Door::Govern, &[200])
        .body(|aim| json!({"priority": 3, "value": format!("x{}", aim.address())})),
    op("reorder_team_channels", Door::Govern, &[200]).body(|_| json!({"priority": 3, "new_priority": 1})),
    op("delete_team_channels", Door::Govern, &[200]).query("?priority=1,2"),
    op("remind_of_invitation", Door::Govern, &[200]).body(|aim| json!({"channel_value": aim.invited})),
    op("make_invitation_link", Door::Govern, &[200]).body(|aim| json!({"channel_value": aim.invited})),
    op("withdraw_invitation", Door::Govern, &[200]).body(|aim| json!({"channel_value": aim.invited})),
    op("invite_member", Door::Govern, &[201])
        .body(|aim| json!({"channel_type": "email", "channel_value": aim.address()})),
    op("rename_team", Door::Govern, &[200]).body(|aim| json!({"name": format!("{} name", aim.fresh)})),
    op("create_service", Door::Govern, &[201])
        .body(|aim| json!({"team_id": aim.team, "name": format!("{} service", aim.fresh)})),
    op("rename_service", Door::Govern, &[200]).body(|aim| json!({"name": format!("{} other", aim.fresh)})),
    op("delete_service", Door::Govern, &[200]),
    op("change_member", Door::Govern, &[200]).body(|_| json!({"role": "manager"})),
    op("remove_member", Door::Govern, &[200]),
    op("delete_team", Door::Govern, &[409]),
    op("end_session", Door::Own, &[200]),
    op("end_other_sessions", Door::Caller, &[200]),
    op("sign_out", Door::Caller, &[200]),
    op("change_password", Door::Caller, &[200])
        .body(|_| json!({"current_password": PASSWORD, "password": "amber-lantern-52"})),
    // The last root stays.
    op("delete_customer", Door::Caller, &[200, 409]).body(|_| json!({"reason": "moving on"})),
];

fn notification() -> Value {
    json!({"title": "Down", "body": "Since noon.", "severity": "critical"})
}

/// Every operation of the document as method, template and entry; a new one without an entry is a failure.
pub(super) fn all() -> Vec<(Method, String, &'static Operation)> {
    let document = rollcall::routes::document();
    let mut found = Vec::new();
    for (template, item) in &document.paths.paths {
        for (method, operation) in rollcall::http::openapi::operations(item) {
            let id = operation.operation_id.as_deref().expect("an operation has an id");
            let at = OPERATIONS.iter().position(|known| known.id == id);
            let at = at.unwrap_or_else(|| panic!("{id} has no entry in the table of rights"));
            found.push((at, method, template.clone()));
        }
    }
    found.sort_by_key(|(at, ..)| *at);
    assert_eq!(found.len(), OPERATIONS.len(), "an entry for an operation that there is not");
    found.into_iter().map(|(at, method, template)| (method, template, &OPERATIONS[at])).collect()
}
