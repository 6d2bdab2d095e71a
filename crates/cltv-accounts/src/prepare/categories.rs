//! Spellings of one category.

use std::collections::BTreeMap;

/// Gives categories that differ only in case the most frequent spelling; returns how many changed.
///
/// The reader has removed blanks around texts and repeated blanks within them.
pub(crate) fn unite(values: &mut [Option<String>]) -> usize {
    let mut spellings: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for text in values.iter().flatten() {
        *spellings.entry(text.to_lowercase()).or_default().entry(text.clone()).or_default() += 1;
    }
    let commonest = |counts: &BTreeMap<String, usize>| {
        counts.iter().max_by_key(|(_, n)| **n).map(|(text, _)| text.clone()).unwrap_or_default()
    };
    let chosen: BTreeMap<&String, String> =
        spellings.iter().map(|(lower, counts)| (lower, commonest(counts))).collect();
    let mut changed = 0;
    for text in values.iter_mut().flatten() {
        if let Some(spelling) = chosen.get(&text.to_lowercase()).filter(|spelling| *spelling != text) {
            text.clone_from(spelling);
            changed += 1;
        }
    }
    changed
}
