//! The little markup of descriptions, as HTML: paragraphs, `code`, and links from codes of problems to their entries.

use crate::problem::Code;

/// Text without paragraphs.
pub(super) fn inline(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(index, part)| {
        let part = escaped(part);
        if index % 2 == 0 {
            part
        } else if Code::ALL.iter().any(|code| code.name() == part) {
            format!("<a href=\"/docs/problems#{part}\"><code>{part}</code></a>")
        } else {
            format!("<code>{part}</code>")
        }
    });
    parts.collect()
}

/// A dotted name that may be broken between its words alone.
pub(super) fn name(text: &str) -> String {
    escaped(text).replace('.', ".<wbr>").replace('_', "_<wbr>")
}

/// Text whose paragraphs are separated by blank lines.
pub(super) fn paragraphs(text: &str) -> String {
    let parts = text.split("\n\n").map(str::trim).filter(|part| !part.is_empty());
    let paragraphs: Vec<_> =
        parts.map(|part| format!("<p>{}</p>\n", inline(&part.replace('\n', " ")))).collect();
    paragraphs.concat()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_codes_lead_to_their_entries() {
        assert_eq!(inline("a < `b & c`"), "a &lt; <code>b &amp; c</code>");
        assert!(inline("`not_found`: gone").starts_with("<a href=\"/docs/problems#not_found\">"));
        assert_eq!(paragraphs("one\ntwo\n\nthree"), "<p>one two</p>\n<p>three</p>\n");
    }
}
