//! How values show themselves in a notebook, and where its variables are between cells.
//!
//! [`ShowInNotebook`] shows any value as a cell's last line, [`charts`] draws what the workflow's steps
//! return, [`store`] is what the kernel's lines in a cell call.

mod bundle;
pub mod charts;
mod display;
mod figure;
mod formats;
mod forms;
mod html;
mod interact;
mod own_plot;
mod plotly_plot;
mod progress;
mod registered;
pub mod store;
mod tables;
mod values;

pub use display::ShowInNotebook;
pub use figure::Figure;

/// The plotly crate; its [`Plot`](plotly::Plot) shows itself offline.
pub mod plotly {
    pub use crate::plotly_plot::Plot;
    pub use ::plotly::*;
}
pub use interact::{Interact, interact};
pub use own_plot::{FramePlot, plot};
#[doc(hidden)]
pub use registered::registered_types;
