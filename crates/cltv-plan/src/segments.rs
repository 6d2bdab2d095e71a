//! The default segments by recency and frequency score.

/// A rectangle of recency and frequency scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Its name.
    pub segment: &'static str,
    /// The lowest and the highest score of recency, and of frequency.
    pub scores: ([u8; 2], [u8; 2]),
}

const fn segment(segment: &'static str, recency: [u8; 2], frequency: [u8; 2]) -> Segment {
    Segment { segment, scores: (recency, frequency) }
}

/// The segments, which cover every pair of scores once. They have names only: scores are ranks among the customers of one
/// day, from which no advice follows. What to do with a customer follows from the value tier.
pub const DEFAULT: [Segment; 10] = [
    segment("Champions", [5, 5], [4, 5]),
    segment("Loyal Customers", [3, 4], [4, 5]),
    segment("Potential Loyalists", [4, 5], [2, 3]),
    segment("New Customers", [5, 5], [1, 1]),
    segment("Promising", [4, 4], [1, 1]),
    segment("Need Attention", [3, 3], [3, 3]),
    segment("About To Sleep", [3, 3], [1, 2]),
    segment("At Risk", [1, 2], [3, 4]),
    segment("Can't Lose Them", [1, 2], [5, 5]),
    segment("Hibernating", [1, 2], [1, 2]),
];

/// The default segment of a pair of scores; scores outside 1 to 5 count as the nearest.
///
/// # Examples
/// ```
/// use cltv_plan::segments::of;
/// assert_eq!(of(5, 5).segment, "Champions");
/// assert_eq!(of(1, 5).segment, "Can't Lose Them");
/// ```
#[must_use]
pub fn of(r: u8, f: u8) -> &'static Segment {
    let (r, f) = (r.clamp(1, 5), f.clamp(1, 5));
    let within = |score: u8, [low, high]: [u8; 2]| (low..=high).contains(&score);
    DEFAULT.iter().find(|one| within(r, one.scores.0) && within(f, one.scores.1)).unwrap_or(&DEFAULT[0])
}
