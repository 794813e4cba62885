//! The catalogue as `docs/problems.md`.

use std::fmt::Write;

use super::Code;

const OPENING: &str = "\
# Problems

<!-- Printed from crates/rollcall/src/problem/catalogue.rs by `just problems`. -->

Every refusal is an RFC 9457 problem (`application/problem+json`). `code` is stable and for programs, `detail` is for people,
`request_id` is the answer's `X-Request-Id`. With 422, `errors` names every faulty field with a code and a message of its own.
A running server shows this list at `/docs/problems`.

| code | status | when |
|---|---|---|
";

/// The table of all codes.
#[must_use]
pub fn markdown() -> String {
    let mut text = OPENING.to_owned();
    for code in Code::ALL {
        // Writing to a text does not fail.
        let _ = writeln!(
            text,
            "| <a id=\"{name}\"></a>`{name}` | {status} | **{title}.** {detail} |",
            name = code.name(),
            status = code.status().as_u16(),
            title = code.title(),
            detail = code.detail(),
        );
    }
    text
}
