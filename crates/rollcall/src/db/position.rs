//! A place in a PostgreSQL server's log: what a standby must have replayed to know of everything that was committed before.

use std::fmt;
use std::str::FromStr;

/// A timeline, and a byte in its log. Later is greater; a standby has reached a position of its own timeline alone, since after a
/// failover the old timeline goes on, if at all, with bytes of its own under the same numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub(super) timeline: u32,
    pub(super) byte: u64,
}

/// `1-0/16B3748`: the byte as PostgreSQL writes it, after the timeline.
impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{:X}/{:X}", self.timeline, self.byte >> 32, self.byte & 0xFFFF_FFFF)
    }
}

impl FromStr for Position {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (timeline, byte) = text.split_once('-').ok_or(())?;
        let (high, low) = byte.split_once('/').ok_or(())?;
        let half = |text: &str| u32::from_str_radix(text, 16).map_err(drop).map(u64::from);
        Ok(Self { timeline: timeline.parse().map_err(drop)?, byte: half(high)? << 32 | half(low)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_reads_as_it_is_written_and_a_later_timeline_is_later() {
        let position = Position { timeline: 3, byte: 0x0000_0002_016B_3748 };
        assert_eq!(position.to_string(), "3-2/16B3748");
        assert_eq!("3-2/16B3748".parse(), Ok(position));
        assert!(Position { timeline: 4, byte: 0 } > position);
        for text in ["", "3", "3-2", "x-2/1", "3-2/1G", "3-2/116B37480", "-1-2/1"] {
            assert_eq!(text.parse::<Position>(), Err(()), "{text}");
        }
    }
}
