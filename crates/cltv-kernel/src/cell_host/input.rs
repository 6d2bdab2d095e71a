//! Whether a cell waits for standard input, by the system's own records of the process that runs cells.
//!
//! A reader of a pipe does not say that it reads. Linux says in which call a thread waits, and with which
//! descriptor; this is looked at while a cell runs and prints nothing.

/// A thread that waits, and how often it has waited before: it may take a line and wait for the next one.
pub(super) type Waiting = (u32, u64);

/// The thread of a process that waits for standard input.
pub(super) fn waiting(process: u32) -> Option<Waiting> {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).ok()?;
    let threads = threads.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    threads.into_iter().find_map(|thread: u32| {
        let read = |file: &str| std::fs::read_to_string(format!("/proc/{process}/task/{thread}/{file}")).ok();
        is_read_of_input(&read("syscall")?).then_some(())?;
        Some((thread, waits(&read("status")?)?))
    })
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
        let mut cat = std::process::Command::new("cat")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let wait = |other: Option<Waiting>| loop {
            match waiting(cat.id()) {
                Some(found) if Some(found) != other => return found,
                _ => std::thread::sleep(std::time::Duration::from_millis(5)),
            }
        };
        let first = wait(None);
        let mut input = cat.stdin.as_ref().unwrap();
        std::io::Write::write_all(&mut input, b"a\n").unwrap();
        assert_ne!(wait(Some(first)), first);
        assert_eq!(waiting(std::process::id()), None);
        cat.kill().unwrap();
        cat.wait().unwrap();
    }
}
