//! The program under pressure: clients that are slow, connections that say nothing, and more requests than it can serve.
//!
//! The short form counts: who is turned away is told so, nothing else fails, and all is well afterwards. `LONG=1`, for a release build
//! on a machine with nothing else to do, takes its time and gives figures.

mod backlog;
mod bars;
mod idle;
mod offer;
mod overload;
#[path = "../process/mod.rs"]
mod process;
mod scene;
mod slow;
mod wire;

/// Whether this is the long form.
#[expect(clippy::disallowed_methods, reason = "a switch of the trials, not a setting")]
fn long() -> bool {
    std::env::var_os("LONG").is_some()
}
