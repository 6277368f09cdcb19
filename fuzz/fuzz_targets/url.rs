#![no_main]

#[path = "../../crates/ioserver/tests/fuzzed/url.rs"]
mod url;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| url::run(bytes));
