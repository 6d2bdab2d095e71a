//! A notebook in a real browser: JupyterLab, headless Chromium, screenshots.

use crate::python::{Environment, cltv_program};
use crate::run::{root, run};
use anyhow::Result;

/// Pinned, so that every machine sees the same JupyterLab.
const PACKAGES: [&str; 2] = ["jupyterlab==4.6.6", "playwright==1.65.2"];

/// Runs the notebook and leaves screenshots in `out`.
pub(crate) fn drive(notebook: &str, out: &str) -> Result<()> {
    let environment = Environment::with("browser-env", &PACKAGES)?;
    environment.install_kernel()?;
    run(environment.script("browser.py").args([root().join(notebook), root().join(out), cltv_program()?]))
}
