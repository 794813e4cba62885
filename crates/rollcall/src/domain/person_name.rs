//! A name or surname.

use super::line::name;

name! {
    /// A person's name or surname.
    PersonName, "A person's name or surname.", "Zoë"
}
