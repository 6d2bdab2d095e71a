pub use evcxr_analysis::ide::*;
