//! A small MIME decoder: headers, multipart, quoted-printable, base64, encoded words; UTF-8 only.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// One part of a message, or the whole.
pub(crate) struct Part {
    pub(crate) headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Part {
    /// Splits headers from body and unfolds the headers.
    pub(crate) fn parse(raw: &[u8]) -> Self {
        let end = raw.windows(4).position(|four| four == b"\r\n\r\n");
        let (head, body) = end.map_or((raw, &raw[raw.len()..]), |at| (&raw[..at], &raw[at + 4..]));
        let unfolded = String::from_utf8_lossy(head).replace("\r\n ", " ").replace("\r\n\t", " ");
        let headers = unfolded
            .split("\r\n")
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect();
        Self { headers, body: body.to_vec() }
    }

    /// The decoded body of the first part of that type.
    pub(crate) fn find(&self, wanted: &str) -> Option<String> {
        let kind = self.header("Content-Type").unwrap_or("text/plain");
        if kind.to_ascii_lowercase().starts_with("multipart/") {
            let boundary = format!("--{}", boundary(kind)?);
            let body = String::from_utf8_lossy(&self.body).into_owned();
            let parts = body.split(boundary.as_str()).skip(1).take_while(|part| !part.starts_with("--"));
            return parts.map(|part| part.strip_prefix("\r\n").unwrap_or(part)).find_map(|part| {
                // The line break before a boundary belongs to the boundary.
                Self::parse(part.strip_suffix("\r\n").unwrap_or(part).as_bytes()).find(wanted)
            });
        }
        kind.to_ascii_lowercase().starts_with(wanted).then(|| self.decoded())
    }

    fn decoded(&self) -> String {
        let encoding = self.header("Content-Transfer-Encoding").unwrap_or("7bit").to_ascii_lowercase();
        let octets = match encoding.as_str() {
            "quoted-printable" => quoted_printable(&self.body, false),
            "base64" => STANDARD
                .decode(self.body.iter().copied().filter(|c| !c.is_ascii_whitespace()).collect::<Vec<_>>())
                .unwrap_or_default(),
            _ => self.body.clone(),
        };
        String::from_utf8_lossy(&octets).into_owned()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

fn boundary(content_type: &str) -> Option<&str> {
    let (_, after) = content_type.split_once("boundary=")?;
    match after.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => after.split(';').next().map(str::trim),
    }
}

/// RFC 2045 §6.7; in a header (RFC 2047 §4.2) `_` is a blank.
fn quoted_printable(encoded: &[u8], in_header: bool) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'=', [b'\r', b'\n', after @ ..]) => rest = after,
            (b'=', [high, low, after @ ..]) => {
                let digit = |c: &u8| char::from(*c).to_digit(16).and_then(|d| u8::try_from(d).ok());
                if let (Some(high), Some(low)) = (digit(high), digit(low)) {
                    decoded.push(high << 4 | low);
                    rest = after;
                } else {
                    decoded.push(b'=');
                }
            }
            (b'_', _) if in_header => decoded.push(b' '),
            (octet, _) => decoded.push(*octet),
        }
    }
    decoded
}

/// Decodes the encoded words of a header (RFC 2047); blanks between two of them vanish.
pub(crate) fn words(value: &str) -> String {
    let mut decoded = Vec::new();
    let mut after_word = false;
    for piece in value.split(' ') {
        let word = encoded_word(piece);
        let joined = after_word && word.is_some();
        if !joined && !decoded.is_empty() {
            decoded.push(b' ');
        }
        after_word = word.is_some();
        decoded.extend(word.unwrap_or_else(|| piece.as_bytes().to_vec()));
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn encoded_word(piece: &str) -> Option<Vec<u8>> {
    let mut fields = piece.strip_prefix("=?")?.strip_suffix("?=")?.splitn(3, '?').skip(1);
    match (fields.next()?, fields.next()?) {
        ("B" | "b", text) => STANDARD.decode(text).ok(),
        ("Q" | "q", text) => Some(quoted_printable(text.as_bytes(), true)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_encodings_are_decoded_out_of_a_multipart() {
        let raw = "Subject: =?utf-8?b?w7Y=?= =?utf-8?Q?=C3=A4_x?= plain\r\nContent-Type: multipart/alternative;\r\n \
                   boundary=\"=_b\"\r\n\r\n--=_b\r\nContent-Type: text/plain; charset=utf-8\r\n\
                   Content-Transfer-Encoding: quoted-printable\r\n\r\na=C3=A9=\r\nb\r\n--=_b\r\n\
                   Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+\r\nw6k=\r\n--=_b--\r\n";
        let part = Part::parse(raw.as_bytes());
        assert_eq!(part.find("text/plain").as_deref(), Some("aéb"));
        assert_eq!(part.find("text/html").as_deref(), Some("<b>é"));
        assert_eq!(words(part.header("subject").unwrap()), "öä x plain");
    }
}
