//! What the programs and the library of cltv agree on, each declared once.
//!
//! - [`database`]: the address of a table in a database.
//! - [`environment`]: the environment variables, with who sets and who reads each.
//! - [`display`]: MIME types, evcxr's output markers, and the place of plotly.js in html.
//! - [`chart_html`]: the scripts by which a chart draws itself in a page.
//! - [`marks`]: the lines by which code in a cell speaks to the kernel.
//! - [`parameters`]: the parameters of the notebooks, with kind, bounds by workflow and a sentence.
//! - [`workspace`]: which folder is the workspace, and what a relative path means.
//! - [`input_files`]: which files a parameter names, and whether one has changed.
//! - [`helper`]: the manifest of the compiled helper library.
//! - [`installation`]: the folder of an installation that was built elsewhere.
//! - [`build_folder`]: a build folder that several checkouts use one after the other.
//! - [`private`]: files and folders that only their owner can read, whatever the umask.
//! - [`kept_cells`]: the form of compiled cells that are kept, and the check of their contents.
//! - [`spreadsheet`]: text that a spreadsheet program would run as a formula.
//! - [`text`]: counts, amounts of money and names as text.
//!
//! The crate depends on no other crate of this workspace, so that any of them can use it.

pub mod build_folder;
pub mod chart_html;
pub mod database;
pub mod display;
pub mod documentation;
pub mod environment;
pub mod helper;
pub mod input_files;
pub mod installation;
pub mod kept_cells;
pub mod marks;
pub mod parameters;
pub mod private;
pub mod spreadsheet;
pub mod text;
pub mod workspace;

/// The text of [`marks`], for cells that are compiled without the library.
pub const MARKS_SOURCE: &str = include_str!("marks.rs");
