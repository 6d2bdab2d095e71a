//! The scripts by which a chart draws itself in a page.
//!
//! The library of charts writes them, and `cltv export` recognises them: a page that it writes runs no other script.

/// The start and the end of the script that unpacks plotly.js; base64 of the gzip stands between them.
///
/// Define, module, exports and require are shadowed so that require.js, which nbconvert's pages load, does not swallow
/// the library; the source itself sets `window.Plotly`. A script element rather than `eval`, because pages that allow
/// this inline script may still forbid `eval`.
const LOADER: (&str, &str) = (
    r#"
(function () {
  if (window.Plotly || window.__cltvPlotlyLoading) { return; }
  window.__cltvPlotlyLoading = true;
  function fail(why) {
    window.__cltvPlotlyLoading = false;
    window.__cltvPlotlyError = "The chart library could not be unpacked: " + why;
  }
  if (typeof DecompressionStream === "undefined") {
    fail("this browser is too old (it has no DecompressionStream).");
    return;
  }
  var packed = ""#,
    r#"";
  var text = atob(packed), bytes = new Uint8Array(text.length);
  for (var i = 0; i < text.length; i += 1) { bytes[i] = text.charCodeAt(i); }
  var stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  new Response(stream).text().then(function (source) {
    var script = document.createElement("script");
    script.text = "(function (define, module, exports, require) {" + source + "\n}).call(window);";
    document.head.appendChild(script);
    document.head.removeChild(script);
    if (!window.Plotly) { throw new Error("it did not start."); }
    window.dispatchEvent(new Event("cltv-plotly-ready"));
  }).catch(function (error) { fail(error.message || String(error)); });
})();
"#,
);

/// The script that the loader adds to the page, around the source of plotly.js.
///
/// # Examples
/// ```
/// let script = cltv_protocol::chart_html::unpacked("source");
/// assert!(script.contains("{source\n}"));
/// ```
#[must_use]
pub fn unpacked(source: &str) -> String {
    format!("(function (define, module, exports, require) {{{source}\n}}).call(window);")
}

/// The SHA-256 of [`unpacked`] with the plotly.js of this version, as a content security policy names it.
pub const UNPACKED_HASH: &str = "sha256-tgTMfiBOHyqW87y0sVcM/s/HJwggWHe4QRfsdN4etss=";

/// The parts of the script that draws a chart; the figure and twice the id of its place stand between them.
///
/// The script waits for the library because JupyterLab may run outputs in any order; should the library come later than
/// its patience, the chart is still drawn then.
const DRAW: [&str; 4] = [
    "\n(function () {\n  var figure = ",
    r#";
  var script = document.currentScript;
  var near = script ? script.previousElementSibling : null;
  var drawn = false, tries = 0;
  function place() {
    return near && near.id === ""#,
    r#"" ? near : document.getElementById(""#,
    r#"");
  }
  function draw() {
    var div = place();
    if (drawn || !div || !div.isConnected || !window.Plotly) { return drawn; }
    drawn = true;
    div.textContent = "";
    window.Plotly.newPlot(div, figure.data, figure.layout, figure.config);
    return true;
  }
  function wait() {
    if (draw()) { return; }
    tries += 1;
    if (tries < 200 && !window.__cltvPlotlyError) { setTimeout(wait, 100); return; }
    window.addEventListener("cltv-plotly-ready", draw);
    var div = place();
    if (div) {
      div.textContent = window.__cltvPlotlyError ||
        "The chart library is not on this page. Run the notebook's first chart again to load it.";
    }
  }
  wait();
})();
"#,
];

/// A script of a chart, by what it contains beside fixed text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script<'a> {
    /// It unpacks plotly.js from base64.
    Loader {
        /// The base64.
        packed: &'a str,
    },
    /// It draws a figure.
    Draw {
        /// The text in the place of the figure; whether it is JSON has not been looked at.
        figure: &'a str,
        /// The id of the element that the figure is drawn into.
        id: &'a str,
    },
}

impl<'a> Script<'a> {
    /// The script of this text, if it is one of a chart from its first character to its last.
    ///
    /// # Examples
    /// ```
    /// use cltv_protocol::chart_html::Script;
    /// let draw = Script::Draw { figure: "{\"data\":[]}", id: "chart-1" };
    /// let text = draw.text();
    /// assert_eq!(Script::of(&text), Some(draw));
    /// assert_eq!(Script::of(&(text + "alert(1)")), None);
    /// ```
    #[must_use]
    pub fn of(text: &'a str) -> Option<Self> {
        Self::loader(text).or_else(|| Self::draw(text))
    }

    fn loader(text: &'a str) -> Option<Self> {
        let packed = text.strip_prefix(LOADER.0)?.strip_suffix(LOADER.1)?;
        let is_base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
        packed.bytes().all(is_base64).then_some(Script::Loader { packed })
    }

    fn draw(text: &'a str) -> Option<Self> {
        let text = text.strip_prefix(DRAW[0])?.strip_suffix(DRAW[3])?;
        // The id has no quotes, so that the last occurrence of each part is the one of the script.
        let (text, id) = text.rsplit_once(DRAW[2])?;
        let (figure, again) = text.rsplit_once(DRAW[1])?;
        let is_id = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        (id == again && id.bytes().all(is_id)).then_some(Script::Draw { figure, id })
    }

    /// What stands inside the script element.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Script::Loader { packed } => [LOADER.0, packed, LOADER.1].concat(),
            Script::Draw { figure, id } => [DRAW[0], figure, DRAW[1], id, DRAW[2], id, DRAW[3]].concat(),
        }
    }

    /// The script element.
    #[must_use]
    pub fn element(&self) -> String {
        format!("<script type=\"text/javascript\">{}</script>\n", self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_scripts_of_charts_are_recognised() {
        let loader = Script::Loader { packed: "H4sIAAAA+/8=" };
        assert_eq!(Script::of(&loader.text()), Some(loader));
        let draw = Script::Draw { figure: "{\"a\":\"near.id === \\\"\"}", id: "cltv-a_b-01" };
        assert_eq!(Script::of(&draw.text()), Some(draw));
        for forged in [
            Script::Loader { packed: "\";alert(1);\"" }.text(),
            Script::Draw { figure: "{}", id: "a\");alert(1);(\"" }.text(),
            draw.text().replacen("cltv-a_b-01", "b", 1),
            format!(" {}", draw.text()),
            "alert(1)".to_owned(),
            String::new(),
        ] {
            assert_eq!(Script::of(&forged), None, "{forged}");
        }
    }
}
