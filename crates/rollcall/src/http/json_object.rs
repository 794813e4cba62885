//! The outermost JSON object of a body: a name that stands twice is a fault, so that two readers of one body cannot see two values.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::domain::invalid::Invalid;
use crate::problem::{Code, Problem};

/// The fields of a body, each with its first value, and the names that stand more than once.
#[derive(Debug)]
pub(super) struct JsonObject {
    pub(super) values: Map<String, Value>,
    pub(super) repeated: BTreeSet<String>,
}

impl JsonObject {
    /// Reads the outermost object.
    ///
    /// # Errors
    /// 400 `json_malformed` for what is no JSON; 422 for JSON that is no object, with the empty path as its field.
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        serde_json::from_str(text).map_err(|error| {
            // The reader stops at the first byte of another kind of value: whether the rest is JSON is still open.
            if error.is_data() && serde_json::from_str::<Value>(text).is_ok() {
                let message = "The body is JSON, but not an object: send `{…}`.";
                return Problem::field("", Invalid::new("type_invalid", message));
            }
            Problem::because(Code::JsonMalformed, malformed(text, &error))
        })
    }
}

fn malformed(text: &str, error: &serde_json::Error) -> String {
    if text.trim().is_empty() {
        "The body is empty; this operation expects a JSON object.".to_owned()
    } else {
        format!(
            "The body could not be read as JSON: look at line {}, column {}.",
            error.line(),
            error.column()
        )
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
                let (mut values, mut repeated) = (Map::new(), BTreeSet::new());
                while let Some((name, value)) = access.next_entry::<String, Value>()? {
                    if values.contains_key(&name) {
                        repeated.insert(name);
                    } else {
                        values.insert(name, value);
                    }
                }
                Ok(JsonObject { values, repeated })
            }
        }

        deserializer.deserialize_map(Names)
    }
}
