//! Routing keys of PagerDuty's Events API v2: which integration gets the events.

use std::fmt;

use super::invalid::Invalid;

/// 32 letters and digits. The whole is a secret: whoever has it may open incidents.
#[derive(Clone, PartialEq, Eq)]
pub struct RoutingKey(String);

impl RoutingKey {
    /// Reads one; blanks around it do not count.
    ///
    /// # Errors
    /// `routing_key_invalid`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let key = text.trim();
        if key.len() == 32 && key.bytes().all(|c| c.is_ascii_alphanumeric()) {
            return Ok(Self(key.to_owned()));
        }
        let wanted = "Give the integration key of an Events API v2 integration: 32 letters and digits.";
        Err(Invalid::new("routing_key_invalid", wanted))
    }

    /// The key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For comparison.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl fmt::Debug for RoutingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RoutingKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_32_letters_and_digits() {
        let right = "R0".repeat(16);
        assert_eq!(RoutingKey::parse(&format!(" {right}\n")).expect("a key").as_str(), right);
        for wrong in ["", &right[1..], &format!("{right}0"), &format!("{}-", &right[1..]), &"é".repeat(16)] {
            assert!(RoutingKey::parse(wrong).is_err(), "{wrong}");
        }
    }
}
