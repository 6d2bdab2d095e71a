//! The processes below one, by the system's own table.

/// The exit code of the process behind the cell host when it could not do what it was asked.
pub(crate) const NOT_DONE: i32 = 99;

/// The programs below a process, whoever of them started which; those that have ended are left out.
pub(crate) fn below(root: u32) -> Vec<u32> {
    let table = table();
    let mut found = vec![root];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        found.extend(table.iter().filter(|process| process.parent == parent).map(|process| process.id));
        next += 1;
    }
    found.split_off(1)
}

/// Ends these programs at once.
pub(crate) fn kill(ids: &[u32]) {
    ids.iter().for_each(|&id| signal(id, libc::SIGKILL));
}

/// Sends a signal to a process.
pub(crate) fn signal(id: u32, signal: libc::c_int) {
    // SAFETY: signals one process; one that has ended is an error that is ignored.
    unsafe { libc::kill(id as libc::pid_t, signal) };
}

/// Whether the command line of a process begins with this word.
pub(crate) fn is_called(id: u32, name: &str) -> bool {
    let command = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    command.split(|&byte| byte == 0).next() == Some(name.as_bytes())
}

/// Asks the system to end this process when the one that started it ends.
pub(crate) fn die_with_parent() {
    #[cfg(target_os = "linux")]
    // SAFETY: sets an attribute of the calling process, nothing else.
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
    }
}

/// Asks for a signal when the kernel ends, however it does, and then ends this process with all that it
/// started: linkers and programs of a cell request no such signal.
pub(crate) fn end_group_with_parent() {
    extern "C" fn end_group(_: libc::c_int) {
        // SAFETY: signals the group that this process leads; all three may be called in a handler.
        unsafe {
            if libc::getpgrp() == libc::getpid() {
                libc::kill(0, libc::SIGKILL);
            }
            libc::_exit(101);
        }
    }
    // SAFETY: changes only the calling process; the handler does nothing that a handler may not.
    unsafe {
        libc::setpgid(0, 0);
        libc::signal(libc::SIGTERM, end_group as *const () as libc::sighandler_t);
        #[cfg(target_os = "linux")]
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM);
    }
}

#[derive(Debug, PartialEq)]
struct Process {
    id: u32,
    parent: u32,
}

fn table() -> Vec<Process> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_str().is_some_and(|name| name.parse::<u32>().is_ok()))
        .filter_map(|entry| process(&std::fs::read_to_string(entry.path().join("stat")).ok()?))
        .collect()
}

/// The process of a line of `/proc/PID/stat`; none for one that has ended and not been waited for.
fn process(stat: &str) -> Option<Process> {
    let id = stat.split(' ').next()?.parse().ok()?;
    // A program's name may hold brackets and spaces of its own.
    let mut rest = stat[stat.rfind(')')? + 1..].split_whitespace();
    let is_over = matches!(rest.next()?, "Z" | "X");
    let parent = rest.next()?.parse().ok()?;
    (!is_over).then_some(Process { id, parent })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_table_is_read_whatever_the_name() {
        assert_eq!(process("12 (cargo) S 7 12 12 0"), Some(Process { id: 12, parent: 7 }));
        assert_eq!(process("12 (odd) name) S 7 1"), Some(Process { id: 12, parent: 7 }));
        assert_eq!(process("12 (cargo) Z 7 12"), None);
    }

    #[test]
    fn what_is_below_a_process_is_found_and_ended() {
        let mut shell =
            std::process::Command::new("sh").args(["-c", "sleep 1000 & sleep 1000 & wait"]).spawn().unwrap();
        while below(shell.id()).len() < 2 {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let found = below(std::process::id());
        assert!(found.contains(&shell.id()) && below(shell.id()).iter().all(|id| found.contains(id)));
        kill(&below(shell.id()));
        // The shell waits for both, and ends when they have.
        shell.wait().unwrap();
        assert!(!below(std::process::id()).contains(&shell.id()));
    }
}
