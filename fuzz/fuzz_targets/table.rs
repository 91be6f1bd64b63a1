//! Any bytes as a table.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conformance::fuzz_table::table(data));
