//! What the programs and the library of cltv agree on.

pub mod text;
