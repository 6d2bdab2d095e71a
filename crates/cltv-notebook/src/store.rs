//! Where a notebook's variables are between two of its cells: what the kernel's lines in a cell call.

mod variables;

pub use cltv_protocol::marks;
pub use variables::VariableStore;

/// A store that lives as long as the process: evcxr hands it from cell to cell. From here on steps that
/// take long report their progress to our kernel.
pub fn create_variable_store() -> *mut VariableStore {
    crate::progress::show();
    variables::create_variable_store()
}
