//! Changes the caller's name or surname.

use super::store;
use super::view::{self, CustomerChanged};
use crate::access;
use crate::domain::event::{Action, Event, Target};
use crate::domain::invalid::Invalid;
use crate::domain::person_name::PersonName;
use crate::http::command::Command;
use crate::http::reply::Reply;
use crate::problem::Problem;

crate::body! {
    /// What is to change of a customer; at least one of the two.
    pub struct UpdateCustomer {
        /// The first name.
        pub name: Option<PersonName>,
        /// The surname.
        pub surname: Option<PersonName>,
    }
}

/// Change your name
///
/// Name, surname, or both. A new address has an operation of its own, since it must be proved.
#[utoipa::path(
    patch, path = "/v1/customer", tag = "Customers", request_body = UpdateCustomer,
    responses((status = 200, description = "Your profile as it now is.", body = CustomerChanged)),
)]
pub async fn update_customer(command: Command<UpdateCustomer>) -> Result<Reply, Problem> {
    command
        .run(|tx, command| {
            access::hold_home(&tx, &command.caller)?;
            let UpdateCustomer { name, surname } = command.admit(&tx)?;
            if name.is_none() && surname.is_none() {
                let message = "Give a name, a surname, or both.";
                return Err(Problem::field("name", Invalid::new("required", message)).into());
            }
            let caller = &command.caller;
            store::rename(&tx, caller, name.as_ref(), surname.as_ref())?;
            let reply =
                Reply::ok(&view::changed(&tx, &command.app.plans, caller, "Your profile is up to date.")?);
            let target = Target::Customer(caller.customer_id);
            command.commit(tx, Event::new(caller.organization_id, Action::CustomerUpdated, target), reply)
        })
        .await
}
