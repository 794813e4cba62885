//! The types of channels and what each needs, as the operations tell it.

use serde::Deserialize;

use super::view::icon;
use crate::console::door::{Listed, Refusal};
use crate::console::forms::Posted;
use crate::console::texts::Texts;
use crate::console::visit::Member;

/// A type of channel.
#[derive(Debug, Deserialize)]
pub(super) struct Type {
    #[serde(rename = "type")]
    pub(super) kind: String,
    label: String,
    description: String,
    value_template: String,
    pub(super) fields: Vec<Field>,
    verification: String,
    pub(super) available: bool,
}

/// What is to be filled in.
#[derive(Debug, Deserialize)]
pub(super) struct Field {
    pub(super) name: String,
    label: String,
    hint: String,
    pub(super) placeholder: String,
    pub(super) input: String,
}

impl Type {
    /// Its name.
    pub(super) fn name<'a>(&'a self, t: &'a Texts) -> &'a str {
        t.find_text(&format!("type.{}", self.kind)).unwrap_or(&self.label)
    }

    /// What it is for.
    pub(super) fn text<'a>(&'a self, t: &'a Texts) -> &'a str {
        t.find_text(&format!("type_text.{}", self.kind)).unwrap_or(&self.description)
    }

    /// How the code arrives.
    pub(super) fn verification<'a>(&'a self, t: &'a Texts) -> &'a str {
        t.find_text(&format!("type_code.{}", self.kind)).unwrap_or(&self.verification)
    }

    /// Its icon.
    pub(super) fn icon(&self) -> &'static str {
        icon(&self.kind)
    }

    /// Whether the browser itself makes the value.
    pub(super) fn is_push(&self) -> bool {
        self.kind == "push-notification"
    }

    /// The value, put together from what was typed.
    pub(super) fn value(&self, posted: &Posted) -> String {
        self.fields.iter().fold(self.value_template.clone(), |value, field| {
            value.replace(&format!("{{{}}}", field.name), posted.trimmed(&field.name))
        })
    }

    /// A refusal of the value, said of the first field.
    pub(super) fn of_fields(&self, refusal: Refusal) -> Refusal {
        match self.fields.first() {
            Some(field) if field.name != "value" => refusal.renamed("value", &field.name),
            _ => refusal,
        }
    }
}

impl Type {
    /// What stands before a field.
    pub(super) fn label<'a>(&'a self, field: &'a Field, t: &'a Texts) -> &'a str {
        t.find_text(&format!("type_label.{}_{}", self.kind, field.name)).unwrap_or(&field.label)
    }

    /// What helps to fill it in.
    pub(super) fn hint<'a>(&'a self, field: &'a Field, t: &'a Texts) -> &'a str {
        t.find_text(&format!("type_hint.{}_{}", self.kind, field.name)).unwrap_or(&field.hint)
    }
}

/// Every type.
pub(super) async fn all(member: &Member) -> Result<Vec<Type>, Refusal> {
    let listed: Listed<Type> = member.door.get(member, "/v1/notification-channel-types").await?;
    Ok(listed.data)
}

/// One type.
pub(super) async fn one(member: &Member, kind: &str) -> Result<Type, Refusal> {
    all(member).await?.into_iter().find(|known| known.kind == kind).ok_or_else(Refusal::not_found)
}
