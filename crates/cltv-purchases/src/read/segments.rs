//! The segment table of a user's own, a csv file.

use super::text::{Split, split};
use super::{Kind, check_kind, load};
use crate::error::DataError;
use crate::segments::SegmentRule;
use crate::source::Source;
use crate::words::{closest, quoted};
use crate::workspace::resolve_path;

/// Reads the rules; that they cover every pair once is checked afterwards.
pub(crate) fn read_segments(source: &Source) -> Result<Vec<SegmentRule>, DataError> {
    let path = resolve_path(&source.transactions);
    let bytes = load(source, &path, Vec::new())?;
    check_kind(source, Kind::Text, &bytes)?;
    let table = split(source, &bytes)?;
    let columns = Fields::locate(source, &table)?;
    table.check_width(source)?;
    let rows = table.records.iter();
    rows.map(|(line, fields)| columns.rule(source, *line, fields)).collect()
}

/// Where the fields of a rule stand.
struct Fields {
    segment: usize,
    scores: [usize; 4],
    texts: [Option<usize>; 3],
}

const SCORES: [&str; 4] = ["r_min", "r_max", "f_min", "f_max"];

impl Fields {
    fn locate(source: &Source, table: &Split) -> Result<Self, DataError> {
        let header: Vec<String> = table.header.iter().map(|name| name.trim().to_owned()).collect();
        let find = |name: &str| header.iter().position(|found| found.eq_ignore_ascii_case(name));
        let need = |name: &str| {
            find(name).ok_or_else(|| DataError::BadSegmentRow {
                shown: source.transactions.clone(),
                line: 1,
                problem: format!(
                    "there is no column {name:?} among {}{}; the columns are segment, r_min, r_max, f_min, f_max, and if wanted action, advice and spend",
                    quoted(&header),
                    closest(name, &header).map_or(String::new(), |near| format!(" (rename {near:?}?)"))
                ),
            })
        };
        let mut scores = [0; 4];
        for (at, name) in scores.iter_mut().zip(SCORES) {
            *at = need(name)?;
        }
        Ok(Self { segment: need("segment")?, scores, texts: ["action", "advice", "spend"].map(find) })
    }

    fn rule(&self, source: &Source, line: u64, fields: &[String]) -> Result<SegmentRule, DataError> {
        let bad =
            |problem: String| DataError::BadSegmentRow { shown: source.transactions.clone(), line, problem };
        let mut scores = [0_u8; 4];
        for (score, (&at, name)) in scores.iter_mut().zip(self.scores.iter().zip(SCORES)) {
            *score =
                fields[at].trim().parse().ok().filter(|score| (1..=5).contains(score)).ok_or_else(|| {
                    bad(format!("{name} is {:?}; write a whole number from 1 to 5", fields[at]))
                })?;
        }
        let [r_min, r_max, f_min, f_max] = scores;
        if r_min > r_max || f_min > f_max {
            return Err(bad("a minimum is above its maximum; swap them".to_owned()));
        }
        let segment = fields[self.segment].trim().to_owned();
        if segment.is_empty() {
            return Err(bad("the segment has no name; give it one".to_owned()));
        }
        let [action, advice, spend] =
            self.texts.map(|at| at.map(|at| fields[at].trim().to_owned()).unwrap_or_default());
        Ok(SegmentRule { segment, r_min, r_max, f_min, f_max, action, advice, spend })
    }
}
