pub use evcxr_analysis::vfs::*;
