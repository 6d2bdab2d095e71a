//! A notebook in a real browser: JupyterLab, headless Chromium, screenshots.

use crate::python::Environment;
use crate::run::{root, run};
use anyhow::Result;

/// Pinned, so that every machine sees the same JupyterLab.
const PACKAGES: [&str; 2] = ["jupyterlab==4.6.6", "playwright==1.65.2"];

/// Runs the notebook and leaves screenshots in `out`.
pub(crate) fn drive(notebook: &str, out: &str) -> Result<()> {
    let environment = Environment::with("browser-env", &PACKAGES)?;
    environment.install_kernel()?;
    run(environment.script("browser.py").arg(root().join(notebook)).arg(root().join(out)))
}
