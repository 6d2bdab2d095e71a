//! Every type of the prelude shows itself in a registered form.

use std::collections::BTreeSet;

/// Traits, which are not values.
const TRAITS: [&str; 13] = [
    "Choice",
    "ChunkAgg",
    "IntoLazy",
    "NamedFrom",
    "ParameterDraws",
    "PurchasePredictions",
    "RetentionPredictions",
    "Save",
    "ShowInNotebook",
    "ToFrame",
    "Figure", // Shows itself: it may show before the cell ends. So do the next two.
    "FramePlot",
    "Interact",
];
/// Types of polars and chrono: frames and columns have a form of their own, the others their `Debug` text.
const OF_OTHERS: [&str; 7] =
    ["Column", "DataFrame", "Expr", "LazyFrame", "NaiveDate", "Series", "SortMultipleOptions"];

/// The names of types and traits that the prelude exports.
fn exported() -> BTreeSet<&'static str> {
    let code = include_str!("../src/prelude.rs").lines().filter(|line| !line.trim_start().starts_with("//"));
    let words = code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'));
    words.filter(|word| word.starts_with(|c: char| c.is_ascii_uppercase())).collect()
}

#[test]
fn every_type_of_the_prelude_is_registered_for_display() {
    let registered: BTreeSet<&str> = cltv_notebook::registered_types()
        .into_iter()
        .filter_map(|name| name.split('<').next()?.rsplit("::").next())
        .collect();
    let listed: BTreeSet<&str> = TRAITS.into_iter().chain(OF_OTHERS).collect();
    let exported = exported();
    assert!(exported.len() > 60, "{exported:?}");
    let forgotten: Vec<_> = exported.difference(&registered).filter(|name| !listed.contains(*name)).collect();
    assert!(
        forgotten.is_empty(),
        "{forgotten:?} have no entry in crates/cltv-notebook/src/registered; add one for each"
    );
    let stale: Vec<_> = listed.difference(&exported).collect();
    assert!(stale.is_empty(), "{stale:?} are no longer in the prelude; take them off the lists here");
}
