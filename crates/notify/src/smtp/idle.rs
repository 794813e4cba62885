//! Connections kept for the next mail.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::session::Session;

/// Connections kept; more than these are closed after use.
const KEPT: usize = 4;
/// How long one is kept: shorter than servers' own patience (RFC 5321 §4.5.3.2.7 asks for 5 minutes; many give less).
const FOR: Duration = Duration::from_secs(30);
/// How long the server may take to show that it is still there.
const PROBE: Duration = Duration::from_secs(1);

/// The kept connections, the latest last.
#[derive(Default)]
pub(super) struct Idle {
    sessions: Mutex<Vec<(Session, Instant)>>,
}

impl Idle {
    /// A connection that has just answered a NOOP, or none. The taker owns it: what goes wrong with it, or is cut off
    /// in the middle of a mail, never comes back here.
    pub(super) async fn take(&self) -> Option<Session> {
        while let Some((mut session, since)) = self.pop() {
            if since.elapsed() < FOR && timeout(PROBE, session.is_alive()).await == Ok(true) {
                return Some(session);
            }
        }
        None
    }

    /// Keeps a connection that has just done its work.
    pub(super) fn keep(&self, session: Session) {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|(_, since)| since.elapsed() < FOR);
        if sessions.len() < KEPT {
            sessions.push((session, Instant::now()));
        }
    }

    fn pop(&self) -> Option<(Session, Instant)> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}
