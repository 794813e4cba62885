//! How long a text, how large a number and how many items of a list may be where the entries of the document say nothing narrower:
//! who reads it may plan with a bound for everything (OWASP API Security Top 10 of 2023, API4).

use utoipa::Number;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    Array, ArrayItems, Components, KnownFormat, Object, Schema, SchemaFormat, SchemaType, Type,
};

use super::body::BODY_LIMIT;

/// A body of 64 KiB has no longer text, and nothing is told that was not said once.
pub(super) const LONGEST_TEXT: usize = BODY_LIMIT;
/// `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`, and a time in UTC with nanoseconds.
const UUID: usize = 36;
const DATE_TIME: usize = 30;
/// What JavaScript counts exactly.
const LARGEST: usize = (1 << 53) - 1;
/// A body of 64 KiB has no more items: each takes a byte and a comma.
const MOST_ITEMS: usize = BODY_LIMIT / 2;

/// Bounds the schemas that have names. Parameters have one bound all together, whatever each of them may be: that of an address (8 KiB, else
/// 414) and of all headers (64 KiB, else 431).
pub(super) fn bound_components(components: &mut Components) {
    components.schemas.values_mut().for_each(bound);
}

fn bound(schema: &mut RefOr<Schema>) {
    let RefOr::T(schema) = schema else { return };
    match schema {
        Schema::Object(object) => bound_object(object),
        Schema::Array(Array { items, max_items, .. }) => {
            max_items.get_or_insert(MOST_ITEMS);
            if let ArrayItems::RefOrSchema(items) = items {
                bound(items);
            }
        }
        Schema::OneOf(one) => one.items.iter_mut().for_each(bound),
        Schema::AllOf(all) => all.items.iter_mut().for_each(bound),
        Schema::AnyOf(any) => any.items.iter_mut().for_each(bound),
        _ => {}
    }
}

fn bound_object(object: &mut Object) {
    if is_a(object, &Type::String) && object.enum_values.is_none() {
        let longest = match object.format {
            Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)) => UUID,
            Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)) => DATE_TIME,
            _ => LONGEST_TEXT,
        };
        object.max_length.get_or_insert(longest);
    }
    if is_a(object, &Type::Integer) {
        object.minimum.get_or_insert(Number::UInt(0));
        let wide = matches!(object.format, Some(SchemaFormat::KnownFormat(KnownFormat::Int64)));
        let most = if wide { LARGEST } else { i32::MAX as usize };
        object.maximum.get_or_insert(Number::UInt(most));
        object.format.get_or_insert(SchemaFormat::KnownFormat(KnownFormat::Int32));
    }
    object.properties.values_mut().for_each(bound);
}

fn is_a(object: &Object, kind: &Type) -> bool {
    match &object.schema_type {
        SchemaType::Type(only) => only == kind,
        SchemaType::Array(some) => some.contains(kind),
        SchemaType::AnyValue => false,
    }
}

#[cfg(test)]
mod tests {
    use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder};

    use super::*;

    fn bounded(schema: impl Into<RefOr<Schema>>) -> serde_json::Value {
        let mut schema = schema.into();
        bound(&mut schema);
        serde_json::to_value(schema).expect("JSON")
    }

    fn of(kind: Type) -> ObjectBuilder {
        ObjectBuilder::new().schema_type(kind)
    }

    #[test]
    fn what_has_a_bound_of_its_own_keeps_it() {
        let text = bounded(of(Type::String).max_length(Some(7)));
        assert_eq!(text["maxLength"], 7);
        let number = bounded(of(Type::Integer).minimum(Some(1)).maximum(Some(9)));
        assert_eq!((&number["minimum"], &number["maximum"]), (&1.into(), &9.into()));
        let list = bounded(ArrayBuilder::new().items(of(Type::String)).max_items(Some(3)));
        assert_eq!(list["maxItems"], 3);
    }

    #[test]
    fn everything_else_has_one_wherever_it_stands() {
        let time = of(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)));
        let list = ArrayBuilder::new().items(OneOfBuilder::new().item(time).item(of(Type::Null)));
        let outer = bounded(of(Type::Object).property("list", list).property("count", of(Type::Integer)));
        let list = &outer["properties"]["list"];
        assert_eq!(
            (&list["maxItems"], &list["items"]["oneOf"][0]["maxLength"]),
            (&32_768.into(), &30.into())
        );
        let count = &outer["properties"]["count"];
        assert_eq!((&count["format"], &count["maximum"]), (&"int32".into(), &i32::MAX.into()));
    }

    #[test]
    fn a_word_of_a_few_needs_none() {
        let word = bounded(of(Type::String).enum_values(Some(["a", "b"])));
        assert_eq!(word.get("maxLength"), None);
    }
}
