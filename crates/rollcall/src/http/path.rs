//! Ids in a path: any well-formed UUID passes, everything else is refused with 422 and the parameter's name.

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;

use crate::domain::id::Id;
use crate::domain::invalid::Invalid;
use crate::problem::{Code, FieldError, Problem};

/// The ids of the path, in its order: one, or a pair.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

/// One id, or several.
pub trait PathIds: Sized {
    /// Parses the parameters in the path's order.
    fn parse(params: &mut dyn Iterator<Item = (&str, &str)>, faults: &mut Vec<FieldError>) -> Option<Self>;
}

impl<T: Id> PathIds for T {
    fn parse(params: &mut dyn Iterator<Item = (&str, &str)>, faults: &mut Vec<FieldError>) -> Option<Self> {
        let (name, text) = params.next()?;
        text.parse()
            .map_err(|why: T::Err| {
                let message = format!("{why}.").into();
                faults.push(FieldError::new(name, Invalid { code: "id_invalid", message }));
            })
            .ok()
    }
}

impl<A: Id, B: Id> PathIds for (A, B) {
    fn parse(params: &mut dyn Iterator<Item = (&str, &str)>, faults: &mut Vec<FieldError>) -> Option<Self> {
        // Both are parsed before either refuses.
        let (first, second) = (A::parse(params, faults), B::parse(params, faults));
        Some((first?, second?))
    }
}

impl<T: PathIds, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let malformed = |errors| Problem { errors, ..Problem::new(Code::IdInvalid) };
        let mut faults = Vec::new();
        // Not even text once it is decoded: then nobody can say which of them it is.
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| {
            let message = "This is no text, let alone an id.".into();
            malformed(vec![FieldError::new("id", Invalid { code: "id_invalid", message })])
        })?;
        T::parse(&mut params.iter(), &mut faults).map(Self).ok_or_else(|| malformed(faults))
    }
}
