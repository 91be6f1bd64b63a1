//! Any bytes as a text.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conformance::fuzz_text::text(data));
