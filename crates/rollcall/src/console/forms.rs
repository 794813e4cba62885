//! Forms: what was typed, what was refused, and the fields that show both.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::FromRequestParts;
use http::request::Parts;

use super::door::Refusal;
use super::texts::Texts;

/// The fields of a form that was sent.
#[derive(Debug, Clone, Default)]
pub(super) struct Posted(Arc<HashMap<String, String>>);

impl Posted {
    /// Reads `application/x-www-form-urlencoded`; of a repeated field the last value counts.
    pub(super) fn read(bytes: &[u8]) -> Self {
        Self(Arc::new(url::form_urlencoded::parse(bytes).into_owned().collect()))
    }

    /// What was typed into a field; empty where there was no such field.
    pub(super) fn value(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// Whether there was such a field.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The same without blanks around it.
    pub(super) fn trimmed(&self, name: &str) -> &str {
        self.value(name).trim()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Posted {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Refusal::internal)
    }
}

/// Refusals that are about one field, by the name that forms give it.
fn about(code: &str) -> Option<&'static str> {
    match code {
        "code_invalid" | "code_expired" | "attempts_exhausted" => Some("code"),
        "name_taken" => Some("name"),
        "duplicate_channel" => Some("value"),
        "already_invited" | "already_member" => Some("channel_value"),
        _ => None,
    }
}

/// The forms of a page, one of which may have been sent and refused.
#[derive(Debug, Clone)]
pub(super) struct Form {
    texts: &'static Texts,
    name: &'static str,
    posted: Posted,
    refusal: Option<Refusal>,
}

impl Form {
    /// Nothing was sent yet.
    pub(super) fn fresh(texts: &'static Texts) -> Self {
        Self { texts, name: "", posted: Posted::default(), refusal: None }
    }

    /// The named form was refused.
    pub(super) fn refused(
        texts: &'static Texts,
        name: &'static str,
        posted: Posted,
        refusal: Refusal,
    ) -> Self {
        Self { texts, name, posted, refusal: Some(refusal) }
    }

    /// The status of the page that shows it.
    pub(super) fn status(&self) -> u16 {
        self.refusal.as_ref().map_or(200, |refusal| refusal.status)
    }

    /// Whether it is this form that was refused.
    pub(super) fn is(&self, name: &str) -> bool {
        self.refusal.is_some() && self.name == name
    }

    /// What was typed into a field of the named form; what it begins with where nothing was sent.
    pub(super) fn value(&self, name: &str, field: &str, begin: &str) -> String {
        if self.is(name) { self.posted.value(field).to_owned() } else { begin.to_owned() }
    }

    /// What is wrong with a field of the named form, in the reader's language.
    pub(super) fn fault(&self, name: &str, field: &str) -> Option<String> {
        let refusal = self.refusal.as_ref().filter(|_| self.name == name)?;
        if let Some(fault) = refusal.fault(field) {
            let own = self.texts.find_text(&format!("fault.{}", fault.code));
            return Some(own.unwrap_or(&fault.message).to_owned());
        }
        (about(&refusal.code) == Some(field)).then(|| self.texts.refusal(refusal))
    }

    /// What is wrong with the named form as a whole; none where its fields say everything.
    pub(super) fn problem(&self, name: &str) -> Option<String> {
        let refusal = self.refusal.as_ref().filter(|_| self.name == name)?;
        let said = match about(&refusal.code) {
            Some(field) => self.posted.has(field),
            None => {
                !refusal.errors.is_empty() && refusal.errors.iter().all(|fault| self.posted.has(&fault.field))
            }
        };
        (!said).then(|| self.texts.refusal(refusal))
    }

    /// A field of the named form, labelled with the text of a key, or with the very words where there is no such key.
    pub(super) fn input(&self, name: &str, field: &str, label: &str, begin: &str) -> Input {
        Input {
            id: if name.is_empty() { field.to_owned() } else { format!("{name}-{field}") },
            name: field.to_owned(),
            label: self.texts.find_text(label).unwrap_or(label).to_owned(),
            value: self.value(name, field, begin),
            fault: self.fault(name, field),
            optional: self.texts.of("form.optional").to_owned(),
            ..Input::default()
        }
    }

    /// A field for an e-mail address.
    pub(super) fn email(&self, name: &str, field: &str, label: &str, begin: &str) -> Input {
        self.input(name, field, label, begin).kind("email").complete("email")
    }

    /// A field for a password that is typed now; it is never sent back.
    pub(super) fn password(&self, name: &str, field: &str, label: &str, complete: &str) -> Input {
        Input {
            value: String::new(),
            ..self.input(name, field, label, "").kind("password").complete(complete)
        }
    }

    /// A field for a one-time code.
    pub(super) fn code(&self, name: &str, field: &str, label: &str) -> Input {
        Input {
            value: String::new(),
            code: true,
            ..self.input(name, field, label, "").complete("one-time-code")
        }
    }
}

/// A field with its label, its hint and what is wrong with it.
#[derive(Debug, Default, Template)]
#[template(path = "field.html")]
pub(super) struct Input {
    id: String,
    name: String,
    label: String,
    kind: String,
    value: String,
    hint: String,
    complete: String,
    placeholder: String,
    optional: String,
    fault: Option<String>,
    free: bool,
    code: bool,
    lines: u8,
    longest: u16,
}

impl askama::filters::HtmlSafe for Input {}

impl Input {
    /// The kind of input, `text` unless it is said.
    pub(super) fn kind(self, kind: &str) -> Self {
        Self { kind: kind.to_owned(), ..self }
    }

    /// What a browser may fill in (HTML's `autocomplete`).
    pub(super) fn complete(self, complete: &str) -> Self {
        Self { complete: complete.to_owned(), ..self }
    }

    /// A line below the field.
    pub(super) fn hint(self, hint: &str) -> Self {
        Self { hint: hint.to_owned(), ..self }
    }

    /// An example inside the empty field.
    pub(super) fn placeholder(self, example: &str) -> Self {
        Self { placeholder: example.to_owned(), ..self }
    }

    /// It may stay empty.
    pub(super) fn free(self) -> Self {
        Self { free: true, ..self }
    }

    /// A box of several lines.
    pub(super) fn lines(self, lines: u8) -> Self {
        Self { lines, ..self }
    }

    /// Whether something stands below it.
    fn noted(&self) -> bool {
        self.fault.is_some() || !self.hint.is_empty()
    }

    /// The most characters that it takes.
    pub(super) fn longest(self, longest: u16) -> Self {
        Self { longest, ..self }
    }
}

impl Texts {
    /// A refusal in the reader's language. In English the operation's own words know the case best.
    pub(super) fn refusal(&self, refusal: &Refusal) -> String {
        let own = self.find_text(&format!("problem.{}", refusal.code));
        let text = match own {
            Some(own) if self.language() != "en" || refusal.detail.is_empty() => own,
            _ => &refusal.detail,
        };
        match refusal.retry_after.filter(|_| refusal.status == 429) {
            Some(seconds) => format!("{text} {}", self.wait(seconds)),
            None => text.to_owned(),
        }
    }

    /// How long to wait, in the unit that reads best.
    fn wait(&self, seconds: u64) -> String {
        if seconds < 120 {
            self.count("form.wait_seconds", seconds)
        } else {
            self.count("form.wait_minutes", seconds.div_ceil(60))
        }
    }
}
