//! What the console's parsers promise whatever a browser sends.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

use super::cookies;
use super::flash::Flash;
use super::forms::Posted;
use super::frame::local;
use super::texts::Texts;
use crate::fuzzing::text;

/// Cookies, forms, what is left for the next page, languages, and where a form may lead.
pub(crate) fn visitor(bytes: &[u8]) {
    if let Ok(value) = HeaderValue::from_bytes(bytes) {
        let headers = HeaderMap::from_iter([(COOKIE, value)]);
        for name in [cookies::SESSION, cookies::VISIT, cookies::FLASH, cookies::LANGUAGE] {
            let _ = cookies::value(&headers, name);
        }
    }
    let posted = Posted::read(bytes);
    let _ = (posted.value("name"), posted.trimmed("next"));
    let text = text(bytes);
    if let Some(flash) = Flash::read(text) {
        assert_eq!(Flash::read(&flash.write()), Some(flash.clone()));
        let _ = (flash.text(Texts::all()[1]), flash.tone());
    }
    let _ = Texts::find(Some(text), text);
    let way = local(text);
    assert!(way.starts_with('/') && !way.starts_with("//") && !way.contains('\\'), "{way}");
}
