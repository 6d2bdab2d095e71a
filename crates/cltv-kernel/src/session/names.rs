//! Completion and inspection of names, with what the session knows of its variables.

use super::Session;
use crate::cell_text;
use crate::commands::TIME;
use crate::compile::inter_process_files;
use crate::completion::{self, Completer, Found};
use crate::stand_ins::replace_stand_ins;
use evcxr::CompilationError;

impl Session {
    /// Completions at a byte offset.
    pub(crate) fn complete(&mut self, code: &str, offset: usize) -> Found {
        if cell_text::is_in_command(code, offset) {
            let found = self.context.completions(code, offset).unwrap_or_default();
            let mut texts: Vec<String> = found.completions.into_iter().map(|c| c.code).collect();
            let typed = code.get(found.start_offset..found.end_offset).unwrap_or_default();
            texts.extend(TIME.starts_with(typed).then(|| TIME.to_owned()).filter(|_| !typed.is_empty()));
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
        let variables = self.context.variables_and_types().filter(|(name, _)| !self.uses.contains_key(*name));
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
