//! How value types of one text stand in the OpenAPI document.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

/// The schema of a text of bounded length.
pub(super) fn text(shortest: usize, longest: usize, description: &str, example: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(shortest))
        .max_length(Some(longest))
        .description(Some(description))
        .examples([example])
        .into()
}

/// One line, as `line.rs` reads it: something to see, no line breaks, controls or characters that turn the reading direction.
pub(super) const LINE: &str = r"^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]*[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\uffa0][^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]*$";
/// Text of several lines, as `free_text.rs` reads it; it may be empty.
pub(super) const LINES: &str = r"^([^\u0000-\u0008\u000b-\u001f\u007f-\u009f]|\r\n)*$";
/// The same with something to see.
pub(super) const SOME_LINES: &str = r"^([^\u0000-\u0008\u000b-\u001f\u007f-\u009f]|\r\n)*[^\u0000-\u001f\u007f-\u009f\s]([^\u0000-\u0008\u000b-\u001f\u007f-\u009f]|\r\n)*$";

/// The schema of a text of bounded length that an expression describes, in the dialect of ECMA-262.
pub(super) fn text_like(
    pattern: &str,
    shortest: usize,
    longest: usize,
    description: &str,
    example: &str,
) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(pattern))
        .min_length(Some(shortest))
        .max_length(Some(longest))
        .description(Some(description))
        .examples([example])
        .into()
}

/// The schema of one word of a few.
pub(super) fn words(words: &[&'static str], description: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words.iter().copied()))
        .description(Some(description))
        .into()
}
