//! Named segments: a table of rectangles in the scores, which must cover every pair once.

use std::fmt;

use polars::prelude::DataFrame;

use crate::error::DataError;
use crate::frame;
use cltv_plan::segments::{DEFAULT, Segment};
use cltv_protocol::text::closest;
use cltv_tables::words::{quote, shown};
use cltv_tables::{ReadOptions, Table, TableError, resolve_path};

/// A rectangle of recency and frequency scores, its name and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentRule {
    /// The segment's name; several rules may share one.
    pub segment: String,
    /// Lowest recency score.
    pub r_min: u8,
    /// Highest recency score.
    pub r_max: u8,
    /// Lowest frequency score.
    pub f_min: u8,
    /// Highest frequency score.
    pub f_max: u8,
    /// The kind of action in a table of one's own: retention, reactivation, upsell and cross-sell; "" in the default one.
    pub action: String,
    /// What to do, in a sentence, or "".
    pub advice: String,
    /// How much to spend on the segment, or "".
    pub spend: String,
}

impl SegmentRule {
    fn covers(&self, r: u8, f: u8) -> bool {
        (self.r_min..=self.r_max).contains(&r) && (self.f_min..=self.f_max).contains(&f)
    }
}

/// Segments by recency and frequency score; every pair belongs to exactly one.
///
/// # Examples
/// ```
/// use cltv_purchases::SegmentTable;
/// let segments = SegmentTable::default();
/// assert_eq!(segments.segment(5, 5), "Champions");
/// assert_eq!(segments.segment(1, 5), "Can't Lose Them");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentTable {
    shown: String,
    rules: Vec<SegmentRule>,
}

impl Default for SegmentTable {
    fn default() -> Self {
        let rules = DEFAULT.iter().map(|Segment { segment, scores: (r, f) }| SegmentRule {
            segment: (*segment).to_owned(),
            r_min: r[0],
            r_max: r[1],
            f_min: f[0],
            f_max: f[1],
            action: String::new(),
            advice: String::new(),
            spend: String::new(),
        });
        Self { shown: "default".to_owned(), rules: rules.collect() }
    }
}

impl SegmentTable {
    /// The default table for "", else a csv file of a user's own.
    ///
    /// Columns: `segment`, `r_min`, `r_max`, `f_min`, `f_max`, and if wanted `action`, `advice`
    /// and `spend`.
    ///
    /// # Errors
    /// A [`DataError`] naming the file, column, line or the pairs of scores that no segment or
    /// several cover.
    pub fn open(segments: &str) -> Result<Self, DataError> {
        if segments.trim().is_empty() {
            return Ok(Self::default());
        }
        let rules = read_rules(segments)?;
        Self::try_new(segments, rules)
    }

    /// Checks that the rules cover every pair of scores once.
    ///
    /// # Errors
    /// [`DataError::SegmentCover`] with the pairs that are missing or double.
    pub fn try_new(name: &str, rules: Vec<SegmentRule>) -> Result<Self, DataError> {
        let (mut missing, mut double) = (Vec::new(), Vec::new());
        for pair in (1..=5).flat_map(|r| (1..=5).map(move |f| (r, f))) {
            let names: Vec<String> = rules
                .iter()
                .filter(|rule| rule.covers(pair.0, pair.1))
                .map(|rule| rule.segment.clone())
                .collect();
            match names.len() {
                0 => missing.push(pair),
                1 => {}
                _ => double.push((pair, names)),
            }
        }
        if missing.is_empty() && double.is_empty() {
            let shown = name.to_owned();
            return Ok(Self { shown, rules });
        }
        let problem = cover_problem(&missing, &double);
        Err(DataError::SegmentCover { shown: name.to_owned(), missing, double, problem })
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &[SegmentRule] {
        &self.rules
    }

    /// The segments' names in the order of the table, each once.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for rule in &self.rules {
            if !names.contains(&rule.segment) {
                names.push(rule.segment.clone());
            }
        }
        names
    }

    /// The rule for a pair of scores; scores outside 1 to 5 count as the nearest.
    #[must_use]
    pub fn rule(&self, r: u8, f: u8) -> SegmentRule {
        let (r, f) = (r.clamp(1, 5), f.clamp(1, 5));
        let found = self.rules.iter().find(|rule| rule.covers(r, f));
        found.unwrap_or(&self.rules[0]).clone()
    }

    /// The segment for a pair of scores.
    #[must_use]
    pub fn segment(&self, r: u8, f: u8) -> String {
        self.rule(r, f).segment
    }

    /// The first rule of a segment, with its action, advice and spend.
    #[must_use]
    pub fn rule_of(&self, segment: &str) -> Option<SegmentRule> {
        self.rules.iter().find(|rule| rule.segment == segment).cloned()
    }

    /// The table: `segment`, `r_min`, `r_max`, `f_min`, `f_max`, and of `action`, `advice` and `spend` those with a text.
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, DataError> {
        let text = |name, of: fn(&SegmentRule) -> &String| {
            frame::texts(name, self.rules.iter().map(|rule| of(rule).clone()))
        };
        let score = |name, of: fn(&SegmentRule) -> u8| {
            frame::counts(name, self.rules.iter().map(|rule| u64::from(of(rule))))
        };
        let mut columns = vec![
            text("segment", |rule| &rule.segment),
            score("r_min", |rule| rule.r_min),
            score("r_max", |rule| rule.r_max),
            score("f_min", |rule| rule.f_min),
            score("f_max", |rule| rule.f_max),
        ];
        columns.extend(frame::filled("action", self.rules.iter().map(|rule| rule.action.as_str())));
        columns.extend(frame::filled("advice", self.rules.iter().map(|rule| rule.advice.as_str())));
        columns.extend(frame::filled("spend", self.rules.iter().map(|rule| rule.spend.as_str())));
        frame::frame(columns)
    }
}

fn cover_problem(missing: &[(u8, u8)], double: &[((u8, u8), Vec<String>)]) -> String {
    let mut parts = Vec::new();
    if !missing.is_empty() {
        let pairs: Vec<String> = missing.iter().map(|(r, f)| format!("({r}, {f})")).collect();
        parts.push(format!("no segment covers {}; add them to a segment", pairs.join(", ")));
    }
    if !double.is_empty() {
        let by = |names: &[String]| names.iter().map(|name| shown(name)).collect::<Vec<_>>().join(" and ");
        let pairs: Vec<String> =
            double.iter().map(|((r, f), names)| format!("({r}, {f}) by {}", by(names))).collect();
        parts.push(format!("covered twice: {}; take them from all but one", pairs.join(", ")));
    }
    parts.join("; and ")
}

impl fmt::Display for SegmentTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Segments of the {} table: {}.", self.shown, self.names().join(", "))
    }
}

/// The columns that a segment table must have, and those that it may have.
const NEEDED: [&str; 5] = ["segment", "r_min", "r_max", "f_min", "f_max"];
const TEXTS: [&str; 3] = ["action", "advice", "spend"];

/// Reads the rules; that they cover every pair once is checked afterwards.
fn read_rules(name: &str) -> Result<Vec<SegmentRule>, DataError> {
    let mut found: Vec<Option<usize>> = Vec::new();
    let wanted = |shown: &str, header: &[String]| {
        places(shown, header).map(|places| places.into_iter().flatten().collect())
    };
    let table = cltv_tables::read(name, &resolve_path, &ReadOptions::default(), &wanted)?;
    // The optional columns that are there follow the needed ones.
    let mut next = 0;
    for place in places(name, &table.header)? {
        found.push(place.map(|_| next));
        next += usize::from(place.is_some());
    }
    (0..table.len()).map(|row| rule(name, &table, &found, row)).collect()
}

fn places(shown: &str, header: &[String]) -> Result<Vec<Option<usize>>, TableError> {
    let find = |name: &str| header.iter().position(|found| found.eq_ignore_ascii_case(name));
    let needed = NEEDED.iter().map(|name| {
        find(name).map(Some).ok_or_else(|| TableError::MissingColumn {
            shown: shown.into(),
            column: (*name).into(),
            role: "segment table",
            parameter: "segments",
            optional: true,
            columns: header.into(),
            suggested: closest(name, header).map(String::into_boxed_str),
            sheets: Box::default(),
        })
    });
    needed.chain(TEXTS.iter().map(|name| Ok(find(name)))).collect()
}

fn rule(shown: &str, table: &Table, places: &[Option<usize>], row: usize) -> Result<SegmentRule, DataError> {
    let line = table.places.line(row as u64);
    let bad = |problem: String| DataError::BadSegmentRow { shown: shown.to_owned(), line, problem };
    let text = |k: usize| places[k].map(|at| table.columns[at].cells.shown(row)).unwrap_or_default();
    let mut scores = [0_u8; 4];
    for (k, score) in (1..).zip(&mut scores) {
        let value = text(k);
        *score = value.parse().ok().filter(|score| (1..=5).contains(score)).ok_or_else(|| {
            bad(format!("{} is {}; write a whole number from 1 to 5", NEEDED[k], quote(&value)))
        })?;
    }
    let [r_min, r_max, f_min, f_max] = scores;
    if r_min > r_max || f_min > f_max {
        return Err(bad("a minimum is above its maximum; swap them".to_owned()));
    }
    let segment = text(0);
    if segment.is_empty() {
        return Err(bad("the segment has no name; give it one".to_owned()));
    }
    let [action, advice, spend] = [5, 6, 7].map(text);
    Ok(SegmentRule { segment, r_min, r_max, f_min, f_max, action, advice, spend })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_table_covers_every_pair_once() {
        let table = SegmentTable::default();
        assert!(SegmentTable::try_new("default", table.rules().to_vec()).is_ok());
        assert_eq!(table.names().len(), 10);
        let at = |r, f| table.segment(r, f);
        assert_eq!(
            (at(2, 2), at(1, 4), at(2, 5)),
            ("Hibernating".into(), "At Risk".into(), "Can't Lose Them".into())
        );
        assert_eq!(
            (at(3, 1), at(3, 3), at(3, 4)),
            ("About To Sleep".into(), "Need Attention".into(), "Loyal Customers".into())
        );
        assert_eq!(
            (at(4, 1), at(5, 1), at(4, 3)),
            ("Promising".into(), "New Customers".into(), "Potential Loyalists".into())
        );
        assert_eq!((at(4, 5), at(5, 4)), ("Loyal Customers".into(), "Champions".into()));
    }

    #[test]
    fn gaps_and_overlaps_are_named() {
        let mut rules = SegmentTable::default().rules().to_vec();
        rules[0].f_min = 5;
        rules[3].f_max = 2;
        let message = SegmentTable::try_new("mine.csv", rules).unwrap_err().to_string();
        assert!(message.contains("no segment covers (5, 4)"), "{message}");
        assert!(message.contains("(5, 2) by Potential Loyalists and New Customers"), "{message}");
    }
}
