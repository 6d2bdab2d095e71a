pub use evcxr_analysis::paths::*;
