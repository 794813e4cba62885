//! Faults of disk, process and clock: the real program on SQLite, while something is wrong around it. Each trial prints one line.
//!
//! Short here; `TRIALS=200 cargo test -p rollcall --test faults -- --nocapture` is the long form. Needs strace, faketime, and the right to
//! mount file systems.

mod clocks;
mod disk_errors;
mod disk_full;
mod few_files;
mod graceful_end;
mod ledger;
mod memory;
#[path = "../process/mod.rs"]
mod process;
mod read_only;
mod scene;
mod soak;
mod strace;
mod two_processes;
mod wire;
