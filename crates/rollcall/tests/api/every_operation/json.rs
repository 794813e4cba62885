//! What is JSON and what is none, in the body of every operation that has one: each case is refused as what it is, and none as a fault
//! of ours.

use std::path::Path;

use http::Method;
use serde_json::Value;

use super::world::World;
use super::{document, operations};
use crate::support::Answer;

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// No JSON (RFC 8259), or none that we read: 400.
    None,
    /// JSON, but no object: 422 for the whole body.
    NoObject,
    /// An object with a field `x`, which no operation has: 422 for that.
    Object,
    /// An object in which `x` stands twice: 422 for that.
    Twice,
}

type Case = (&'static str, Vec<u8>, Kind);

/// Bodies, most of them with what parsers disagree about.
fn cases() -> Vec<Case> {
    let mut cases = texts();
    cases.extend(
        values()
            .into_iter()
            .map(|(name, value, kind)| (name, format!("{{\"x\":{value}}}").into_bytes(), kind)),
    );
    cases.extend(bytes());
    cases
}

fn texts() -> Vec<Case> {
    use Kind::{NoObject, None, Object, Twice};
    let texts = [
        ("nothing", "", None),
        ("blanks alone", " \t\r\n", None),
        ("an object", "{\"x\":1}", Object),
        ("blanks around it", " \t\r\n{ \"x\" : 1 } \n", Object),
        ("a form feed before it", "\u{c}{\"x\":1}", None),
        ("a blank beyond ASCII before it", "\u{a0}{\"x\":1}", None),
        ("a byte order mark before it", "\u{feff}{\"x\":1}", None),
        ("a mark alone", "\u{feff}", None),
        ("an array", "[{\"x\":1}]", NoObject),
        ("a text", "\"x\"", NoObject),
        ("a number", "1", NoObject),
        ("null", "null", NoObject),
        ("an object in a text", "\"{\\\"x\\\":1}\"", NoObject),
        ("a field twice", "{\"x\":1,\"x\":1}", Twice),
        ("a field twice, once escaped", "{\"x\":1,\"\\u0078\":2}", Twice),
        ("a field twice, once in small letters", "{\"X\":1,\"x\":2}", Object),
        ("a field twice inside", "{\"x\":{\"y\":1,\"y\":2}}", Object),
        ("two objects", "{\"x\":1}{\"x\":1}", None),
        ("something behind it", "{\"x\":1}x", None),
        ("a bracket too many", "{\"x\":1}}", None),
        ("a bracket too few", "{\"x\":{\"y\":1}", None),
        ("a bracket of another kind", "{\"x\":[1}", None),
        ("a comma at the end", "{\"x\":1,}", None),
        ("a comma at the start", "{,\"x\":1}", None),
        ("two commas", "{\"x\":1,,\"y\":1}", None),
        ("no comma", "{\"x\":1 \"y\":1}", None),
        ("no colon", "{\"x\" 1}", None),
        ("two colons", "{\"x\"::1}", None),
        ("no value", "{\"x\":}", None),
        ("no name", "{:1}", None),
        ("a name without quotes", "{x:1}", None),
        ("a name in single quotes", "{'x':1}", None),
        ("a number for a name", "{1:1}", None),
        ("a comment", "{\"x\":1/* y */}", None),
        ("a comment at the end", "{\"x\":1}//y", None),
        ("a hash at the end", "{\"x\":1}#y", None),
        ("an empty name", "{\"\":1,\"x\":1}", Object),
        ("a name of a prototype", "{\"__proto__\":{},\"x\":1}", Object),
        ("a zero byte behind it", "{\"x\":1}\0", None),
        ("a zero byte between", "{\"x\":\0 1}", None),
        ("an anti-hijacking prefix", ")]}',\n{\"x\":1}", None),
    ];
    texts.map(|(name, text, kind)| (name, text.as_bytes().to_vec(), kind)).to_vec()
}

/// Values of the field `x`.
fn values() -> Vec<(&'static str, String, Kind)> {
    use Kind::{None, Object};
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let fields: Vec<String> = (0..3_000).map(|field| format!("\"f{field}\":1")).collect();
    let values = [
        ("zero", "0", Object),
        ("minus zero", "-0", Object),
        ("a whole number of 100 digits", &"9".repeat(100), Object),
        ("one beyond 64 bits", "18446744073709551616", Object),
        ("the least and one less", "-9223372036854775809", Object),
        ("a fraction of 100 digits", &format!("0.{}", "3".repeat(100)), Object),
        ("a number beyond all", "1e400", None),
        ("a number beyond all the other way", "-1e400", None),
        ("a number next to nothing", "1e-400", Object),
        ("an exponent of 100 digits", &format!("1e{}", "9".repeat(100)), None),
        ("an exponent", "1E+2", Object),
        ("an exponent without digits", "1e", None),
        ("an exponent with a fraction", "1e2.5", None),
        ("a fraction without digits", "1.", None),
        ("a fraction alone", ".5", None),
        ("a plus", "+1", None),
        ("two minuses", "--1", None),
        ("a minus alone", "-", None),
        ("zeros before it", "007", None),
        ("hexadecimal", "0x7", None),
        ("digits beyond ASCII", "\u{ff11}", None),
        ("infinity", "Infinity", None),
        ("no number", "NaN", None),
        ("true in large letters", "True", None),
        ("half of true", "tru", None),
        ("more than true", "truee", None),
        ("undefined", "undefined", None),
        ("127 arrays in each other", &nested(126), Object),
        ("200 arrays in each other", &nested(200), None),
        ("20,000 arrays in each other", &nested(20_000), None),
        ("30,000 values", &format!("[{}1]", "1,".repeat(30_000)), Object),
        ("3,000 fields", &format!("1,{}", fields.join(",")), Object),
        ("objects that never end", &"{\"x\":".repeat(10_000), None),
        ("a text that never ends", "\"abc", None),
        ("a half of a surrogate pair", "\"\\ud800\"", None),
        ("the other half", "\"\\udc00\"", None),
        ("the halves the wrong way", "\"\\udc00\\ud800\"", None),
        ("half a pair and a letter", "\"\\ud800\\u0041\"", None),
        ("a pair", "\"\\ud83d\\ude00\"", Object),
        ("an escaped zero", "\"\\u0000\"", Object),
        ("no character", "\"\\uffff\"", Object),
        ("an escape of three digits", "\"\\u00e\"", None),
        ("an escape of no digits", "\"\\uZZZZ\"", None),
        ("an escape of another language", "\"\\x41\"", None),
        ("an escape of nothing", "\"\\", None),
        ("an escaped quote of another kind", "\"\\'\"", None),
        ("a line in a text", "\"a\nb\"", None),
        ("a tab in a text", "\"a\tb\"", None),
        ("a zero byte in a text", "\"a\0b\"", None),
        ("a delete in a text", "\"a\u{7f}b\"", Object),
        ("ends of lines of JavaScript", "\"\u{2028}\u{2029}\"", Object),
    ];
    values.map(|(name, value, kind)| (name, value.to_owned(), kind)).to_vec()
}

/// What is no text, or none in UTF-8.
fn bytes() -> Vec<Case> {
    use Kind::None;
    let around = |value: &[u8]| [b"{\"x\":\"", value, b"\"}"].concat();
    let wide = |encode: fn(u16) -> [u8; 2]| "{\"x\":1}".encode_utf16().flat_map(encode).collect::<Vec<u8>>();
    vec![
        ("a byte that begins nothing", around(b"\xff"), None),
        ("a byte that goes on with nothing", around(b"\x80"), None),
        ("a character that is cut off", around(b"\xe2\x82"), None),
        ("a character in too many bytes", around(b"\xc0\xaf"), None),
        ("half a pair in UTF-8", around(b"\xed\xa0\x80"), None),
        ("a character beyond Unicode", around(b"\xf4\x90\x80\x80"), None),
        ("Latin-1", around(b"\xe9"), None),
        ("a body that ends in a character", b"{\"x\":\"\xf0\x9f\x98".to_vec(), None),
        ("UTF-16", wide(u16::to_le_bytes), None),
        ("UTF-16 the other way", wide(u16::to_be_bytes), None),
        ("UTF-16 with its mark", [b"\xff\xfe".to_vec(), wide(u16::to_le_bytes)].concat(), None),
    ]
}

/// Whether a refusal says what the body is.
fn says(answer: &Answer, kind: Kind) -> bool {
    let named = |field: &str, code: &str| {
        let errors = answer.body["errors"].as_array();
        errors.is_some_and(|errors| errors.iter().any(|one| one["field"] == field && one["code"] == code))
    };
    match (answer.status.as_u16(), kind) {
        (400, Kind::None) => answer.body["code"] == "json_malformed",
        (422, Kind::NoObject) => named("", "type_invalid"),
        (422, Kind::Object) => named("x", "field_unknown"),
        (422, Kind::Twice) => named("x", "field_repeated"),
        _ => false,
    }
}

#[tokio::test]
async fn every_body_is_refused_as_what_it_is() {
    let world = World::new().await;
    let scene = world.scene_with_deliveries().await;
    let (document, cases) = (document(), cases());
    let (mut bodies, mut wrong) = (0, Vec::new());
    for (method, path, entry) in operations(&document) {
        if !entry["requestBody"].is_object() {
            continue;
        }
        bodies += 1;
        let token = entry["security"].is_array().then(|| world.entitled(&path).token.clone());
        let method: Method = method.parse().expect("a method");
        let send = async |body: Vec<u8>| {
            let request = world.request(method.clone(), &path, &scene);
            let request = request.header("content-type", "application/json").raw(body);
            token.iter().fold(request, |request, token| request.token(token)).send().await
        };
        for (name, body, kind) in &cases {
            let answer = send(body.clone()).await;
            if !says(&answer, *kind) {
                wrong.push(format!("{method} {path}: {name} is {kind:?}: {} {}", answer.status, answer.body));
            }
        }
        // A value of no field's type, in each field.
        for field in fields(&document, &entry) {
            for value in ["{}", "[[{\"x\":null}]]", "-1.5e-7", "18446744073709551616"] {
                let answer = send(format!("{{\"{field}\":{value}}}").into_bytes()).await;
                let named = answer.status == 422 && answer.faulty_fields().contains(&field.as_str());
                if !named {
                    wrong.push(format!(
                        "{method} {path}: {field} = {value}: {} {}",
                        answer.status, answer.body
                    ));
                }
            }
        }
    }
    println!("JSON: {} cases in {bodies} bodies, {} not refused as what they are", cases.len(), wrong.len());
    assert!(bodies > 30 && wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The fields of an operation's body.
fn fields(document: &Value, entry: &Value) -> Vec<String> {
    let schema = &entry["requestBody"]["content"]["application/json"]["schema"]["$ref"];
    let name = schema.as_str().and_then(|path| path.rsplit('/').next()).expect("a body has a name");
    let fields = document["components"]["schemas"][name]["properties"].as_object().expect("fields");
    fields.keys().cloned().collect()
}

/// Somebody else's cases: `JSON_SUITE` is a folder of files whose names begin with `y_` for JSON, `n_` for none and `i_` for either, as
/// those of <https://github.com/nst/JSONTestSuite>. Without one there is nothing to be tried.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a folder of the trials, not a setting")]
async fn a_suite_of_json_is_read_as_its_files_are_named() {
    let Ok(folder) = std::env::var("JSON_SUITE") else { return };
    let world = World::new().await;
    let scene = world.scene().await;
    let (mut count, mut either, mut wrong) = (0, 0, Vec::new());
    for file in std::fs::read_dir(Path::new(&folder)).expect("a folder") {
        let file = file.expect("a file");
        let (name, body) = (file.file_name().to_string_lossy().into_owned(), std::fs::read(file.path()));
        let body = body.expect("its bytes");
        // Where the body alone is too large, that is said first.
        let refused = if body.len() > 64 * 1024 { 413 } else { 400 };
        let request = world.request(Method::POST, "/v1/team", &scene).token(&world.entitled("").token);
        let answer = request.header("content-type", "application/json").raw(body).send().await;
        let status = answer.status.as_u16();
        let holds = match name.get(..2) {
            Some("y_") => status == 422,
            Some("n_") => status == refused,
            Some("i_") => {
                either += 1;
                status == 422 || status == refused
            }
            _ => continue,
        };
        count += 1;
        if !holds {
            wrong.push(format!("{name}: {} {}", answer.status, answer.body));
        }
    }
    println!(
        "JSON, a suite of {count} files ({either} of them either way): {} read as something else",
        wrong.len()
    );
    assert!(count > 0 && wrong.is_empty(), "\n{}", wrong.join("\n"));
}
