//! Whether a cell waits for standard input, by the system's own records of the process that runs cells.
//!
//! A reader of a pipe does not say that it reads. Linux says in which call a thread waits, and with which
//! descriptor; this is looked at while a cell runs and prints nothing. Programs that a cell starts may have
//! its standard input, too.

use std::path::{Path, PathBuf};

/// A thread that waits, and how often it has waited before: it may take a line and wait for the next one.
pub(super) type Waiting = (u32, u64);

/// The thread of a process, or of a program below it, that waits for the process's standard input.
pub(super) fn waiting(process: u32) -> Option<Waiting> {
    waiting_below(process, &input_of(process)?)
}

fn waiting_below(process: u32, input: &Path) -> Option<Waiting> {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).ok()?;
    let threads = threads.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let threads: Vec<u32> = threads.collect();
    let read = |thread: &u32, file: &str| {
        std::fs::read_to_string(format!("/proc/{process}/task/{thread}/{file}")).ok()
    };
    let waits_itself = |thread: &u32| {
        is_read_of_input(&read(thread, "syscall")?).then_some(())?;
        Some((*thread, waits(&read(thread, "status")?)?))
    };
    let own = || threads.iter().find_map(waits_itself);
    // What a thread has started is in its own list.
    let programs = || threads.iter().filter_map(|thread| read(thread, "children"));
    (input_of(process)? == input).then(own).flatten().or_else(|| {
        let programs: Vec<u32> = programs()
            .flat_map(|list| list.split_whitespace().flat_map(str::parse).collect::<Vec<_>>())
            .collect();
        programs.into_iter().find_map(|program| waiting_below(program, input))
    })
}

/// What a process has as its standard input.
fn input_of(process: u32) -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/{process}/fd/0")).ok()
}

/// Whether the record of a call is of one that reads standard input.
fn is_read_of_input(record: &str) -> bool {
    let mut words = record.split_whitespace();
    words.next() == Some(&libc::SYS_read.to_string()) && words.next() == Some("0x0")
}

/// How often a thread has waited, in the record of its state.
fn waits(status: &str) -> Option<u64> {
    status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_of_standard_input_is_found_again_for_each_line() {
        // The shell itself does not read.
        let mut shell = std::process::Command::new("sh")
            .args(["-c", "cat; true"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let wait = |other: Option<Waiting>| loop {
            match waiting(shell.id()) {
                Some(found) if Some(found) != other => return found,
                _ => std::thread::sleep(std::time::Duration::from_millis(5)),
            }
        };
        let first = wait(None);
        let mut input = shell.stdin.as_ref().unwrap();
        std::io::Write::write_all(&mut input, b"a\n").unwrap();
        assert_ne!(wait(Some(first)), first);
        assert_eq!(waiting(std::process::id()), None);
        shell.kill().unwrap();
        shell.wait().unwrap();
    }
}
