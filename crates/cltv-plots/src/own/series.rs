//! Rows of a chart as series: a group or a column each, with rows of the same x put together.

use std::collections::HashMap;

use super::{NAME, OwnChart, Together};
use crate::own::Along;
use crate::{PlotError, text};

/// The most series that a legend names; the smaller ones share the last.
const MOST_SERIES: usize = 12;

/// The rows that have a value in all columns.
pub(super) struct Rows {
    /// The names of the series.
    pub(super) names: Vec<String>,
    /// The series, the place along x and the value of each.
    pub(super) rows: Vec<(u32, f64, f64)>,
    /// How many rows were left out, because a column has no value.
    pub(super) missing: usize,
    /// How many groups share the last series.
    pub(super) others: usize,
}

/// One series after equal places were put together: places in their order, and a value for each.
pub(super) struct Series {
    pub(super) name: String,
    pub(super) x: Vec<f64>,
    pub(super) y: Vec<f64>,
}

impl OwnChart {
    /// The place of a row along x; NaN where it is missing.
    fn x_of(&self, row: usize) -> f64 {
        match &self.x {
            Along::Numbers(values) => values[row],
            Along::Moments(values) if values[row] == i64::MIN => f64::NAN,
            Along::Moments(values) => values[row] as f64,
            Along::Names(names) if names.codes[row] as usize >= names.names.len() => f64::NAN,
            Along::Names(names) => f64::from(names.codes[row]),
        }
    }

    /// The rows of all series; without a column of numbers, each row counts as one.
    pub(super) fn rows_of_series(&self) -> Result<Rows, PlotError> {
        let mut found = Rows { names: Vec::new(), rows: Vec::new(), missing: 0, others: 0 };
        let (codes, names, others) = self.series_codes();
        found.names = names;
        found.others = others;
        let value = |measure: usize, row: usize| match self.measures.get(measure) {
            Some(measure) => measure.values[row],
            None => 1.0,
        };
        for row in 0..self.rows() {
            let x = self.x_of(row);
            let before = found.rows.len();
            for measure in 0..self.measures.len().max(1) {
                let y = value(measure, row);
                let series = codes.as_ref().map_or(measure as u32, |codes| codes[row]);
                if x.is_finite() && y.is_finite() {
                    found.rows.push((series, x, y));
                }
            }
            found.missing += usize::from(found.rows.len() == before);
        }
        if found.rows.is_empty() {
            return Err(PlotError::Empty {
                chart: NAME,
                input: if self.measures.is_empty() { "x" } else { "y" },
            });
        }
        Ok(found)
    }

    /// The series of each row where there are groups, and the names of the series.
    fn series_codes(&self) -> (Option<Vec<u32>>, Vec<String>, usize) {
        let Some((_, groups)) = &self.groups else {
            let names = self.measures.iter().map(|measure| measure.name.clone()).collect::<Vec<_>>();
            return (None, if names.is_empty() { vec!["rows".to_owned()] } else { names }, 0);
        };
        if groups.names.len() <= MOST_SERIES {
            return (Some(groups.codes.clone()), groups.names.clone(), 0);
        }
        let mut sizes = vec![0usize; groups.names.len()];
        groups.codes.iter().for_each(|&code| sizes[code as usize] += 1);
        let mut order: Vec<usize> = (0..sizes.len()).collect();
        order.sort_by_key(|&group| std::cmp::Reverse(sizes[group]));
        let mut kept: Vec<usize> = order.into_iter().take(MOST_SERIES - 1).collect();
        kept.sort_unstable();
        let others = groups.names.len() - kept.len();
        let mut places = vec![kept.len() as u32; groups.names.len()];
        kept.iter().zip(0..).for_each(|(&group, place)| places[group] = place);
        let mut names: Vec<String> = kept.iter().map(|&group| groups.names[group].clone()).collect();
        names.push(format!("{others} others"));
        (Some(groups.codes.iter().map(|&code| places[code as usize]).collect()), names, others)
    }
}

impl Rows {
    /// The series, with the rows of one place put together; whether any place had several rows.
    pub(super) fn together(self, how: Together) -> (Vec<Series>, bool) {
        let mut values: Vec<HashMap<u64, Vec<f64>>> = self.names.iter().map(|_| HashMap::new()).collect();
        let mut several = false;
        for (series, x, y) in self.rows {
            // Zero and minus zero are one place.
            let x = if x == 0.0 { 0.0_f64 } else { x };
            let place = values[series as usize].entry(x.to_bits()).or_default();
            several |= !place.is_empty();
            place.push(y);
        }
        let series = self.names.into_iter().zip(values).filter(|(_, places)| !places.is_empty());
        let series = series.map(|(name, places)| {
            let mut points: Vec<(f64, f64)> =
                places.into_iter().map(|(x, values)| (f64::from_bits(x), one(values, how))).collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            let (x, y) = points.into_iter().unzip();
            Series { name, x, y }
        });
        (series.collect(), several)
    }

    /// The sentence on rows that were left out.
    pub(super) fn missing_note(&self) -> Option<String> {
        let (rows, verb) =
            (text::counted(self.missing as u64, "row"), if self.missing == 1 { "is" } else { "are" });
        (self.missing > 0).then(|| format!("{rows} without a value {verb} left out."))
    }

    /// The sentence on groups that share a series.
    pub(super) fn others_note(&self) -> Option<String> {
        (self.others > 0).then(|| format!("The {} smallest groups are drawn as one.", self.others))
    }
}

/// The value of rows that are put together.
pub(super) fn one(mut values: Vec<f64>, how: Together) -> f64 {
    let count = values.len() as f64;
    match how {
        Together::Sum => sum(&values),
        Together::Mean => sum(&values) / count,
        Together::Count => count,
        Together::Least => values.into_iter().fold(f64::INFINITY, f64::min),
        Together::Largest => values.into_iter().fold(f64::NEG_INFINITY, f64::max),
        Together::Median => crate::bins::quantile(&mut values, 0.5),
    }
}

fn sum(values: &[f64]) -> f64 {
    values.iter().sum()
}

impl Together {
    /// What stands before the name of a column: "sum of ".
    pub(super) fn words(self) -> &'static str {
        match self {
            Together::Sum => "sum of ",
            Together::Mean => "mean of ",
            Together::Median => "median of ",
            Together::Count => "number of ",
            Together::Least => "least ",
            Together::Largest => "largest ",
        }
    }
}

impl OwnChart {
    /// What the values are, in words: "sum of amount", "rows", "amount and cost".
    pub(super) fn measured(&self, several: bool) -> String {
        let names: Vec<&str> = self.measures.iter().map(|measure| measure.name.as_str()).collect();
        match (names.as_slice(), self.together) {
            ([], _) | (_, Together::Count) => "number of rows".to_owned(),
            (names, together) if several => format!("{}{}", together.words(), joined(names)),
            (names, _) => joined(names),
        }
    }
}

/// "a", "a and b", "a, b and c".
fn joined(names: &[&str]) -> String {
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}
