pub use evcxr_analysis::base_db::*;
