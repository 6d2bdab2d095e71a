//! The environment variables that cltv's programs and library set or read.

/// An environment variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Who sets it.
    pub set_by: &'static str,
    /// Who reads it.
    pub read_by: &'static str,
    /// What its value means.
    pub meaning: &'static str,
}

/// Declares a constant for each variable, and [`ALL`] of them in the same order.
macro_rules! variables {
    ($($constant:ident = $name:literal, $set_by:literal, $read_by:literal, $meaning:literal;)*) => {
        $(#[doc = $meaning] pub const $constant: &str = $name;)*

        /// Every variable, in the order of the table in the crate's README.
        pub const ALL: &[Variable] = &[
            $(Variable { name: $name, set_by: $set_by, read_by: $read_by, meaning: $meaning },)*
        ];
    };
}

variables! {
    CACHE = "CLTV_CACHE", "the user", "cltv-cli, cltv-kernel, xtask",
        "The folder for compiled kernels, helper libraries and cells; without it, `cltv` in the user's cache folder.";
    STAGE = "CLTV_STAGE", "cltv-cli (`report`)", "the helper library",
        "The folder that output files are written to during a report, before they are published together.";
    PURCHASES = "CLTV_PURCHASES", "cltv-cli (`report`)", "the helper library",
        "The folder in which a notebook of a report keeps clean purchases for the next ones; the report deletes it.";
    WAREHOUSE = "CLTV_WAREHOUSE", "the user", "the helper library",
        "The program cltv-warehouse, which reads tables of databases; without it, it is looked for on the path.";
    CONNECTIONS = "CLTV_CONNECTIONS", "the user", "cltv-warehouse",
        "The file with connections to databases; without it, `cltv/connections.toml` in the user's folder of settings.";
    DATABASE_USER = "CLTV_DATABASE_USER", "the user", "cltv-warehouse",
        "The user's name at a database.";
    DATABASE_PASSWORD = "CLTV_DATABASE_PASSWORD", "the user", "cltv-warehouse",
        "The password at a database.";
    DATABASE_TOKEN = "CLTV_DATABASE_TOKEN", "the user", "cltv-warehouse",
        "A token for a database behind Flight SQL, which is sent as `Bearer`.";
    HELPER = "CLTV_HELPER", "cltv-cli, in the kernelspec", "cltv-kernel",
        "The folder of the compiled helper library, which holds helper.json.";
    KERNEL = "CLTV_KERNEL", "cltv-kernel", "the helper library",
        "The kernel's version. Where it is set, plotly.js and progress are sent as outputs of their own MIME types.";
    PLOTLY_SENT = "CLTV_PLOTLY_SENT", "the helper library", "the helper library",
        "Set by the first chart of a process under another kernel; later charts leave plotly.js out.";
    CELL_HOST = "CLTV_CELL_HOST", "cltv-kernel", "cltv-kernel",
        "Set by the cell host in the process that it starts, which runs the compiled cells.";
    MARK = "CLTV_MARK", "cltv-kernel", "the helper library, cells",
        "The secret of the process that runs cells. Displays and ends count only between lines that contain it.";
    USER_TMPDIR = "CLTV_USER_TMPDIR", "cltv-kernel", "cltv-kernel",
        "The value of TMPDIR that cells get; the kernel and compilers have a private one.";
    USER_UMASK = "CLTV_USER_UMASK", "cltv-kernel", "cltv-kernel",
        "The umask that cells get, in octal; what the kernel and compilers write is private.";
    CELL_STARTED = "CLTV_CELL_STARTED", "cltv-kernel", "cltv-kernel",
        "The file that exists once the first cell may run; output from before is dropped.";
    REAL_CARGO = "CLTV_REAL_CARGO", "cltv-kernel", "cltv-kernel, as `cargo`",
        "The cargo of the toolchain that compiles cells; not set where there is none.";
    REAL_RUSTC = "CLTV_REAL_RUSTC", "cltv-kernel", "cltv-kernel, as `cargo` or `rustc`",
        "The rustc of the toolchain that compiles cells.";
    RUSTC_WRAPPER = "CLTV_RUSTC_WRAPPER", "cltv-kernel, as `cargo`", "cltv-kernel, as `rustc`",
        "Set where cargo calls the kernel's program as its compiler wrapper.";
    FAULT = "CLTV_FAULT", "xtask (`faults`)", "cltv-cli, built with the feature `faults`",
        "The named point at which the program ends itself, and after a colon how often it passes the point before.";
    SKIPPED_TESTS = "CLTV_SKIPPED_TESTS", "xtask", "tests",
        "The file to which tests that this machine cannot run add their names, a line each.";
    EVCXR_RUNTIME = "EVCXR_IS_RUNTIME", "evcxr", "cltv-kernel",
        "Set by evcxr in the process that it starts for cells.";
    EVCXR_FOLDER = "EVCXR_TMPDIR", "cltv-kernel", "evcxr, cltv-kernel",
        "The folder in which evcxr writes the crate of each cell.";
    EVCXR_CONFIG = "EVCXR_CONFIG_DIR", "cltv-kernel", "evcxr, cltv-kernel",
        "The folder in which evcxr looks for its settings; the kernel names an empty one.";
    PARENT_PROCESS = "JPY_PARENT_PID", "cltv-cli, Jupyter", "kernels",
        "The process id of the program that started the kernel; Jupyter's own name.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_variable_is_declared_once_and_says_what_it_is_for() {
        let names: BTreeSet<&str> = ALL.iter().map(|variable| variable.name).collect();
        assert_eq!(names.len(), ALL.len());
        for variable in ALL {
            assert!(variable.meaning.ends_with('.'), "{}", variable.name);
            assert!(!variable.set_by.is_empty() && !variable.read_by.is_empty(), "{}", variable.name);
        }
    }
}
