pub use evcxr_analysis::vfs_notify::*;
