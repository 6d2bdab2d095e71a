//! The messages of the protocol that need no session, and the shapes of those that do.

use crate::completion::Found;
use crate::failure::Failure;
use jupyter_protocol::{
    CodeMirrorMode, CommInfoReply, CompleteReply, ErrorOutput, ExecuteInput, ExecuteReply, ExecutionCount,
    HelpLink, HistoryReply, InspectReply, InterruptReply, IsCompleteReply, JupyterMessage,
    JupyterMessageContent as Content, KernelInfoReply, LanguageInfo, MediaType, ReplyError, ReplyStatus,
    ShutdownReply, UnknownMessage,
};
use syn::Block;

/// Whether a request must wait for the thread that runs cells.
pub(super) fn needs_session(message: &JupyterMessage) -> bool {
    use Content::{CompleteRequest, ExecuteRequest, InspectRequest};
    matches!(message.content, ExecuteRequest(_) | CompleteRequest(_) | InspectRequest(_))
}

/// The answer to a request that needs no session; none if it is not known.
pub(super) fn answer(message: &JupyterMessage) -> Option<JupyterMessage> {
    Some(match &message.content {
        Content::KernelInfoRequest(_) => kernel_info_reply().as_child_of(message),
        Content::IsCompleteRequest(request) => is_complete(&request.code).as_child_of(message),
        Content::HistoryRequest(_) => HistoryReply::new(Vec::new()).as_child_of(message),
        Content::CommInfoRequest(_) => {
            CommInfoReply { status: ReplyStatus::Ok, comms: Default::default(), error: None }
                .as_child_of(message)
        }
        _ => return None,
    })
}

/// The reply with what protocol 5.5 adds, which the crate's type does not have.
fn kernel_info_reply() -> UnknownMessage {
    let mut content = serde_json::to_value(kernel_info()).unwrap_or_default();
    content["supported_features"] = serde_json::json!(["debugger"]);
    UnknownMessage { msg_type: "kernel_info_reply".to_owned(), content }
}

fn kernel_info() -> KernelInfoReply {
    KernelInfoReply {
        status: ReplyStatus::Ok,
        protocol_version: "5.3".into(),
        implementation: "cltv".into(),
        implementation_version: env!("CARGO_PKG_VERSION").into(),
        language_info: LanguageInfo {
            // The name stock evcxr uses, so that notebooks move between both.
            name: "Rust".into(),
            version: String::new(),
            mimetype: Some("text/rust".into()),
            file_extension: Some(".rs".into()),
            pygments_lexer: Some("rust".into()),
            codemirror_mode: Some(CodeMirrorMode::Simple("rust".into())),
            nbconvert_exporter: Some("script".into()),
        },
        banner: format!("cltv {}: customer lifetime value in Rust", env!("CARGO_PKG_VERSION")),
        help_links: vec![HelpLink { text: "evcxr".into(), url: "https://github.com/evcxr/evcxr".into() }],
        debugger: true,
        error: None,
    }
}

/// A console requests this at every Enter: incomplete code needs another line.
fn is_complete(code: &str) -> IsCompleteReply {
    use proc_macro2::TokenStream;
    use syn::parse::Parser;
    let code = crate::cell_text::without_commands(code);
    let parsed =
        code.parse::<TokenStream>().map_err(syn::Error::from).and_then(|t| Block::parse_within.parse2(t));
    match parsed {
        Ok(_) => IsCompleteReply::complete(),
        Err(_) if is_open(&code) => IsCompleteReply::incomplete("    ".into()),
        Err(error) if breaks_off(&error.to_string()) => IsCompleteReply::incomplete("    ".into()),
        Err(_) => IsCompleteReply::invalid(),
    }
}

/// Whether syn found the end where it wanted more.
fn breaks_off(error: &str) -> bool {
    error.contains("unexpected end of input") || error == "expected `;`"
}

/// Whether a bracket or a quote is open at the end.
fn is_open(code: &str) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0i32, false, false);
    for line in code.lines() {
        let line = if in_string { line } else { line.split("//").next().unwrap_or(line) };
        for c in line.chars() {
            match c {
                _ if escaped => escaped = false,
                '\\' if in_string => escaped = true,
                '"' => in_string = !in_string,
                '(' | '[' | '{' if !in_string => depth += 1,
                ')' | ']' | '}' if !in_string => depth -= 1,
                _ => {}
            }
        }
    }
    depth > 0 || in_string
}

pub(super) fn execute_input(parent: &JupyterMessage, code: &str, count: usize) -> JupyterMessage {
    ExecuteInput { code: code.to_owned(), execution_count: ExecutionCount::new(count) }.as_child_of(parent)
}

pub(super) fn execute_ok(parent: &JupyterMessage, count: usize) -> JupyterMessage {
    execute_reply(parent, count, ReplyStatus::Ok, None)
}

pub(super) fn execute_aborted(parent: &JupyterMessage, count: usize) -> JupyterMessage {
    execute_reply(parent, count, ReplyStatus::Aborted, None)
}

pub(super) fn execute_error(parent: &JupyterMessage, count: usize, failure: Failure) -> JupyterMessage {
    let Failure { name: ename, value: evalue, traceback } = failure;
    execute_reply(parent, count, ReplyStatus::Error, Some(Box::new(ReplyError { ename, evalue, traceback })))
}

fn execute_reply(
    parent: &JupyterMessage,
    count: usize,
    status: ReplyStatus,
    error: Option<Box<ReplyError>>,
) -> JupyterMessage {
    ExecuteReply {
        status,
        execution_count: ExecutionCount::new(count),
        payload: Vec::new(),
        user_expressions: Some(Default::default()),
        error,
    }
    .as_child_of(parent)
}

pub(super) fn error_output(parent: &JupyterMessage, failure: &Failure) -> JupyterMessage {
    ErrorOutput {
        ename: failure.name.clone(),
        evalue: failure.value.clone(),
        traceback: failure.traceback.clone(),
    }
    .as_child_of(parent)
}

pub(super) fn interrupt_reply(parent: &JupyterMessage) -> JupyterMessage {
    InterruptReply::new().as_child_of(parent)
}

pub(super) fn shutdown_reply(parent: &JupyterMessage, restart: bool) -> JupyterMessage {
    ShutdownReply { restart, status: ReplyStatus::Ok, error: None }.as_child_of(parent)
}

/// What is known of a name: its signature and documentation as text and as html.
pub(super) fn inspect_reply(parent: &JupyterMessage, found: Option<(String, String)>) -> JupyterMessage {
    let mut reply = InspectReply { found: found.is_some(), ..InspectReply::default() };
    if let Some((text, html)) = found {
        reply.data.content = vec![MediaType::Html(html), MediaType::Plain(text)];
    }
    reply.as_child_of(parent)
}

/// Jupyter counts characters, evcxr bytes.
pub(super) fn byte_offset(code: &str, characters: usize) -> usize {
    code.char_indices().nth(characters).map_or(code.len(), |(offset, _)| offset)
}

fn character_offset(code: &str, bytes: usize) -> usize {
    code.char_indices().take_while(|(offset, _)| *offset < bytes).count()
}

/// Completions with what JupyterLab shows beside them: kind, signature and the first paragraph of documentation.
pub(super) fn complete_reply(parent: &JupyterMessage, code: &str, found: Found) -> JupyterMessage {
    let (start, end) = (character_offset(code, found.range.start), character_offset(code, found.range.end));
    let shown = found.matches.iter().map(|one| {
        serde_json::json!({
            "text": one.text, "start": start, "end": end, "type": one.kind, "signature": one.signature,
            "documentation": one.docs,
        })
    });
    let metadata = [("_jupyter_types_experimental".to_owned(), shown.collect())];
    CompleteReply {
        metadata: metadata.into_iter().collect(),
        matches: found.matches.into_iter().map(|one| one.text).collect(),
        cursor_start: start,
        cursor_end: end,
        status: ReplyStatus::Ok,
        error: None,
    }
    .as_child_of(parent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jupyter_protocol::IsCompleteReplyStatus;

    #[test]
    fn characters_and_bytes_are_distinguished() {
        let code = "let é = 1;";
        assert_eq!(byte_offset(code, 5), 6);
        assert_eq!(character_offset(code, 6), 5);
        assert_eq!(byte_offset(code, 99), code.len());
    }

    #[test]
    fn open_brackets_ask_for_another_line() {
        assert_eq!(is_complete("fn f() {").status, IsCompleteReplyStatus::Incomplete);
        assert_eq!(is_complete("let s = \"a{\";").status, IsCompleteReplyStatus::Complete);
        assert_eq!(is_complete("f(1); // (").status, IsCompleteReplyStatus::Complete);
        assert_eq!(is_complete(":dep x = \"1\"\nlet a = 1").status, IsCompleteReplyStatus::Incomplete);
        assert_eq!(is_complete("let x =").status, IsCompleteReplyStatus::Incomplete);
        assert_eq!(is_complete("let = 1;").status, IsCompleteReplyStatus::Invalid);
        assert_eq!(is_complete("f(1))").status, IsCompleteReplyStatus::Invalid);
    }
}
