//! The name of a team.

use super::line::name;

name! {
    /// The name of a team, unique in its organization, letter case aside.
    TeamName, "The name of a team, unique in its organization, letter case aside.", "Platform"
}
