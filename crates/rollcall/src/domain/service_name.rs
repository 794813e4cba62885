//! The name of a service.

use super::line::name;

name! {
    /// The name of a service, unique in its team, letter case aside.
    ServiceName, "The name of a service, unique in its team, letter case aside.", "Checkout"
}
