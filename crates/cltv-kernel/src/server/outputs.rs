//! Events of the running cell, published under the request that runs it.

use crate::interrupt::Interrupter;
use crate::wire::Event;
use cltv_protocol::display::{HTML, PLAIN, PLOTLY_PLACE};
use jupyter_protocol::{
    DisplayData, InputRequest, JupyterMessage, JupyterMessageContent, Media, MediaType, StreamContent,
    Transient, UpdateDisplayData,
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};
use tokio::sync::mpsc::UnboundedSender;

/// Publishes what a cell puts out, and asks the client for what it reads.
pub(super) struct Outputs {
    iopub: UnboundedSender<JupyterMessage>,
    stdin: UnboundedSender<JupyterMessage>,
    interrupter: Interrupter,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    parent: Option<JupyterMessage>,
    silent: bool,
    /// Whether the client answers when it is asked for input, and whether the cell wanted some although
    /// it does not.
    can_ask: bool,
    wanted_input: bool,
    cell: Option<String>,
    loader: Option<String>,
    /// The cell whose output carries the loader; empty when the client names no cells.
    loader_cell: Option<String>,
    /// What this request shows the progress of, so that it is updated and not shown again.
    in_progress: BTreeSet<String>,
}

impl Outputs {
    pub(super) fn new(
        iopub: UnboundedSender<JupyterMessage>,
        stdin: UnboundedSender<JupyterMessage>,
        interrupter: Interrupter,
    ) -> Outputs {
        Outputs { iopub, stdin, interrupter, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// From now on events belong to this request.
    pub(super) fn begin(&self, parent: &JupyterMessage, silent: bool) {
        let mut state = self.state();
        state.cell = parent.metadata.get("cellId").and_then(Value::as_str).map(str::to_owned);
        if state.loader_cell.is_some() && state.loader_cell == state.cell {
            // The cell's outputs are about to be replaced, the loader among them.
            state.loader_cell = None;
        }
        state.in_progress.clear();
        state.parent = Some(parent.clone());
        state.silent = silent;
        state.can_ask =
            matches!(&parent.content, JupyterMessageContent::ExecuteRequest(request) if request.allow_stdin);
        state.wanted_input = false;
    }

    /// Whether the cell was ended because it wanted input and the client does not give any.
    pub(super) fn wanted_input(&self) -> bool {
        self.state().wanted_input
    }

    /// Asks the client for a line, or ends the cell.
    fn ask(&self, state: &mut State) {
        self.interrupter.note_input();
        match &state.parent {
            Some(parent) if state.can_ask => {
                let request = InputRequest { prompt: String::new(), password: false };
                let _ = self.stdin.send(request.as_child_of(parent));
            }
            _ => {
                state.wanted_input = true;
                self.interrupter.interrupt();
            }
        }
    }

    pub(super) fn end(&self) {
        // Threads that a cell left running go on printing under its request until the next one.
        self.state().silent = false;
    }

    /// Publishes one event.
    pub(super) fn take(&self, event: Event) {
        let mut state = self.state();
        let content: JupyterMessageContent = match event {
            Event::Out(text) => StreamContent::stdout(&text).into(),
            Event::Err(text) => StreamContent::stderr(&text).into(),
            Event::Display(bundle) if is_unit(&bundle) => return,
            Event::Display(bundle) => match display(&mut state, bundle) {
                Ok(data) => data.into(),
                Err(_) => return,
            },
            Event::Loader(html) => {
                state.loader = Some(html);
                state.loader_cell = None;
                return;
            }
            Event::Progress { name, text } => match progress(&mut state, &name, &text) {
                Some(content) => content,
                None => return,
            },
            Event::Input => return self.ask(&mut state),
            // The reply says how the cell ended.
            Event::Panic(_) | Event::Failed { .. } | Event::Lost(_) | Event::Described { .. } => return,
        };
        if let (Some(parent), false) = (&state.parent, state.silent) {
            let _ = self.iopub.send(JupyterMessage::new(content, Some(parent)));
        }
    }
}

/// A line that is shown once and then kept up to date.
fn progress(state: &mut State, name: &str, text: &str) -> Option<JupyterMessageContent> {
    let id = format!("cltv-{}-{name}", state.parent.as_ref()?.header.msg_id);
    let media = Media::from(MediaType::Plain(text.to_owned()));
    if !state.in_progress.insert(name.to_owned()) {
        return Some(UpdateDisplayData::new(media, &id).into());
    }
    let mut display = DisplayData::new(media);
    display.transient = Some(Transient { display_id: Some(id) });
    Some(display.into())
}

/// A loop as a cell's last line has the value `()`, which is not shown.
fn is_unit(bundle: &BTreeMap<String, String>) -> bool {
    bundle.len() == 1 && bundle.get(PLAIN).is_some_and(|text| text == "()")
}

fn display(state: &mut State, bundle: BTreeMap<String, String>) -> serde_json::Result<DisplayData> {
    let mut data = Map::new();
    for (mime, mut text) in bundle {
        if mime == HTML {
            insert_loader(state, &mut text);
        }
        let value = match mime.ends_with("json") {
            true => serde_json::from_str(&text).unwrap_or(Value::String(text)),
            false => Value::String(text),
        };
        data.insert(mime, value);
    }
    serde_json::from_value(json!({"data": data, "metadata": {}}))
}

/// A notebook carries the library once, in the first output that wants it.
fn insert_loader(state: &mut State, html: &mut String) {
    if !html.contains(PLOTLY_PLACE) {
        return;
    }
    let loader = match (&state.loader, &state.loader_cell) {
        (Some(loader), None) => {
            state.loader_cell = Some(state.cell.clone().unwrap_or_default());
            loader.as_str()
        }
        _ => "",
    };
    *html = html.replacen(PLOTLY_PLACE, loader, 1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use cltv_protocol::display::PLOTLY;
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    fn request(cell: &str) -> JupyterMessage {
        let request = jupyter_protocol::ExecuteRequest::new("x".into());
        JupyterMessage::new(request, None).with_metadata(json!({"cellId": cell}))
    }

    fn chart() -> Event {
        Event::Display(BTreeMap::from([
            (HTML.into(), format!("{PLOTLY_PLACE}<div></div>")),
            (PLOTLY.into(), "{\"data\":[]}".into()),
        ]))
    }

    fn html(queue: &mut UnboundedReceiver<JupyterMessage>) -> String {
        let message = queue.try_recv().expect("an output was published");
        let value = serde_json::to_value(&message.content).unwrap();
        assert!(value["data"][PLOTLY].is_object(), "{value}");
        value["data"][HTML].as_str().unwrap().to_owned()
    }

    #[test]
    fn the_library_comes_once_and_again_when_its_cell_runs_again() {
        let (sender, mut queue) = unbounded_channel();
        let outputs = Outputs::new(sender, unbounded_channel().0, Interrupter::default());
        outputs.take(Event::Loader("<script>lib</script>".into()));
        for (cell, with_loader) in [("a", true), ("b", false), ("a", true), ("b", false)] {
            outputs.begin(&request(cell), false);
            outputs.take(chart());
            assert_eq!(html(&mut queue).contains("lib"), with_loader, "cell {cell}");
        }
    }

    #[test]
    fn progress_is_one_line_that_changes() {
        let (sender, mut queue) = unbounded_channel();
        let outputs = Outputs::new(sender, unbounded_channel().0, Interrupter::default());
        outputs.begin(&request("a"), false);
        for text in ["1 of 2", "2 of 2"] {
            outputs.take(Event::Progress { name: "fit".into(), text: text.into() });
        }
        let (first, second) = (queue.try_recv().unwrap().content, queue.try_recv().unwrap().content);
        let JupyterMessageContent::DisplayData(first) = first else { panic!("{first:?}") };
        let JupyterMessageContent::UpdateDisplayData(second) = second else { panic!("{second:?}") };
        assert_eq!(first.transient.unwrap().display_id, second.transient.display_id);
        assert!(matches!(&second.data.content[..], [MediaType::Plain(text)] if text == "2 of 2"));
    }

    #[test]
    fn a_silent_request_publishes_nothing() {
        let (sender, mut queue) = unbounded_channel();
        let outputs = Outputs::new(sender, unbounded_channel().0, Interrupter::default());
        outputs.begin(&request("a"), true);
        outputs.take(Event::Out("x".into()));
        assert!(queue.try_recv().is_err());
    }
}
