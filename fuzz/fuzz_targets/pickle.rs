//! Any bytes as a pickle.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conformance::fuzz::pickle(data));
