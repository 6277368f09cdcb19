#![no_main]

#[path = "../../crates/ioserver/tests/fuzzed/packets.rs"]
mod packets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| packets::run(bytes));
