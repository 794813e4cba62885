//! Request bodies: JSON objects read field by field into parsed types, with every fault reported at once.

use axum::body::to_bytes;
use axum::extract::Request;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use serde_json::{Map, Value};

use super::json_object::JsonObject;
use crate::app::App;
use crate::domain::invalid::Invalid;
use crate::problem::{Code, FieldError, Problem};

/// The most that a body may have, in bytes.
pub const BODY_LIMIT: usize = 64 * 1024;

/// A request body made of parsed fields; the [`body!`](crate::body) macro implements it.
pub trait Body: Sized + Send + Sync + 'static {
    /// Takes the fields that it knows; none when one of them is faulty, which `fields` then says.
    fn read(fields: &mut Fields) -> Option<Self>;
}

/// No body is expected: whoever sends fields all the same is told that there are none.
impl Body for () {
    fn read(_: &mut Fields) -> Option<Self> {
        Some(())
    }
}

/// A value of one field.
pub trait Field: Sized {
    /// Parses the JSON value.
    fn read(value: &Value) -> Result<Self, Invalid>;

    /// What stands for a missing field; none where it is required.
    fn absent() -> Option<Self> {
        None
    }
}

impl<T: Field> Field for Option<T> {
    fn read(value: &Value) -> Result<Self, Invalid> {
        T::read(value).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

/// The fields of a body while they are read.
#[derive(Default)]
pub struct Fields {
    values: Map<String, Value>,
    errors: Vec<FieldError>,
    app: Option<App>,
}

impl Fields {
    /// Takes one field. `null` counts as missing.
    pub fn take<T: Field>(&mut self, name: &str) -> Option<T> {
        let read = match self.values.remove(name) {
            None | Some(Value::Null) => T::absent()
                .ok_or_else(|| Invalid { code: "required", message: "This field is required.".into() }),
            Some(value) => T::read(&value),
        };
        read.map_err(|why| self.errors.push(FieldError::new(name, why))).ok()
    }

    /// What the server's settings say, for a field that is judged by them. None while nothing is read from a request.
    #[must_use]
    pub fn app(&self) -> Option<App> {
        self.app.clone()
    }

    /// Notes why a value that depends on several fields is refused; silent where one of them was faulty itself.
    pub fn parsed<T>(&mut self, name: &str, parse: impl FnOnce() -> Option<Result<T, Invalid>>) -> Option<T> {
        parse()?.map_err(|why| self.errors.push(FieldError::new(name, why))).ok()
    }

    /// Refuses what nobody took, so that a typing error is never silently lost.
    fn finish(mut self) -> Vec<FieldError> {
        for name in self.values.keys() {
            let message = "There is no such field here; check its spelling or leave it out.".into();
            self.errors.push(FieldError::new(name.clone(), Invalid { code: "field_unknown", message }));
        }
        self.errors
    }
}

/// Declares request bodies: the struct, its schema in the OpenAPI document, and how it is read.
#[macro_export]
macro_rules! body {
    ($($(#[$doc:meta])* $vis:vis struct $name:ident {
        $($(#[$field_doc:meta])* $field_vis:vis $field:ident: $type:ty,)*
    })+) => {$(
        $(#[$doc])*
        #[derive(Debug, utoipa::ToSchema)]
        $vis struct $name { $($(#[$field_doc])* $field_vis $field: $type,)* }

        impl $crate::http::body::Body for $name {
            fn read(fields: &mut $crate::http::body::Fields) -> Option<Self> {
                // Every field is taken before the first faulty one ends it: all faults are reported at once.
                $(let $field = fields.take::<$type>(stringify!($field));)*
                Some(Self { $($field: $field?,)* })
            }
        }
    )+};
}

/// A body as it arrived, with what it parsed to or why it did not.
#[derive(Debug)]
pub struct Received<T> {
    /// The bytes, for the fingerprint of an idempotency key.
    pub bytes: Bytes,
    parsed: Result<T, Problem>,
}

impl<T: Body> Received<T> {
    /// Reads the body within [`BODY_LIMIT`]. A fault is kept for [`Received::parsed`], since rights are checked first.
    pub async fn from_request(request: Request, app: &App) -> Self {
        let headers = request.headers().clone();
        match to_bytes(request.into_body(), BODY_LIMIT).await {
            Ok(bytes) => Self { parsed: parse(Some(app), &headers, &bytes), bytes },
            Err(error) => Self { bytes: Bytes::new(), parsed: Err(unreadable(&error)) },
        }
    }

    /// The body, or why it is refused.
    pub fn parsed(&self) -> Result<&T, Problem> {
        self.parsed.as_ref().map_err(Clone::clone)
    }
}

impl<T> Received<T> {
    /// The fields as they were sent, to look which of them are there; none where the body is no object.
    pub fn given(&self) -> Map<String, Value> {
        let object = std::str::from_utf8(&self.bytes).ok().and_then(|text| JsonObject::parse(text).ok());
        object.map(|object| object.values).unwrap_or_default()
    }
}

fn unreadable(error: &axum::Error) -> Problem {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if inner.is::<http_body_util::LengthLimitError>() {
            return Problem::new(Code::BodyTooLarge);
        }
        source = inner.source();
    }
    Problem::because(Code::RequestMalformed, "The body did not arrive whole.")
}

pub(super) fn parse<T: Body>(app: Option<&App>, headers: &HeaderMap, bytes: &[u8]) -> Result<T, Problem> {
    if let Some(nothing) = T::read(&mut Fields::default()).filter(|_| size_of::<T>() == 0) {
        let errors = stray_fields(headers, bytes);
        return if errors.is_empty() { Ok(nothing) } else { Err(Problem::invalid(errors)) };
    }
    if !bytes.is_empty() && !headers.get(CONTENT_TYPE).is_some_and(is_json) {
        return Err(Problem::new(Code::MediaTypeUnsupported));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Problem::because(Code::JsonMalformed, "The body is not UTF-8."))?;
    let JsonObject { values, repeated } = JsonObject::parse(text)?;
    let twice = || Invalid::new("field_repeated", "This field stands more than once; give it once.");
    let errors = repeated.into_iter().map(|name| FieldError::new(name, twice())).collect();
    let mut fields = Fields { values, errors, app: app.cloned() };
    let body = T::read(&mut fields);
    let errors = fields.finish();
    body.filter(|_| errors.is_empty()).ok_or_else(|| Problem::invalid(errors))
}

/// The fields of a body where none is expected. What is no JSON object has none, and programs send such bodies by habit.
fn stray_fields(headers: &HeaderMap, bytes: &[u8]) -> Vec<FieldError> {
    let text = std::str::from_utf8(bytes).ok().filter(|_| headers.get(CONTENT_TYPE).is_some_and(is_json));
    match text.map(JsonObject::parse) {
        Some(Ok(JsonObject { values, .. })) => Fields { values, ..Fields::default() }.finish(),
        _ => Vec::new(),
    }
}

/// `application/json` or `application/…+json`, with UTF-8 as the only charset.
fn is_json(value: &HeaderValue) -> bool {
    let Ok(text) = value.to_str() else { return false };
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let json = essence == "application/json"
        || essence.strip_prefix("application/").is_some_and(|subtype| subtype.ends_with("+json"));
    json && parts.all(|parameter| {
        let parameter = parameter.to_ascii_lowercase();
        parameter.strip_prefix("charset=").is_none_or(|charset| charset.trim_matches('"') == "utf-8")
    })
}
