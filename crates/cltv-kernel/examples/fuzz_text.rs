//! Fuzzes what a cell prints, and frames at a port, for minutes with a seed: `fuzz_text 10 1`.

#[path = "../src/server/frames.rs"]
#[allow(dead_code)]
mod frames;
#[path = "../tests/fuzzing/mod.rs"]
mod fuzzing;
#[path = "../src/panic_lines.rs"]
#[allow(dead_code)]
mod panic_lines;
#[path = "../src/cell_host/translator.rs"]
#[allow(dead_code)]
mod translator;
#[path = "../src/wire.rs"]
mod wire;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    cltv_fuzz::main(&fuzzing::TEXT)
}
