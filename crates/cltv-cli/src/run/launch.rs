//! Which kernel a run uses: cltv's own, or an installed one by name.

use jupyter_zmq_client::{KernelspecDir, RuntimeError, find_kernelspec, find_kernelspec_with_jupyter_paths};
use thiserror::Error;

use crate::kernel::{self, KernelError};

pub use crate::kernel::KernelLaunch;

/// There is no kernel to start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LaunchError {
    /// No installed kernel has that name.
    #[error("No Jupyter kernel is named `{name}`; installed are {available}.")]
    NoSuchKernel {
        /// The name on the command line.
        name: String,
        /// The names there are.
        available: String,
    },
    /// The installed kernel cannot be started.
    #[error("The kernel `{name}` cannot be used: {what}.")]
    Unusable {
        /// The kernel's name.
        name: String,
        /// What is wrong with it.
        what: String,
    },
    /// cltv's own kernel cannot be built, installed or found.
    #[error(transparent)]
    Own(#[from] KernelError),
}

impl LaunchError {
    /// The exit code: a wrong name is a usage error.
    pub fn code(&self) -> u8 {
        match self {
            LaunchError::NoSuchKernel { .. } => 2,
            _ => 1,
        }
    }
}

/// Makes cltv's own kernel ready, building what is missing; returns how to start it.
///
/// # Errors
/// [`LaunchError::Own`] when it cannot be built.
pub fn ensure_ready(reporter: &dyn Fn(&str)) -> Result<KernelLaunch, LaunchError> {
    Ok(kernel::ensure_ready(reporter)?)
}

/// How to start the installed kernel of that name, wherever Jupyter looks for kernels.
///
/// # Errors
/// [`LaunchError::NoSuchKernel`] lists those there are.
pub async fn installed(name: &str) -> Result<KernelLaunch, LaunchError> {
    // Asking the `jupyter` command for its folders takes a second; most kernels need no asking.
    let found = match find_kernelspec(name).await {
        Ok(found) => found,
        Err(_) => find_kernelspec_with_jupyter_paths(name).await.map_err(|error| not_found(name, error))?,
    };
    if found.kernelspec.argv.is_empty() {
        return Err(LaunchError::Unusable {
            name: name.to_owned(),
            what: "its kernel.json has no command".to_owned(),
        });
    }
    Ok(from_kernelspec(found))
}

fn not_found(name: &str, error: RuntimeError) -> LaunchError {
    match error {
        RuntimeError::KernelNotFound { mut available, .. } => {
            available.sort();
            available.dedup();
            LaunchError::NoSuchKernel {
                name: name.to_owned(),
                available: match available.as_slice() {
                    [] => "none".to_owned(),
                    names => names.join(", "),
                },
            }
        }
        other => LaunchError::Unusable { name: name.to_owned(), what: other.to_string() },
    }
}

fn from_kernelspec(found: KernelspecDir) -> KernelLaunch {
    let folder = found.path.display().to_string();
    let argv = found.kernelspec.argv.iter();
    KernelLaunch {
        argv: argv.map(|part| part.replace("{resource_dir}", &folder)).collect(),
        env: found.kernelspec.env.into_iter().flatten().collect(),
    }
}
