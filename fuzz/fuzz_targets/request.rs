#![no_main]

#[path = "../../crates/ioserver/tests/fuzzed/request.rs"]
mod request;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| request::run(bytes));
