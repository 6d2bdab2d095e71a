//! How values show themselves in a notebook, and where its variables are between cells.
//!
//! [`ShowInNotebook`] shows any value as a cell's last line, [`charts`] draws what the workflow's steps
//! return, [`store`] is what the kernel's lines in a cell call.

mod bundle;
pub mod charts;
mod display;
mod figure;
mod html;
mod progress;
mod registered;
pub mod store;
mod tables;

pub use display::ShowInNotebook;
pub use figure::Figure;
#[doc(hidden)]
pub use registered::registered_types;
