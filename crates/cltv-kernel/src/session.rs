//! The session: evcxr's context on a thread of its own, running one cell after another.

use crate::compile::inter_process_files;
use crate::completion::{Columns, Completer, Found};
use crate::failure::Failure;
use crate::helper::Helper;
use crate::interrupt::{self, Interrupter};
use crate::stand_ins::{binds_closure, redefined, replace_stand_ins, spell, with_stand_ins};
use crate::wire::Event;
use crate::{
    cell_text, compile, completion, evcxr_folders, failure, rewrite, surroundings, user_environment,
};
use anyhow::{Context, Result, anyhow};
use cltv_protocol::display::HTML;
use cltv_protocol::environment;
use evcxr::{CommandContext, CompilationError, Error, EvalContext, EvalContextOutputs};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a cell's events are given to while it runs.
pub(crate) type Sink = Arc<dyn Fn(Event) + Send + Sync>;

/// evcxr's context with what surrounds it.
pub(crate) struct Session {
    context: CommandContext,
    helper: Option<Helper>,
    pumps: Vec<Arc<Pump>>,
    /// How the running cell ended, if its process sent an event of that.
    ending: Arc<Mutex<Option<Event>>>,
    interrupter: Interrupter,
    /// How many types have had a stand-in.
    stand_ins: usize,
    completer: Completer,
}

impl Session {
    /// Starts the process that runs cells. Must be called on the thread that will run them:
    /// the child requests of the system to end with the thread that started it.
    pub(crate) fn start(helper: Option<Helper>, sink: &Sink, interrupter: Interrupter) -> Result<Session> {
        let (context, outputs) = start_evcxr()?;
        let context = CommandContext::with_eval_context(context);
        if let Some(started) = std::env::var_os(environment::CELL_STARTED) {
            std::fs::write(started, "")?;
        }
        let ending = Arc::new(Mutex::new(None));
        let EvalContextOutputs { stdout, stderr } = outputs;
        let out_sink = note_ending(sink.clone(), ending.clone());
        let err_sink = sink.clone();
        let columns = Columns::default();
        let completer = Completer::new(&index_of(helper.as_ref()), columns.clone());
        let pumps = vec![
            Pump::start(stdout, move |line| {
                let event = Event::from_line(&line);
                if let Event::Display(forms) = &event {
                    forms.get(HTML).into_iter().for_each(|html| columns.note_shown(html));
                }
                out_sink(event);
            }),
            Pump::start(stderr, move |line| err_sink(Event::Err(format!("{line}\n")))),
        ];
        interrupter.watch(context.process_handle());
        Ok(Session { context, helper, pumps, ending, interrupter, stand_ins: 0, completer })
    }

    /// Does in advance what the first cells of a notebook would wait for: reads the
    /// helper's sources and allows `?` in cells.
    pub(crate) fn warm_up(&mut self) {
        let mut code = String::new();
        if let Some(helper) = &self.helper {
            code.push_str(&rewrite::dep_line(helper));
            code.push('\n');
        }
        code.push_str("\"1\".parse::<u8>()?;");
        // If this fails the first cell fails in the same way and says so.
        let _ = self.context.execute(&code);
        self.settle();
    }

    /// Forgets everything that cells defined, in a new process: as after a restart, but at once.
    pub(crate) fn reset(&mut self) -> Result<(), Failure> {
        self.interrupter.end_programs();
        // evcxr clears what cells defined, and not how they were to be compiled and shown.
        self.context.reset_config();
        self.context.execute(":clear").map_err(|error| Failure::from_evcxr(&error, 0, ""))?;
        inter_process_files::clear().map_err(|error| Failure::not_started(&error))?;
        self.stand_ins = 0;
        self.completer.clear(&index_of(self.helper.as_ref()));
        self.warm_up();
        Ok(())
    }

    /// Runs a cell; its outputs go to the sink as they are made.
    pub(crate) fn execute(&mut self, code: &str, sink: &Sink) -> Result<(), Failure> {
        *lock(&self.ending) = None;
        let variables = self.context.variables_and_types().count();
        let cell = match &self.helper {
            Some(helper) => rewrite::point_at_helper(code, helper),
            None => code.to_owned(),
        };
        let cell = rewrite::with_shell_prefix(&cell, &user_environment::shell_prefix());
        let (ran, result) = self.execute_typed(&cell);
        self.settle();
        let interrupted = self.interrupter.end();
        if interrupted && self.interrupter.child_is_gone() {
            let restarted = self.context.execute(":restart");
            return Err(match restarted {
                Ok(_) => Failure::interrupted(variables),
                Err(error) => Failure::from_evcxr(&error, variables, code),
            });
        }
        match result {
            Ok(outputs) => {
                // Commands such as `:vars` answer here; what cells print came through the sink.
                if !outputs.is_empty() {
                    let spelt = |(mime, text): (String, String)| {
                        let is_html = mime == HTML;
                        (mime, spell(&text, &inter_process_files::known(), is_html))
                    };
                    sink(Event::Display(outputs.content_by_mime_type.into_iter().map(spelt).collect()));
                }
                self.completer.ran(code);
                self.ending(&ran, code)
            }
            Err(error) if interrupted => {
                let lost = if matches!(error, Error::SubprocessTerminated(_)) { variables } else { 0 };
                Err(Failure::interrupted(lost))
            }
            Err(error) => {
                let may_be_around = Failure::may_be_of_surroundings(&error);
                if let Some(fault) = surroundings::fault().filter(|_| may_be_around) {
                    return Err(Failure::surroundings(fault));
                }
                let failure = Failure::from_evcxr(&error, variables, code);
                Err(failure.with_texts(|text| spell(text, &inter_process_files::known(), false)))
            }
        }
    }

    /// Runs a cell with stand-ins for the types that it does not write; also gives what was run.
    fn execute_typed(&mut self, cell: &str) -> (String, Result<evcxr::EvalOutputs, Error>) {
        let cell = cell_text::with_static_references(cell);
        let (with_stand_ins, count) = with_stand_ins(&cell, self.stand_ins);
        self.stand_ins += count;
        if let Err(error) = inter_process_files::write_redefined(&redefined(&cell)) {
            return (cell, Err(Error::Message(format!("{error:#}"))));
        }
        let handed_over = interrupt::handed_over();
        let result = self.context.execute(&with_stand_ins);
        let has_not_run = match result {
            Err(Error::CompilationErrors(_)) => true,
            // A command for a shell that failed has failed the cell.
            Err(Error::Message(ref text)) => {
                !SHELL_FAILURES.iter().any(|begin| text.starts_with(begin))
                    && handed_over == interrupt::handed_over()
            }
            _ => false,
        };
        if count == 0 || !has_not_run || self.interrupter.is_requested() {
            // As the compiler saw it, for the lines of panics.
            return (replace_stand_ins(&with_stand_ins, |_| "_".to_owned()), result);
        }
        // The cell as it was written gives errors in its own columns and with types as people write
        // them. Where it has none, a type has no name; evcxr would name any variable whose type is not written.
        let unnamed = result.err().and_then(|error| without_name(&error, &cell));
        let result = match (self.context.execute(&cell_text::without_shell_commands(&cell)), unnamed) {
            (Err(Error::Message(text)), Some(unnamed)) if Failure::is_of_unknown_type(&text) => Err(unnamed),
            (result, _) => result,
        };
        (cell, result)
    }

    fn ending(&self, ran: &str, code: &str) -> Result<(), Failure> {
        match lock(&self.ending).take() {
            Some(Event::Failed(text)) => Err(Failure::question_mark(&text)),
            Some(Event::Panic(text)) => {
                let source = compile::source_of_panic(&text);
                Err(Failure::panic(&text, source.as_deref(), ran, code))
            }
            _ => Ok(()),
        }
    }

    /// Waits until everything the child printed has been passed on.
    fn settle(&self) {
        for pump in &self.pumps {
            pump.wait_until_idle();
        }
    }

    /// Completions at a byte offset.
    pub(crate) fn complete(&mut self, code: &str, offset: usize) -> Found {
        if cell_text::is_in_command(code, offset) {
            let found = self.context.completions(code, offset).unwrap_or_default();
            let texts = found.completions.into_iter().map(|c| c.code).collect();
            return Found::of_commands(texts, found.start_offset..found.end_offset);
        }
        self.with_completer(|completer, session| completer.complete(code, offset, session))
    }

    /// Signature and documentation of the name at a byte offset, as text and as html.
    pub(crate) fn inspect(&mut self, code: &str, offset: usize) -> Option<(String, String)> {
        self.with_completer(|completer, session| completer.inspect(code, offset, session))
    }

    fn with_completer<T>(
        &mut self,
        then: impl FnOnce(&mut Completer, &mut completion::Session<'_>) -> T,
    ) -> T {
        let known = inter_process_files::known();
        let spelt = |written: &str| {
            replace_stand_ins(written, |name| known.get(name).cloned().unwrap_or_else(|| "_".to_owned()))
        };
        let variables = self.context.variables_and_types();
        let variables = variables.map(|(name, written)| (name.to_owned(), spelt(written))).collect();
        let context = &mut self.context;
        let mut infer = |probe: &str| {
            let errors = context.check(probe).unwrap_or_default();
            let labels = |error: &CompilationError| -> Vec<String> {
                error.spanned_messages().iter().map(|message| message.label.clone()).collect()
            };
            errors
                .iter()
                .find_map(|error| completion::probe::answer(labels(error).iter().map(String::as_str)))
        };
        then(&mut self.completer, &mut completion::Session { variables, infer: &mut infer })
    }
}

/// The error for a variable whose type has no name, if evcxr has said that of one with a stand-in.
fn without_name(error: &Error, cell: &str) -> Option<Error> {
    let Error::Message(text) = error else { return None };
    let variable = failure::of_type_without_name(text)?;
    Some(Error::Message(failure::of_unknown_type(variable, binds_closure(cell, variable))))
}

/// The texts of the helper's index.
fn index_of(helper: Option<&Helper>) -> Vec<String> {
    helper.map(Helper::index).unwrap_or_default()
}

/// Starts evcxr without the settings that it would take from a file in the folder it is started in.
/// Its child begins in that folder, as cells expect.
fn start_evcxr() -> Result<(EvalContext, EvalContextOutputs)> {
    let here = std::env::current_dir().context("the folder that the kernel was started in is gone")?;
    let mut child = Command::new(std::env::current_exe()?);
    child.current_dir(&here);
    std::env::set_current_dir(evcxr_folders::config_folder()?)?;
    let started = EvalContext::with_subprocess_command(child);
    std::env::set_current_dir(here)?;
    started.map_err(|error| anyhow!("evcxr did not start: {error}"))
}

/// What evcxr says of a command for a shell that failed or was not there.
const SHELL_FAILURES: [&str; 2] = ["Shell command failed", "Failed to execute shell command"];

fn note_ending(sink: Sink, ending: Arc<Mutex<Option<Event>>>) -> Sink {
    Arc::new(move |event| match event {
        Event::Panic(_) | Event::Failed(_) => *lock(&ending) = Some(event),
        other => sink(other),
    })
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // A poisoned lock holds data as good as any: nothing here is left half-changed.
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// A thread that passes lines on, and can say that it has passed on all there were.
struct Pump {
    receiver: crossbeam_channel::Receiver<String>,
    busy: AtomicBool,
}

impl Pump {
    fn start(
        receiver: crossbeam_channel::Receiver<String>,
        take: impl Fn(String) + Send + 'static,
    ) -> Arc<Pump> {
        let pump = Arc::new(Pump { receiver, busy: AtomicBool::new(false) });
        let own = pump.clone();
        std::thread::spawn(move || own.run(take));
        pump
    }

    fn run(&self, take: impl Fn(String)) {
        let mut select = crossbeam_channel::Select::new();
        select.recv(&self.receiver);
        loop {
            select.ready();
            // Set before the line leaves the channel, so that there is no moment in which
            // the channel is empty, the line is not passed on, and the pump looks idle.
            self.busy.store(true, Ordering::SeqCst);
            let received = self.receiver.try_recv();
            let closed = matches!(received, Err(crossbeam_channel::TryRecvError::Disconnected));
            if let Ok(line) = received {
                take(line);
            }
            self.busy.store(false, Ordering::SeqCst);
            if closed {
                return;
            }
        }
    }

    fn wait_until_idle(&self) {
        while !self.receiver.is_empty() || self.busy.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_pump_has_passed_on_every_line() {
        let (sender, receiver) = crossbeam_channel::unbounded();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let keep = seen.clone();
        let pump = Pump::start(receiver, move |line| lock(&keep).push(line));
        for i in 0..500 {
            sender.send(i.to_string()).unwrap();
        }
        pump.wait_until_idle();
        assert_eq!(lock(&seen).len(), 500);
    }
}
