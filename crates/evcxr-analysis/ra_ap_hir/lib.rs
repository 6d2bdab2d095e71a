pub use evcxr_analysis::hir::*;
