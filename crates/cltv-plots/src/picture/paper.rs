//! The svg as it is written.

use std::fmt::Write;

/// What is drawn, in its order.
pub(super) struct Paper {
    svg: String,
    pub(super) width: f64,
    pub(super) height: f64,
    /// The last line that was drawn, backwards, which an area may end at.
    pub(super) last_line: Option<String>,
}

/// How a text is set.
#[derive(Clone, Copy)]
pub(super) struct Type {
    pub(super) size: f64,
    /// "start", "middle" or "end".
    pub(super) anchor: &'static str,
    pub(super) bold: bool,
    /// Degrees to the left.
    pub(super) turned: f64,
}

impl Type {
    pub(super) fn of(size: f64, anchor: &'static str) -> Type {
        Type { size, anchor, bold: false, turned: 0.0 }
    }
}

impl Paper {
    pub(super) fn new(width: f64, height: f64) -> Paper {
        let (w, h) = (short(width), short(height));
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" \
             font-family=\"system-ui,'Segoe UI','DejaVu Sans',Arial,sans-serif\" fill=\"#222\">\
             <rect width=\"{w}\" height=\"{h}\" fill=\"#fff\"/>"
        );
        Paper { svg, width, height, last_line: None }
    }

    pub(super) fn begin_clip(&mut self, (x, y, w, h): super::Area) {
        // Marks on the edge of the plot are drawn whole.
        let edge = 8.0;
        let _ = write!(
            self.svg,
            "<clipPath id=\"plot\"><path d=\"M{},{}h{}v{}h-{}z\"/></clipPath><g clip-path=\"url(#plot)\">",
            short(x - edge),
            short(y - edge),
            short(w + 2.0 * edge),
            short(h + 2.0 * edge),
            short(w + 2.0 * edge)
        );
    }

    pub(super) fn end_clip(&mut self) {
        self.svg.push_str("</g>");
    }

    pub(super) fn line(
        &mut self,
        (x1, y1): (f64, f64),
        (x2, y2): (f64, f64),
        color: &str,
        width: f64,
        dash: &str,
    ) {
        let path = format!("M{},{}L{},{}", short(x1), short(y1), short(x2), short(y2));
        self.path(&path, "none", color, width, dash);
    }

    /// A path; a colour of "" or "none" draws nothing.
    pub(super) fn path(&mut self, path: &str, fill: &str, stroke: &str, width: f64, dash: &str) {
        let _ = write!(self.svg, "<path d=\"{path}\" fill=\"{}\"", color(fill));
        if !stroke.is_empty() && stroke != "none" {
            let _ = write!(self.svg, " stroke=\"{}\" stroke-width=\"{}\"", color(stroke), short(width));
            let pattern = dashes(dash);
            if !pattern.is_empty() {
                let _ = write!(self.svg, " stroke-dasharray=\"{pattern}\"");
            }
        }
        self.svg.push_str("/>");
    }

    pub(super) fn rect(
        &mut self,
        (x, y): (f64, f64),
        (w, h): (f64, f64),
        fill: &str,
        stroke: &str,
        opacity: f64,
    ) {
        let _ = write!(
            self.svg,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"",
            short(x),
            short(y),
            short(w),
            short(h),
            color(fill)
        );
        if !stroke.is_empty() {
            let _ = write!(self.svg, " stroke=\"{}\" stroke-width=\"0.8\"", color(stroke));
        }
        if opacity < 1.0 {
            let _ = write!(self.svg, " opacity=\"{}\"", short(opacity));
        }
        self.svg.push_str("/>");
    }

    /// Marks of one look, as one path.
    pub(super) fn marks(&mut self, path: &str, fill: &str, stroke: &str, width: f64, opacity: f64) {
        let _ = write!(
            self.svg,
            "<path d=\"{path}\" fill=\"{}\" stroke=\"{}\" stroke-width=\"{}\" stroke-linecap=\"round\"",
            color(fill),
            color(stroke),
            short(width)
        );
        if opacity < 1.0 {
            let _ = write!(self.svg, " opacity=\"{}\"", short(opacity));
        }
        self.svg.push_str("/>");
    }

    /// A text whose first line stands at this place.
    pub(super) fn text(&mut self, (x, y): (f64, f64), words: &Words, kind: Type, ink: &str) {
        let turned = match kind.turned {
            0.0 => String::new(),
            by => format!(" transform=\"rotate({} {} {})\"", short(-by), short(x), short(y)),
        };
        let bold = if kind.bold { " font-weight=\"bold\"" } else { "" };
        let ink = if ink.is_empty() { String::new() } else { format!(" fill=\"{}\"", color(ink)) };
        for (at, line) in words.lines.iter().enumerate() {
            let y = y + at as f64 * kind.size * 1.25;
            let _ = write!(
                self.svg,
                "<text x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"{}\"{bold}{ink}{turned}>{}</text>",
                short(x),
                short(y),
                short(kind.size),
                kind.anchor,
                escaped(line)
            );
        }
    }

    pub(super) fn finish(mut self) -> String {
        self.svg.push_str("</svg>");
        self.svg
    }
}

/// The text of a label, without plotly's markup.
pub(super) struct Words {
    pub(super) lines: Vec<String>,
}

impl Words {
    pub(super) fn of(label: &str) -> Words {
        let lines = label.replace("<br/>", "<br>");
        Words { lines: lines.split("<br>").map(plain).collect() }
    }

    pub(super) fn longest(&self) -> usize {
        self.lines.iter().map(|line| line.chars().count()).max().unwrap_or(0)
    }
}

/// A line without tags, and with characters in place of their names.
fn plain(line: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for c in line.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => inside = false,
            c if !inside => text.push(c),
            _ => {}
        }
    }
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&#37;", "%"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text, |text, (name, c)| text.replace(name, c))
}

fn escaped(text: &str) -> String {
    let printed = text.chars().filter(|c| !c.is_control());
    printed.collect::<String>().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A colour as an attribute; what is none draws grey.
fn color(color: &str) -> &str {
    let is_color =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '#' | '(' | ')' | ',' | '.' | ' ' | '%');
    if !color.is_empty() && color.chars().all(is_color) { color } else { "#888" }
}

fn dashes(dash: &str) -> &'static str {
    match dash {
        "dash" => "9,6",
        "dot" => "2,4",
        "dashdot" => "9,4,2,4",
        "longdash" => "14,6",
        _ => "",
    }
}

/// A number with one decimal at most.
pub(super) fn short(number: f64) -> String {
    let rounded = (number * 10.0).round() / 10.0;
    if rounded.is_finite() { (rounded + 0.0).to_string() } else { "0".to_owned() }
}
