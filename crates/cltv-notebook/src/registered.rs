//! Which types show themselves in which form: an entry a type. What has none shows its `Debug` text.

mod accounts;
mod coefficients;
mod forms;
mod models;
mod purchases;
mod summaries;

use crate::bundle::Bundle;
use forms::Entry;
pub(crate) use forms::text_block;
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::OnceLock;

fn registry() -> &'static HashMap<TypeId, Entry> {
    static REGISTRY: OnceLock<HashMap<TypeId, Entry>> = OnceLock::new();
    REGISTRY.get_or_init(|| {
        let parts = [purchases::entries(), models::entries(), accounts::entries(), summaries::entries()];
        parts.into_iter().flatten().map(|entry| (entry.id, entry)).collect()
    })
}

/// The forms of a value of a registered type; none for other types.
pub(crate) fn forms(value: &dyn Any) -> Option<Bundle> {
    registry().get(&value.type_id()).and_then(|entry| (entry.forms)(value))
}

/// The names of the registered types, with their paths; a test compares the prelude with them.
pub fn registered_types() -> Vec<&'static str> {
    registry().values().map(|entry| entry.name).collect()
}
