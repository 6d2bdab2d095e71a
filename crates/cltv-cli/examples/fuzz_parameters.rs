//! Fuzzes the parameters of notebooks for minutes with a seed: `fuzz_parameters 10 1`.

#[path = "../tests/fuzzing/mod.rs"]
#[allow(dead_code)]
mod fuzzing;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    cltv_fuzz::main(&fuzzing::PARAMETERS)
}
