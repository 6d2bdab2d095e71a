//! Which scripts run in an exported page: those of cltv's charts, by their hashes.
//!
//! Html of an output can contain what a customer typed. A content security policy stops every script, event handler and
//! `javascript:` address that is not one of the scripts which the charts are known to write.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cltv_protocol::chart_html::{Script, UNPACKED_HASH};
use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};

/// The scripts of a page.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Policy {
    /// The hashes of the charts' scripts, as the policy names them.
    hashes: Vec<String>,
    /// Scripts that are not those of charts.
    pub(super) others: usize,
}

impl Policy {
    pub(super) fn of<'a>(parts: impl Iterator<Item = &'a str>) -> Policy {
        let mut policy = Policy::default();
        for (attributes, script) in parts.flat_map(scripts) {
            if is_of_a_chart(script) {
                policy.hashes.push(format!("sha256-{}", STANDARD.encode(Sha256::digest(script.as_bytes()))));
            } else if !is_data(attributes) {
                policy.others += 1;
            }
        }
        policy
    }

    /// The value of the header `Content-Security-Policy`. Images may come from elsewhere, as authors put them.
    pub(super) fn header(&self) -> String {
        let mut header = "default-src 'none'; base-uri 'none'; form-action 'none'; img-src * data: blob:; \
                          media-src * data: blob:; font-src data:; style-src 'unsafe-inline'; script-src"
            .to_owned();
        if self.hashes.is_empty() {
            return header + " 'none'";
        }
        for hash in self.hashes.iter().map(String::as_str).chain([UNPACKED_HASH]) {
            header.push_str(&format!(" '{hash}'"));
        }
        header
    }
}

/// A script that contains nothing of a stranger's but JSON or base64.
fn is_of_a_chart(script: &str) -> bool {
    match Script::of(script) {
        // The policy names the hash of what is unpacked, too.
        Some(Script::Loader { .. }) => true,
        Some(Script::Draw { figure: data, .. } | Script::Slider { positions: data, .. }) => {
            serde_json::from_str::<IgnoredAny>(data).is_ok()
        }
        Some(Script::Table { .. }) => true,
        None => false,
    }
}

/// Whether a browser takes the element as data and does not run it.
fn is_data(attributes: &str) -> bool {
    let attributes = attributes.to_ascii_lowercase();
    attributes.contains("json") || attributes.contains("math/tex") || attributes.contains("text/plain")
}

/// The script elements of html: the attributes and the content of each.
///
/// What a browser sees as a script and this does not is no chart's, and does not run.
fn scripts(html: &str) -> impl Iterator<Item = (&str, &str)> {
    let lower = html.to_ascii_lowercase();
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            at += lower[at..].find("<script")? + "<script".len();
            let named = lower[at..].starts_with(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/'));
            if named {
                break;
            }
        }
        let open = at + lower[at..].find('>')?;
        let end = lower[open..].find("</script").map_or(html.len(), |end| open + end);
        let element = (&html[at..open], &html[open + 1..end]);
        at = end;
        Some(element)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(figure: &str) -> String {
        Script::Draw { figure, id: "cltv-a-1" }.element()
    }

    #[test]
    fn scripts_of_charts_run_and_no_others() {
        let chart = draw("{\"data\":[],\"layout\":{\"title\":\"\\u003c/script>\"}}");
        let policy =
            Policy::of([chart.as_str(), "<b>1</b><SCRIPT\n>alert(1)</SCRIPT >", "<scripted>"].into_iter());
        assert_eq!((policy.hashes.len(), policy.others), (1, 1));
        let header = policy.header();
        assert!(header.contains(&format!("'{}'", policy.hashes[0])) && header.contains(UNPACKED_HASH));
        assert!(!header.contains("script-src 'unsafe-inline'"), "{header}");
    }

    #[test]
    fn a_figure_that_is_no_json_is_a_script_like_any_other() {
        let slider = |positions| Script::Slider { positions, id: "cltv-a-1" }.element();
        assert_eq!(Policy::of([slider("[]").as_str()].into_iter()).others, 0);
        assert_eq!(Policy::of([slider("[];alert(1)").as_str()].into_iter()).others, 1);
        let table = Script::Table { id: "cltv-a-1" }.element();
        assert_eq!(Policy::of([table.as_str()].into_iter()).others, 0);
        for figure in ["{}; alert(1)", "alert(1)", "(function(){})()", "{a: alert(1)}", "{} </x"] {
            assert_eq!(Policy::of([draw(figure).as_str()].into_iter()).others, 1, "{figure}");
        }
    }

    #[test]
    fn a_page_without_charts_runs_nothing() {
        let policy = Policy::of(["<script type=\"application/json\">{}</script>"].into_iter());
        assert_eq!(policy, Policy::default());
        assert!(policy.header().ends_with("script-src 'none'"));
    }
}
