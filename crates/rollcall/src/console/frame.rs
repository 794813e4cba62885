//! The frame of every page: its head, its navigation, what the page before left to be said; and pages for refusals.

use askama::Template;
use axum::response::{Html, IntoResponse, Redirect, Response};
use http::header::{LOCATION, SET_COOKIE};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;

use super::cookies;
use super::door::Refusal;
use super::flash::{Flash, Tone};
use super::texts::Texts;
use super::visit::{Member, Visit};
use super::{assets, forms::Form};

/// What a handler answers.
pub(super) type Answer = Result<Response, Refusal>;

/// Tells htmx which address to show.
const HX_PUSH_URL: HeaderName = HeaderName::from_static("hx-push-url");

/// The person whose page it is, as the navigation shows them.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Person {
    pub(super) full_name: String,
    pub(super) email: String,
    pub(super) role: String,
    pub(super) organization: Organization,
}

/// Their organization.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Organization {
    pub(super) name: String,
}

impl Person {
    /// The letters of their picture.
    pub(super) fn initials(&self) -> String {
        initials(&self.full_name)
    }

    /// Whether they govern the organization.
    pub(super) fn is_root(&self) -> bool {
        self.role == "root"
    }
}

/// The first letters of the first and the last word of a name.
pub(super) fn initials(name: &str) -> String {
    let letters: Vec<_> = name.split_whitespace().filter_map(|word| word.chars().next()).collect();
    let last = letters.last().filter(|_| letters.len() > 1);
    letters.first().into_iter().chain(last).flat_map(|letter| letter.to_uppercase()).collect()
}

/// What every template knows: `frame` in it.
pub(super) struct Frame {
    pub(super) t: &'static Texts,
    pub(super) visit: Visit,
    pub(super) person: Option<Person>,
    /// The entry of the navigation that this page belongs to.
    pub(super) place: &'static str,
}

#[expect(clippy::unused_self, reason = "templates know the frame, and reach these through it")]
impl Frame {
    /// The frame of a page for anybody: no navigation but the way back to the first page.
    pub(super) fn open(visit: &Visit) -> Self {
        Self { t: visit.texts, visit: visit.clone(), person: None, place: "" }
    }

    /// The frame of a page of somebody who is signed in.
    pub(super) async fn of(member: &Member, place: &'static str) -> Result<Self, Refusal> {
        let person = member.door.get(member, "/v1/customer").await?;
        Ok(Self { t: member.texts, visit: (**member).clone(), person: Some(person), place })
    }

    /// The path of an asset under the name of its content.
    pub(super) fn asset(&self, name: &str) -> String {
        assets::path(name)
    }

    /// The hidden field that makes a form ours.
    pub(super) fn token(&self) -> FormToken<'_> {
        FormToken { token: &self.visit.form_token }
    }

    /// An icon of the sprite, silent for who hears the page.
    pub(super) fn icon<'a>(&self, name: &'a str) -> Icon<'a> {
        Icon { sprite: assets::path("icons.svg"), name }
    }

    /// What the page before left to be said.
    pub(super) fn news(&self) -> Notice {
        let flash = self.visit.flash.as_ref();
        let good = flash.is_some_and(|flash| flash.tone() == Tone::Good);
        Notice {
            sprite: assets::path("icons.svg"),
            text: flash.and_then(|flash| flash.text(self.t)),
            at: flash.map(|flash| flash.at().to_owned()).unwrap_or_default(),
            good,
            alert: false,
        }
    }

    /// What is wrong with a form as a whole.
    pub(super) fn problem(&self, text: Option<String>) -> Notice {
        Notice { sprite: assets::path("icons.svg"), text, at: String::new(), good: false, alert: true }
    }

    /// Every language with its tag and whether it is this page's.
    pub(super) fn languages(&self) -> Vec<(&'static str, &'static str, bool)> {
        let own = self.t.language();
        Texts::all()
            .into_iter()
            .map(|texts| (texts.language(), texts.name(), texts.language() == own))
            .collect()
    }
}

/// A hidden field.
#[derive(Template)]
#[template(source = "<input type=\"hidden\" name=\"form_token\" value=\"{{ token }}\">", ext = "html")]
pub(super) struct FormToken<'a> {
    token: &'a str,
}

impl askama::filters::HtmlSafe for FormToken<'_> {}

/// Something that is said at the top of a page or a form; nothing where there is no text.
#[derive(Template)]
#[template(path = "notice.html")]
pub(super) struct Notice {
    sprite: String,
    text: Option<String>,
    at: String,
    good: bool,
    alert: bool,
}

impl askama::filters::HtmlSafe for Notice {}

/// An icon.
#[derive(Template)]
#[template(
    source = "<svg class=\"icon\" aria-hidden=\"true\" focusable=\"false\"><use href=\"{{ sprite }}#{{ name }}\"></use></svg>",
    ext = "html"
)]
pub(super) struct Icon<'a> {
    sprite: String,
    name: &'a str,
}

impl askama::filters::HtmlSafe for Icon<'_> {}

/// A page with 200, or with the status of the form that it shows again.
pub(super) fn page(page: &impl Template, form: &Form) -> Answer {
    let mut response = html(page)?;
    *response.status_mut() = StatusCode::from_u16(form.status()).unwrap_or(StatusCode::OK);
    if form.status() != 200 {
        // The form's own address shows nothing when it is looked up.
        response.headers_mut().insert(HX_PUSH_URL, HeaderValue::from_static("false"));
    }
    Ok(response)
}

/// A page with 200.
pub(super) fn html(page: &impl Template) -> Answer {
    page.render().map(|html| Html(html).into_response()).map_err(|error| {
        tracing::error!(%error, "a page of the console could not be rendered");
        Refusal::internal()
    })
}

/// On to another page (303, so that a reload sends no form again).
pub(super) fn go(path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let location = HeaderValue::try_from(path).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(LOCATION, location);
    response
}

/// On to another page, which says something.
pub(super) fn go_saying(path: &str, key: &str, values: &[&str]) -> Response {
    let mut response = go(path);
    let at = path.split_once('#').map_or("", |(_, at)| at);
    let flash = cookies::set(cookies::FLASH, &Flash::new(key, values, at).write(), Some(60));
    response.headers_mut().append(SET_COOKIE, flash);
    response
}

/// A path of this console that somebody wants back to; anything else is the first page.
pub(super) fn local(path: &str) -> &str {
    let plain = path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if plain { path } else { "/" }
}

/// A refusal as a page of its own.
#[derive(Template)]
#[template(path = "refused.html")]
struct Refused<'a> {
    frame: Frame,
    title: &'static str,
    text: String,
    request_id: &'a str,
    status: u16,
}

/// Says why there is no page; sends who is not signed in to where one signs in.
pub(super) fn refused(visit: &Visit, refusal: &Refusal) -> Response {
    if matches!(refusal.code.as_str(), "token_missing" | "token_invalid" | "token_expired") {
        let back = percent_encoding::utf8_percent_encode(&visit.path, percent_encoding::NON_ALPHANUMERIC);
        return Redirect::to(&format!("/sign-in?next={back}")).into_response();
    }
    let title = match refusal.status {
        404 => "refused.not_found",
        403 => "refused.forbidden",
        500.. => "refused.broken",
        _ => "refused.title",
    };
    let page = Refused {
        frame: Frame::open(visit),
        title,
        text: visit.texts.refusal(refusal),
        request_id: &refusal.request_id,
        status: refusal.status,
    };
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match html(&page) {
        Ok(mut response) => {
            *response.status_mut() = status;
            response
        }
        Err(_) => status.into_response(),
    }
}

impl IntoResponse for Refusal {
    /// The bare status; the gate makes a page of it, which needs the reader's language.
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn only_paths_of_this_console_are_ways_back() {
        for path in ["/", "/teams/1?x=y#z", "/invitation?token=rci_x"] {
            assert_eq!(local(path), path);
        }
        for path in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/\t/evil.example",
            "/\n",
            "javascript:x",
            "evil.example",
            "/ä",
        ] {
            assert_eq!(local(path), "/", "{path:?}");
        }
    }
}
