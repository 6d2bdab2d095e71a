//! The fuzz target of saved models on stable: fits are loaded, no finding comes back, mutations are loaded or refused.

mod fuzzing;

use cltv_fuzz::replay;
use fuzzing::MODELS;

/// Mutations of each fit that are tried.
const MUTATIONS: usize = 40;

fn corpus() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

#[test]
fn every_fit_is_loaded_as_it_was_saved() {
    assert_eq!((MODELS.seeds)().len(), 28);
    replay::seeds(&MODELS).unwrap();
}

#[test]
fn no_finding_of_saved_models_comes_back() {
    replay::corpus(&MODELS, &corpus()).unwrap();
}

#[test]
fn mutations_of_fits_are_loaded_or_refused() {
    replay::mutations(&MODELS, MUTATIONS, 13).unwrap();
}

/// A fit with these parameters of the BG/NBD.
fn saved(parameters: [f64; 4]) -> String {
    let names = ["r", "alpha", "a", "b"];
    let parameters: Vec<serde_json::Value> = names
        .iter()
        .zip(parameters)
        .map(|(name, value)| serde_json::json!({ "name": name, "value": value }))
        .collect();
    let text = std::fs::read_to_string(corpus().join("long_hessian.json")).unwrap();
    let mut fit: serde_json::Value = serde_json::from_str(&text).unwrap();
    fit["convergence"]["hessian"] = "positive definite".into();
    fit["parameters"] = parameters.into();
    fit.to_string()
}

#[test]
fn parameters_that_no_fit_gives_are_refused_by_name() {
    let load = |parameters| cltv_models::PurchaseFit::from_json(&saved(parameters));
    for parameters in [[0.8, 6.0, 0.9, 2.5], [1e-6, 1e15, 1e6, 1e-6]] {
        assert_eq!(load(parameters).unwrap().estimates(), parameters);
    }
    for (parameters, name) in [
        ([1e150, 6.0, 0.9, 2.5], "r = 1"),
        ([0.8, 1e-320, 0.9, 2.5], "alpha = 0.0"),
        ([0.8, 6.0, 5e-324, 2.5], "a = 0.0"),
    ] {
        let said = load(parameters).unwrap_err().to_string();
        let expected = format!("the text is not a saved fit: its parameter {name}");
        assert!(said.starts_with(&expected) && said.chars().count() < 600, "{said}");
    }
    let said = load([0.8, -6.0, 0.9, 2.5]).unwrap_err().to_string();
    assert!(said.contains("alpha = -6 must be a positive, finite number"), "{said}");
}

#[test]
fn a_message_about_a_saved_fit_repeats_little_of_it() {
    for (file, words) in [
        ("long_format.json", "its format is \"xxx"),
        ("long_model.json", "the text is a fit of xxx"),
        ("control_model.json", r"the text is a fit of a\u{b}\u{1b}[31m\u{202e}, which"),
        ("long_hessian.json", "its Hessian is \"xxx"),
        ("long_unit.json", "time unit \"xxx"),
    ] {
        let text = std::fs::read_to_string(corpus().join(file)).unwrap();
        let said = cltv_models::PurchaseFit::from_json(&text).unwrap_err().to_string();
        assert!(said.contains(words) && said.chars().count() < 600, "{file}: {said}");
    }
}
