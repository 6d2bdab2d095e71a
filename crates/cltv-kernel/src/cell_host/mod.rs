//! The cell host: the process between evcxr and the process that runs cells.
//!
//! evcxr starts its child with two pipes and reads stdout line by line. The cell host
//! stands in that place, starts the real child, and turns what it prints into
//! [`wire`](crate::wire) lines; how a cell ends it says in evcxr's own markers. It is a process
//! of its own, not a thread of the child, so that what a cell printed before it
//! crashed is not lost.

mod input;
mod running;
mod runtime;
mod translator;

pub(crate) use running::INTERRUPT;

use crate::compile::canonical_source::FUNCTION;
use crate::compile::inter_process_files::note_failed_cell;
use crate::processes::NOT_DONE;
use crate::{processes, user_environment};
use cltv_protocol::environment;
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};
use std::time::Duration;
use translator::Translator;

/// What the command line of the process that runs cells begins with.
pub(crate) const CELLS: &str = "cltv-cells";

/// How long text on stderr is held back: a failing `?` and a panic write there first
/// and say on stdout what it was a moment later.
const HOLD: Duration = Duration::from_millis(40);

/// If this process was started by evcxr to run cells, runs as the cell host, or as the process behind
/// it, and does not return.
pub(crate) fn run_if_child() {
    if std::env::var_os(environment::EVCXR_RUNTIME).is_none() {
        return;
    }
    if std::env::var_os(environment::CELL_HOST).is_some() {
        processes::die_with_parent();
        runtime::run();
    }
    processes::end_group_with_parent();
    let code = run().unwrap_or_else(|error| {
        eprintln!("cltv-kernel: cannot run cells: {error}");
        NOT_DONE
    });
    std::process::exit(code);
}

/// Asks the system for every program below this process whose own parent has ended, so that what
/// cells start stays within reach.
fn adopt_programs() {
    #[cfg(target_os = "linux")]
    // SAFETY: sets an attribute of the calling process, nothing else.
    unsafe {
        libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1);
    }
}

/// Waits for adopted programs that have ended; the process that runs cells is waited for elsewhere.
fn reap_programs(cells: u32) {
    loop {
        // SAFETY: all zeroes is what an unused record holds.
        let mut ended: libc::siginfo_t = unsafe { std::mem::zeroed() };
        let how = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
        // SAFETY: the record outlives the call, which looks and takes nothing.
        let found = unsafe { libc::waitid(libc::P_ALL, 0, &mut ended, how) } == 0;
        // SAFETY: the call has filled the record in, or left it zero.
        let id = unsafe { ended.si_pid() };
        if !found || id == 0 || id as u32 == cells {
            return;
        }
        // SAFETY: a child that has ended, and that no other code waits for.
        unsafe { libc::waitpid(id, std::ptr::null_mut(), libc::WNOHANG) };
    }
}

fn run() -> std::io::Result<i32> {
    adopt_programs();
    let status = pass_on();
    processes::kill(&processes::below(std::process::id()));
    status
}

/// Runs the process behind this one and passes on what it prints, to its end.
fn pass_on() -> std::io::Result<i32> {
    let secret = secret()?;
    let mut child = Command::new(std::env::current_exe()?)
        .arg0(CELLS)
        .args(std::env::args_os().skip(1))
        .env(environment::CELL_HOST, "1")
        .env(environment::MARK, &secret)
        // A backtrace would show evcxr's own frames only; the panic's message and place are enough.
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(into) = child.stdin.take() {
        std::thread::spawn(move || pass_in(into));
    }
    let (Some(mut out), Some(mut err)) = (child.stdout.take(), child.stderr.take()) else {
        return Ok(NOT_DONE);
    };
    set_nonblocking(&out)?;
    set_nonblocking(&err)?;
    let is_read = std::env::var_os(environment::CELL_STARTED).is_some_and(exists);
    let mut translator = Translator::new(&secret, !is_read, note_failed_cell);
    let mut stdout = std::io::stdout().lock();
    let (mut out_open, mut err_open) = (true, true);
    let mut ended = false;
    while (out_open || err_open) && !ended {
        let quiet = !wait_for_either(&out, out_open, &err, err_open, HOLD)?;
        let (mut out_bytes, mut err_bytes) = (Vec::new(), Vec::new());
        // Stderr is read last and sent first: it holds what a cell wrote there before a line on stdout.
        out_open &= drain(&mut out, &mut out_bytes)?;
        err_open &= drain(&mut err, &mut err_bytes)?;
        translator.stderr(&err_bytes);
        translator.stdout(&out_bytes);
        // A process that the cell started may keep the pipes open beyond the child's end.
        ended = quiet && child.try_wait()?.is_some();
        if ended || !(out_open || err_open) {
            translator.end();
        } else if quiet {
            translator.quiet();
            reap_programs(child.id());
        }
        for line in translator.take_lines() {
            writeln!(stdout, "{line}")?;
        }
        stdout.flush()?;
    }
    let status = child.wait()?;
    Ok(status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)))
}

/// What only this process and the one that it starts know.
fn secret() -> std::io::Result<String> {
    let mut bytes = [0; 16];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Passes on the requests of evcxr, with the one name that the functions of all cells have.
fn pass_in(mut into: impl Write) {
    for line in std::io::stdin().lines() {
        // One of the two ends is closed.
        let Ok(line) = line else { return };
        if writeln!(into, "{}", with_one_name(&line)).and_then(|()| into.flush()).is_err() {
            return;
        }
    }
}

/// A request to run a cell, which ends with the name of its function; anything else unchanged.
fn with_one_name(line: &str) -> String {
    match line.strip_prefix(runtime::RUN).and_then(|rest| rest.rsplit_once(' ')) {
        Some((library, _)) => format!("{}{library} {FUNCTION}", runtime::RUN),
        None => line.to_owned(),
    }
}

fn set_nonblocking(pipe: &impl AsRawFd) -> std::io::Result<()> {
    // SAFETY: the descriptor is open and owned by `pipe`.
    let flags = unsafe { libc::fcntl(pipe.as_raw_fd(), libc::F_GETFL) };
    // SAFETY: as above.
    if flags < 0 || unsafe { libc::fcntl(pipe.as_raw_fd(), libc::F_SETFL, flags | libc::O_NONBLOCK) } < 0 {
        return Err(std::io::Error::last_os_error());
    }
    Ok(())
}

/// Waits until one of the open pipes has something to read; false when `patience` ran out.
fn wait_for_either(
    out: &impl AsRawFd,
    out_open: bool,
    err: &impl AsRawFd,
    err_open: bool,
    patience: Duration,
) -> std::io::Result<bool> {
    // A negative descriptor is one that poll passes over.
    let mut polled = [(out.as_raw_fd(), out_open), (err.as_raw_fd(), err_open)]
        .map(|(fd, open)| libc::pollfd { fd: if open { fd } else { -1 }, events: libc::POLLIN, revents: 0 });
    // SAFETY: the array outlives the call and its length is given.
    let ready = unsafe { libc::poll(polled.as_mut_ptr(), 2, patience.as_millis() as i32) };
    if ready < 0 {
        let error = std::io::Error::last_os_error();
        return if error.kind() == std::io::ErrorKind::Interrupted { Ok(true) } else { Err(error) };
    }
    Ok(ready > 0)
}

/// Reads what is there; false when the pipe is closed.
fn drain(pipe: &mut impl Read, into: &mut Vec<u8>) -> std::io::Result<bool> {
    let mut chunk = [0u8; 1 << 16];
    // A bound, so that endless output on one pipe cannot starve the other.
    for _ in 0..16 {
        match pipe.read(&mut chunk) {
            Ok(0) => return Ok(false),
            Ok(n) => into.extend_from_slice(&chunk[..n]),
            Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => return Ok(true),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(true)
}

fn exists(path: std::ffi::OsString) -> bool {
    std::path::Path::new(&path).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_called_by_the_name_it_was_compiled_with() {
        assert_eq!(
            with_one_name("LOAD_AND_RUN /a b/libcode_7.so run_user_code_6"),
            "LOAD_AND_RUN /a b/libcode_7.so run_user_code_0"
        );
        assert_eq!(with_one_name("an answer to a question"), "an answer to a question");
    }
}
