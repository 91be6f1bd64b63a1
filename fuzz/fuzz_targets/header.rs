//! Any bytes as a header.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conformance::fuzz::header(data));
