//! Any bytes as a dtype's text.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conformance::fuzz::descr(data));
