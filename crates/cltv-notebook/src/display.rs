//! How values show themselves as the last line of a cell.
//!
//! evcxr calls `evcxr_display` on a cell's last expression and falls back to a second
//! compile where there is none. One trait for every `Debug` value saves that compile,
//! and gives frames and coefficient tables their html form.

use crate::bundle::{Bundle, emit};
use crate::forms::forms;
use crate::{Interact, registered};
use cltv_workflow::Error;
use std::any::Any;
use std::fmt::Debug;

/// Shows a value as a cell's output; in the prelude, so that every cell can.
pub trait ShowInNotebook {
    /// Writes the value's forms for evcxr's display protocol.
    fn evcxr_display(&self);
}

impl<T: Debug + 'static> ShowInNotebook for T {
    fn evcxr_display(&self) {
        show(self, self);
    }
}

/// Not generic: it is compiled once, and not in every cell that shows another type.
fn show(any: &dyn Any, value: &dyn Debug) {
    if let Some(bundle) = slider(any).or_else(|| forms(any, value)) {
        emit(&bundle);
    }
}

/// The forms of a slider, which contains forms of other values, also in a result.
fn slider(any: &dyn Any) -> Option<Bundle> {
    if let Some(slider) = any.downcast_ref::<Interact>() {
        return Some(slider.forms());
    }
    match any.downcast_ref::<Result<Interact, Error>>()? {
        Ok(slider) => Some(slider.forms()),
        Err(error) => Some(registered::text_block(error.to_string())),
    }
}
