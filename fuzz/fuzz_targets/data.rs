//! The target `data` as libFuzzer runs it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| gravure_fuzz::targets::data(bytes));
