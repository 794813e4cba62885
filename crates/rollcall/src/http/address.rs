//! The three ways to address an operation: plain, by a service's prefix, by a service's host label (contract §1).

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, HOST};
use http::uri::{PathAndQuery, Uri};
use http::{HeaderValue, Method};
use matchit::Router;

use super::service::{Part, Service};
use crate::problem::{Code, Problem};

/// Paths that belong to no service: they answer on every host, without a prefix.
const UNVERSIONED: [&str; 4] = ["/healthz", "/readyz", "/openapi.json", "/docs"];

/// Which methods each path has, and whose they are.
#[derive(Clone)]
pub struct Directory {
    paths: Router<Vec<(Method, Service)>>,
    served: Vec<Part>,
}

/// The service that a prefix or the host names; none for the plain form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Scope(Option<Service>);

impl Directory {
    /// A directory of operations, as `(path template, methods)`, of which this process serves some parts.
    ///
    /// # Panics
    /// When two templates clash, which a test of the router list would see first.
    #[must_use]
    pub fn new(operations: impl IntoIterator<Item = (String, Vec<Method>)>, served: Vec<Part>) -> Self {
        let mut paths = Router::new();
        for (template, methods) in operations {
            let methods =
                methods.into_iter().map(|method| (method.clone(), Service::of(&method, &template))).collect();
            paths.insert(template, methods).expect("path templates do not clash");
        }
        Self { paths, served }
    }

    /// Finds what the request is addressed to and takes the prefix off its path, or answers it.
    ///
    /// # Errors
    /// 404 where the named service has no such operation, 405 where it has the path under other methods.
    pub fn address(&self, mut request: Request) -> Result<Request, Box<Response>> {
        let by_host = host_label(&request).and_then(Service::named);
        let (by_prefix, path) = match split_prefix(request.uri().path()) {
            Some((service, rest)) => (Some(service), rest.to_owned()),
            None => (None, request.uri().path().to_owned()),
        };
        if by_prefix.is_some() && by_host.is_some() && by_prefix != by_host {
            return Err(not_found());
        }
        if !path.starts_with("/v1/") {
            return self.unversioned(request, &path, by_prefix, by_host);
        }
        self.operation(request.method(), &path, Scope(by_prefix.or(by_host)))?;
        if by_prefix.is_some() {
            let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
            let rewritten = PathAndQuery::try_from(format!("{path}{query}")).map_err(|_| not_found())?;
            *request.uri_mut() = Uri::from(rewritten);
        }
        Ok(request)
    }

    fn unversioned(
        &self,
        request: Request<Body>,
        path: &str,
        by_prefix: Option<Service>,
        by_host: Option<Service>,
    ) -> Result<Request, Box<Response>> {
        let plain = UNVERSIONED.contains(&path) || path.starts_with("/docs/") || path.starts_with("/assets/");
        let page = by_host.is_none() && self.served.contains(&Part::Console);
        if by_prefix.is_none() && (plain || page) { Ok(request) } else { Err(not_found()) }
    }

    fn operation(&self, method: &Method, path: &str, scope: Scope) -> Result<(), Box<Response>> {
        let known = self.paths.at(path).map_err(|_| not_found())?.value;
        let reachable: Vec<_> = known.iter().filter(|(_, service)| self.reaches(scope, *service)).collect();
        // HEAD is GET without the body (RFC 9110 §9.3.2).
        let wanted = if *method == Method::HEAD { Method::GET } else { method.clone() };
        if reachable.iter().any(|(method, _)| *method == wanted) {
            return Ok(());
        }
        // An operation of another service is none of this one's: 404, not 405.
        if reachable.is_empty() || known.iter().any(|(method, _)| *method == wanted) {
            return Err(not_found());
        }
        let mut response = Problem::new(Code::MethodNotAllowed).into_response();
        let mut methods: Vec<_> = reachable.iter().map(|(method, _)| method.as_str()).collect();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        if let Ok(allow) = HeaderValue::try_from(methods.join(", ")) {
            response.headers_mut().insert(ALLOW, allow);
        }
        Err(Box::new(response))
    }

    fn reaches(&self, scope: Scope, service: Service) -> bool {
        self.served.contains(&Part::Api(service)) && scope.0.is_none_or(|named| named == service)
    }
}

/// Whether the host is any but a service's: then it has no say in what is reached.
pub(super) fn names_no_service<B>(request: &http::Request<B>) -> bool {
    host_label(request).and_then(Service::named).is_none()
}

/// The first label of the host, where another follows.
fn host_label<B>(request: &http::Request<B>) -> Option<&str> {
    let host = match request.uri().host() {
        Some(host) => host,
        None => request.headers().get(HOST)?.to_str().ok()?,
    };
    let (label, rest) = host.split_once('.')?;
    (!rest.is_empty()).then_some(label)
}

fn split_prefix(path: &str) -> Option<(Service, &str)> {
    let rest = path.strip_prefix('/')?;
    let (name, _) = rest.split_once('/')?;
    let service = Service::ALL.into_iter().find(|service| service.name() == name)?;
    Some((service, &rest[name.len()..]))
}

#[expect(clippy::unnecessary_box_returns, reason = "goes into the boxed side of a Result")]
fn not_found() -> Box<Response> {
    Box::new(Problem::not_found().into_response())
}
