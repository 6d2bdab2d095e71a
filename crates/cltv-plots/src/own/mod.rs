//! Charts of columns of one's own: lines, bars, points and histograms in the look of the others.

mod bars;
mod histogram;
mod lines;
mod plotly;
mod points;
mod series;

use serde_json::{Value, json};

use crate::calendar;
use crate::data::{Column, readable_number};
use crate::theme::{self, axis, merged, money_ticks};
use crate::{Chart, PlotError, text};

/// What errors call a chart of one's own.
pub(crate) const NAME: &str = "plot";
/// The most characters of a title that fit its chart.
const TITLE: usize = 65;

/// What runs along the x axis, with a value for each row.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Along {
    /// Numbers.
    Numbers(Vec<f64>),
    /// Moments in milliseconds since 1970-01-01.
    Moments(Vec<i64>),
    /// Names.
    Names(Names),
}

/// A column of names: each distinct one once, and the place of each row's name among them.
///
/// # Examples
/// ```
/// let names = cltv_plots::Names::of(["b", "a", "b"]);
/// assert_eq!((names.codes, names.names), (vec![0, 1, 0], vec!["b".to_owned(), "a".to_owned()]));
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Names {
    /// One place a row; a place that is not in `names`, such as `u32::MAX`, where the name is missing.
    pub codes: Vec<u32>,
    /// The distinct names, in the order in which they are drawn.
    pub names: Vec<String>,
}

impl Names {
    /// The names of rows, in the order of their first row.
    pub fn of<S: AsRef<str>>(rows: impl IntoIterator<Item = S>) -> Names {
        Names::of_optional(rows.into_iter().map(Some))
    }

    /// The names of rows some of which have none.
    pub fn of_optional<S: AsRef<str>>(rows: impl IntoIterator<Item = Option<S>>) -> Names {
        let mut places = std::collections::HashMap::new();
        let mut found = Names::default();
        for row in rows {
            let Some(name) = row.as_ref().map(AsRef::as_ref) else {
                found.codes.push(u32::MAX);
                continue;
            };
            let next = found.names.len() as u32;
            let code = match places.get(name) {
                Some(&code) => code,
                None => {
                    places.insert(name.to_owned(), next);
                    found.names.push(name.to_owned());
                    next
                }
            };
            found.codes.push(code);
        }
        found
    }
}

/// A column of numbers and its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// The column's name.
    pub name: String,
    /// One value a row; NaN where it is missing, which is left out.
    pub values: Vec<f64>,
}

/// What becomes of rows with the same x.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Together {
    /// They are added up.
    #[default]
    Sum,
    /// Their mean is drawn.
    Mean,
    /// Their median is drawn.
    Median,
    /// They are counted.
    Count,
    /// The least is drawn.
    Least,
    /// The largest is drawn.
    Largest,
}

/// How numbers are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// As numbers.
    #[default]
    Plain,
    /// As amounts with this sign in front.
    Money(String),
    /// Shares as percentages: 0.12 is 12%.
    Percent,
}

/// The kind of a chart of one's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OwnKind {
    /// A line along x.
    Line,
    /// A bar for each x.
    Bar,
    /// A mark for each row.
    Scatter,
    /// How often the values of x occur.
    Histogram,
}

/// A chart of one's own columns: what it draws, and how.
///
/// Rows with a missing x or value are left out, and the chart says how many. Rows with the same x are put
/// [`together`](OwnChart::together) in lines and bars. Long inputs are made small as in the other charts, and a
/// sentence in the chart says how.
///
/// # Examples
/// ```
/// use cltv_plots::{Along, Measure, Names, OwnChart, OwnKind};
/// let month = Along::Names(Names::of(["Jan", "Jan", "Feb"]));
/// let amount = Measure { name: "amount".to_owned(), values: vec![2.0, 3.0, 4.0] };
/// let chart = OwnChart::new("month", month, vec![amount]).draw(OwnKind::Bar)?;
/// assert_eq!(chart.title(), "Sum of amount by month");
/// assert_eq!(chart.text_summary(), "The largest sum of amount is 5 (month Jan), the smallest 4 (month Feb).");
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct OwnChart {
    pub(crate) x_name: String,
    pub(crate) x: Along,
    pub(crate) measures: Vec<Measure>,
    pub(crate) groups: Option<(String, Names)>,
    pub(crate) together: Together,
    pub(crate) unit: Unit,
    title: Option<String>,
}

impl OwnChart {
    /// Columns along x; no column of numbers is needed for a histogram, or where rows are counted.
    pub fn new(x_name: &str, x: Along, measures: Vec<Measure>) -> OwnChart {
        OwnChart {
            x_name: x_name.to_owned(),
            x,
            measures,
            groups: None,
            together: Together::Sum,
            unit: Unit::Plain,
            title: None,
        }
    }

    /// The same with a line, a colour or a part of each bar for each group.
    #[must_use]
    pub fn by(mut self, name: &str, groups: Names) -> OwnChart {
        self.groups = Some((name.to_owned(), groups));
        self
    }

    /// The same with what becomes of rows with the same x.
    #[must_use]
    pub fn together(mut self, together: Together) -> OwnChart {
        self.together = together;
        self
    }

    /// The same with how numbers are written.
    #[must_use]
    pub fn unit(mut self, unit: Unit) -> OwnChart {
        self.unit = unit;
        self
    }

    /// The same with a title.
    #[must_use]
    pub fn title(mut self, title: &str) -> OwnChart {
        self.title = Some(title.to_owned());
        self
    }

    /// Draws the chart.
    ///
    /// # Errors
    /// [`PlotError`] where no row has a value in all columns, columns differ in length, or a histogram has no numbers.
    pub fn draw(&self, kind: OwnKind) -> Result<Chart, PlotError> {
        self.check()?;
        match kind {
            OwnKind::Line => lines::draw(self),
            OwnKind::Bar => bars::draw(self),
            OwnKind::Scatter => points::draw(self),
            OwnKind::Histogram => histogram::draw(self),
        }
    }

    pub(crate) fn rows(&self) -> usize {
        match &self.x {
            Along::Numbers(values) => values.len(),
            Along::Moments(values) => values.len(),
            Along::Names(names) => names.codes.len(),
        }
    }

    fn check(&self) -> Result<(), PlotError> {
        let check = crate::check::Check(NAME);
        check.not_empty("x", self.rows())?;
        for measure in &self.measures {
            check.same_length(("x", self.rows()), ("y", measure.values.len()))?;
        }
        match &self.groups {
            Some((_, groups)) => check.same_length(("x", self.rows()), ("by", groups.codes.len())),
            None => Ok(()),
        }
    }

    /// The title, or what stands for it.
    pub(crate) fn heading(&self, default: String) -> String {
        let by = self.groups.as_ref().map(|(name, _)| format!(", by {name}")).unwrap_or_default();
        let title = self.title.clone().unwrap_or_else(|| text::capital(&format!("{default}{by}")));
        text::shorten(&text::one_line(&title), TITLE)
    }

    /// A number of a measure in a sentence or a tooltip.
    pub(crate) fn number(&self, value: f64) -> String {
        match &self.unit {
            Unit::Plain => readable_number(value),
            Unit::Money(sign) => text::money(sign, value),
            Unit::Percent => text::percent(value),
        }
    }

    /// The axis of the measures.
    pub(crate) fn value_axis(&self, title: &str) -> Value {
        match &self.unit {
            Unit::Plain => axis(title, json!({"tickformat": ",~g", "exponentformat": "none"})),
            Unit::Money(sign) => axis(&format!("{title} ({})", sign.trim()), money_ticks(sign)),
            Unit::Percent => axis(title, json!({"tickformat": ",.0%"})),
        }
    }

    /// The axis along which x runs.
    pub(crate) fn x_axis(&self) -> Value {
        match &self.x {
            Along::Numbers(values) => {
                let years = |&v: &f64| v.fract() == 0.0 && (1800.0..=2200.0).contains(&v);
                let all_years = values.iter().filter(|v| v.is_finite()).all(years);
                axis(&self.x_name, json!({"tickformat": if all_years { "d" } else { ",~g" }}))
            }
            Along::Moments(_) => theme::date_axis(&self.x_name, json!({})),
            Along::Names(names) => {
                // Without an end for each name, plotly would show every second of many.
                let every = if names.names.len() > 60 { json!({"dtick": null}) } else { json!({}) };
                theme::names_axis(&self.x_name, every)
            }
        }
    }

    /// A place along x as text, as in tooltips, sentences and tables.
    pub(crate) fn place(&self, x: f64) -> String {
        match &self.x {
            Along::Numbers(_) => readable_number(x),
            Along::Moments(_) => calendar::iso(x as i64),
            Along::Names(names) => names.names.get(x as usize).cloned().unwrap_or_default(),
        }
    }

    /// A column of places along x.
    pub(crate) fn places(&self, x: &[f64]) -> Column {
        match &self.x {
            Along::Numbers(_) => Column::numbers(&self.x_name, x),
            _ => Column::text(&self.x_name, &x.iter().map(|&x| self.place(x)).collect::<Vec<_>>()),
        }
    }

    /// Places along x as plotly takes them.
    pub(crate) fn coords(&self, x: &[f64]) -> Vec<crate::trace::Coord> {
        match &self.x {
            Along::Numbers(_) => crate::trace::numbers(x),
            _ => crate::trace::names(&x.iter().map(|&x| self.place(x)).collect::<Vec<_>>()),
        }
    }

    /// Whether the chart needs a legend, and the layout for it.
    pub(crate) fn legend(&self, series: usize, layout: Value) -> Value {
        if series < 2 {
            return layout;
        }
        let title = self.groups.as_ref().map(|(name, _)| name.as_str()).unwrap_or_default();
        let named = json!({"legend": {"title": {"text": text::plotly(title)}}});
        merged(merged(theme::with_legend(), named), layout)
    }
}

/// The sentences of a chart, one after the other; none where there is none.
pub(crate) fn notes(sentences: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    let sentences: Vec<String> = sentences.into_iter().flatten().collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// The name of a chart of columns as a file's: lower-case letters, digits and underscores.
pub(crate) fn file_name(parts: &[&str]) -> String {
    let joined = parts.join("_by_").to_lowercase();
    let mut name = String::new();
    for c in joined.chars() {
        let c = if c.is_ascii_alphanumeric() { c } else { '_' };
        if !(c == '_' && (name.is_empty() || name.ends_with('_'))) {
            name.push(c);
        }
    }
    name.truncate(60);
    let name = name.trim_end_matches('_');
    if name.is_empty() { NAME.to_owned() } else { name.to_owned() }
}
