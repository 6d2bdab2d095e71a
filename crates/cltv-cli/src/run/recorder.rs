//! Turns the messages of a running cell into the outputs of a notebook.

use std::collections::HashMap;

use jupyter_protocol::{JupyterMessageContent as Content, Stdio, Transient};
use nbformat::v4::{DisplayData, ErrorOutput, ExecuteResult, MultilineString, Output};

use crate::notebook::Notebook;

/// Where an output is: cell, position.
type Place = (usize, usize);

/// Collects outputs for one run of a notebook.
///
/// It lives as long as the run: a cell may update what an earlier one displayed.
#[derive(Debug, Clone, Default)]
pub struct Recorder {
    displays: HashMap<String, Vec<Place>>,
    clear_before_next: bool,
}

impl Recorder {
    /// Nothing recorded yet.
    pub fn new() -> Recorder {
        Recorder::default()
    }

    /// Takes a message that belongs to the cell at position `cell`.
    pub fn record(&mut self, notebook: &mut Notebook, cell: usize, content: &Content) {
        match content {
            Content::StreamContent(stream) => {
                let name = match stream.name {
                    Stdio::Stdout => "stdout",
                    Stdio::Stderr => "stderr",
                };
                self.clear_if_due(notebook, cell);
                append_stream(&mut notebook.cells[cell].outputs, name, &stream.text);
            }
            Content::DisplayData(display) => {
                let output = Output::DisplayData(DisplayData {
                    data: display.data.clone(),
                    metadata: display.metadata.clone(),
                });
                self.push(notebook, cell, output, display.transient.as_ref());
            }
            Content::ExecuteResult(result) => {
                let output = Output::ExecuteResult(ExecuteResult {
                    execution_count: result.execution_count,
                    data: result.data.clone(),
                    metadata: result.metadata.clone(),
                });
                self.push(notebook, cell, output, result.transient.as_ref());
            }
            Content::ErrorOutput(error) => {
                let output = Output::Error(ErrorOutput {
                    ename: error.ename.clone(),
                    evalue: error.evalue.clone(),
                    traceback: error.traceback.clone(),
                });
                self.push(notebook, cell, output, None);
            }
            Content::UpdateDisplayData(update) => self.update(notebook, update),
            Content::ClearOutput(clear) if clear.wait => self.clear_before_next = true,
            Content::ClearOutput(_) => self.clear(notebook, cell),
            Content::ExecuteInput(input) => {
                notebook.cells[cell].execution_count = i32::try_from(input.execution_count.value()).ok();
            }
            _ => {}
        }
    }

    fn push(&mut self, notebook: &mut Notebook, cell: usize, output: Output, transient: Option<&Transient>) {
        self.clear_if_due(notebook, cell);
        let outputs = &mut notebook.cells[cell].outputs;
        if let Some(id) = transient.and_then(|transient| transient.display_id.clone()) {
            let places = self.displays.entry(id).or_default();
            places.push((cell, outputs.len()));
        }
        outputs.push(output);
    }

    fn update(&self, notebook: &mut Notebook, update: &jupyter_protocol::UpdateDisplayData) {
        let places = update.transient.display_id.as_ref().and_then(|id| self.displays.get(id));
        for (cell, position) in places.into_iter().flatten() {
            match notebook.cells[*cell].outputs.get_mut(*position) {
                Some(Output::DisplayData(shown)) => {
                    shown.data = update.data.clone();
                    shown.metadata = update.metadata.clone();
                }
                Some(Output::ExecuteResult(shown)) => {
                    shown.data = update.data.clone();
                    shown.metadata = update.metadata.clone();
                }
                _ => {}
            }
        }
    }

    fn clear_if_due(&mut self, notebook: &mut Notebook, cell: usize) {
        if std::mem::take(&mut self.clear_before_next) {
            self.clear(notebook, cell);
        }
    }

    fn clear(&mut self, notebook: &mut Notebook, cell: usize) {
        self.clear_before_next = false;
        notebook.cells[cell].outputs.clear();
        for places in self.displays.values_mut() {
            places.retain(|(shown_in, _)| *shown_in != cell);
        }
    }

    /// A cell ended: a clearing that waits for its next output has none to wait for.
    pub fn cell_ended(&mut self) {
        self.clear_before_next = false;
    }
}

fn append_stream(outputs: &mut Vec<Output>, stream: &str, more: &str) {
    if let Some(Output::Stream { name, text }) = outputs.last_mut()
        && name == stream
    {
        text.0.push_str(more);
        return;
    }
    outputs.push(Output::Stream { name: stream.to_owned(), text: MultilineString(more.to_owned()) });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notebook::Cell;
    use jupyter_protocol::{
        ClearOutput, ExecuteInput, ExecutionCount, Media, MediaType, StreamContent, UpdateDisplayData,
    };

    fn notebook() -> Notebook {
        Notebook {
            cells: vec![Cell::code("a".into(), "t"), Cell::code("b".into(), "t")],
            ..Notebook::default()
        }
    }

    fn display(text: &str, id: Option<&str>) -> Content {
        Content::DisplayData(jupyter_protocol::DisplayData {
            data: plain(text),
            metadata: Default::default(),
            transient: Some(Transient { display_id: id.map(str::to_owned) }),
        })
    }

    fn plain(text: &str) -> Media {
        Media::from(MediaType::Plain(text.into()))
    }

    fn shown(notebook: &Notebook, cell: usize) -> String {
        serde_json::to_string(&notebook.cells[cell].outputs).expect("json")
    }

    #[test]
    fn neighbouring_pieces_of_a_stream_are_one() {
        let (mut recorder, mut notebook) = (Recorder::new(), notebook());
        for stream in [
            StreamContent::stdout("a"),
            StreamContent::stdout("b\n"),
            StreamContent::stderr("c"),
            StreamContent::stdout("d"),
        ] {
            recorder.record(&mut notebook, 0, &stream.into());
        }
        let texts: Vec<&str> = notebook.cells[0]
            .outputs
            .iter()
            .map(|output| match output {
                Output::Stream { text, .. } => text.0.as_str(),
                _ => "?",
            })
            .collect();
        assert_eq!(texts, ["ab\n", "c", "d"]);
    }

    #[test]
    fn a_later_cell_updates_what_an_earlier_one_shows() {
        let (mut recorder, mut notebook) = (Recorder::new(), notebook());
        recorder.record(&mut notebook, 0, &display("plain", None));
        recorder.record(&mut notebook, 0, &display("old", Some("bar")));
        let update = UpdateDisplayData::new(plain("new"), "bar");
        recorder.record(&mut notebook, 1, &update.into());
        assert!(shown(&notebook, 0).contains("new") && !shown(&notebook, 0).contains("old"));
        assert!(notebook.cells[1].outputs.is_empty());
    }

    #[test]
    fn outputs_are_cleared_now_or_before_the_next() {
        let (mut recorder, mut notebook) = (Recorder::new(), notebook());
        recorder.record(&mut notebook, 0, &display("one", Some("x")));
        recorder.record(&mut notebook, 0, &ClearOutput { wait: true }.into());
        assert!(shown(&notebook, 0).contains("one"));
        recorder.record(&mut notebook, 0, &display("two", None));
        assert!(!shown(&notebook, 0).contains("one"));
        // What was cleared is not brought back by an update.
        recorder.record(&mut notebook, 0, &UpdateDisplayData::new(plain("x"), "x").into());
        assert!(shown(&notebook, 0).contains("two"));
        recorder.record(&mut notebook, 0, &ClearOutput { wait: false }.into());
        assert!(notebook.cells[0].outputs.is_empty());
    }

    #[test]
    fn the_execution_count_is_the_kernels() {
        let (mut recorder, mut notebook) = (Recorder::new(), notebook());
        let input = ExecuteInput { code: "b".into(), execution_count: ExecutionCount::new(7) };
        recorder.record(&mut notebook, 1, &input.into());
        assert_eq!(notebook.cells[1].execution_count, Some(7));
    }

    #[test]
    fn bundles_stay_as_the_kernel_sent_them() {
        let (mut recorder, mut notebook) = (Recorder::new(), notebook());
        let bundle: Media = serde_json::from_value(serde_json::json!({
            "text/html": "<b>1</b>\n<i>2</i>",
            "text/plain": "1",
            "application/vnd.plotly.v1+json": {"data": [], "layout": {"title": "é"}},
        }))
        .expect("a bundle");
        let mut display = jupyter_protocol::DisplayData::new(bundle);
        display.metadata.insert("isolated".into(), true.into());
        recorder.record(&mut notebook, 0, &display.into());
        let json = serde_json::to_value(&notebook.cells[0].outputs[0]).expect("json");
        assert_eq!(json["data"]["text/html"], serde_json::json!(["<b>1</b>\n", "<i>2</i>"]));
        assert_eq!(json["data"]["application/vnd.plotly.v1+json"]["layout"]["title"], "é");
        assert_eq!(json["metadata"]["isolated"], true);
    }
}
