//! What becomes of an organization when one of its customers leaves.

/// What leaving takes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// The customer alone; the organization goes on.
    Alone,
    /// The organization too: nobody is left at home.
    WithOrganization,
}

/// The only root of an organization that has other customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastRoot;

/// Judges by who else is at home: other customers, and how many of them are roots.
///
/// # Errors
/// [`LastRoot`]: somebody else must be root first.
pub fn judge(others: i64, other_roots: i64) -> Result<Leaving, LastRoot> {
    match (others, other_roots) {
        (0, _) => Ok(Leaving::WithOrganization),
        (_, 0) => Err(LastRoot),
        _ => Ok(Leaving::Alone),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_leaves_others_without_a_root_and_the_last_one_takes_all_along() {
        for (others, other_roots, outcome) in [
            (0, 0, Ok(Leaving::WithOrganization)),
            (1, 0, Err(LastRoot)),
            (7, 0, Err(LastRoot)),
            (1, 1, Ok(Leaving::Alone)),
            (7, 2, Ok(Leaving::Alone)),
        ] {
            assert_eq!(judge(others, other_roots), outcome, "{others} others, {other_roots} of them roots");
        }
    }
}
