//! The language that somebody chose, kept for a year.

use axum::response::Response;
use http::header::SET_COOKIE;

use super::forms::Posted;
use super::frame::{go, local};
use super::{cookies, texts::Texts};

const YEAR: i64 = 365 * 24 * 60 * 60;

/// `POST /language`
pub(super) async fn choose(posted: Posted) -> Response {
    let mut response = go(local(posted.value("next")));
    let texts = Texts::find(Some(posted.value("language")), "");
    let cookie = cookies::set(cookies::LANGUAGE, texts.language(), Some(YEAR));
    response.headers_mut().append(SET_COOKIE, cookie);
    response
}
