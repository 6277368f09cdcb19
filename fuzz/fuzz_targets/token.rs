#![no_main]

#[path = "../../crates/ioserver-oidc/tests/fuzzed/token.rs"]
mod token;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| token::run(bytes));
