//! A browser's pages, as far as these tests need them: signing in, and looking.

use http::header::{COOKIE, SET_COOKIE};
use reqwest::redirect::Policy;

use super::process::{PASSWORD, Program};

/// Somebody who is signed in to the console.
pub(crate) struct Browser {
    http: reqwest::Client,
    url: String,
    cookies: String,
}

impl Browser {
    pub(crate) async fn sign_in(program: &Program, email: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().expect("a client");
        let url = program.url.clone();
        let form = http.get(format!("{url}/sign-in")).send().await.expect("a page");
        let visitor = cookies(&form);
        let html = form.text().await.expect("text");
        let (_, rest) = html.split_once("name=\"form_token\" value=\"").expect("a form");
        let token = rest.split('"').next().expect("a value");
        let fields = [("email", email), ("password", PASSWORD), ("next", "/"), ("form_token", token)];
        let sent = http.post(format!("{url}/sign-in")).header(COOKIE, visitor).form(&fields);
        let answer = sent.header("origin", &url).send().await.expect("an answer");
        assert_eq!(answer.status(), 303);
        let cookies = cookies(&answer);
        Self { http, url, cookies }
    }

    pub(crate) async fn look(&self, path: &str) -> String {
        let page = self.http.get(format!("{}{path}", self.url)).header(COOKIE, &self.cookies);
        let page = page.send().await.expect("a page");
        assert_eq!(page.status(), 200, "{path}");
        page.text().await.expect("text")
    }
}

fn cookies(answer: &reqwest::Response) -> String {
    let set = answer.headers().get_all(SET_COOKIE).iter().map(|value| value.to_str().expect("ASCII"));
    set.map(|cookie| cookie.split(';').next().expect("a pair")).collect::<Vec<_>>().join("; ")
}
