//! Completion (Tab) and inspection (Shift-Tab) in cells.
//!
//! Names, signatures and documentation come from an index ([`index`]), the types of values from the session
//! or, for other expressions than a variable, from the compiler ([`probe`]). Nothing is run.

mod columns;
mod index;
mod items;
mod place;
pub(crate) mod probe;
mod scope;
mod tooltip;
mod types;

use crate::cell_text;
use crate::stand_ins::STAND_IN;
pub(crate) use columns::Columns;
use index::{Entry, Index, last};
use place::{Cursor, Place};
use scope::Scope;
use std::collections::BTreeMap;
use std::ops::Range;

/// One completion.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Match {
    pub(crate) text: String,
    /// Jupyter's word for what it is.
    pub(crate) kind: &'static str,
    /// The signature or type, and the first paragraph of the documentation.
    pub(crate) signature: String,
    pub(crate) docs: String,
}

/// Completions, and the bytes that they replace.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) matches: Vec<Match>,
    pub(crate) range: Range<usize>,
}

impl Found {
    /// Texts of evcxr's.
    pub(crate) fn of_commands(texts: Vec<String>, range: Range<usize>) -> Found {
        let one = |text| Match { text, kind: "magic", signature: String::new(), docs: String::new() };
        Found { matches: texts.into_iter().map(one).collect(), range }
    }
}

/// What the session knows and can find out.
pub(crate) struct Session<'a> {
    /// The variables with their types.
    pub(crate) variables: BTreeMap<String, String>,
    /// The type that the compiler names for a probe.
    pub(crate) infer: &'a mut dyn FnMut(&str) -> Option<String>,
}

/// What completion knows of libraries and of the cells that ran.
#[derive(Debug)]
pub(crate) struct Completer {
    index: Index,
    scope: Scope,
    columns: Columns,
    /// The last probe and its answer: people go on typing behind the same value.
    last_probe: Option<(String, Option<String>)>,
}

impl Completer {
    /// With the texts of the helper's index.
    pub(crate) fn new(texts: &[String], columns: Columns) -> Completer {
        let index = Index::new(texts.iter().map(String::as_str));
        Completer { index, scope: Scope::default(), columns, last_probe: None }
    }

    /// Notes what a cell that ran defines and imports.
    pub(crate) fn ran(&mut self, cell: &str) {
        let code = cell_text::without_command_lines(cell);
        items::add(&mut self.index, cell);
        self.scope.import(&code);
        place::columns(&code).into_iter().for_each(|name| self.columns.add(name));
        self.last_probe = None;
    }

    /// Forgets the cells that ran.
    pub(crate) fn clear(&mut self, texts: &[String]) {
        self.columns.clear();
        *self = Completer::new(texts, self.columns.clone());
    }

    /// The completions at a byte of a cell.
    pub(crate) fn complete(&mut self, cell: &str, offset: usize, session: &mut Session<'_>) -> Found {
        let code = cell_text::without_command_lines(cell);
        self.with_items(&code[..offset], |completer| completer.complete_behind(&code[..offset], session))
    }

    /// Does something that also needs the items of a cell that has not run.
    fn with_items<T>(&mut self, code: &str, then: impl FnOnce(&mut Completer) -> T) -> T {
        let own = place::items(code);
        let saved = (!own.is_empty()).then(|| self.index.clone());
        items::add(&mut self.index, &own);
        let result = then(self);
        if let Some(saved) = saved {
            self.index = saved;
        }
        result
    }

    fn complete_behind(&mut self, before: &str, session: &mut Session<'_>) -> Found {
        let Cursor { place, typed } = Cursor::at_end_of(before);
        let scope = self.scope_with(before);
        let mut matches = match place {
            Place::Nothing => Vec::new(),
            Place::Column => self.columns.beginning(&typed).iter().map(|name| column(name)).collect(),
            Place::Member(value) => self.members(before, value, &typed, &scope, session),
            Place::Path(words) if words.is_empty() => self.names(before, &typed, &scope, session),
            Place::Path(words) => self.in_path(&words, &scope),
            Place::Field { of, written } => self.fields(&of, &written, &scope),
        };
        matches.retain(|found| found.text.starts_with(&typed) && is_shown(&found.text, &typed));
        Found { matches, range: before.len() - typed.len()..before.len() }
    }

    /// What is known of the name at a byte of a cell, as text and as html.
    pub(crate) fn inspect(
        &mut self,
        cell: &str,
        offset: usize,
        session: &mut Session<'_>,
    ) -> Option<(String, String)> {
        let code = cell_text::without_command_lines(cell);
        let before = &code[..place::end_of_name(&code, offset)?];
        self.with_items(before, |completer| completer.inspect_behind(before, session))
    }

    fn inspect_behind(&mut self, before: &str, session: &mut Session<'_>) -> Option<(String, String)> {
        let Cursor { place, typed } = Cursor::at_end_of(before);
        let scope = self.scope_with(before);
        match place {
            Place::Member(value) => {
                let entries = match self.type_of(before, value, session) {
                    Some(of) => types::members(&self.index, &of, &|name| self.is_in_scope(name, &scope)),
                    None => self.index.methods_beginning(&typed).into_values().collect(),
                };
                let named: Vec<&Entry> = entries.into_iter().filter(|entry| entry.name() == typed).collect();
                tooltip::of_entries(&self.index, &named)
            }
            Place::Path(mut words) => {
                words.push(typed);
                self.inspect_path(before, &words, &scope, session)
            }
            Place::Field { of, .. } => {
                let path = format!("{}::{typed}", scope.resolve(&self.index, &of)?);
                tooltip::of_entries(&self.index, &self.index.at(&path))
            }
            Place::Nothing | Place::Column => None,
        }
    }

    fn inspect_path(
        &mut self,
        before: &str,
        words: &[String],
        scope: &Scope,
        session: &mut Session<'_>,
    ) -> Option<(String, String)> {
        let name = words.last()?;
        if let [name] = words
            && is_local(before, name, session)
        {
            let begin = before.len() - name.len();
            let of = self.type_of(before, begin..before.len(), session)?;
            return Some(tooltip::of_variable(name, &types::shortened(&of)));
        }
        let macro_name = [format!("{name}!")];
        let path = scope.resolve(&self.index, words).or_else(|| scope.resolve(&self.index, &macro_name))?;
        tooltip::of_entries(&self.index, &self.index.at(&path))
    }

    fn scope_with(&self, code: &str) -> Scope {
        let mut scope = self.scope.clone();
        scope.import(code);
        scope
    }

    /// The type of a value in code.
    fn type_of(&mut self, code: &str, value: Range<usize>, session: &mut Session<'_>) -> Option<String> {
        let text = &code[value.clone()];
        let is_own = || place::defined_names(&code[..value.start]).iter().any(|(name, _)| name == text);
        if let Some(known) = session.variables.get(text).filter(|_| !is_own()) {
            return Some(known.clone());
        }
        let probe = probe::cell(code, value)?;
        if let Some((_, answer)) = self.last_probe.as_ref().filter(|(asked, _)| *asked == probe) {
            return answer.clone();
        }
        let answer = (session.infer)(&probe);
        self.last_probe = Some((probe, answer.clone()));
        answer
    }

    /// Whether the methods of a trait can be called.
    fn is_in_scope(&self, path: &str, scope: &Scope) -> bool {
        path.starts_with("std::")
            || !path.contains("::")
            || scope.resolve(&self.index, &[last(path).to_owned()]).is_some_and(|found| found == path)
    }

    fn members(
        &mut self,
        code: &str,
        value: Range<usize>,
        typed: &str,
        scope: &Scope,
        session: &mut Session<'_>,
    ) -> Vec<Match> {
        match self.type_of(code, value, session) {
            Some(of) => {
                let found = types::members(&self.index, &of, &|name| self.is_in_scope(name, scope));
                found.into_iter().map(of_entry).collect()
            }
            None if typed.is_empty() => Vec::new(),
            None => self.index.methods_beginning(typed).into_values().map(of_entry).collect(),
        }
    }

    fn in_path(&self, words: &[String], scope: &Scope) -> Vec<Match> {
        let Some(path) = scope.resolve(&self.index, words) else { return Vec::new() };
        let paths = self.index.names_in(&path);
        // A field is named behind a value.
        paths.filter_map(|path| self.at(&path, |entry| entry.kind != "field")).collect()
    }

    fn fields(&self, of: &[String], written: &[String], scope: &Scope) -> Vec<Match> {
        let Some(path) = scope.resolve(&self.index, of) else { return Vec::new() };
        let fields =
            self.index.names_in(&path).filter_map(|path| self.at(&path, |entry| entry.kind == "field"));
        fields.filter(|field| !written.contains(&field.text)).collect()
    }

    /// What stands at a path.
    fn at(&self, path: &str, is_wanted: impl Fn(&Entry) -> bool) -> Option<Match> {
        let entries = self.index.at(path);
        let name = last(path).to_owned();
        match entries.iter().find(|entry| is_wanted(entry)) {
            Some(entry) => Some(Match { text: name, ..of_entry(entry) }),
            None if entries.is_empty() => Some(plain(&name, "module")),
            None => None,
        }
    }

    /// The names that can stand alone: those of the cell and of the session, and with a begin also those of
    /// imports and of the language.
    fn names(&self, code: &str, typed: &str, scope: &Scope, session: &Session<'_>) -> Vec<Match> {
        let mut found: BTreeMap<String, Match> = BTreeMap::new();
        let mut add = |one: Match| {
            found.entry(one.text.clone()).or_insert(one);
        };
        for (name, of) in &session.variables {
            add(Match { signature: types::shortened(of), ..plain(name, "instance") });
        }
        let own = place::defined_names(&code[..code.len() - typed.len()]);
        own.iter().for_each(|(name, is_function)| {
            add(plain(name, if *is_function { "function" } else { "instance" }))
        });
        let is_of_cells = |path: &String| !path.contains(|c: char| !(c.is_alphanumeric() || c == '_'));
        let of_cells = self.index.names_in("").filter(is_of_cells);
        // Crates are among these, too.
        let of_cells = of_cells.filter_map(|path| Some(of_entry(self.index.at(&path).first()?)));
        let of_cells: Vec<Match> = of_cells.filter(|one| one.kind != "module").collect();
        let (primitive, of_cells): (Vec<Match>, _) =
            of_cells.into_iter().partition(|one| one.signature == one.text);
        of_cells.into_iter().for_each(&mut add);
        if !typed.is_empty() {
            primitive.into_iter().for_each(&mut add);
            let imported = scope.names(&self.index);
            imported
                .iter()
                .filter_map(|(name, path)| Some((name, self.at(path, |_| true)?)))
                .for_each(|(name, one)| add(Match { text: name.clone(), ..one }));
            scope::PRELUDE.iter().for_each(|name| add(plain(name, "class")));
            scope::MACROS.iter().for_each(|name| add(plain(name, "function")));
            scope::KEYWORDS.iter().for_each(|name| add(plain(name, "keyword")));
            let crates = ["cltv", "std"].into_iter().filter(|name| self.index.has(name));
            crates.for_each(|name| add(plain(name, "module")));
        }
        found.into_values().collect()
    }
}

/// Whether a name of a cell is a variable of it or of the session.
fn is_local(code: &str, name: &str, session: &Session<'_>) -> bool {
    let begin = code.len() - name.len();
    let mut own = place::defined_names(&code[..begin]).into_iter();
    session.variables.contains_key(name) || own.any(|(own, is_function)| own == name && !is_function)
}

/// How a value shows itself is not for people to call, nor are stand-ins, nor, as long as nobody asks for it,
/// what begins with `_`.
fn is_shown(name: &str, typed: &str) -> bool {
    name != "evcxr_display" && !name.starts_with(STAND_IN) && (!name.starts_with('_') || !typed.is_empty())
}

fn plain(name: &str, kind: &'static str) -> Match {
    Match { text: name.to_owned(), kind, signature: String::new(), docs: String::new() }
}

fn column(name: &str) -> Match {
    plain(name, "instance")
}

fn of_entry(entry: &Entry) -> Match {
    let kind = match entry.kind.as_str() {
        "fn" | "method" | "macro" => "function",
        "struct" | "enum" | "union" | "trait" | "type" | "primitive" => "class",
        "mod" => "module",
        _ => "instance",
    };
    let docs = entry.docs.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    Match { text: entry.name().to_owned(), kind, signature: entry.signature.clone(), docs }
}

#[cfg(test)]
mod tests;
