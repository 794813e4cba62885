//! Renames the organization.

use super::store;
use super::view::{self, OrganizationChanged};
use crate::access;
use crate::domain::event::{Action, Event, Target};
use crate::domain::organization_name::OrganizationName;
use crate::http::command::Command;
use crate::http::reply::Reply;
use crate::problem::{Code, Problem};

crate::body! {
    /// The new name of an organization.
    pub struct RenameOrganization {
        /// Organizations may have the same name.
        pub name: OrganizationName,
    }
}

/// Rename the organization
///
/// For its roots.
#[utoipa::path(
    patch, path = "/v1/organization", tag = "Organization", request_body = RenameOrganization,
    responses(
        (status = 200, description = "The organization has its new name.", body = OrganizationChanged),
        (status = 403, description = "`role_insufficient`."),
    ),
)]
pub async fn rename_organization(command: Command<RenameOrganization>) -> Result<Reply, Problem> {
    command
        .run(|tx, command| {
            let organization_id = command.caller.organization_id;
            access::lock_organization(&tx, organization_id)?;
            if !access::is_root(&tx, organization_id, command.caller.customer_id)? {
                return Err(Problem::new(Code::RoleInsufficient).into());
            }
            let RenameOrganization { name } = command.admit(&tx)?;
            store::rename(&tx, organization_id, name)?;
            let reply = Reply::ok(&OrganizationChanged {
                message: format!("Your organization is now called {}.", name.as_str()),
                organization: view::read(&tx, organization_id)?,
            });
            let target = Target::Organization(organization_id);
            command.commit(tx, Event::new(organization_id, Action::OrganizationRenamed, target), reply)
        })
        .await
}
