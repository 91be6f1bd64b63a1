//! Any bytes as a .npy.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conformance::fuzz::npy(data));
