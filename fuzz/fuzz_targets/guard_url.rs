//! See `rollcall::fuzzing`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rollcall::fuzzing::run("guard_url", bytes));
