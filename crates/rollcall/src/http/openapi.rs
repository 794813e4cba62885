//! The OpenAPI 3.1 document: the operations' own entries, completed by what holds for all of them.

use std::collections::BTreeMap;

use http::Method;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::{Tag, TagBuilder};
use utoipa::openapi::{
    Components, ContactBuilder, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, Ref, RefOr, Required,
    Response, ResponseBuilder, ServerBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use super::openapi_bounds::{LONGEST_TEXT, bound_components};
use super::params::LIMIT_MAX;
use super::problem_body::ProblemBody;
use crate::domain::event::Action;
use crate::problem::FieldError;

/// Name of the scheme in the document.
const BEARER: &str = "bearer";

/// The groups of operations, in the order in which one comes upon them.
const TAGS: [(&str, &str); 11] = [
    ("Accounts", "Signing up, confirming an address, a forgotten password."),
    ("Sessions", "Signing in and out, fresh tokens, and where one is signed in."),
    ("Customers", "One's own profile, password, address, export and deletion."),
    ("Organization", "Its name, what it uses of its plan, and its audit log."),
    ("Teams", "Teams, and who in them can be reached."),
    ("Members", "Who is in a team, and in which role."),
    ("Invitations", "Asking somebody into a team, and answering that."),
    ("Services", "What a team is responsible for."),
    ("Notification channel types", "By what messages can arrive, and what each of these needs."),
    ("Personal notification channels", "How one person is reached."),
    ("Team notification channels", "How a team is reached as a whole."),
];

/// The methods of a path item with their operations.
pub fn operations(item: &PathItem) -> Vec<(Method, &Operation)> {
    [
        (Method::GET, &item.get),
        (Method::POST, &item.post),
        (Method::PUT, &item.put),
        (Method::PATCH, &item.patch),
        (Method::DELETE, &item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_ref().map(|operation| (method, operation)))
    .collect()
}

/// Every path template with its methods.
pub fn paths(document: &OpenApi) -> impl Iterator<Item = (String, Vec<Method>)> {
    document
        .paths
        .paths
        .iter()
        .map(|(path, item)| (path.clone(), operations(item).into_iter().map(|(method, _)| method).collect()))
}

fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    [
        (Method::GET, item.get.as_mut()),
        (Method::POST, item.post.as_mut()),
        (Method::PUT, item.put.as_mut()),
        (Method::PATCH, item.patch.as_mut()),
        (Method::DELETE, item.delete.as_mut()),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.map(|operation| (method, operation)))
}

/// Marks every operation of a document as one that needs a token.
pub fn secure(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        for (_, operation) in operations_mut(item) {
            operation.security = Some(vec![SecurityRequirement::new(BEARER, Vec::<String>::new())]);
        }
    }
}

/// Marks every operation of a document as one that takes a token but does not need it.
pub fn secure_optionally(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        for (_, operation) in operations_mut(item) {
            let bearer = SecurityRequirement::new(BEARER, Vec::<String>::new());
            operation.security = Some(vec![SecurityRequirement::default(), bearer]);
        }
    }
}

/// Completes the document.
#[must_use]
pub fn complete(mut document: OpenApi) -> OpenApi {
    document.info = InfoBuilder::new()
        .title("Rollcall")
        .version("1")
        .description(Some(include_str!("openapi.md")))
        .contact(Some(ContactBuilder::new().name(Some("Rollcall")).build()))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .build();
    document.servers = Some(vec![
        ServerBuilder::new().url("/").description(Some("This server; every service also answers below its name as a prefix, such as `/customer-cmd`.")).build(),
    ]);
    let components = document.components.get_or_insert_with(Default::default);
    components.security_schemes.insert(
        BEARER.to_owned(),
        RefOr::T(SecurityScheme::Http(
            HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .description(Some("The access token of `POST /v1/auth`. It lives for an hour."))
                .build(),
        )),
    );
    components.schemas.insert("Problem".to_owned(), ProblemBody::schema());
    components.schemas.insert(FieldError::name().into_owned(), FieldError::schema());
    // Named by a parameter alone, where nobody else looks for schemas.
    components.schemas.insert("Action".to_owned(), Action::schema());
    let mut bodies = Vec::new();
    for (path, item) in &mut document.paths.paths {
        let ids: Vec<_> = path.split('/').filter(|part| part.starts_with('{')).collect();
        for (method, operation) in operations_mut(item) {
            bodies.extend(body_schema(operation));
            complete_operation(&method, ids.iter().any(|id| id.ends_with("id}")), operation);
        }
    }
    for name in bodies {
        // A body with a field that is not in its schema is refused.
        if let Some(RefOr::T(Schema::Object(object))) = components.schemas.get_mut(&name) {
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
    }
    name_items(components);
    bound_components(components);
    document.tags = Some(TAGS.iter().map(|(name, about)| tag(name, about)).collect());
    document
}

/// The items of a list are the schema that has their name, not one more like it.
fn name_items(components: &mut Components) {
    let named: Vec<_> = components.schemas.keys().cloned().collect();
    for (name, schema) in &mut components.schemas {
        let Some(of) = name.strip_prefix("List_").filter(|of| named.iter().any(|name| name == of)) else {
            continue;
        };
        if let RefOr::T(Schema::Object(list)) = schema
            && let Some(RefOr::T(Schema::Array(data))) = list.properties.get_mut("data")
        {
            data.items = ArrayItems::RefOrSchema(Box::new(Ref::from_schema_name(of).into()));
            data.max_items = Some(usize::from(LIMIT_MAX));
        }
    }
}

fn tag(name: &str, about: &str) -> Tag {
    TagBuilder::new().name(name).description(Some(about)).build()
}

fn body_schema(operation: &Operation) -> Option<String> {
    let RefOr::T(body) = operation.request_body.as_ref()? else { return None };
    let RefOr::T(content) = body.content.values().next()? else { return None };
    match content.schema.as_ref()? {
        RefOr::Ref(reference) => reference.ref_location.rsplit('/').next().map(str::to_owned),
        RefOr::T(_) => None,
    }
}

fn complete_operation(method: &Method, ids: bool, operation: &mut Operation) {
    let secured = operation.security.is_some();
    let needs_token = operation.security.as_ref().is_some_and(|all| all.len() == 1);
    let body = operation.request_body.is_some();
    let query = *method == Method::GET;
    let parameters = operation.parameters.get_or_insert_default();
    let filtered = parameters
        .iter()
        .any(|parameter| matches!(parameter, RefOr::T(one) if one.parameter_in == ParameterIn::Query));
    parameters.push(header(
        "X-Request-Id",
        "An id of your own for this request, at most 128 letters, digits, `-`, `_`, `.` or `:`; any other is replaced.",
    ));
    if query && needs_token {
        parameters.push(header("If-None-Match", "The `ETag` of what you have: 304 if it is still the same."));
    }
    if query && needs_token {
        parameters.push(header(
            "Rollcall-Position",
            "What a command answered in this header. Never needed: a query sees all that was acknowledged before it anyway.",
        ));
    }
    if !query && needs_token {
        parameters.push(idempotency_key());
    }
    if let Some(RefOr::T(body)) = operation.request_body.as_mut() {
        body.required = Some(Required::True);
    }
    let mut refusals: BTreeMap<&str, &str> = BTreeMap::new();
    refusals.insert("406", "The answer is JSON; the request accepts none.");
    refusals.insert("500", "`internal`: something went wrong on our side.");
    refusals.insert("503", "`unavailable`: try again after `Retry-After`.");
    refusals.insert("429", "`rate_limited`: try again after `Retry-After`.");
    if secured {
        refusals.insert("401", "`token_missing`, `token_invalid` or `token_expired`.");
    }
    if filtered {
        refusals.insert("422", "`validation_failed`: `errors` names every faulty parameter.");
    }
    if !query && needs_token {
        refusals.insert("409", "`idempotency_conflict`: the `Idempotency-Key` stands for another request.");
        refusals.insert("422", "`validation_failed`: the `Idempotency-Key` is none.");
    }
    if ids {
        refusals.insert("404", "`not_found`: unknown, or nothing that you may see.");
        refusals.insert("422", "`id_invalid`: an id in the path is no UUID.");
    }
    if body {
        refusals.insert("400", "`json_malformed`: the body is not JSON.");
        refusals.insert("413", "`body_too_large`: more than 64 KiB.");
        refusals.insert("415", "`media_type_unsupported`: the body is not declared as JSON.");
        refusals.insert("422", "`validation_failed`: `errors` names every faulty field.");
    }
    for (status, text) in refusals {
        let own = operation.responses.responses.get(status).map(|response| match response {
            RefOr::T(response) => response.description.clone(),
            RefOr::Ref(_) => String::new(),
        });
        let text = own.map_or_else(|| text.to_owned(), |own| format!("{own} {text}"));
        operation.responses.responses.insert(status.to_owned(), RefOr::T(Response::new(text)));
    }
    if query && needs_token {
        let text = "Unchanged since the `ETag` in `If-None-Match`.";
        operation.responses.responses.insert("304".to_owned(), RefOr::T(Response::new(text)));
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response {
            *response = described(status, query && needs_token, std::mem::take(response));
            if !query && status.starts_with('2') {
                let text =
                    "Where the change stands in the log of the database. Only where standbys serve queries.";
                response.headers.insert("Rollcall-Position".to_owned(), text_header(text));
            }
        }
    }
}

/// Every refusal is a problem, every answer carries the request's id.
fn described(status: &str, tagged: bool, response: Response) -> Response {
    let mut response = response;
    if status.starts_with(['4', '5']) {
        let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        response = ResponseBuilder::from(response).content("application/problem+json", problem).build();
    }
    let text = text_header;
    response.headers.insert("X-Request-Id".to_owned(), text("The id of this request."));
    let origin = "The page's origin, where it is one of `cors_origins`. No other page may read the answer.";
    response.headers.insert("Access-Control-Allow-Origin".to_owned(), text(origin));
    if matches!(status, "200" | "304") && tagged {
        response.headers.insert("ETag".to_owned(), text("Changes when the answer does."));
    }
    if matches!(status, "429" | "503") {
        response.headers.insert("Retry-After".to_owned(), text("Seconds until another try makes sense."));
    }
    if status == "401" {
        response.headers.insert("WWW-Authenticate".to_owned(), text("`Bearer`, with the error (RFC 6750)."));
    }
    response
}

fn text_header(description: &str) -> RefOr<Header> {
    let schema =
        ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).max_length(Some(LONGEST_TEXT));
    RefOr::T(HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build())
}

fn header(name: &str, description: &str) -> RefOr<Parameter> {
    header_like(name, description, ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)))
}

fn header_like(name: &str, description: &str, schema: ObjectBuilder) -> RefOr<Parameter> {
    let parameter = ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .build();
    RefOr::T(parameter)
}

fn idempotency_key() -> RefOr<Parameter> {
    let visible = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .pattern(Some("^[!-~]+$"))
        .min_length(Some(1))
        .max_length(Some(255));
    let text = "1 to 255 visible ASCII characters: a repetition within 24 hours gets the first answer again.";
    header_like("Idempotency-Key", text, visible)
}
