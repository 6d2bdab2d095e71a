pub use evcxr_analysis::project_model::*;
