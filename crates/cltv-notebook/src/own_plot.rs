//! Charts of a frame's columns: `plot(&df).x("month").y("amount").line()?`.

use crate::figure::Figure;
use cltv_plots::{Along, Measure, Names, OwnChart, OwnKind, Together, Unit};
use cltv_workflow::{Error, column_list};
use polars::prelude::{Column, DataFrame, DataType, TimeUnit};

/// The most distinct names of a column along x or of groups; a column of ids has more.
const MOST_NAMES: usize = 20_000;

/// A chart of a frame's columns that is being described; [`plot`] begins it.
///
/// Shown as a cell's last line, it chooses its kind: a histogram for x alone when it has numbers, bars for names,
/// a line along dates and along rising numbers, and points otherwise. [`FramePlot::line`], [`FramePlot::bar`],
/// [`FramePlot::scatter`] and [`FramePlot::histogram`] draw one kind and return a [`Figure`], which has its data and
/// can be saved.
#[derive(Debug, Clone)]
pub struct FramePlot {
    frame: DataFrame,
    x: Option<String>,
    y: Vec<String>,
    by: Option<String>,
    title: Option<String>,
    unit: Unit,
    together: Together,
}

/// Begins a chart of a frame's columns, in the theme of the other charts.
///
/// Rows with the same x are added up in lines and bars, unless [`FramePlot::mean`] or another of its kind says
/// otherwise. Any number of rows can be drawn: points close together share a mark, neighbours of a long line share a
/// point, and a sentence below the title says so. Rows with a missing value are left out, and counted there too.
///
/// # Examples
/// ```
/// use cltv_notebook::plot;
/// use polars::prelude::df;
/// let sales = df!("month" => ["Jan", "Jan", "Feb"], "amount" => [2.0, 3.0, 4.0])?;
/// let figure = plot(&sales).x("month").y("amount").currency("€").bar()?;
/// assert_eq!(figure.data()?.height(), 2);
/// let error = plot(&sales).x("mnth").y("amount").bar().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "There is no column \"mnth\" for x; the columns are \"month\" (str) and \"amount\" (f64)."
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn plot(frame: &DataFrame) -> FramePlot {
    FramePlot {
        frame: frame.clone(),
        x: None,
        y: Vec::new(),
        by: None,
        title: None,
        unit: Unit::Plain,
        together: Together::Sum,
    }
}

impl FramePlot {
    /// The column along the x axis: numbers, dates or names.
    #[must_use]
    pub fn x(mut self, column: &str) -> FramePlot {
        self.x = Some(column.to_owned());
        self
    }

    /// A column of numbers that is drawn upwards; a second call adds another series.
    #[must_use]
    pub fn y(mut self, column: &str) -> FramePlot {
        self.y.push(column.to_owned());
        self
    }

    /// A column whose values are groups, each with a colour and a legend entry of its own.
    #[must_use]
    pub fn by(mut self, column: &str) -> FramePlot {
        self.by = Some(column.to_owned());
        self
    }

    /// The title; without it, the columns are named.
    #[must_use]
    pub fn title(mut self, title: &str) -> FramePlot {
        self.title = Some(title.to_owned());
        self
    }

    /// Writes the numbers as amounts with this sign in front, such as "€".
    #[must_use]
    pub fn currency(mut self, sign: &str) -> FramePlot {
        self.unit = Unit::Money(sign.to_owned());
        self
    }

    /// Writes shares as percentages: 0.12 is 12%.
    #[must_use]
    pub fn percent(mut self) -> FramePlot {
        self.unit = Unit::Percent;
        self
    }

    /// Draws the mean of rows with the same x.
    #[must_use]
    pub fn mean(self) -> FramePlot {
        self.together(Together::Mean)
    }

    /// Draws the median of rows with the same x.
    #[must_use]
    pub fn median(self) -> FramePlot {
        self.together(Together::Median)
    }

    /// Draws the number of rows with the same x.
    #[must_use]
    pub fn count(self) -> FramePlot {
        self.together(Together::Count)
    }

    /// Draws the least of rows with the same x.
    #[must_use]
    pub fn min(self) -> FramePlot {
        self.together(Together::Least)
    }

    /// Draws the largest of rows with the same x.
    #[must_use]
    pub fn max(self) -> FramePlot {
        self.together(Together::Largest)
    }

    fn together(mut self, together: Together) -> FramePlot {
        self.together = together;
        self
    }

    /// Draws lines along x.
    ///
    /// # Errors
    /// [`Error::Chart`] that names the columns there are, where one is missing or has values of another kind.
    pub fn line(&self) -> Result<Figure, Error> {
        self.draw(OwnKind::Line)
    }

    /// Draws a bar for each x; without a column y, rows are counted.
    ///
    /// # Errors
    /// As [`FramePlot::line`].
    pub fn bar(&self) -> Result<Figure, Error> {
        self.draw(OwnKind::Bar)
    }

    /// Draws a mark for each row.
    ///
    /// # Errors
    /// As [`FramePlot::line`].
    pub fn scatter(&self) -> Result<Figure, Error> {
        if self.y.is_empty() {
            return Err(self.wanted("y", "plot(&df).x(\"age\").y(\"amount\").scatter()?"));
        }
        self.draw(OwnKind::Scatter)
    }

    /// Draws how often the values of x occur.
    ///
    /// # Errors
    /// As [`FramePlot::line`]; x must be a column of numbers.
    pub fn histogram(&self) -> Result<Figure, Error> {
        let column = self.column("x", self.x_name()?)?;
        numbers("x", column, &self.frame)?;
        self.draw(OwnKind::Histogram)
    }

    /// Draws the kind that suits the columns, as the builder does when it is a cell's last line.
    ///
    /// # Errors
    /// As [`FramePlot::line`].
    pub fn auto(&self) -> Result<Figure, Error> {
        let x = self.column("x", self.x_name()?)?;
        match (self.y.is_empty(), kind(x.dtype())) {
            (true, Some(Kind::Number)) => self.histogram(),
            (true, _) | (false, Some(Kind::Name)) => self.bar(),
            (false, Some(Kind::Moment)) => self.line(),
            (false, _) if rising(&numbers("x", x, &self.frame)?) => self.line(),
            (false, _) => self.scatter(),
        }
    }

    /// Shows the chart as a cell's last line; where it cannot be drawn, the reason.
    pub fn evcxr_display(&self) {
        crate::bundle::emit(&self.forms());
    }

    pub(crate) fn forms(&self) -> crate::bundle::Bundle {
        match self.auto() {
            Ok(figure) => figure.forms(),
            Err(error) => crate::registered::text_block(error.to_string()),
        }
    }

    fn draw(&self, kind: OwnKind) -> Result<Figure, Error> {
        let x_name = self.x_name()?;
        let x = self.along(self.column("x", x_name)?)?;
        let measures = self.y.iter().map(|name| {
            let values = numbers("y", self.column("y", name)?, &self.frame)?;
            Ok(Measure { name: name.clone(), values })
        });
        let mut chart = OwnChart::new(x_name, x, measures.collect::<Result<_, Error>>()?)
            .unit(self.unit.clone())
            .together(self.together);
        if let Some(name) = &self.by {
            if self.y.len() > 1 {
                return Err(Error::Chart(format!(
                    "Columns {:?} cannot be drawn by {name:?} in one chart; name one column with y, or leave by out.",
                    self.y
                )));
            }
            chart = chart.by(name, names("by", self.column("by", name)?, &self.frame)?);
        }
        if let Some(title) = &self.title {
            chart = chart.title(title);
        }
        Figure::drawn(chart.draw(kind))
    }

    fn x_name(&self) -> Result<&str, Error> {
        self.x.as_deref().ok_or_else(|| self.wanted("x", "plot(&df).x(\"month\").y(\"amount\")"))
    }

    /// The error of a chart without a column that it needs.
    fn wanted(&self, role: &str, example: &str) -> Error {
        Error::Chart(format!(
            "The chart has no column {role}; name one, as in {example}. The columns are {}.",
            column_list(&self.frame)
        ))
    }

    fn column(&self, role: &str, name: &str) -> Result<&Column, Error> {
        self.frame.column(name).map_err(|_| {
            Error::Chart(format!(
                "There is no column {name:?} for {role}; the columns are {}.",
                column_list(&self.frame)
            ))
        })
    }

    fn along(&self, column: &Column) -> Result<Along, Error> {
        match kind(column.dtype()) {
            Some(Kind::Number) => Ok(Along::Numbers(numbers("x", column, &self.frame)?)),
            Some(Kind::Moment) => moments(column).map(Along::Moments),
            _ => names("x", column, &self.frame).map(Along::Names),
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Number,
    Moment,
    Name,
}

fn kind(dtype: &DataType) -> Option<Kind> {
    match dtype {
        DataType::Date | DataType::Datetime(..) => Some(Kind::Moment),
        DataType::String | DataType::Boolean | DataType::Categorical(..) | DataType::Enum(..) => {
            Some(Kind::Name)
        }
        numeric if numeric.is_primitive_numeric() || numeric.is_decimal() => Some(Kind::Number),
        _ => None,
    }
}

/// The values of a column of numbers; NaN where they are missing.
fn numbers(role: &str, column: &Column, frame: &DataFrame) -> Result<Vec<f64>, Error> {
    if kind(column.dtype()) != Some(Kind::Number) {
        let fit: Vec<String> = frame
            .columns()
            .iter()
            .filter(|other| kind(other.dtype()) == Some(Kind::Number))
            .map(|other| other.name().to_string())
            .collect();
        return Err(Error::Chart(format!(
            "Column {:?} has values of type {}, but {role} needs numbers, which are in {}.",
            column.name(),
            column.dtype(),
            if fit.is_empty() { "no column".to_owned() } else { cltv_protocol::text::quoted(&fit) }
        )));
    }
    let cast = column.cast(&DataType::Float64)?;
    Ok(cast.f64()?.iter().map(|value| value.unwrap_or(f64::NAN)).collect())
}

/// Moments in milliseconds, `i64::MIN` where they are missing; those with a time zone in UTC.
fn moments(column: &Column) -> Result<Vec<i64>, Error> {
    let millis = column.cast(&DataType::Datetime(TimeUnit::Milliseconds, None))?.cast(&DataType::Int64)?;
    Ok(millis.i64()?.iter().map(|value| value.unwrap_or(i64::MIN)).collect())
}

fn names(role: &str, column: &Column, frame: &DataFrame) -> Result<Names, Error> {
    let cast = column.cast(&DataType::String).map_err(|_| {
        Error::Chart(format!(
            "Column {:?} has values of type {}, which cannot be {role}; the columns are {}.",
            column.name(),
            column.dtype(),
            column_list(frame)
        ))
    })?;
    // A group may be missing, a place along x may not.
    let missing = if role == "by" { Some("missing") } else { None };
    let found = Names::of_optional(cast.str()?.iter().map(|name| name.or(missing)));
    if found.names.len() > MOST_NAMES {
        return Err(Error::Chart(format!(
            "Column {:?} has {} different values, more than the {} that can be {role}; group them first, as in \
             df.clone().lazy().group_by([col({:?})]).",
            column.name(),
            cltv_protocol::text::count(found.names.len()),
            cltv_protocol::text::count(MOST_NAMES),
            column.name().as_str()
        )));
    }
    Ok(found)
}

/// Whether numbers rise from row to row, as those of a series do.
fn rising(values: &[f64]) -> bool {
    values.len() > 1 && values.windows(2).all(|pair| pair[0] < pair[1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::*;

    fn sales() -> DataFrame {
        df!(
            "day" => [19_700, 19_701, 19_701, 19_702],
            "age" => [30, 41, 29, 52],
            "region" => [Some("north"), Some("south"), None, Some("north")],
            "amount" => [Some(10.0), Some(20.0), Some(5.5), None],
        )
        .unwrap()
        .lazy()
        .with_column(col("day").cast(DataType::Date))
        .collect()
        .unwrap()
    }

    #[test]
    fn kinds_follow_the_columns() {
        let sales = sales();
        let name = |plot: FramePlot| {
            let figure = plot.auto().unwrap();
            let chart = figure.chart().unwrap().figure_json();
            let trace = chart["data"][0].clone();
            (trace["type"].as_str().unwrap_or("").to_owned(), trace["mode"].as_str().unwrap_or("").to_owned())
        };
        assert_eq!(name(plot(&sales).x("day").y("amount")), ("scatter".into(), "lines+markers".into()));
        assert_eq!(name(plot(&sales).x("age").y("amount")), ("scatter".into(), "markers".into()));
        assert_eq!(name(plot(&sales).x("region").y("amount")).0, "bar");
        assert_eq!(name(plot(&sales).x("region")).0, "bar");
        assert_eq!(name(plot(&sales).x("amount")).0, "bar");
    }

    #[test]
    fn rows_of_one_day_are_added_up_and_missing_ones_are_said() {
        let figure = plot(&sales()).x("day").y("amount").line().unwrap();
        let data = figure.data().unwrap();
        let names: Vec<&str> = data.columns().iter().map(|column| column.name().as_str()).collect();
        assert_eq!(names, ["day", "sum of amount"]);
        let sums: Vec<f64> = data.column("sum of amount").unwrap().f64().unwrap().iter().flatten().collect();
        assert_eq!(sums, [10.0, 25.5]);
        let chart = figure.chart().unwrap();
        assert_eq!(chart.note(), Some("1 row without a value is left out."));
        assert!(chart.data().to_string().contains("2023-12-09"), "{}", chart.data());
    }

    #[test]
    fn errors_name_the_columns_there_are() {
        let sales = sales();
        for (plot, said) in [
            (
                plot(&sales).x("dya").y("amount"),
                "There is no column \"dya\" for x; the columns are \"day\" (date), ",
            ),
            (plot(&sales).y("amount"), "The chart has no column x; name one, as in plot("),
            (
                plot(&sales).x("day").y("region"),
                "Column \"region\" has values of type str, but y needs numbers, which \
                are in \"age\" and \"amount\".",
            ),
            (plot(&sales).x("day").y("age").y("amount").by("region"), "cannot be drawn by \"region\""),
        ] {
            let message = plot.line().unwrap_err().to_string();
            assert!(message.contains(said), "{message}");
            let forms = plot.forms();
            assert!(forms.iter().any(|(mime, text)| *mime == "text/plain" && text == &message), "{forms:?}");
        }
        assert!(plot(&sales).x("region").histogram().unwrap_err().to_string().contains("x needs numbers"));
    }

    #[test]
    fn a_million_points_stay_small_and_say_so() {
        let n = 1_000_000;
        let frame = df!(
            "at" => (0..n).map(f64::from).collect::<Vec<_>>(),
            "value" => (0..n).map(|i| f64::from(i % 1_013)).collect::<Vec<_>>(),
            "group" => (0..n).map(|i| if i % 3 == 0 { "a" } else { "b" }).collect::<Vec<_>>(),
        )
        .unwrap();
        let charts = [
            plot(&frame).x("at").y("value").mean().line(),
            plot(&frame).x("at").y("value").by("group").scatter(),
            plot(&frame).x("group").y("value").bar(),
            plot(&frame).x("value").by("group").histogram(),
        ];
        let charts: Vec<Figure> = charts.into_iter().map(Result::unwrap).collect();
        for figure in &charts {
            let chart = figure.chart().unwrap();
            assert!(
                chart.html_fragment().len() < 1_000_000,
                "{}: {}",
                chart.name(),
                chart.html_fragment().len()
            );
        }
        let note = |at: usize| charts[at].chart().unwrap().note().unwrap_or_default().to_owned();
        assert_eq!(
            note(0),
            "1,000,000 points are drawn as 2,000 points: each is the mean of 500 neighbours."
        );
        assert!(note(1).starts_with("1,000,000 rows are drawn as "), "{}", note(1));
        let rows = |at: usize, column: &str| -> f64 {
            charts[at]
                .data()
                .unwrap()
                .column(column)
                .unwrap()
                .cast(&DataType::Float64)
                .unwrap()
                .f64()
                .unwrap()
                .sum()
                .unwrap()
        };
        assert_eq!(rows(3, "a") + rows(3, "b"), f64::from(n));
        let total: f64 = (0..n).map(|i| f64::from(i % 1_013)).sum();
        assert_eq!(rows(2, "sum of value"), total);
    }
}
