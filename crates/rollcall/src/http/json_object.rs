//! The outermost JSON object of a body: no name twice, so that two readers of one body cannot see two values.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::problem::{Code, Problem};

const TWICE: &str = "the field stands twice: ";

/// An object whose names are all different.
#[derive(Debug)]
pub(super) struct JsonObject(pub(super) Map<String, Value>);

impl JsonObject {
    /// 400 with the place of the fault; RFC 8259 leaves the rest to us.
    pub(super) fn refusal(error: &serde_json::Error) -> Problem {
        let text = error.to_string();
        let detail = if error.is_eof() && error.line() <= 1 && error.column() == 0 {
            "The body is empty; this operation expects a JSON object.".to_owned()
        } else if let Some(name) = text.strip_prefix(TWICE) {
            format!("The body is ambiguous: a field stands twice ({name}).")
        } else if error.is_data() {
            "The body is JSON, but not an object: send `{…}`.".to_owned()
        } else {
            format!(
                "The body could not be read as JSON: look at line {}, column {}.",
                error.line(),
                error.column()
            )
        };
        Problem::because(Code::JsonMalformed, detail)
    }
}

impl<'de> Deserialize<'de> for JsonObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;

        impl<'de> Visitor<'de> for Names {
            type Value = JsonObject;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<JsonObject, A::Error> {
                let mut values = Map::new();
                while let Some((name, value)) = access.next_entry::<String, Value>()? {
                    if values.insert(name.clone(), value).is_some() {
                        let shown: String = name.chars().take(40).collect();
                        return Err(A::Error::custom(format!("{TWICE}{shown}")));
                    }
                }
                Ok(JsonObject(values))
            }
        }

        deserializer.deserialize_map(Names)
    }
}
