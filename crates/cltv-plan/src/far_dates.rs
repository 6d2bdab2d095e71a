//! Dates far from all others, such as a lone 1900-01-01.

/// A gap of more days than this, and of more than so many times the span of the rest, sets dates apart.
const GAP: (i64, i64) = (5 * 365, 3);
/// At most so many rows, or this part of all, are set apart; more of them are a period of their own.
const FEW: (usize, usize) = (10, 100);

/// Few days that a long gap separates from all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Far {
    /// The first of the other days, from 1970-01-01.
    pub first: i32,
    /// The last of the other days.
    pub last: i32,
    /// Whether the few are before the others.
    pub early: bool,
}

impl Far {
    /// Whether a day is one of the few.
    #[must_use]
    pub fn contains(&self, day: i32) -> bool {
        if self.early { day < self.first } else { day > self.last }
    }
}

/// The days that are set apart; `days` rise, each with its number of rows.
///
/// # Examples
/// ```
/// use cltv_plan::far_dates::find;
/// let rows = [(-25_567, 1), (19_000, 40), (19_030, 50), (19_060, 30)];
/// let far = find(&rows).unwrap();
/// assert!(far.early && far.contains(-25_567) && !far.contains(19_000));
/// assert!(find(&rows[1..]).is_none());
/// ```
#[must_use]
pub fn find(days: &[(i32, usize)]) -> Option<Far> {
    let all: usize = days.iter().map(|(_, rows)| rows).sum();
    let few = FEW.0.max(all / FEW.1).min(all / 4);
    let (first, last) = (days.first()?.0, days.last()?.0);
    if let Some(at) = cut(days, few, |day| day) {
        return Some(Far { first: days[at].0, last, early: true });
    }
    let reversed: Vec<(i32, usize)> = days.iter().rev().copied().collect();
    cut(&reversed, few, |day| -day).map(|at| Far { first, last: reversed[at].0, early: false })
}

/// The place of the first day behind a long gap with few rows before it; `along` makes days rise.
fn cut(days: &[(i32, usize)], few: usize, along: fn(i32) -> i32) -> Option<usize> {
    let end = along(days.last()?.0);
    let mut before = 0;
    for (i, pair) in days.windows(2).enumerate() {
        before += pair[0].1;
        if before > few {
            return None;
        }
        let gap = i64::from(along(pair[1].0) - along(pair[0].0));
        let span = i64::from(end - along(pair[1].0));
        if gap > GAP.0 && gap > GAP.1 * span {
            return Some(i + 1);
        }
    }
    None
}
