//! Stock papermill and Jupyter's own tests with our kernel and the plugin in `python/`.

use crate::python::{Environment, cltv_program};
use crate::run::{root, run};
use anyhow::{Context, Result};

const PACKAGES: [&str; 5] = [
    "papermill==2.7.0",
    "jupyter_kernel_test==0.7.0",
    "nbconvert==7.17.0",
    "nbclient==0.11.0",
    // papermill's own kernel package; without one jupyter_client warns of a missing default.
    "ipykernel==7.4.0",
];

/// The plugin's tests, the notebooks through papermill and through `cltv run`, Jupyter's kernel tests.
pub(crate) fn check() -> Result<()> {
    let environment = Environment::with("papermill-env", &PACKAGES)?;
    let plugin = root().join("python");
    let plugin = plugin.to_str().context("the checkout's folder is not text")?;
    environment.pip(&["--force-reinstall", "--no-deps", plugin])?;
    environment.install_kernel()?;
    run(environment.python().args(["-m", "unittest", "discover"]).arg(root().join("python/tests")))?;
    run(&mut environment.script("kernel_test.py"))?;
    run(environment.script("compare.py").arg(cltv_program()?).arg(root()))
}
