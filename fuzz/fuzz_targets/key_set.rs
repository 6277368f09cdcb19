#![no_main]

#[path = "../../crates/ioserver-oidc/tests/fuzzed/key_set.rs"]
mod key_set;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| key_set::run(bytes));
