//! The process that runs compiled cells: loads each library that evcxr names and calls its function.
//!
//! evcxr has such a loop of its own. This one says on a line with the session's secret that a cell has
//! ended, so that printed text cannot; its requests come by a descriptor that cells do not read, whose
//! standard input is the client's; the path of a library may contain blanks; and it can be asked to end a cell.

use super::user_environment;
use crate::evcxr_folders;
use crate::failure::NOT_DONE;
use anyhow::{Context, Result, bail, ensure};
use cltv_protocol::marks;
use std::ffi::{CStr, CString, c_void};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// The request to run a cell: a library and the name of a function in it.
pub(super) const RUN: &str = "LOAD_AND_RUN ";

/// The signal by which the kernel asks for the end of a cell.
pub(crate) const INTERRUPT: libc::c_int = libc::SIGUSR1;

/// A cell that takes so long may have freed much memory.
const LONG: Duration = Duration::from_secs(1);

/// Runs cells until there are no more requests.
pub(super) fn run() -> ! {
    let code = match serve() {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("The compiled cell cannot be run: {error:#}");
            NOT_DONE
        }
    };
    std::process::exit(code);
}

fn serve() -> Result<()> {
    user_environment::restore();
    let (events, happened) = channel();
    // Before there is another thread: all of them leave the signal to the one that waits for it.
    wait_for_interrupts(events.clone())?;
    let (requests, input) = take_requests().context("cannot read the kernel's requests")?;
    let store = Address(0);
    let mut cells = Cells { events, happened, worker: None, next: 1, store, control: None, input };
    for line in requests.lines() {
        let line = line?;
        let asked = line.strip_prefix(RUN).and_then(|rest| rest.rsplit_once(' '));
        let Some((library, function)) = asked else { bail!("the request {line:?} is not known") };
        let started = Instant::now();
        cells.run(library, function)?;
        marks::tell(marks::COMPLETE);
        if started.elapsed() > LONG {
            give_memory_back();
        }
    }
    Ok(())
}

/// What happens while a cell runs.
enum Happened {
    /// A thread has loaded a cell, which has a function to speak to its library by.
    Loaded(Option<Control>),
    /// A thread has run its cell; the address of the store.
    Ended(Result<Address>),
    /// The kernel asks for the end of the cell.
    Interrupted,
}

/// The address of the store of variables.
#[derive(Clone, Copy)]
struct Address(usize);

/// The function of a cell by which the runtime speaks to its module of marks: 0 before it begins, 1 to
/// interrupt it, 2 when it has ended, 3 to give it up; whether it could be done.
type Control = extern "C" fn(u32, *mut c_void) -> bool;

/// The stack of the thread that runs cells, as much as notebooks of deep recursions need.
const STACK: usize = 64 << 20;

/// How long an interrupted cell is given to end by itself.
const GRACE: Duration = Duration::from_millis(1000);

/// Where a thread gets its cells from: the library, its function and the store.
type Worker = Sender<(CString, CString, Address)>;

/// The cells of a session. They run on one thread, whose thread-local variables they share, until one of
/// them does not end when it is interrupted: then another thread takes its place.
struct Cells {
    events: Sender<(u32, Happened)>,
    happened: Receiver<(u32, Happened)>,
    worker: Option<(u32, Worker)>,
    /// The number of the thread that is started next.
    next: u32,
    store: Address,
    control: Option<Control>,
    input: Input,
}

/// What standard input may be.
struct Input {
    /// What cells read.
    asked_for: File,
    /// What a cell reads that is to end.
    empty: File,
}

impl Cells {
    fn run(&mut self, library: &str, function: &str) -> Result<()> {
        let cell = (CString::new(library)?, CString::new(function)?, self.store);
        let (number, worker) = match self.worker.take() {
            Some(worker) => worker,
            None => self.start()?,
        };
        self.control = None;
        discard_input();
        set_input(&self.input.asked_for)?;
        worker.send(cell).context("the thread that runs cells has ended")?;
        let mut given_up_at: Option<Instant> = None;
        loop {
            let happened = match given_up_at {
                Some(at) => self.happened.recv_timeout(at.saturating_duration_since(Instant::now())),
                None => self.happened.recv().map_err(RecvTimeoutError::from),
            };
            match happened {
                Ok((from, Happened::Loaded(control))) if from == number => self.control = control,
                Ok((from, Happened::Ended(store))) if from == number => {
                    self.store = store?;
                    self.worker = Some((number, worker));
                    return Ok(());
                }
                Ok((_, Happened::Interrupted)) => {
                    if let Some(control) = self.control {
                        control(1, std::ptr::null_mut());
                        // What it reads next is the end: it may read until there is one.
                        set_input(&self.input.empty)?;
                        given_up_at.get_or_insert_with(|| Instant::now() + GRACE);
                    }
                }
                // A thread that was given up before.
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => bail!("the thread that runs cells has ended"),
                Err(RecvTimeoutError::Timeout) => {
                    if self.control.is_some_and(|control| control(3, self.store.0 as *mut c_void)) {
                        self.next = number + 1;
                        return Ok(());
                    }
                    // It is about to end, or there is no store yet.
                    given_up_at = Some(Instant::now() + GRACE);
                }
            }
        }
    }

    fn start(&mut self) -> Result<(u32, Worker)> {
        let number = self.next;
        let (sender, cells) = channel::<(CString, CString, Address)>();
        let events = self.events.clone();
        let run = move || {
            for (library, function, store) in cells {
                let loaded = |control| drop(events.send((number, Happened::Loaded(control))));
                let ended = run_cell(&library, &function, store, loaded);
                // Nobody listens once this thread was given up.
                drop(events.send((number, Happened::Ended(ended))));
            }
        };
        // The name that messages of panics begin with, as of a program's first thread.
        std::thread::Builder::new().name("main".to_owned()).stack_size(STACK).spawn(run)?;
        Ok((number, sender))
    }
}

/// Passes on each signal that asks for the end of a cell.
fn wait_for_interrupts(events: Sender<(u32, Happened)>) -> Result<()> {
    // SAFETY: all zeroes is an unused set of signals, which the calls fill in; programs that cells start
    // begin without a blocked signal.
    let set = unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        libc::sigaddset(&mut set, INTERRUPT);
        libc::pthread_sigmask(libc::SIG_BLOCK, &set, std::ptr::null_mut());
        set
    };
    let wait = move || {
        let mut signal = 0;
        // SAFETY: waits for the signals of a set that was filled in.
        while unsafe { libc::sigwait(&set, &mut signal) } == 0 {
            if events.send((0, Happened::Interrupted)).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().name("interrupts".to_owned()).stack_size(1 << 17).spawn(wait)?;
    Ok(())
}

/// Returns what cells have freed to the system, which the allocator keeps between blocks that are in use: about a tenth of
/// the memory of a report on 100 million purchases.
fn give_memory_back() {
    #[cfg(target_env = "gnu")]
    // SAFETY: looks through the allocator's own lists, and locks them.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// The requests, by another descriptor than standard input, which is what the kernel asks a client for.
fn take_requests() -> std::io::Result<(BufReader<File>, Input)> {
    let input = Input { asked_for: input()?, empty: File::open("/dev/null")? };
    // SAFETY: duplicates a descriptor that is open; programs that cells start do not inherit the copy.
    let copy = unsafe { libc::fcntl(libc::STDIN_FILENO, libc::F_DUPFD_CLOEXEC, 3) };
    if copy < 0 {
        return Err(std::io::Error::last_os_error());
    }
    // SAFETY: the descriptor was just made and belongs to nothing else.
    let requests = BufReader::new(unsafe { File::from_raw_fd(copy) });
    set_input(&input.asked_for)?;
    Ok((requests, input))
}

/// Drops what an earlier cell was given and has not read, such as the line that wakes an interrupted one.
fn discard_input() {
    let open = |path| File::options().read(true).custom_flags(libc::O_NONBLOCK).open(path);
    if let Some(mut input) = evcxr_folders::input().ok().and_then(|path| open(path).ok()) {
        // It ends with an error: there is no more to read for now.
        let _ = input.read_to_end(&mut Vec::new());
    }
}

/// Standard input becomes this file.
fn set_input(file: &File) -> std::io::Result<()> {
    // SAFETY: replaces a descriptor that belongs to nothing in this program; a read that waits goes on.
    match unsafe { libc::dup2(file.as_raw_fd(), libc::STDIN_FILENO) } {
        -1 => Err(std::io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// The standard input of cells; empty where a cell that waits for it would not be noticed.
fn input() -> std::io::Result<File> {
    let is_noticed = std::fs::read("/proc/self/syscall").is_ok();
    // Also for writing: the end of one answer is not the end of all.
    let open = |path| File::options().read(true).write(true).open(path);
    let input = evcxr_folders::input().ok().filter(|_| is_noticed).and_then(|path| open(path).ok());
    input.map_or_else(|| File::open("/dev/null"), Ok)
}

/// Loads a library and calls its function with the store of variables; gives the store.
fn run_cell(
    path: &CStr,
    name: &CStr,
    store: Address,
    loaded: impl FnOnce(Option<Control>),
) -> Result<Address> {
    // SAFETY: loads a library that the kernel has compiled. It is never unloaded: its statics and the
    // code of its values are used by later cells.
    let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_LAZY | libc::RTLD_LOCAL) };
    ensure!(!handle.is_null(), "{}", last_error());
    // SAFETY: the handle is of a library that is loaded.
    let address = unsafe { libc::dlsym(handle, name.as_ptr()) };
    ensure!(!address.is_null(), "{}", last_error());
    // SAFETY: the function that evcxr writes into each cell takes and returns the store's address.
    let cell: extern "C" fn(*mut c_void) -> *mut c_void = unsafe { std::mem::transmute(address) };
    // SAFETY: as above.
    let control = unsafe { libc::dlsym(handle, c"cltv_control".as_ptr()) };
    // SAFETY: the kernel writes this function into each cell that has a store.
    let control =
        (!control.is_null()).then(|| unsafe { std::mem::transmute::<*mut c_void, Control>(control) });
    let tell = |what| control.is_some_and(|control| control(what, std::ptr::null_mut()));
    tell(0);
    loaded(control);
    let store = cell(store.0 as *mut c_void);
    tell(2);
    Ok(Address(store as usize))
}

/// What the system's loader said last.
fn last_error() -> String {
    // SAFETY: returns null or a text that is valid until the next call, and is copied at once.
    let text = unsafe { libc::dlerror() };
    match text.is_null() {
        true => "the loader gave no reason".to_owned(),
        // SAFETY: checked above.
        false => unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned(),
    }
}
