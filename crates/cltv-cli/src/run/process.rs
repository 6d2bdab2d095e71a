//! A kernel's process: started with its own group and log, and never left behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use cltv_protocol::{environment, private};
use jupyter_protocol::ConnectionInfo;
use tempfile::TempDir;
use thiserror::Error;
use tokio::process::{Child, Command};

use super::launch::KernelLaunch;

/// What the folders of running kernels begin with; the runner's process id follows.
const FOLDER_PREFIX: &str = "cltv-run-";

/// What is in such a folder.
const KERNEL_FILES: [&str; 2] = ["connection.json", "kernel.log"];

/// How old a folder must be before it is taken for a dead runner's.
const SWEPT_AFTER: Duration = Duration::from_secs(60);

/// How many lines of a dead kernel's log a message shows.
const LOG_LINES: usize = 20;

/// A kernel could not be started.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SpawnError {
    /// Its program.
    #[error(transparent)]
    Program(std::io::Error),
    /// A folder that it needs.
    #[error("{}: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl SpawnError {
    fn folder(path: PathBuf) -> impl FnOnce(std::io::Error) -> SpawnError {
        move |source| SpawnError::Folder { path, source }
    }
}

/// A running kernel. When it is dropped, the kernel and all its children are ended.
#[derive(Debug)]
pub struct KernelProcess {
    child: Child,
    /// The child's id, which is also its group's; kept because a child that was waited for has no id.
    group: Option<u32>,
    /// Connection file and log; gone with the kernel.
    folder: TempDir,
}

impl KernelProcess {
    /// Starts the kernel in `cwd` with the connection in a file that only this user can read.
    ///
    /// # Errors
    /// [`SpawnError`] says whether the program, its working folder or the temporary folder is at fault.
    pub fn spawn(
        launch: &KernelLaunch,
        connection: &ConnectionInfo,
        cwd: &Path,
        env: &[(String, String)],
    ) -> Result<KernelProcess, SpawnError> {
        sweep_folders_of_the_dead(&std::env::temp_dir());
        let (folder, connection_file, log) =
            connection_files(connection).map_err(SpawnError::folder(std::env::temp_dir()))?;
        // The system says the same of a folder that is gone as of a program.
        cwd.read_dir().map_err(SpawnError::folder(cwd.to_path_buf()))?;
        let second = log.try_clone().map_err(SpawnError::Program)?;
        let mut command = command(launch, &connection_file).map_err(SpawnError::Program)?;
        command
            .current_dir(cwd)
            // A stage of an outer run is none of this kernel's.
            .env_remove(environment::STAGE)
            .env_remove(environment::PURCHASES)
            // Jupyter's own name for it: a kernel may watch whom it works for.
            .env(environment::PARENT_PROCESS, std::process::id().to_string())
            .envs(launch.env.iter().map(|(key, value)| (key, value)))
            .envs(env.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::null())
            .stdout(second)
            .stderr(log)
            .kill_on_drop(true);
        // A group of its own, so that Ctrl-C reaches the runner alone and the end reaches all.
        #[cfg(unix)]
        command.process_group(0);
        #[cfg(target_os = "linux")]
        die_with_runner(&mut command);
        let child = command.spawn().map_err(SpawnError::Program)?;
        let group = child.id();
        Ok(KernelProcess { child, group, folder })
    }

    /// Returns when the kernel has ended.
    pub async fn ended(&mut self) -> Option<ExitStatus> {
        self.child.wait().await.ok()
    }

    /// Waits for the kernel to end by itself, but not longer than that.
    pub async fn wait_at_most(&mut self, patience: Duration) -> bool {
        tokio::time::timeout(patience, self.ended()).await.is_ok()
    }

    /// The last lines that the kernel's process wrote itself.
    pub fn log_tail(&self) -> String {
        let log = fs::read(self.log_path()).unwrap_or_default();
        let text = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join(KERNEL_FILES[1])
    }

    /// Ends the kernel and everything it started, now.
    pub fn kill(&mut self) {
        if let Some(group) = self.group.take() {
            kill_group(group);
        }
        // Where there are no groups, or the child has left its own.
        let _ = self.child.start_kill();
    }
}

impl Drop for KernelProcess {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A new temporary folder that only this user can enter, whatever the umask.
fn private_folder() -> std::io::Result<TempDir> {
    let prefix = format!("{FOLDER_PREFIX}{}-", std::process::id());
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir()
}

/// The folder of a kernel, with the connection file and the log.
fn connection_files(connection: &ConnectionInfo) -> std::io::Result<(TempDir, PathBuf, fs::File)> {
    let folder = private_folder()?;
    let file = folder.path().join(KERNEL_FILES[0]);
    // Whoever reads the key can have the kernel run code.
    private::write_new(&file, &serde_json::to_vec(connection)?)?;
    let log = private::new_file(&folder.path().join(KERNEL_FILES[1]))?;
    Ok((folder, file, log))
}

fn command(launch: &KernelLaunch, connection_file: &Path) -> std::io::Result<Command> {
    let file = connection_file.display().to_string();
    let mut argv = launch.argv.iter().map(|part| part.replace("{connection_file}", &file));
    let program = argv
        .next()
        .ok_or_else(|| std::io::Error::new(std::io::ErrorKind::InvalidInput, "its command is empty"))?;
    let mut command = Command::new(program);
    command.args(argv);
    Ok(command)
}

/// Has the system end the kernel when the runner is killed and can no longer do it.
///
/// The system watches the thread that starts the kernel: one of the runtime's, which live as long
/// as the runtime does.
#[cfg(target_os = "linux")]
fn die_with_runner(command: &mut Command) {
    let runner = std::process::id();
    // SAFETY: between fork and exec only system calls are made, which are safe there.
    unsafe {
        command.pre_exec(move || {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            // The runner was killed before this line.
            if libc::getppid().unsigned_abs() != runner {
                return Err(std::io::Error::from_raw_os_error(libc::ESRCH));
            }
            Ok(())
        });
    }
}

/// Removes the connection files of runners that were killed; those of other users stay.
fn sweep_folders_of_the_dead(place: &Path) {
    let entries = fs::read_dir(place).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let runner = name.strip_prefix(FOLDER_PREFIX).and_then(|rest| rest.split('-').next()?.parse().ok());
        // A container that shares the folder counts its processes differently: spare what is new.
        let is_old = entry
            .metadata()
            .and_then(|data| data.modified())
            .is_ok_and(|time| time.elapsed().is_ok_and(|age| age > SWEPT_AFTER));
        if is_old && runner.is_some_and(|runner| !is_alive(runner)) && is_ours(&entry.path()) {
            for file in KERNEL_FILES {
                let _ = fs::remove_file(entry.path().join(file));
            }
            let _ = fs::remove_dir(entry.path());
        }
    }
}

/// Whether a folder is one that a runner of this user made: private, and with nothing else in it.
fn is_ours(folder: &Path) -> bool {
    let is_private = fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir() && is_private(&found));
    let known = |entry: fs::DirEntry| KERNEL_FILES.iter().any(|file| entry.file_name() == *file);
    is_private && fs::read_dir(folder).is_ok_and(|mut entries| entries.all(|entry| entry.is_ok_and(known)))
}

#[cfg(unix)]
fn is_private(found: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    // SAFETY: the call only gives a number.
    found.uid() == unsafe { libc::geteuid() } && found.mode() & 0o077 == 0
}

#[cfg(not(unix))]
fn is_private(_found: &fs::Metadata) -> bool {
    true
}

#[cfg(unix)]
fn is_alive(process: libc::pid_t) -> bool {
    // SAFETY: signal 0 is never delivered; only the error is used.
    let answer = unsafe { libc::kill(process, 0) };
    answer == 0 || std::io::Error::last_os_error().raw_os_error() != Some(libc::ESRCH)
}

#[cfg(not(unix))]
fn is_alive(_process: i32) -> bool {
    true
}

#[cfg(unix)]
fn kill_group(group: u32) {
    let Ok(group) = libc::pid_t::try_from(group) else {
        return;
    };
    // SAFETY: `killpg` only takes numbers; a group that is gone makes it return an error.
    unsafe {
        libc::killpg(group, libc::SIGKILL);
    }
}

#[cfg(not(unix))]
fn kill_group(_group: u32) {}

/// How a process ended, in words.
pub fn end_in_words(status: Option<ExitStatus>) -> String {
    let Some(status) = status else {
        return "it vanished".to_owned();
    };
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        let hint = match signal {
            libc::SIGKILL => " (killed; often the system does so when memory runs out)",
            libc::SIGSEGV => " (segmentation fault)",
            libc::SIGABRT => " (aborted)",
            _ => "",
        };
        return format!("it was ended by signal {signal}{hint}");
    }
    match status.code() {
        Some(code) => format!("it ended with exit code {code}"),
        None => "it ended".to_owned(),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn only_old_folders_of_dead_runners_are_swept() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let mut dead = std::process::Command::new("true").spawn().expect("started");
        dead.wait().expect("ended");
        let make = |runner: u32, name: &str, age: u64| {
            let path = place.path().join(format!("{FOLDER_PREFIX}{runner}-{name}"));
            private::new_folder(&path).expect("made");
            fs::write(path.join("kernel.log"), "").expect("written");
            let time = std::time::SystemTime::now() - Duration::from_secs(age);
            fs::File::open(&path).and_then(|folder| folder.set_modified(time)).expect("dated");
            path
        };
        let old = make(dead.id(), "old", 120);
        let new = make(dead.id(), "new", 0);
        let mine = make(std::process::id(), "mine", 120);
        // A folder of the user's that is named alike.
        let notes = make(dead.id(), "notes", 120);
        fs::write(notes.join("notes.md"), "mine").expect("written");
        let time = std::time::SystemTime::now() - Duration::from_secs(120);
        fs::File::open(&notes).and_then(|folder| folder.set_modified(time)).expect("dated");
        let open = make(dead.id(), "open", 120);
        fs::set_permissions(&open, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("set");
        sweep_folders_of_the_dead(place.path());
        assert!(!old.exists() && new.exists() && mine.exists());
        assert!(notes.join("notes.md").exists() && open.join("kernel.log").exists());
    }
}
