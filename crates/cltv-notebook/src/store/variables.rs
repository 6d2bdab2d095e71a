//! Where a notebook's variables are between two of its cells.
//!
//! evcxr writes a store of its own into each cell, a hash map that is compiled with it each time. The
//! kernel has cells use this one, which is compiled once: of it a cell compiles what its types need.
//! Its names are evcxr's, for evcxr's lines call them.
//!
//! A redefined struct with the same field names has the same [`TypeId`], so that an old variable would be
//! reinterpreted with the new layout. Cells pass a number for each of their definitions, and a variable is
//! kept with those of its type.

use super::marks;
use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::sync::Arc;

/// The crate that each cell is compiled as: what the paths of a notebook's own types begin with.
const CELL: &str = "ctx::";

/// Names of a notebook's own types, modules and traits, each with a number for its definition; the empty
/// name has one for everything that the notebook defines.
type Definitions = &'static [(&'static str, u64)];

/// The variables that no cell is using, by their names.
#[derive(Debug, Default)]
pub struct VariableStore {
    variables: HashMap<String, Variable>,
    /// What the running cell may replace: the values from before it, which come back if it fails.
    aside: Vec<(String, Variable)>,
    /// What the running cell has taken and not put back.
    taken: Vec<String>,
    /// What the running cell has put here.
    put: Vec<String>,
    describe: Option<Describe>,
    definitions: Definitions,
}

/// Gives a value's short and long text, where its type is known.
pub(super) type Describe = fn(&dyn Any) -> Option<(String, String)>;

#[derive(Debug)]
struct Variable {
    value: Box<dyn Any>,
    definition: u64,
}

impl VariableStore {
    /// From now on the notebook's own types are these.
    pub fn define(&mut self, definitions: Definitions) {
        self.definitions = definitions;
    }

    // What depends on a variable's type is compiled in each cell, so it is as little as possible.

    /// Keeps a variable, in the place of an earlier one of its name.
    pub fn put_variable<T: 'static>(&mut self, name: &str, value: T) {
        self.put(name, type_name::<T>(), Box::new(value));
    }

    /// Keeps the value that a variable had before the cell that defines it anew, for the case that the
    /// cell fails.
    pub fn put_back<T: 'static>(&mut self, name: &str, value: T) {
        self.put_if_failed(name, type_name::<T>(), Box::new(value));
    }

    /// Whether a variable is here and has this type; prints the reason where it is not so.
    pub fn check_variable<T: 'static>(&mut self, name: &str) -> bool {
        self.check(name, TypeId::of::<T>(), type_name::<T>())
    }

    /// Takes a variable out.
    ///
    /// # Panics
    /// When there is none of this name and type; cells check before they take.
    pub fn take_variable<T: 'static>(&mut self, name: &str) -> T {
        *self.take(name).downcast().unwrap_or_else(|_| changed(name, type_name::<T>()))
    }

    /// A copy of a variable that cannot be changed and is cheap to copy: the cell may move it.
    ///
    /// # Panics
    /// As [`VariableStore::take_variable`].
    pub fn lend_variable<T: Clone + 'static>(&mut self, name: &str) -> T {
        let kept = self.value(name).and_then(|value| value.downcast_ref::<T>());
        kept.cloned().unwrap_or_else(|| changed(name, type_name::<T>()))
    }

    /// Keeps a variable aside that the cell defines anew without a use of its old value. It comes back if
    /// the cell fails; if the cell ends well before it defines the variable, there is none.
    pub fn set_aside(&mut self, name: &str) {
        if let Some(kept) = self.variables.remove(name) {
            self.aside.push((name.to_owned(), kept));
        }
    }

    /// The cell has ended: if it failed, what it was to replace is as before.
    pub fn settle(&mut self) {
        marks::leave_cell();
        let aside = std::mem::take(&mut self.aside);
        let taken = std::mem::take(&mut self.taken);
        if marks::has_failed() {
            for (name, kept) in aside {
                self.variables.insert(name, kept);
            }
            marks::tell(&format!("{} {}", marks::LOST, taken.join(" ")));
        }
        for name in std::mem::take(&mut self.put) {
            self.tell_value(&name);
        }
    }

    /// A variable of the kernel's own that cells share, made on first use.
    ///
    /// # Panics
    /// When there is one of this name and another type.
    pub fn lazy_arc<T: 'static, F: FnOnce() -> T>(&mut self, name: &str, create: F) -> Arc<T> {
        let make = || Variable { value: Box::new(Arc::new(create())), definition: 0 };
        let kept = self.variables.entry(name.to_owned()).or_insert_with(make);
        kept.value.downcast_ref::<Arc<T>>().cloned().unwrap_or_else(|| changed(name, type_name::<T>()))
    }

    fn value(&self, name: &str) -> Option<&dyn Any> {
        self.variables.get(name).map(|kept| &*kept.value)
    }

    fn put(&mut self, name: &str, type_name: &str, value: Box<dyn Any>) {
        marks::leave_cell();
        self.aside.retain(|(other, _)| other != name);
        self.insert(name, type_name, value);
    }

    fn put_if_failed(&mut self, name: &str, type_name: &str, value: Box<dyn Any>) {
        marks::leave_cell();
        if self.remove_taken(name) && marks::has_failed() {
            self.insert(name, type_name, value);
        }
    }

    fn insert(&mut self, name: &str, type_name: &str, value: Box<dyn Any>) {
        let definition = self.definition(type_name);
        self.remove_taken(name);
        self.put.push(name.to_owned());
        self.variables.insert(name.to_owned(), Variable { value, definition });
    }

    fn remove_taken(&mut self, name: &str) -> bool {
        let found = self.taken.iter().position(|taken| taken == name);
        found.map(|at| self.taken.swap_remove(at)).is_some()
    }

    fn check(&self, name: &str, wanted: TypeId, type_name: &str) -> bool {
        let reason = match self.variables.get(name) {
            // Cells check the variables in evcxr's list.
            None => format!(
                "`{name}` is not there: its cell ended before it was made, or a cell that used it did not end well."
            ),
            Some(kept)
                if (*kept.value).type_id() != wanted || kept.definition != self.definition(type_name) =>
            {
                format!("The type of `{name}` was defined anew, so the variable is gone. Make it again.")
            }
            Some(_) => return true,
        };
        eprintln!("{reason}");
        marks::tell(&format!("{} {name}", marks::CHANGED));
        false
    }

    /// Tells the kernel the value of a variable.
    fn tell_value(&self, name: &str) {
        let Some(kept) = self.variables.get(name) else { return };
        if let Some(describe) = self.describe {
            let (short, long) = describe(&*kept.value).unwrap_or_default();
            marks::tell(&format!("{} {name} {short:?} {long:?}", marks::DESCRIBED));
        }
    }

    fn take(&mut self, name: &str) -> Box<dyn Any> {
        let kept = self.variables.remove(name);
        self.taken.push(name.to_owned());
        kept.unwrap_or_else(|| panic!("the variable `{name}` is not there")).value
    }

    /// A number for all definitions of the notebook's own that a type is made of; 0 for none.
    fn definition(&self, type_name: &str) -> u64 {
        let own = type_name.match_indices(CELL).map(|(at, _)| {
            let path = &type_name[at + CELL.len()..];
            // A name may contain any character that is not ASCII.
            let is_end = |c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && c != '_';
            let end = path.find(is_end).unwrap_or(path.len());
            let name = &path[..end];
            // A type whose definition the kernel did not see, as in a macro, has the number of all there is.
            let number = |name| self.definitions.iter().find(|(defined, _)| *defined == name);
            number(name).or_else(|| number("")).map_or(1, |(_, number)| *number)
        });
        // The order counts: a pair of two types is not that of the same two exchanged.
        own.fold(0, |all: u64, number| all.rotate_left(7) ^ number)
    }
}

fn changed(name: &str, wanted: &str) -> ! {
    panic!("the variable `{name}` is no longer of the type {wanted}")
}

/// A store that lives as long as the process: evcxr hands it from cell to cell. Of values it says nothing.
#[allow(dead_code, unreachable_pub, reason = "the kernel compiles this file where there is no library")]
pub fn create_variable_store() -> *mut VariableStore {
    Box::into_raw(Box::default())
}

/// Such a store, which tells the kernel the values of variables.
#[allow(dead_code, reason = "the kernel compiles this file where there is no library")]
pub(super) fn create_with(describe: Describe) -> *mut VariableStore {
    Box::into_raw(Box::new(VariableStore { describe: Some(describe), ..VariableStore::default() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_come_out_as_they_went_in() {
        let mut store = VariableStore::default();
        store.put_variable("x", vec![1, 2]);
        store.put_variable("y", "text");
        assert!(store.check_variable::<Vec<i32>>("x") && !store.check_variable::<u8>("not there"));
        assert_eq!(store.take_variable::<Vec<i32>>("x"), [1, 2]);
        assert_eq!(store.take_variable::<&'static str>("y"), "text");
        store.put_variable("w", 1_u8);
        assert_eq!(store.lend_variable::<u8>("w"), 1);
        store.set_aside("w");
        assert!(!store.check_variable::<u8>("w"));
        store.settle();
        assert!(!store.check_variable::<u8>("w"), "a cell that ends well leaves no old value");
        let shared = store.lazy_arc("z", || 7);
        assert_eq!(*store.lazy_arc("z", || 8), *shared);
    }

    #[test]
    fn a_cell_that_fails_leaves_the_values_from_before_it() {
        // The state of a cell belongs to its thread.
        std::thread::spawn(|| {
            let mut store = VariableStore::default();
            for (name, value) in [("anew", 1_u8), ("from_itself", 2), ("used_up", 3)] {
                store.put_variable(name, value);
            }
            store.set_aside("anew");
            let (old, _) = (store.take_variable::<u8>("from_itself"), store.take_variable::<u8>("used_up"));
            marks::tell_failed(std::panic::Location::caller());
            store.put_back("from_itself", old);
            store.settle();
            assert_eq!((store.take_variable::<u8>("anew"), store.take_variable::<u8>("from_itself")), (1, 2));
            assert!(!store.check_variable::<u8>("used_up"));
        })
        .join()
        .unwrap();
    }

    #[test]
    fn a_variable_of_another_type_is_noticed_and_kept() {
        let mut store = VariableStore::default();
        store.put_variable("x", 1_u8);
        assert!(!store.check_variable::<i8>("x"));
        assert_eq!(store.take_variable::<u8>("x"), 1);
    }

    #[derive(Debug, PartialEq)]
    struct Own(u8);

    #[test]
    fn a_variable_of_a_type_that_is_defined_anew_is_noticed() {
        let mut store = VariableStore::default();
        // As in a cell, whose crate is `ctx`; here it is `cltv`.
        let put =
            |store: &mut VariableStore| store.put("x", "alloc::vec::Vec<ctx::Own>", Box::new(vec![Own(1)]));
        let check =
            |store: &VariableStore| store.check("x", TypeId::of::<Vec<Own>>(), "alloc::vec::Vec<ctx::Own>");
        store.define(&[("Other", 3), ("Own", 7)]);
        put(&mut store);
        assert!(check(&store));
        store.define(&[("Other", 4), ("Own", 7)]);
        assert!(check(&store));
        store.define(&[("Own", 8)]);
        assert!(!check(&store));
        put(&mut store);
        assert!(check(&store));
        assert_eq!(store.definition("alloc::vec::Vec<u8>"), 0);
        // What a macro defines is not in the list: it is the same only as long as all else is.
        store.define(&[("", 5), ("Own", 7)]);
        put(&mut store);
        let (made, own) = (store.definition("ctx::Made"), store.definition("ctx::Own"));
        store.define(&[("", 6), ("Own", 7)]);
        assert!(made != store.definition("ctx::Made") && own == store.definition("ctx::Own"));
        assert_ne!(store.definition("(ctx::Own, ctx::m::A)"), store.definition("(ctx::m::A, ctx::Own)"));
    }

    #[test]
    #[should_panic(expected = "the variable `x` is not there")]
    fn a_variable_that_is_gone_is_named() {
        VariableStore::default().take_variable::<u8>("x");
    }
}
