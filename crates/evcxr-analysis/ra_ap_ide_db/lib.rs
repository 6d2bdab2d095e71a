pub use evcxr_analysis::ide_db::*;
