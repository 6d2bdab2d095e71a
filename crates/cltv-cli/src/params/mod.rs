//! Parameters of a notebook: what it declares, what a value may be, and the code that sets it.
//!
//! The cell tagged `parameters` is Rust: `let name: type = value;  // what it means`. A value given
//! on the command line keeps the declared type and is data, never code.

pub(crate) mod depth;
mod given;
mod json;
mod parse;
mod resolve;
pub mod rules;
pub mod sources;
mod value;
pub mod yaml;

use cltv_protocol::parameters::BoundError;
use thiserror::Error;

pub use given::{Assignment, Given};
pub use parse::parameters_of;
pub use resolve::{NotebookParameters, Settings, resolve};
pub use value::{Kind, Value, Whole};

/// A parameter as a notebook declares it.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its type as written, or `None` where the notebook leaves it to the compiler.
    pub declared: Option<String>,
    /// What its values are.
    pub kind: Kind,
    /// The default as written.
    pub default: String,
    /// The default as a value, where it is a plain one.
    pub default_value: Option<Value>,
    /// The comment behind the declaration.
    pub comment: Option<String>,
    /// Whether it is declared `mut`.
    pub mutable: bool,
}

impl Parameter {
    /// The type in words that a message or a table shows.
    pub fn type_name(&self) -> String {
        self.declared.clone().unwrap_or_else(|| self.kind.to_string())
    }

    /// The statement that gives the parameter a value.
    pub fn statement(&self, value: &Value) -> String {
        let mutable = if self.mutable { "mut " } else { "" };
        let name = &self.name;
        let value = value.literal(&self.kind);
        match &self.declared {
            Some(declared) => format!("let {mutable}{name}: {declared} = {value};"),
            None => format!("let {mutable}{name} = {value};"),
        }
    }
}

/// A parameter, or its value, was refused. Nothing was compiled.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ParamError {
    /// The parameters cell is not a list of declarations.
    #[error(
        "The parameters cell of {notebook} is not valid Rust: {message} (line {line} of the cell). Write one `let name: type = value;` a line."
    )]
    Cell {
        /// The notebook.
        notebook: String,
        /// What the parser says.
        message: String,
        /// The line within the cell, from 1.
        line: usize,
    },
    /// No notebook has a parameter of that name.
    #[error("No parameter is named `{name}`{} {known}", suggestion(.close))]
    Unknown {
        /// The name as typed.
        name: String,
        /// The nearest name there is.
        close: Option<String>,
        /// The names there are, and which notebooks have them.
        known: String,
    },
    /// What was given is no value of the declared type.
    #[error("`{name}` is declared as {declared} in {notebook}, and {given} is not {expected}.")]
    Type {
        /// The parameter.
        name: String,
        /// Its declared type.
        declared: String,
        /// The notebook that declares it.
        notebook: String,
        /// The value as given.
        given: String,
        /// What a value of that type looks like.
        expected: String,
    },
    /// The value has the right type and is out of the parameter's bounds.
    #[error(transparent)]
    Range(#[from] BoundError),
    /// A file or an option with parameters cannot be read.
    #[error("The parameters of {source_name} cannot be read: {what}.")]
    Source {
        /// The option or the file.
        source_name: String,
        /// What is wrong with it.
        what: String,
    },
    /// A `{name}` in a path cannot be filled in.
    #[error("The path {path:?} cannot be filled in: {what}.")]
    Placeholder {
        /// The path as given.
        path: String,
        /// What is wrong with it.
        what: String,
    },
}

fn suggestion(close: &Option<String>) -> String {
    close.as_ref().map_or_else(|| ".".to_owned(), |name| format!("; did you mean `{name}`?"))
}
