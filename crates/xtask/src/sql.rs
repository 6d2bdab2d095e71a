//! The definitions of purchases as SQL, run in DuckDB and compared with what polars computes.

use crate::python::Environment;
use crate::run::{cache, cargo, run};
use crate::testing::{host, in_cache, over_polars, packages, standard_library};
use anyhow::Result;

/// Runs every statement on CDNOW.
pub(crate) fn check() -> Result<()> {
    let folder = cache()?.join("sql-plans");
    let _ = std::fs::remove_dir_all(&folder);
    let mut build = cargo();
    build.args(["build", "--locked", "--profile", "helper", "--target", &host()?, "--example", "sql_plans"]);
    build.args(packages(&over_polars()?)).env("RUSTFLAGS", "-Cprefer-dynamic");
    run(in_cache(&mut build, "build")?)?;
    let program = cache()?.join("build").join(host()?).join("helper/examples/sql_plans");
    let mut plans = std::process::Command::new(program);
    plans.arg(&folder).env("LD_LIBRARY_PATH", standard_library()?);
    run(&mut plans)?;
    let environment = Environment::with("sql-env", &["duckdb==1.1.3"])?;
    run(environment.script("sql_plans.py").arg(&folder))
}
