//! Fuzzes the loading of saved models for minutes with a seed: `fuzz_models 10 1`.

#[path = "../tests/fuzzing/mod.rs"]
mod fuzzing;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    cltv_fuzz::main(&fuzzing::MODELS)
}
