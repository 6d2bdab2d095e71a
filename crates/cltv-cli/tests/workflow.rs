//! Whole runs of the repository's notebooks: the real kernel, the real helper library, in a
//! workspace of their own.
//!
//! `cargo xtask test` runs them, or
//! `cargo test -p cltv-cli --features workflow-tests --test workflow -- --test-threads=2`.

#[path = "workflow/accounts.rs"]
mod accounts;
#[path = "workflow/bad_input.rs"]
mod bad_input;
#[path = "workflow/default_run.rs"]
mod default_run;
#[path = "workflow/executed.rs"]
mod executed;
#[path = "workflow/failures.rs"]
mod failures;
#[path = "workflow/hostile.rs"]
mod hostile;
#[path = "workflow/models.rs"]
mod models;
#[path = "workflow/other_data.rs"]
mod other_data;
#[path = "workflow/own_data.rs"]
mod own_data;
#[path = "workflow/settings.rs"]
mod settings;
#[path = "workflow/starter.rs"]
mod starter;
#[path = "workflow/threads.rs"]
mod threads;
#[path = "workflow/workspace.rs"]
mod workspace;
