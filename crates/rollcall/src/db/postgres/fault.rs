//! What a failure of PostgreSQL means: for the statement, for its transaction, for the connection.

use tokio_postgres::error::SqlState;

use crate::db::Error;

/// What has befallen a session's transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A rule refused a statement. The transaction is void; doing it again would end the same.
    Refused,
    /// The transaction lost against others; it may be done again on this connection.
    Beaten,
    /// The connection is gone or of no use (the server ends, or takes no writes any more); it may be done again on another.
    Lost,
}

impl Fault {
    pub(super) fn of(error: &tokio_postgres::Error) -> Self {
        let Some(code) = error.code() else {
            // Without an answer of the server: the connection broke, or an argument did not fit its parameter.
            return if error.is_closed() || caused_by_io(error) { Self::Lost } else { Self::Refused };
        };
        match code.code() {
            // Serialization failure, deadlock.
            "40001" | "40P01" => Self::Beaten,
            // Read-only transaction, no log of its own to look at: this server has become a standby. A plan that a migration made void; a prepared statement
            // that a pooler between us does not know. Too many connections; the operator ended us or the server (admin, crash,
            // starting up, dropped database).
            "25006" | "55000" | "0A000" | "26000" | "53300" | "57P01" | "57P02" | "57P03" | "57P04" => {
                Self::Lost
            }
            code if code.starts_with("08") => Self::Lost,
            _ => Self::Refused,
        }
    }
}

/// Whether a server refused a connection, or was refused, for what the operator has to change: the password, the name of the
/// database, the certificate.
pub(super) fn is_for_good(error: &tokio_postgres::Error) -> bool {
    let refused = error.code().is_some_and(|code| code.code().starts_with("28") || code.code() == "3D000");
    refused || without_tls(error) || is_of_a_certificate(error)
}

fn is_of_a_certificate(error: &tokio_postgres::Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<std::io::Error>());
    let cause = cause.and_then(|cause| cause.get_ref()?.downcast_ref::<tokio_rustls::rustls::Error>());
    matches!(cause, Some(tokio_rustls::rustls::Error::InvalidCertificate(_)))
}

/// The driver has no other sign of it than its words.
fn without_tls(error: &tokio_postgres::Error) -> bool {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    cause.is_some_and(|cause| cause == "server does not support TLS")
}

fn caused_by_io(error: &tokio_postgres::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if cause.is::<std::io::Error>() {
            return true;
        }
        source = cause.source();
    }
    false
}

/// The failure of a statement, as both engines name it.
pub(super) fn error(error: &tokio_postgres::Error) -> Error {
    if Fault::of(error) != Fault::Refused {
        tracing::debug!(error = words(error), "the database could not carry out a statement just now");
        return Error::Unavailable;
    }
    let Some(refusal) = error.as_db_error() else { return Error::Internal(words(error)) };
    let rule = refusal.constraint().unwrap_or_default();
    match *refusal.code() {
        SqlState::UNIQUE_VIOLATION => Error::Unique(rule.to_owned()),
        SqlState::FOREIGN_KEY_VIOLATION => Error::ForeignKey,
        SqlState::CHECK_VIOLATION => Error::Check(rule.to_owned()),
        SqlState::DISK_FULL => Error::StorageFull,
        SqlState::LOCK_NOT_AVAILABLE
        | SqlState::QUERY_CANCELED
        | SqlState::OUT_OF_MEMORY
        | SqlState::IO_ERROR => Error::Unavailable,
        _ => Error::Internal(words(error)),
    }
}

/// One line without a value: the server's detail would show the row.
pub(in crate::db) fn words(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(refusal) => format!("{} ({})", refusal.message(), refusal.code().code()),
        None => match std::error::Error::source(error) {
            Some(cause) => format!("{error}: {cause}"),
            None => error.to_string(),
        },
    }
}
