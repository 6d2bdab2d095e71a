//! The fuzz targets of the runner, shared by the long runs and the replay.

pub(crate) mod elements;
mod messages;
mod notebooks;
mod outputs;
mod parameters;

use cltv_fuzz::{Outcome, Target};

/// Cells that declare parameters, values given for them, and files of them.
pub(crate) const PARAMETERS: Target = Target {
    name: "parameters",
    words: &parameters::WORDS,
    seeds: parameters::seeds,
    read: |name, bytes| outcome(parameters::read(name, bytes)),
};

/// Notebook files: read, saved, exported.
pub(crate) const NOTEBOOKS: Target = Target {
    name: "notebooks",
    words: &notebooks::WORDS,
    seeds: notebooks::seeds,
    read: |_, bytes| outcome(notebooks::read(bytes)),
};

/// Text in every output of a notebook that is exported: it is text on the page.
pub(crate) const OUTPUTS: Target = Target {
    name: "outputs",
    words: &outputs::WORDS,
    seeds: outputs::seeds,
    read: |_, bytes| outcome(outputs::read(bytes)),
};

/// Messages of a kernel, by their frames.
pub(crate) const MESSAGES: Target = Target {
    name: "messages",
    words: &messages::WORDS,
    seeds: messages::seeds,
    read: |_, bytes| outcome(messages::read(bytes)),
};

/// Whether an input was accepted, or a fault in words.
type Read = Result<bool, String>;

fn outcome(read: Read) -> Outcome {
    match read {
        Ok(true) => Outcome::Accepted,
        Ok(false) => Outcome::Refused,
        Err(what) => Outcome::Finding(what),
    }
}

/// A fault, when what must be so is not.
fn ensure(is_so: bool, fault: impl FnOnce() -> String) -> Result<(), String> {
    if is_so { Ok(()) } else { Err(fault()) }
}
