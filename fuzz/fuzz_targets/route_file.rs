#![no_main]

#[path = "../../crates/ioserver/tests/fuzzed/route_file.rs"]
mod route_file;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| route_file::run(bytes));
