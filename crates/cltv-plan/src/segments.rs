//! The default segments by recency and frequency score.

/// A rectangle of recency and frequency scores, with what to do about its customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Its name.
    pub segment: &'static str,
    /// The lowest and the highest score of recency, and of frequency.
    pub scores: ([u8; 2], [u8; 2]),
    /// The kind of action.
    pub action: &'static str,
    /// What to do, in a sentence.
    pub advice: &'static str,
    /// How much to spend on the segment.
    pub spend: &'static str,
}

const fn segment(
    segment: &'static str,
    scores: ([u8; 2], [u8; 2]),
    action: &'static str,
    advice: &'static str,
    spend: &'static str,
) -> Segment {
    Segment { segment, scores, action, advice, spend }
}

/// The segments, which cover every pair of scores once.
pub const DEFAULT: [Segment; 10] = [
    segment(
        "Champions",
        ([5, 5], [4, 5]),
        "retention",
        "Reward them and listen to them: early access and service, not discounts.",
        "high",
    ),
    segment(
        "Loyal Customers",
        ([3, 4], [4, 5]),
        "upsell and cross-sell",
        "Offer better and neighbouring products, and ask for recommendations.",
        "high",
    ),
    segment(
        "Potential Loyalists",
        ([4, 5], [2, 3]),
        "upsell and cross-sell",
        "Suggest what buyers like them bought next, and a membership.",
        "medium",
    ),
    segment(
        "New Customers",
        ([5, 5], [1, 1]),
        "retention",
        "Welcome them and make the second purchase easy.",
        "medium",
    ),
    segment(
        "Promising",
        ([4, 4], [1, 1]),
        "retention",
        "Stay in sight with useful mail and a small reason to return.",
        "medium",
    ),
    segment(
        "Need Attention",
        ([3, 3], [3, 3]),
        "reactivation",
        "Make a limited offer on what they bought before.",
        "medium",
    ),
    segment(
        "About To Sleep",
        ([3, 3], [1, 2]),
        "reactivation",
        "Remind them with popular products before they are gone.",
        "low",
    ),
    segment(
        "At Risk",
        ([1, 2], [3, 4]),
        "reactivation",
        "Win them back personally, with a good reason to return now.",
        "high",
    ),
    segment(
        "Can't Lose Them",
        ([1, 2], [5, 5]),
        "reactivation",
        "Call or write to them one by one and find out why they left.",
        "high",
    ),
    segment("Hibernating", ([1, 2], [1, 2]), "reactivation", "Include them in cheap mailings only.", "low"),
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
