//! The session: evcxr's context on a thread of its own, running one cell after another.

mod names;
mod pump;

use crate::commands::{self, Commands};
use crate::compile::inter_process_files;
use crate::completion::{Columns, Completer};
use crate::failure::Failure;
use crate::helper::Helper;
use crate::interrupt::{self, Interrupter};
use crate::stand_ins::{binds_closure, redefined, replace_stand_ins, spell, with_stand_ins};
use crate::variables::Variables;
use crate::wire::Event;
use crate::{cell_text, compile, evcxr_folders, failure, rewrite, surroundings, user_environment};
use anyhow::{Context, Result, anyhow};
use cltv_protocol::display::{HTML, PLAIN};
use cltv_protocol::environment;
use evcxr::{CommandContext, Error, EvalContext, EvalContextOutputs};
use pump::Pump;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::{Arc, Mutex};

/// evcxr's command that ends the process of cells.
const RESTART: &str = ":restart";

/// What a cell's events are given to while it runs.
pub(crate) type Sink = Arc<dyn Fn(Event) + Send + Sync>;

/// evcxr's context with what surrounds it.
pub(crate) struct Session {
    context: CommandContext,
    helper: Option<Helper>,
    pumps: Vec<Arc<Pump>>,
    /// How the running cell ended, if its process sent events of that.
    ending: Arc<Mutex<Vec<Event>>>,
    /// Variables that cells have used up, with what is said of them.
    uses: BTreeMap<String, String>,
    interrupter: Interrupter,
    /// What clients see of the variables.
    shown: Variables,
    /// How many types have had a stand-in.
    stand_ins: usize,
    completer: Completer,
}

impl Session {
    /// Starts the process that runs cells. Must be called on the thread that will run them:
    /// the child requests of the system to end with the thread that started it.
    pub(crate) fn start(
        helper: Option<Helper>,
        sink: &Sink,
        interrupter: Interrupter,
        shown: Variables,
    ) -> Result<Session> {
        let (context, outputs) = start_evcxr()?;
        let context = CommandContext::with_eval_context(context);
        if let Some(started) = std::env::var_os(environment::CELL_STARTED) {
            std::fs::write(started, "")?;
        }
        let ending = Arc::new(Mutex::new(Vec::new()));
        let EvalContextOutputs { stdout, stderr } = outputs;
        let out_sink = note_ending(sink.clone(), ending.clone(), shown.clone());
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
        Ok(Session {
            context,
            helper,
            pumps,
            ending,
            interrupter,
            shown,
            uses: BTreeMap::new(),
            stand_ins: 0,
            completer,
        })
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
        self.context.execute(":clear").map_err(|error| Failure::from_evcxr(&error, &[], ""))?;
        inter_process_files::clear().map_err(|error| Failure::not_started(&error))?;
        self.stand_ins = 0;
        self.completer.clear(&index_of(self.helper.as_ref()));
        self.uses.clear();
        self.show_variables();
        self.warm_up();
        Ok(())
    }

    /// Runs a cell, of which clients know the number; its outputs go to the sink as they are made.
    pub(crate) fn execute(&mut self, code: &str, number: usize, sink: &Sink) -> Result<(), Failure> {
        let outcome = self.run(code, number, sink);
        self.show_variables();
        outcome
    }

    /// Has clients see which variables there are.
    fn show_variables(&self) {
        let known = inter_process_files::known();
        let variables = self.context.variables_and_types();
        let is_there = |name: &str| !self.uses.contains_key(name);
        let named = variables.filter(|(name, _)| is_there(name));
        self.shown.set_types(
            named.map(|(name, written)| (name.to_owned(), spell(written, &known, false))).collect(),
        );
    }

    fn run(&mut self, code: &str, number: usize, sink: &Sink) -> Result<(), Failure> {
        lock(&self.ending).clear();
        // A cell that ended in a crash of the cell host may have left it.
        inter_process_files::take_failed_cell();
        let before = self.variables();
        if let Some(name) = commands::asked_about(code) {
            return self.answer(name, sink);
        }
        let (own, cell) = commands::take(code).map_err(|error| Failure::of_command(&error))?;
        self.obey(&own, sink)?;
        let cell = match &self.helper {
            Some(helper) => rewrite::point_at_helper(&cell, helper),
            None => cell,
        };
        let cell = rewrite::with_shell_prefix(&cell, &user_environment::shell_prefix());
        let (ran, result) = self.execute_typed(&cell);
        self.settle();
        let interrupted = self.interrupter.end();
        if interrupted && self.interrupter.child_is_gone() {
            let restarted = self.context.execute(RESTART);
            return Err(match restarted {
                Ok(_) => self.interrupted(&before),
                Err(error) => Failure::from_evcxr(&error, &before, code),
            });
        }
        let events = std::mem::take(&mut *lock(&self.ending));
        // A failed cell may still end its process when it drops what it has made.
        let is_gone = matches!(result, Err(Error::SubprocessTerminated(_)));
        if !events.is_empty() && !is_gone {
            // Before items are compiled: the lines of the failure are those of the cell's own program.
            let failure = self.failed(events, interrupted, number, (&ran, code));
            self.keep_items(&cell);
            return Err(failure);
        }
        match result {
            Ok(outputs) => {
                self.note_uses(&before, number, code);
                if cell_text::lines_before_rust(&cell).any(|line| line.trim() == RESTART) {
                    self.note_restart(&before, code);
                }
                // Commands such as `:vars` answer here; what cells print came through the sink.
                if !outputs.is_empty() {
                    let spelt = |(mime, text): (String, String)| {
                        let is_html = mime == HTML;
                        (mime, spell(&text, &inter_process_files::known(), is_html))
                    };
                    sink(Event::Display(outputs.content_by_mime_type.into_iter().map(spelt).collect()));
                }
                self.completer.ran(code);
                Ok(())
            }
            Err(_) if interrupted => Err(self.interrupted(if is_gone { &before } else { &[] })),
            Err(error) => {
                let may_be_around = Failure::may_be_of_surroundings(&error);
                if let Some(fault) = surroundings::fault().filter(|_| may_be_around) {
                    return Err(Failure::surroundings(fault));
                }
                let failure = Failure::from_evcxr(&error, &before, code);
                let failure = failure.with_texts(|text| spell(text, &inter_process_files::known(), false));
                Err(failure.with_uses(|name| self.uses.get(name).cloned()))
            }
        }
    }

    /// The failure of an interrupted cell with which these variables were lost.
    fn interrupted(&self, lost: &[String]) -> Failure {
        match self.interrupter.has_ended_child() {
            true => Failure::ended_by_force(lost),
            false => Failure::interrupted(lost),
        }
    }

    /// Does what a cell asks for by our own commands, but for its time.
    fn obey(&self, own: &Commands, sink: &Sink) -> Result<(), Failure> {
        let show = |text: String| Event::Display([(PLAIN.to_owned(), text)].into());
        if own.help {
            let (text, html) = commands::help();
            sink(Event::Display([(PLAIN.to_owned(), text), (HTML.to_owned(), html)].into()));
        }
        if let Some(level) = &own.opt {
            if let Some(level) = level {
                inter_process_files::set_level(level).map_err(|error| Failure::of_command(&error))?;
            }
            sink(show(commands::optimised(&inter_process_files::level())));
        }
        Ok(())
    }

    /// Shows what is known of a name.
    fn answer(&mut self, name: &str, sink: &Sink) -> Result<(), Failure> {
        let (text, html) = self.inspect(name, name.len()).ok_or_else(|| Failure::unknown_name(name))?;
        sink(Event::Display([(PLAIN.to_owned(), text), (HTML.to_owned(), html)].into()));
        Ok(())
    }

    /// The variables that evcxr knows, in their order.
    fn variables(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.context.variables_and_types().map(|(name, _)| name.to_owned()).collect();
        names.sort();
        names
    }

    /// Notes which variables a cell has moved, and that those which it has made are there again.
    fn note_uses(&mut self, before: &[String], number: usize, code: &str) {
        let now: BTreeSet<String> = self.variables().into_iter().collect();
        let made = cell_text::bound_names(code);
        self.uses.retain(|name, _| !(now.contains(name) && made.contains(name)));
        for name in before.iter().filter(|name| !now.contains(*name)) {
            let mentions = |line: &&str| cell_text::words(line).any(|word| word == name);
            let mut lines = code.lines().filter(mentions);
            // Of several lines any may have moved it.
            let line = lines.next().filter(|_| lines.next().is_none());
            let line = line.map(|line| format!(": `{}`", line.trim())).unwrap_or_default();
            let text = format!(
                "cell [{number}] has moved `{name}`{line}; write `{name}.clone()` there and run the cell that makes `{name}` again"
            );
            self.uses.insert(name.clone(), text);
        }
    }

    /// Notes that a restart has ended the variables: evcxr goes on listing them.
    fn note_restart(&mut self, before: &[String], code: &str) {
        let made = cell_text::bound_names(code);
        for name in before.iter().filter(|name| !made.contains(*name)) {
            let text = format!("`:restart` has ended `{name}`; run the cell that makes it again");
            self.uses.insert(name.clone(), text);
        }
    }

    /// Has evcxr know what a failed cell names and defines beside variables: it drops all of such a cell.
    fn keep_items(&mut self, cell: &str) {
        if self.interrupter.child_is_gone() {
            return;
        }
        let items = cell_text::items_only(cell);
        if !items.trim().is_empty() {
            // What does not compile alone was of the cell that has failed.
            if self.context.execute(&items).is_ok() {
                self.completer.ran(&items);
            }
            self.settle();
            lock(&self.ending).clear();
        }
    }

    /// The failure of a cell that ended with these events; `texts` are the cell as it ran and as it was written.
    fn failed(
        &mut self,
        events: Vec<Event>,
        interrupted: bool,
        number: usize,
        (ran, code): (&str, &str),
    ) -> Failure {
        let (mut failure, mut lost) = (None, Vec::new());
        for event in events {
            match event {
                Event::Lost(names) => lost.extend(names),
                Event::Failed { text, place } if !interrupted => {
                    let source = compile::source_of(&place);
                    failure = Some(Failure::question_mark(&text, &place, source.as_deref(), ran, code));
                }
                Event::Panic(text) if !interrupted => {
                    let source = compile::source_of(&text);
                    failure = Some(Failure::panic(&text, source.as_deref(), ran, code));
                }
                _ => {}
            }
        }
        lost.sort();
        for name in &lost {
            let text = format!("cell [{number}] moves `{name}` and failed; run the cell that makes it again");
            self.uses.insert(name.clone(), text);
        }
        match failure {
            Some(failure) => failure.with_used_up(&lost),
            None => Failure::interrupted(&lost),
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

    /// Waits until everything the child printed has been passed on.
    fn settle(&self) {
        for pump in &self.pumps {
            pump.wait_until_idle();
        }
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

fn note_ending(sink: Sink, ending: Arc<Mutex<Vec<Event>>>, shown: Variables) -> Sink {
    Arc::new(move |event| match event {
        Event::Described { name, short, long } => shown.set_value(name, short, long),
        Event::Panic(_) | Event::Failed { .. } | Event::Lost(_) => lock(&ending).push(event),
        other => sink(other),
    })
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // A poisoned lock holds data as good as any: nothing here is left half-changed.
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
