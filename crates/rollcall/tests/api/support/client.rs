//! A client of the API that looks at every answer: problems are whole, ids are there, nothing leaks.

use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;

use super::Server;

/// A request while it is built.
pub(crate) struct Request<'a> {
    builder: reqwest::RequestBuilder,
    what: String,
    _server: &'a Server,
}

/// An answer with its body read.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) bytes: Vec<u8>,
    what: String,
}

impl Server {
    /// A request without a token.
    pub(crate) fn request(&self, method: Method, path: &str) -> Request<'_> {
        let builder = self.http.request(method.clone(), format!("{}{path}", self.base()));
        Request { builder, what: format!("{method} {path}"), _server: self }
    }

    pub(crate) fn get(&self, path: &str) -> Request<'_> {
        self.request(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> Request<'_> {
        self.request(Method::POST, path)
    }

    pub(crate) fn put(&self, path: &str) -> Request<'_> {
        self.request(Method::PUT, path)
    }

    pub(crate) fn patch(&self, path: &str) -> Request<'_> {
        self.request(Method::PATCH, path)
    }

    pub(crate) fn delete(&self, path: &str) -> Request<'_> {
        self.request(Method::DELETE, path)
    }
}

impl Request<'_> {
    /// With an access token.
    pub(crate) fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }

    /// With a JSON body.
    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.builder = self.builder.json(body);
        self
    }

    /// With any body, and no content type but one given by [`Request::header`].
    pub(crate) fn raw(mut self, body: impl Into<reqwest::Body>) -> Self {
        self.builder = self.builder.body(body);
        self
    }

    /// Sends it and reads the answer.
    pub(crate) async fn send(self) -> Answer {
        let response = self.builder.send().await.expect("the server answers");
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.expect("the answer arrives whole").to_vec();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        let answer = Answer { status, headers, body, bytes, what: self.what };
        answer.is_sound();
        answer
    }

    /// Sends it and expects a status.
    pub(crate) async fn expect(self, status: u16) -> Answer {
        let answer = self.send().await;
        assert_eq!(answer.status.as_u16(), status, "{}: {}", answer.what, answer.body);
        answer
    }

    /// Sends it and expects a refusal.
    pub(crate) async fn refused(self, status: u16, code: &str) -> Answer {
        let answer = self.expect(status).await;
        assert_eq!(answer.body["code"], code, "{}: {}", answer.what, answer.body);
        answer
    }

    /// Sends it and expects 422 for just these fields.
    pub(crate) async fn faulty(self, fields: &[&str]) -> Answer {
        let answer = self.refused(422, "validation_failed").await;
        let mut faulty = answer.faulty_fields();
        let mut expected = fields.to_vec();
        faulty.sort_unstable();
        expected.sort_unstable();
        assert_eq!(faulty, expected, "{}: {}", answer.what, answer.body);
        answer
    }
}

impl Answer {
    /// A text of the body, by JSON pointer.
    pub(crate) fn text(&self, pointer: &str) -> String {
        match self.body.pointer(pointer) {
            Some(Value::String(text)) => text.clone(),
            other => panic!("{}: no text at {pointer} but {other:?} in {}", self.what, self.body),
        }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().expect("ASCII")).unwrap_or_default()
    }

    /// The rows of a list.
    pub(crate) fn data(&self) -> &Vec<Value> {
        self.body["data"].as_array().unwrap_or_else(|| panic!("{}: no list in {}", self.what, self.body))
    }

    /// The names of the faulty fields of a 422.
    pub(crate) fn faulty_fields(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array().expect("a 422 lists its fields");
        errors.iter().map(|error| error["field"].as_str().expect("a field has a name")).collect()
    }

    /// `Retry-After` in seconds.
    pub(crate) fn retry_after(&self) -> u64 {
        self.header("retry-after").parse().unwrap_or_else(|_| panic!("{}: no Retry-After", self.what))
    }

    /// What holds for every answer.
    fn is_sound(&self) {
        assert!(!self.header("x-request-id").is_empty(), "{}: no request id", self.what);
        if self.status.is_client_error() || self.status.is_server_error() {
            assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.what);
            for name in ["type", "title", "detail", "code", "request_id"] {
                assert!(self.body[name].is_string(), "{}: a problem has {name}: {}", self.what, self.body);
            }
            assert_eq!(self.body["status"], self.status.as_u16(), "{}", self.what);
            assert_eq!(self.body["request_id"], self.header("x-request-id"), "{}", self.what);
            let faults = self.body.get("errors").map(|errors| errors.as_array().map_or(0, Vec::len));
            match self.status.as_u16() {
                422 => assert!(faults > Some(0), "{}: a 422 names what is faulty: {}", self.what, self.body),
                _ => assert_eq!(faults, None, "{}: {}", self.what, self.body),
            }
        }
        if matches!(self.status.as_u16(), 429 | 503) {
            assert!(self.retry_after() > 0);
        }
        if self.status.as_u16() == 401 {
            assert!(self.header("www-authenticate").starts_with("Bearer"), "{}", self.what);
        }
    }
}
