//! The kernelspec: how Jupyter learns of the kernel.

use super::Kernel;
use super::error::KernelError;
use cltv_protocol::private;
use serde_json::json;
use std::path::PathBuf;

/// The kernel's name in Jupyter.
pub const NAME: &str = "cltv";

/// Where a kernelspec is to be written.
#[derive(Debug, Clone, Default)]
pub enum KernelSpecFolder {
    /// The user's own Jupyter folder.
    #[default]
    User,
    /// `share/jupyter` under a prefix, as a virtual environment has it.
    Prefix(PathBuf),
}

impl KernelSpecFolder {
    /// The kernelspec's folder.
    ///
    /// # Errors
    /// When the user has no data folder.
    pub fn path(&self) -> Result<PathBuf, KernelError> {
        let data = match self {
            KernelSpecFolder::User => {
                jupyter_zmq_client::dirs::user_data_dir().map_err(|_| KernelError::NoCache)?
            }
            KernelSpecFolder::Prefix(prefix) => prefix.join("share").join("jupyter"),
        };
        Ok(data.join("kernels").join(NAME))
    }
}

pub(super) fn write(into: &KernelSpecFolder, kernel: &Kernel) -> Result<PathBuf, KernelError> {
    let folder = into.path()?;
    std::fs::create_dir_all(&folder).map_err(KernelError::file("Making", &folder))?;
    let launch = kernel.launch();
    let spec = json!({
        "argv": launch.argv,
        "display_name": "Rust (cltv)",
        "language": "rust",
        "interrupt_mode": "message",
        "env": launch.env.into_iter().collect::<std::collections::BTreeMap<_, _>>(),
        "metadata": {"debugger": false},
    });
    let file = folder.join("kernel.json");
    let temporary = folder.join(".kernel.json.new");
    std::fs::write(&temporary, format!("{spec:#}\n")).map_err(KernelError::file("Writing", &temporary))?;
    std::fs::rename(&temporary, &file).map_err(KernelError::file("Writing", &file))?;
    // Jupyter runs what this file says.
    private::only_owner_writes(&folder).map_err(KernelError::file("Protecting", &folder))?;
    Ok(folder)
}

pub(super) fn remove(from: &KernelSpecFolder) -> Result<PathBuf, KernelError> {
    let folder = from.path()?;
    if !folder.join("kernel.json").is_file() {
        return Err(KernelError::NotInstalled { path: folder });
    }
    std::fs::remove_dir_all(&folder).map_err(KernelError::file("Removing", &folder))?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernelspec_comes_and_goes() {
        let prefix = tempfile::tempdir().unwrap();
        let place = KernelSpecFolder::Prefix(prefix.path().to_path_buf());
        let kernel = Kernel { program: "/x/cltv-kernel".into(), helper: "/x/helper".into() };
        let folder = write(&place, &kernel).unwrap();
        let spec: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(folder.join("kernel.json")).unwrap()).unwrap();
        assert_eq!(spec["argv"][2], "{connection_file}");
        assert_eq!(spec["interrupt_mode"], "message");
        assert_eq!(spec["env"][cltv_protocol::environment::HELPER], "/x/helper");
        remove(&place).unwrap();
        assert!(matches!(remove(&place), Err(KernelError::NotInstalled { .. })));
    }
}
