//! The name of an organization.

use super::line::name;

name! {
    /// The name of an organization.
    OrganizationName, "The name of an organization.", "Example Ltd"
}
