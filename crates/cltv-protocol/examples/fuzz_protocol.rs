//! Fuzzes what programs and library agree on for minutes with a seed: `fuzz_protocol 10 1`.

#[path = "../tests/fuzzing/mod.rs"]
mod fuzzing;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    cltv_fuzz::main(&fuzzing::PROTOCOL)
}
