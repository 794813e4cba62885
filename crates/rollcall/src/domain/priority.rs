//! The priority of a channel: its address among those of its owner, 1 the most important.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::invalid::Invalid;

/// 1 to 999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct Priority(u16);

impl Priority {
    /// The least important one.
    pub const LAST: u16 = 999;

    /// Checks the range.
    ///
    /// # Errors
    /// `priority_invalid`.
    pub fn new(number: i64) -> Result<Self, Invalid> {
        u16::try_from(number)
            .ok()
            .filter(|number| (1..=Self::LAST).contains(number))
            .map(Self)
            .ok_or_else(Self::invalid)
    }

    /// Reads the number of a query.
    ///
    /// # Errors
    /// `priority_invalid`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let plain = !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| plain).ok_or_else(Self::invalid).and_then(Self::new)
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> i64 {
        i64::from(self.0)
    }

    fn invalid() -> Invalid {
        Invalid::new("priority_invalid", format!("Give a whole number from 1 to {}.", Self::LAST))
    }

    /// The lowest number that is free; none where all are taken.
    #[must_use]
    pub fn lowest_free(taken: &[Self]) -> Option<Self> {
        (1..=Self::LAST).map(Self).find(|number| !taken.contains(number))
    }
}

/// Moves one channel to another place: it takes the place, the ones between shift by one towards where it was.
///
/// Gives what changes, as old and new number; `moved` is one of `current`.
#[must_use]
pub fn reorder(current: &[Priority], moved: Priority, to: Priority) -> Vec<(Priority, Priority)> {
    if moved == to {
        return Vec::new();
    }
    let mut changes = vec![(moved, to)];
    for &Priority(number) in current {
        if (to.0..moved.0).contains(&number) {
            changes.push((Priority(number), Priority(number + 1)));
        } else if (moved.0 + 1..=to.0).contains(&number) {
            changes.push((Priority(number), Priority(number - 1)));
        }
    }
    changes
}

impl ToSchema for Priority {}
impl PartialSchema for Priority {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .maximum(Some(i64::from(Self::LAST)))
            .description(Some("The channel's place among those of its owner; 1 is the most important."))
            .examples([1])
            .into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn after(current: &[u16], moved: u16, to: u16) -> Vec<u16> {
        let current: Vec<_> = current.iter().copied().map(Priority).collect();
        let changes = reorder(&current, Priority(moved), Priority(to));
        current
            .iter()
            .map(|old| changes.iter().find(|(from, _)| from == old).map_or(old.0, |(_, new)| new.0))
            .collect()
    }

    #[test]
    fn the_moved_one_takes_the_place_and_those_between_shift() {
        assert_eq!(after(&[1, 2, 3, 4], 4, 1), [2, 3, 4, 1]);
        assert_eq!(after(&[1, 2, 3, 4], 1, 3), [3, 1, 2, 4]);
        assert_eq!(after(&[1, 2], 2, 2), [1, 2]);
        assert_eq!(after(&[1, 3, 5], 5, 1), [2, 4, 1]);
        assert_eq!(after(&[1, 3, 5], 1, 9), [9, 2, 4]);
    }

    #[test]
    fn the_lowest_free_number_fills_a_gap() {
        assert_eq!(Priority::lowest_free(&[]), Some(Priority(1)));
        assert_eq!(Priority::lowest_free(&[Priority(1), Priority(3)]), Some(Priority(2)));
        assert_eq!(Priority::lowest_free(&(1..=999).map(Priority).collect::<Vec<_>>()), None);
    }

    proptest! {
        #[test]
        fn no_move_makes_two_channels_share_a_place_or_turns_the_others_around(
            numbers in prop::collection::btree_set(1_u16..=999, 1..40),
            index in any::<prop::sample::Index>(),
            to in 1_u16..=999,
        ) {
            let current: Vec<u16> = numbers.into_iter().collect();
            let moved = current[index.index(current.len())];
            let new = after(&current, moved, to);
            let others: Vec<_> = current.iter().zip(&new).filter(|(old, _)| **old != moved).map(|(_, new)| *new).collect();
            prop_assert!(others.is_sorted());
            let distinct: std::collections::BTreeSet<_> = new.iter().collect();
            prop_assert_eq!(distinct.len(), new.len());
            prop_assert!(new.iter().all(|number| (1..=999).contains(number)));
        }
    }
}
