//! The five services of the API and which operation is whose (contract §1), and the other parts of a process.

use http::Method;

/// A service that a prefix, a host label or a process may be limited to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Accounts, sessions, invitations as their receivers see them.
    Auth,
    /// Commands on customers, organizations, teams and channels.
    CustomerCmd,
    /// Queries of the same.
    CustomerQuery,
    /// Commands on services of teams.
    ResourceCmd,
    /// Queries of the same.
    ResourceQuery,
}

impl Service {
    /// Every service.
    pub const ALL: [Self; 5] =
        [Self::Auth, Self::CustomerCmd, Self::CustomerQuery, Self::ResourceCmd, Self::ResourceQuery];

    /// The name in prefixes, host labels and settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::CustomerCmd => "customer-cmd",
            Self::CustomerQuery => "customer-query",
            Self::ResourceCmd => "resource-cmd",
            Self::ResourceQuery => "resource-query",
        }
    }

    /// The service of that name, in any letter case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.name().eq_ignore_ascii_case(name))
    }

    /// Whose an operation is, by the template of its path.
    #[must_use]
    pub fn of(method: &Method, template: &str) -> Self {
        let read = matches!(*method, Method::GET | Method::HEAD);
        let begins = |start: &str| {
            template.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let auth = ["/v1/account", "/v1/auth", "/v1/invitation"].into_iter().any(begins);
        let resource =
            begins("/v1/service") || begins("/v1/team-service") || template == "/v1/team/{id}/services";
        match (auth, resource, read) {
            (true, _, _) => Self::Auth,
            (_, true, true) => Self::ResourceQuery,
            (_, true, false) => Self::ResourceCmd,
            (_, _, true) => Self::CustomerQuery,
            (_, _, false) => Self::CustomerCmd,
        }
    }
}

/// What a process may serve (`ROLLCALL_SERVICES`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// One of the API's services.
    Api(Service),
    /// The console, the mailbox and the documents.
    Console,
    /// The outbox's worker.
    Worker,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 7] = [
        Self::Api(Service::Auth),
        Self::Api(Service::CustomerCmd),
        Self::Api(Service::CustomerQuery),
        Self::Api(Service::ResourceCmd),
        Self::Api(Service::ResourceQuery),
        Self::Console,
        Self::Worker,
    ];

    /// The name in settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Api(service) => service.name(),
            Self::Console => "console",
            Self::Worker => "worker",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operation_belongs_to_the_service_that_the_contract_names() {
        for (method, template, service) in [
            (Method::POST, "/v1/auth", Service::Auth),
            (Method::PUT, "/v1/account/password", Service::Auth),
            (Method::POST, "/v1/invitation/preview", Service::Auth),
            (Method::GET, "/v1/team/{id}/services", Service::ResourceQuery),
            (Method::GET, "/v1/team-service/{id}", Service::ResourceQuery),
            (Method::POST, "/v1/service", Service::ResourceCmd),
            (Method::DELETE, "/v1/service/{id}", Service::ResourceCmd),
            (Method::GET, "/v1/teams", Service::CustomerQuery),
            (Method::HEAD, "/v1/customer", Service::CustomerQuery),
            (Method::POST, "/v1/team/{id}/invitation", Service::CustomerCmd),
            (Method::DELETE, "/v1/customer", Service::CustomerCmd),
        ] {
            assert_eq!(Service::of(&method, template), service, "{method} {template}");
        }
    }
}
