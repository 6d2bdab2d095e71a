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

/// How a script finds the element before it, `place`, which has the id that follows.
macro_rules! place {
    () => {
        r#"
  var script = document.currentScript;
  var near = script ? script.previousElementSibling : null;
  function place() {
    return near && near.id === ""#
    };
}

/// The part of `place` behind the id; the id follows once more.
macro_rules! or_by_id {
    () => {
        r#"" ? near : document.getElementById(""#
    };
}

/// How a figure is drawn: in the colours of a dark page where the page is dark, and in those of paper in print.
///
/// Only colours of the house's theme are exchanged; others are their author's. Patterns and cells keep their ink, because
/// what they lie on keeps its colour.
macro_rules! painter {
    () => {
        r##"
  var printing = false, paint = null;
  var dark = {
    "#222222": "#E6E6E6", "#555555": "#B8B8B8", "#595959": "#A8A8A8", "#0072B2": "#3D9BDB", "#E3E3E3": "#3D3D3D",
    "#888888": "#8F8F8F", "RGBA(255,255,255,0.85)": "rgba(20,20,20,0.85)", "#FFFFFF": "#1C1C1C"
  };
  function isDark() {
    var light = document.body.getAttribute("data-jp-theme-light"), names = document.body.classList;
    if (printing) { return false; }
    if (light !== null) { return light === "false"; }
    return names.contains("vscode-dark") || names.contains("vscode-high-contrast");
  }
  function recoloured(value, key) {
    if (Array.isArray(value)) {
      return typeof value[0] === "object" || /color$/.test(key)
        ? value.map(function (part) { return recoloured(part, key); }) : value.slice();
    }
    if (value && typeof value === "object") {
      var copy = {};
      Object.keys(value).forEach(function (name) { copy[name] = recoloured(value[name], name); });
      return copy;
    }
    if (typeof value !== "string" || key === "fgcolor" || !/color$/.test(key)) { return value; }
    return /^(paper|plot)_bgcolor$/.test(key) && value.toUpperCase() === "#FFFFFF"
      ? "rgba(0,0,0,0)" : dark[value.toUpperCase()] || value;
  }
  function draw_figure(div, figure) {
    var night = isDark(), copy = JSON.parse(JSON.stringify(figure));
    if (night) {
      copy.data = recoloured(copy.data, "data");
      copy.layout = recoloured(copy.layout, "layout");
    }
    copy.layout.uirevision = "kept";
    div.style.background = night ? "transparent" : "#fff";
    return window.Plotly.react(div, copy.data, copy.layout, copy.config);
  }
  function repaint(now) {
    if (now === printing && arguments.length) { return; }
    if (arguments.length) { printing = now; }
    if (paint) { paint(); }
  }
  function follow_theme() {
    var seen = isDark();
    new MutationObserver(function () {
      if (isDark() !== seen) { seen = isDark(); repaint(); }
    }).observe(document.body, {attributes: true, attributeFilter: ["data-jp-theme-light", "class"]});
    window.addEventListener("beforeprint", function () { repaint(true); });
    window.addEventListener("afterprint", function () { repaint(false); });
  }
"##
    };
}

/// The parts of the script that draws a chart; the figure and twice the id of its place stand between them.
///
/// The script waits for the library because JupyterLab may run outputs in any order; should the library come later than
/// its patience, the chart is still drawn then. Until then, and where it never comes, the picture in the place stays.
const DRAW: [&str; 4] = [
    "\n(function () {\n  var figure = ",
    concat!(";\n  var drawn = false, tries = 0;", place!()),
    or_by_id!(),
    concat!(
        "\");\n  }",
        painter!(),
        r#"
  function draw() {
    var div = place();
    if (drawn || !div || !div.isConnected || !window.Plotly) { return drawn; }
    drawn = true;
    div.textContent = "";
    paint = function () { if (div.isConnected) { draw_figure(div, figure); } };
    paint();
    follow_theme();
    return true;
  }
  function wait() {
    if (draw()) { return; }
    tries += 1;
    if (tries < 200 && !window.__cltvPlotlyError) { setTimeout(wait, 100); return; }
    window.addEventListener("cltv-plotly-ready", draw);
    var div = place();
    if (div && !div.querySelector("img")) {
      div.textContent = window.__cltvPlotlyError ||
        "The chart library is not on this page. Run the notebook's first chart again to load it.";
    }
  }
  wait();
})();
"#
    ),
];

/// The parts of the script behind a slider: the positions and twice the id stand between them.
///
/// A position is `{"label": text, "figure": {...}}` or `{"label": text, "html": text}`; what it shows was computed when
/// the cell ran.
const SLIDER: [&str; 4] = [
    "\n(function () {\n  var positions = ",
    concat!(";\n  var tries = 0;", place!()),
    or_by_id!(),
    concat!(
        "\");\n  }",
        painter!(),
        r#"
  var root = place();
  var input = root && root.querySelector("input"), said = root && root.querySelector("output");
  var shown = root && root.querySelector(".cltv-shown"), plotted = false;
  function show() {
    var position = positions[Number(input.value)];
    if (!position) { return; }
    said.textContent = position.label;
    input.setAttribute("aria-valuetext", position.label);
    if (!position.figure) {
      if (plotted) { window.Plotly.purge(shown); plotted = false; }
      shown.style.background = "";
      shown.innerHTML = position.html;
      return;
    }
    if (!window.Plotly) { return; }
    if (!plotted) { shown.textContent = ""; plotted = true; }
    draw_figure(shown, position.figure);
  }
  function begin() {
    if (!root) { return; }
    if (!window.Plotly && positions.some(function (p) { return p.figure; })) {
      tries += 1;
      if (tries < 200) { setTimeout(begin, 100); } else { window.addEventListener("cltv-plotly-ready", begin); }
      return;
    }
    input.disabled = false;
    paint = show;
    show();
    follow_theme();
    input.addEventListener("input", show);
  }
  begin();
})();
"#
    ),
];

/// The parts of the script that lets a table's headings sort its rows; twice the id stands between them.
///
/// A click sorts the rows upwards, the next one downwards, the third as they were. The box around the table scrolls only
/// where this script runs, and not in print, so that no row is out of reach.
const TABLE: [&str; 3] = [
    concat!("\n(function () {", place!()),
    or_by_id!(),
    concat!(
        "\");\n  }",
        r#"
  var root = place(), table = root && root.querySelector("table");
  if (!table || !table.tHead || !table.tBodies[0]) { return; }
  var box = table.parentNode, body = table.tBodies[0];
  var rows = Array.prototype.slice.call(body.rows), heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
  var full = rows.filter(function (row) { return row.cells.length === heads.length; });
  var left_out = rows.filter(function (row) { return row.cells.length !== heads.length; });
  function limit(on) { box.style.maxHeight = on ? "30em" : ""; }
  limit(true);
  window.addEventListener("beforeprint", function () { limit(false); });
  window.addEventListener("afterprint", function () { limit(true); });
  function key(row, at) {
    var text = row.cells[at].textContent.trim(), number = text.replace(/^-?[^\d.-]{1,4}(?=[\d.])/, "");
    if (text === "–" || text === "NaN" || text === "") { return null; }
    number = Number((text[0] === "-" && number[0] !== "-" ? "-" : "") + number.replace(/,/g, "").replace(/%$/, ""));
    return heads[at].style.textAlign === "right" && !isNaN(number) ? number : text;
  }
  function sorted(at, way) {
    var keyed = full.map(function (row, place) { return {row: row, key: key(row, at), place: place}; });
    keyed.sort(function (a, b) {
      if (a.key === null || b.key === null) { return (a.key === null) - (b.key === null) || a.place - b.place; }
      var order = typeof a.key === "number" && typeof b.key === "number"
        ? a.key - b.key : String(a.key).localeCompare(String(b.key));
      return way * order || a.place - b.place;
    });
    return keyed.map(function (entry) { return entry.row; });
  }
  heads.forEach(function (head, at) {
    function turn() {
      var next = {none: "ascending", ascending: "descending", descending: "none"}[head.getAttribute("aria-sort")];
      heads.forEach(function (other) { other.setAttribute("aria-sort", "none"); other.lastChild.textContent = ""; });
      head.setAttribute("aria-sort", next);
      head.lastChild.textContent = {none: "", ascending: " ▲", descending: " ▼"}[next];
      var order = next === "none" ? rows : sorted(at, next === "ascending" ? 1 : -1).concat(left_out);
      order.forEach(function (row) { body.appendChild(row); });
    }
    head.setAttribute("aria-sort", "none");
    head.appendChild(document.createElement("span"));
    head.style.cursor = "pointer";
    head.tabIndex = 0;
    head.title = "Sort the rows by this column";
    head.addEventListener("click", turn);
    head.addEventListener("keydown", function (event) {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); turn(); }
    });
  });
})();
"#
    ),
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
    /// It switches what a slider shows.
    Slider {
        /// The text in the place of the positions; whether it is JSON has not been looked at.
        positions: &'a str,
        /// The id of the element that has the slider.
        id: &'a str,
    },
    /// It sorts the rows of a table.
    Table {
        /// The id of the element that has the table.
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
        let draw = || within(text, &DRAW).map(|(figure, id)| Script::Draw { figure, id });
        let slider = || within(text, &SLIDER).map(|(positions, id)| Script::Slider { positions, id });
        let table = || {
            let rest = text.strip_prefix(TABLE[0])?.strip_suffix(TABLE[2])?;
            let (id, again) = rest.split_once(TABLE[1])?;
            (id == again && is_id(id)).then_some(Script::Table { id })
        };
        Self::loader(text).or_else(draw).or_else(slider).or_else(table)
    }

    fn loader(text: &'a str) -> Option<Self> {
        let packed = text.strip_prefix(LOADER.0)?.strip_suffix(LOADER.1)?;
        let is_base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
        packed.bytes().all(is_base64).then_some(Script::Loader { packed })
    }

    /// What stands inside the script element.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Script::Loader { packed } => [LOADER.0, packed, LOADER.1].concat(),
            Script::Draw { figure, id } => [DRAW[0], figure, DRAW[1], id, DRAW[2], id, DRAW[3]].concat(),
            Script::Slider { positions, id } => {
                [SLIDER[0], positions, SLIDER[1], id, SLIDER[2], id, SLIDER[3]].concat()
            }
            Script::Table { id } => [TABLE[0], id, TABLE[1], id, TABLE[2]].concat(),
        }
    }

    /// The script element.
    #[must_use]
    pub fn element(&self) -> String {
        format!("<script type=\"text/javascript\">{}</script>\n", self.text())
    }
}

/// What stands between the parts of a script: its data, and its id, which stands there twice.
fn within<'a>(text: &'a str, parts: &[&str; 4]) -> Option<(&'a str, &'a str)> {
    let text = text.strip_prefix(parts[0])?.strip_suffix(parts[3])?;
    // The id has no quotes, so that the last occurrence of each part is the one of the script.
    let (text, id) = text.rsplit_once(parts[2])?;
    let (data, again) = text.rsplit_once(parts[1])?;
    (id == again && is_id(id)).then_some((data, id))
}

fn is_id(id: &str) -> bool {
    id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
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
        for script in [
            Script::Slider { positions: "[{\"label\":\"1\",\"html\":\"x\"}]", id: "cltv-slider-1" },
            Script::Table { id: "cltv-table-1" },
        ] {
            assert_eq!(Script::of(&script.text()), Some(script));
        }
        for forged in [
            Script::Table { id: "a\");alert(1);(\"" }.text(),
            Script::Slider { positions: "[]", id: "\"" }.text(),
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
