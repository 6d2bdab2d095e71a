//! numpy's legacy streams to the bit; see golden/README.md for where the figures come from.

use cltv_accounts::numpy_random::{RandomError, RandomState};
use serde_json::Value;

const GOLDEN: &str = include_str!("golden/numpy_rng.json");
const MORE: &str = include_str!("golden/numpy_more.json");

fn golden() -> Value {
    serde_json::from_str(GOLDEN).expect("json")
}

fn more() -> Value {
    serde_json::from_str(MORE).expect("json")
}

/// The numbers under a key, read from the text: serde_json may be a last bit off.
fn floats(text: &str, key: &str) -> Vec<f64> {
    let (_, after) = text.split_once(&format!("\"{key}\":")).expect("the key");
    let list = match after.trim_start().strip_prefix('[') {
        Some(list) => list.split(']').next(),
        None => after.split([',', '}']).next(),
    };
    let list = list.expect("an end");
    list.split(',').map(|number| number.trim().parse().expect("a number")).collect()
}

fn float(text: &str, key: &str) -> f64 {
    floats(text, key)[0]
}

fn integers(value: &Value) -> Vec<u64> {
    value.as_array().expect("array").iter().map(|x| x.as_u64().expect("integer")).collect()
}

fn counts(random: &mut RandomState, mean: f64, n: usize) -> Vec<u64> {
    (0..n).map(|_| random.poisson(mean).expect("a mean")).collect()
}

fn words(random: &mut RandomState, n: usize) -> Vec<u64> {
    (0..n).map(|_| u64::from(random.next_u32())).collect()
}

#[test]
fn raw_words_and_first_draws() {
    let raw = &golden()["raw"];
    let fresh = || RandomState::new(42);
    assert_eq!(words(&mut fresh(), 5), integers(&raw["randint32_first5"]));
    let mut random = fresh();
    assert_eq!((0..3).map(|_| random.tomaxint()).collect::<Vec<_>>(), integers(&raw["tomaxint_first3"]));
    let mut random = fresh();
    let samples: Vec<f64> = (0..5).map(|_| random.random_sample()).collect();
    assert_eq!(samples, floats(GOLDEN, "random_sample_first5"));
    let mut random = fresh();
    let normals: Vec<f64> = (0..5).map(|_| random.standard_normal()).collect();
    assert_eq!(normals, floats(GOLDEN, "standard_normal_first5"));
    assert_eq!(counts(&mut fresh(), 4.0, 10), integers(&raw["poisson4_first10_alone"]));
    assert_eq!(counts(&mut fresh(), 20.0, 10), integers(&raw["poisson20_first10_alone"]));
}

#[test]
fn one_stream_through_three_distributions() {
    let golden = golden();
    let mut random = RandomState::new(42);
    let normals: Vec<f64> = (0..500).map(|_| random.normal(1200.0, 200.0).expect("sd")).collect();
    let poissons = counts(&mut random, 4.0, 500);
    let uniforms: Vec<f64> = (0..500).map(|_| random.uniform(0.4, 0.9)).collect();
    assert_eq!(normals[..5], floats(GOLDEN, "normal_first5"));
    assert_eq!(poissons[..5], integers(&golden["poisson_first5"]));
    assert_eq!(uniforms[..5], floats(GOLDEN, "uniform_first5"));
    assert_eq!(normals[499], float(GOLDEN, "normal_last"));
    assert_eq!(poissons[499], golden["poisson_last"].as_u64().unwrap());
    assert_eq!(uniforms[499], float(GOLDEN, "uniform_last"));
    assert_eq!(poissons.iter().sum::<u64>(), golden["poisson_sum"].as_u64().unwrap());
    let zeros = poissons.iter().filter(|&&count| count == 0).count();
    assert_eq!(zeros as u64, golden["poisson_zero_count"].as_u64().unwrap());
}

#[test]
fn permutations_of_every_published_length() {
    for (n, expected) in golden()["permutation_seed42"].as_object().expect("object") {
        let Ok(n) = n.parse::<usize>() else { continue };
        let order: Vec<u64> = RandomState::new(42).permutation(n).iter().map(|&k| k as u64).collect();
        assert_eq!(order[..10], integers(&expected["first10"]), "first of {n}");
        assert_eq!(order[n - 5..], integers(&expected["last5"]), "last of {n}");
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert!(sorted.iter().enumerate().all(|(k, &value)| k as u64 == value), "all of {n}, once");
    }
}

#[test]
fn seeds_by_array_and_at_the_ends_of_their_range() {
    let more = more();
    let key: Vec<u32> = integers(&more["by_key"]["key"]).iter().map(|&k| k as u32).collect();
    let mut random = RandomState::from_key(&key).expect("a key");
    assert_eq!(words(&mut random, 5), integers(&more["by_key"]["words"]));
    let long: Vec<u32> = (0..1000).collect();
    let mut random = RandomState::from_key(&long).expect("a key");
    assert_eq!(words(&mut random, 5), integers(&more["by_long_key"]["words"]));
    for (seed, expected) in more["seeds"].as_object().expect("object") {
        let mut random = RandomState::new(seed.parse().expect("a seed"));
        assert_eq!(words(&mut random, 2000)[1997..], integers(expected), "seed {seed}");
    }
    assert_eq!(RandomState::from_key(&[]).unwrap_err(), RandomError::EmptyKey);
}

#[test]
fn a_cached_normal_survives_other_draws() {
    let mut random = RandomState::new(7);
    let normals: Vec<f64> = (0..3).map(|_| random.standard_normal()).collect();
    assert_eq!(normals, floats(MORE, "normals"));
    assert_eq!(random.uniform(-2.0, 3.0), float(MORE, "uniform"));
    assert_eq!(random.normal(5.0, 2.0).unwrap(), float(MORE, "normal"));
}

#[test]
fn a_thousand_and_one_normals_to_the_bit() {
    let expected = &more()["normals_1001"];
    let mut random = RandomState::new(3);
    let normals: Vec<f64> = (0..1001).map(|_| random.standard_normal()).collect();
    assert_eq!(normals[1000], float(MORE, "last"));
    let bits = normals.iter().fold(0, |bits, normal| bits ^ normal.to_bits());
    assert_eq!(bits, expected["sum_of_bits"].as_u64().unwrap());
}

#[test]
fn poisson_over_both_methods() {
    for group in ["poisson", "poisson_large"] {
        for (mean, expected) in more()[group].as_object().expect("object") {
            let expected = integers(expected);
            let found = counts(&mut RandomState::new(11), mean.parse().expect("a mean"), expected.len());
            assert_eq!(found, expected, "mean {mean}");
        }
    }
}

#[test]
fn poisson_through_its_rare_branches() {
    for (mean, expected) in more()["poisson_long"].as_object().expect("object") {
        let draws = counts(&mut RandomState::new(13), mean.parse().expect("a mean"), 50_000);
        let found: u64 = draws.iter().zip(1..).map(|(count, place)| count * place).sum();
        assert_eq!(Some(found), expected.as_u64(), "mean {mean}");
    }
}

#[test]
fn shuffles_in_place() {
    let mut letters: Vec<char> = ('a'..='z').collect();
    RandomState::new(5).shuffle(&mut letters);
    assert_eq!(letters.iter().collect::<String>(), more()["shuffled_letters"].as_str().unwrap());
    let mut one = [1];
    RandomState::new(5).shuffle(&mut one);
    assert_eq!(one, [1]);
}

#[test]
fn parameters_outside_their_bounds_are_named() {
    let mut random = RandomState::new(1);
    assert_eq!(
        random.normal(0.0, -1.0).unwrap_err().to_string(),
        "sd is -1, but it must be a standard deviation of at least 0"
    );
    for mean in [-1.0, f64::NAN, 1e19] {
        let message = random.poisson(mean).unwrap_err().to_string();
        assert!(message.contains("at most 9.2e18") && message.contains(&mean.to_string()), "{message}");
    }
    assert_eq!(random.random_sample(), RandomState::new(1).random_sample(), "refused draws use nothing up");
}
