//! Every code of a refusal with its status, title and standard text; `docs/problems.md` is printed from here.

use std::time::Duration;

use http::StatusCode;

macro_rules! catalogue {
    ($($variant:ident = $name:literal, $status:ident, $title:literal, $detail:literal;)+) => {
        /// A stable code of a refusal, as in `code` of the problem.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $detail] $variant,)+ }

        impl Code {
            /// Every code, in the catalogue's order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The code as clients see it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The HTTP status.
            #[must_use]
            pub fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)+ }
            }

            /// The title: the same for every occurrence.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }

            /// The text where an operation has none of its own.
            #[must_use]
            pub fn detail(self) -> &'static str {
                match self { $(Self::$variant => $detail,)+ }
            }
        }
    };
}

catalogue! {
    RequestMalformed = "request_malformed", BAD_REQUEST, "The request could not be read",
        "The request is not well-formed HTTP for this service.";
    JsonMalformed = "json_malformed", BAD_REQUEST, "The body is not JSON",
        "The body could not be read as JSON. Check for missing quotes, commas or brackets.";
    TokenMissing = "token_missing", UNAUTHORIZED, "No access token",
        "This operation needs an access token: send it as `Authorization: Bearer <token>`.";
    TokenInvalid = "token_invalid", UNAUTHORIZED, "The token is not valid",
        "The token is unknown, malformed or revoked. Sign in again.";
    TokenExpired = "token_expired", UNAUTHORIZED, "The token has expired",
        "The token has expired. Refresh it, or sign in again.";
    CredentialsInvalid = "credentials_invalid", UNAUTHORIZED, "Wrong e-mail address or password",
        "The e-mail address or the password is wrong.";
    RoleInsufficient = "role_insufficient", FORBIDDEN, "Your role does not allow this",
        "Your role does not allow this. Ask a manager of the team or a root of the organization.";
    ReauthenticationRequired = "reauthentication_required", FORBIDDEN, "Please sign in again",
        "This change needs a fresh sign-in. Sign in again and repeat it.";
    InvitationForOtherAddress = "invitation_for_other_address", FORBIDDEN, "This invitation is for somebody else",
        "This invitation was sent to another e-mail address than the one of your account.";
    AccountUnconfirmed = "account_unconfirmed", FORBIDDEN, "Please confirm your address first",
        "This account waits for its confirmation code. Enter the code from the mail, or ask for a new one.";
    SignupClosed = "signup_closed", FORBIDDEN, "Sign-up is by invitation",
        "New accounts are made by invitation here. Ask a member of your organization to invite you.";
    NotFound = "not_found", NOT_FOUND, "Not found",
        "There is nothing here, or nothing that you may see.";
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "This method does not apply here",
        "The path exists, but not with this method; `Allow` lists those that do.";
    NotAcceptable = "not_acceptable", NOT_ACCEPTABLE, "No such representation",
        "This service answers in JSON. Accept `application/json`.";
    RequestTimeout = "request_timeout", REQUEST_TIMEOUT, "The request took too long",
        "The request did not arrive whole, or could not be answered, within 30 seconds.";
    DuplicateChannel = "duplicate_channel", CONFLICT, "This channel exists already",
        "There is a notification channel of this type with this value already.";
    PriorityTaken = "priority_taken", CONFLICT, "This priority is taken",
        "Another channel has this priority. Choose a free one, or leave it out.";
    NotVerified = "not_verified", CONFLICT, "The channel is not verified yet",
        "The channel was never verified. Enter the code that it received first.";
    AlreadyVerified = "already_verified", CONFLICT, "Nothing to verify",
        "The channel is verified and no new value waits for a code.";
    NothingPending = "nothing_pending", CONFLICT, "Nothing is pending",
        "No new e-mail address waits for its confirmation.";
    NameTaken = "name_taken", CONFLICT, "This name is taken",
        "Something with this name exists already. Choose another name.";
    AlreadyInvited = "already_invited", CONFLICT, "Already invited",
        "A pending invitation for this address exists already. Send a reminder instead.";
    AlreadyMember = "already_member", CONFLICT, "Already a member",
        "This person is a member of the team already.";
    LastRoot = "last_root", CONFLICT, "The last root stays",
        "An organization needs a root. Make another customer root first.";
    GuestCannotBeRoot = "guest_cannot_be_root", CONFLICT, "A guest cannot be root",
        "This member belongs to another organization and cannot be a root of this one.";
    TeamHasServices = "team_has_services", CONFLICT, "The team owns services",
        "The team still owns services. Delete them first.";
    LimitReached = "limit_reached", CONFLICT, "A limit of your plan is reached",
        "Your plan allows no more of these.";
    AccountExists = "account_exists", CONFLICT, "There is an account for this address",
        "The invited address has an account. Sign in and accept the invitation there.";
    InvitationNotPending = "invitation_not_pending", CONFLICT, "The invitation is no longer open",
        "The invitation was accepted, declined or withdrawn, or it has expired. Ask for a new one.";
    NobodyReachable = "nobody_reachable", CONFLICT, "Nobody can be reached",
        "There is no active channel that this could go to, so nothing was sent. Verify or enable one first.";
    IdempotencyConflict = "idempotency_conflict", CONFLICT, "This idempotency key is in use",
        "The `Idempotency-Key` belongs to another request, or to one that is still running.";
    BodyTooLarge = "body_too_large", PAYLOAD_TOO_LARGE, "The body is too large",
        "A request body may have 64 KiB at most.";
    UriTooLong = "uri_too_long", URI_TOO_LONG, "The address is too long",
        "The path and query of a request may have 8 KiB at most.";
    MediaTypeUnsupported = "media_type_unsupported", UNSUPPORTED_MEDIA_TYPE, "The body must be JSON",
        "Send the body as `Content-Type: application/json`.";
    ValidationFailed = "validation_failed", UNPROCESSABLE_ENTITY, "Some fields need your attention",
        "One or more fields are not valid; `errors` names each with the reason.";
    CodeInvalid = "code_invalid", UNPROCESSABLE_ENTITY, "The code is wrong",
        "The code is wrong. Check the latest message, or ask for a new code.";
    CodeExpired = "code_expired", UNPROCESSABLE_ENTITY, "The code has expired",
        "The code has expired. Ask for a new one.";
    IdInvalid = "id_invalid", UNPROCESSABLE_ENTITY, "An id in the path is malformed",
        "An id in the path is not a UUID.";
    RateLimited = "rate_limited", TOO_MANY_REQUESTS, "Too many requests",
        "Too many requests of this kind. Try again later.";
    ResendTooSoon = "resend_too_soon", TOO_MANY_REQUESTS, "Too soon to send again",
        "A message went out just now. Wait a little before you ask for another.";
    AttemptsExhausted = "attempts_exhausted", TOO_MANY_REQUESTS, "Too many wrong codes",
        "Too many wrong codes. Ask for a new code.";
    HeadersTooLarge = "headers_too_large", REQUEST_HEADER_FIELDS_TOO_LARGE, "The headers are too large",
        "The headers of a request may have 64 KiB and 100 lines at most.";
    Internal = "internal", INTERNAL_SERVER_ERROR, "Something went wrong on our side",
        "The request failed through no fault of yours. If it happens again, report the request id.";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "Not available just now",
        "The service cannot answer just now. Try again in a moment.";
}

impl Code {
    /// `Retry-After` where the operation names none.
    pub(super) fn default_retry_after(self) -> Option<Duration> {
        match self.status() {
            StatusCode::TOO_MANY_REQUESTS => Some(Duration::from_secs(60)),
            StatusCode::SERVICE_UNAVAILABLE => Some(Duration::from_secs(1)),
            _ => None,
        }
    }

    /// `WWW-Authenticate` of a 401 (RFC 6750 §3): no error attribute where no token was sent.
    pub(super) fn challenge(self) -> Option<&'static str> {
        match self {
            Self::TokenMissing | Self::CredentialsInvalid => Some("Bearer"),
            Self::TokenInvalid => {
                Some(r#"Bearer error="invalid_token", error_description="The token is not valid""#)
            }
            Self::TokenExpired => {
                Some(r#"Bearer error="invalid_token", error_description="The token has expired""#)
            }
            _ => None,
        }
    }

    /// The code for a refusal that the HTTP framework made by itself.
    #[must_use]
    pub fn for_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::NOT_ACCEPTABLE => Self::NotAcceptable,
            StatusCode::REQUEST_TIMEOUT => Self::RequestTimeout,
            StatusCode::PAYLOAD_TOO_LARGE => Self::BodyTooLarge,
            StatusCode::URI_TOO_LONG => Self::UriTooLong,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::MediaTypeUnsupported,
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Self::HeadersTooLarge,
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            status if status.is_client_error() => Self::RequestMalformed,
            _ => Self::Internal,
        }
    }

    /// The problem's `type`: a relative reference to its entry in the documents that the server shows.
    #[must_use]
    pub fn uri(self) -> String {
        format!("/docs/problems#{}", self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_has_a_name_of_its_own() {
        let names: HashSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
    }

    #[test]
    fn every_429_and_503_says_when_to_try_again() {
        for code in Code::ALL {
            let must = matches!(code.status().as_u16(), 429 | 503);
            assert_eq!(code.default_retry_after().is_some(), must, "{}", code.name());
        }
    }
}
