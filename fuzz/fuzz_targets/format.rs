//! Any bytes as a format.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conformance::fuzz_text::format(data));
