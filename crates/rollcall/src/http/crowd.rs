//! Too much at once: whoever comes while the storage has its hands full is turned away at once, so that those who are inside are
//! served in time.
//!
//! What is counted is work, not requests: a client that sends its body slowly takes no place from anybody.

use crate::app::App;
use crate::problem::{Code, Problem};

/// How many queries and commands may wait or run. At ten thousand a second the last of them waits for a twentieth of a second.
pub const MOST: usize = 512;

/// 503 with `Retry-After` while too many wait. Probes get in: whoever runs the service must see that it lives.
pub(super) fn fault<B>(app: &App, request: &http::Request<B>) -> Option<Problem> {
    let crowded = app.db.running() >= MOST && !matches!(request.uri().path(), "/healthz" | "/readyz");
    crowded.then(|| {
        Problem::because(Code::Unavailable, "Too many requests are waiting just now. Try again in a second.")
    })
}
