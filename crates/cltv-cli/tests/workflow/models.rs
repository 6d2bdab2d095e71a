//! `cltv report models`, `contracts` and `discrete` without a parameter: files and the literature's figures.

use crate::accounts::reported;
use crate::workspace::{column, records};

/// Log-likelihoods on the day-exact sample: published refits (golden/published.json) and, for
/// Pareto/NBD, BTYD's -9,594.98 on two decimals.
#[test]
fn the_models_are_compared_with_their_uncertainty() {
    let workspace = reported("models", &["06_model_comparison", "07_uncertainty"]);
    let table = workspace.read("outputs/model_comparison.csv");
    let models = column(&table, "model");
    assert_eq!(models.len(), 8);
    let of = |name: &str, model: &str| -> f64 {
        let at = models.iter().position(|known| known == model).expect("compared");
        column(&table, name)[at].parse().expect("a number")
    };
    for (model, expected, tolerance) in
        [("BG/NBD", -9_582.429_2, 1e-3), ("MBG/NBD", -9_582.13, 0.02), ("Pareto/NBD", -9_594.98, 0.02)]
    {
        let found = of("log_likelihood", model);
        assert!((found - expected).abs() < tolerance, "{model}: {found}");
    }
    assert!((of("expected", "BG/NBD") - 1_653.41).abs() < 0.01);
    assert!(of("log_likelihood", "NBD") < of("log_likelihood", "BG/NBD") - 50.0, "somebody leaves");
    // Purchases are not regular here, so the clock has nothing to gain: k = 1 is BG/NBD.
    assert!((of("log_likelihood", "BG/CNBD-k") - of("log_likelihood", "BG/NBD")).abs() < 1e-4);
    assert_eq!(records(&workspace.read("outputs/model_backtest.csv")).len(), 1 + 3 * 3);

    let saved = workspace.json("outputs/purchase_model.json");
    assert_eq!((&saved["format"], &saved["unit"]), (&"cltv fit".into(), &"week".into()));
    assert!(workspace.read("outputs/purchase_model.json").len() < 4_000);

    let intervals = workspace.read("outputs/parameter_intervals.csv");
    let (low, high) = (column(&intervals, "low"), column(&intervals, "high"));
    assert_eq!(low.len(), 4 * 4);
    let estimates = column(&intervals, "estimate");
    let number = |text: &String| text.parse::<f64>().expect("a number");
    for ((low, estimate), high) in low.iter().zip(&estimates).zip(&high) {
        assert!(number(low) < number(estimate) && number(estimate) < number(high), "{low} {estimate} {high}");
    }
    let page = workspace.read("outputs/models/executive_summary.md");
    for part in ["| BG/NBD |", "95% interval", "By the full posterior", "surely worth more"] {
        assert!(page.contains(part), "{part} is missing in\n{page}");
    }
}

/// Fader and Hardie (2007), table 1, has the survival after the data end: 17.3% and 39.4% at renewal 12.
#[test]
fn cohorts_are_projected_beyond_their_data() {
    let workspace = reported("contracts", &["08_contracts"]);
    let table = workspace.read("outputs/contract_projection.csv");
    let last = |cohort: &str, name: &str| -> f64 {
        let at = records(&table).iter().rposition(|row| row[0] == cohort).expect("there") - 1;
        column(&table, name)[at].parse().expect("a number")
    };
    for (cohort, survival) in [("regular", 0.173), ("highend", 0.394)] {
        assert!((last(cohort, "sbg") - survival).abs() < 0.05, "{cohort} by sBG {}", last(cohort, "sbg"));
        assert!((last(cohort, "bdw") - survival).abs() < 0.01, "{cohort} by BdW {}", last(cohort, "bdw"));
        assert!(last(cohort, "constant_rate") < 0.6 * survival, "{cohort} by one rate");
    }
    let values = workspace.read("outputs/contract_values.csv");
    assert_eq!(column(&values, "customers_left"), ["491", "241"]);
    assert!(workspace.read("outputs/contracts/executive_summary.md").contains("less."));
}

/// Fader, Hardie and Shang (2010), table 4: alpha 1.204, beta .750, gamma .657, delta 2.783.
#[test]
fn donors_are_scored_by_their_histories() {
    let workspace = reported("discrete", &["09_discrete"]);
    let notebook = crate::executed::notebook(&workspace, "outputs/notebooks/09_discrete.ipynb");
    let said = crate::executed::plain_texts(&notebook);
    for figure in ["1.2035", "0.7497", "0.6567", "2.7834", "-33225.58"] {
        assert!(said.replace(',', "").contains(figure), "{figure} is missing in\n{said}");
    }
    let scores = workspace.read("outputs/opportunity_scores.csv");
    let customers: u64 =
        column(&scores, "customers").iter().map(|n| n.parse::<u64>().expect("a count")).sum();
    assert_eq!((column(&scores, "x").len(), customers), (22, 11_104));
    assert!(workspace.read("outputs/discrete/executive_summary.md").contains("11,104 customers"));
}
