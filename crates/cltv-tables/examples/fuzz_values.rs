//! Fuzzes dates, amounts and flags for minutes with a seed: `fuzz_values 10 1`.

#[path = "../tests/fuzzing/mod.rs"]
#[allow(dead_code)]
mod fuzzing;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    cltv_fuzz::main(&fuzzing::VALUES)
}
