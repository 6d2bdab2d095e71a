//! Where a notebook's variables are between two of its cells.
//!
//! evcxr writes a store of its own into each cell, a hash map that is compiled with it each time. The
//! kernel has cells use this one, which is compiled once: of it a cell compiles what its types need.
//! Its names are evcxr's, for evcxr's lines call them.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::sync::Arc;

/// What a cell prints when a `?` ended it.
pub const USER_ERROR_OCCURRED: &str = "EVCXR_ERROR_OCCURRED";
/// What a cell prints before the name of a variable whose type was defined anew.
const VARIABLE_CHANGED_TYPE: &str = "EVCXR_VARIABLE_CHANGED_TYPE:";

/// The variables that no cell is using, by their names.
#[derive(Debug, Default)]
pub struct VariableStore {
    variables: HashMap<String, Box<dyn Any>>,
}

impl VariableStore {
    /// Keeps a variable, in the place of an earlier one of its name.
    pub fn put_variable<T: 'static>(&mut self, name: &str, value: T) {
        self.put(name, Box::new(value));
    }

    /// Whether a variable, if there is one, has this type; says so where it has not.
    pub fn check_variable<T: 'static>(&mut self, name: &str) -> bool {
        self.check(name, TypeId::of::<T>())
    }

    /// Takes a variable out.
    ///
    /// # Panics
    /// When there is none of this name and type; cells check before they take.
    pub fn take_variable<T: 'static>(&mut self, name: &str) -> T {
        *self.take(name).downcast().unwrap_or_else(|_| changed(name, type_name::<T>()))
    }

    /// A variable of the kernel's own that cells share, made when it is first asked for.
    ///
    /// # Panics
    /// When there is one of this name and another type.
    pub fn lazy_arc<T: 'static, F: FnOnce() -> T>(&mut self, name: &str, create: F) -> Arc<T> {
        let make = || Box::new(Arc::new(create())) as Box<dyn Any>;
        let kept = self.variables.entry(name.to_owned()).or_insert_with(make);
        kept.downcast_ref::<Arc<T>>().cloned().unwrap_or_else(|| changed(name, type_name::<T>()))
    }

    fn put(&mut self, name: &str, value: Box<dyn Any>) {
        self.variables.insert(name.to_owned(), value);
    }

    fn check(&self, name: &str, wanted: TypeId) -> bool {
        let is_other = self.variables.get(name).is_some_and(|value| (**value).type_id() != wanted);
        if is_other {
            println!("{VARIABLE_CHANGED_TYPE}{name}");
        }
        !is_other
    }

    fn take(&mut self, name: &str) -> Box<dyn Any> {
        self.variables.remove(name).unwrap_or_else(|| panic!("the variable `{name}` is not there"))
    }
}

fn changed(name: &str, wanted: &str) -> ! {
    panic!("the variable `{name}` is no longer of the type {wanted}")
}

/// A store that lives as long as the process: evcxr hands it from cell to cell.
pub fn create_variable_store() -> *mut VariableStore {
    Box::into_raw(Box::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_come_out_as_they_went_in() {
        let mut store = VariableStore::default();
        store.put_variable("x", vec![1, 2]);
        store.put_variable("y", "text");
        assert!(store.check_variable::<Vec<i32>>("x") && store.check_variable::<u8>("not there"));
        assert_eq!(store.take_variable::<Vec<i32>>("x"), [1, 2]);
        assert_eq!(store.take_variable::<&'static str>("y"), "text");
        let shared = store.lazy_arc("z", || 7);
        assert_eq!(*store.lazy_arc("z", || 8), *shared);
    }

    #[test]
    fn a_variable_of_another_type_is_noticed_and_kept() {
        let mut store = VariableStore::default();
        store.put_variable("x", 1_u8);
        assert!(!store.check_variable::<i8>("x"));
        assert_eq!(store.take_variable::<u8>("x"), 1);
    }

    #[test]
    #[should_panic(expected = "the variable `x` is not there")]
    fn a_variable_that_is_gone_is_named() {
        VariableStore::default().take_variable::<u8>("x");
    }
}
