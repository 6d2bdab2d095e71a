//! Certified regressions of NIST's Statistical Reference Datasets, whose columns are nearly dependent.

use approx::assert_relative_eq;
use cltv_accounts::regression::{Feature, LinearFit, RegressionData, Split};

/// Longley (1967): employment, then price deflator, GNP, unemployed, armed forces, population, year.
const LONGLEY: [[f64; 7]; 16] = [
    [60323.0, 83.0, 234289.0, 2356.0, 1590.0, 107608.0, 1947.0],
    [61122.0, 88.5, 259426.0, 2325.0, 1456.0, 108632.0, 1948.0],
    [60171.0, 88.2, 258054.0, 3682.0, 1616.0, 109773.0, 1949.0],
    [61187.0, 89.5, 284599.0, 3351.0, 1650.0, 110929.0, 1950.0],
    [63221.0, 96.2, 328975.0, 2099.0, 3099.0, 112075.0, 1951.0],
    [63639.0, 98.1, 346999.0, 1932.0, 3594.0, 113270.0, 1952.0],
    [64989.0, 99.0, 365385.0, 1870.0, 3547.0, 115094.0, 1953.0],
    [63761.0, 100.0, 363112.0, 3578.0, 3350.0, 116219.0, 1954.0],
    [66019.0, 101.2, 397469.0, 2904.0, 3048.0, 117388.0, 1955.0],
    [67857.0, 104.6, 419180.0, 2822.0, 2857.0, 118734.0, 1956.0],
    [68169.0, 108.4, 442769.0, 2936.0, 2798.0, 120445.0, 1957.0],
    [66513.0, 110.8, 444546.0, 4681.0, 2637.0, 121950.0, 1958.0],
    [68655.0, 112.6, 482704.0, 3813.0, 2552.0, 123366.0, 1959.0],
    [69564.0, 114.2, 502601.0, 3931.0, 2514.0, 125368.0, 1960.0],
    [69331.0, 115.7, 518173.0, 4806.0, 2572.0, 127852.0, 1961.0],
    [70551.0, 116.9, 554894.0, 4007.0, 2827.0, 130081.0, 1962.0],
];

/// Certified estimates and standard errors, the intercept first.
const CERTIFIED: [(f64, f64); 7] = [
    (-3_482_258.634_595_82, 890_420.383_607_373),
    (15.061_872_271_373_3, 84.914_925_774_766_9),
    (-0.358_191_792_925_910e-1, 0.334_910_077_722_432e-1),
    (-2.020_229_803_816_83, 0.488_399_681_651_699),
    (-1.033_226_867_173_59, 0.214_274_163_161_675),
    (-0.511_041_056_535_807e-1, 0.226_073_200_069_370),
    (1_829.151_464_613_55, 455.478_499_142_212),
];

/// Least squares on all rows; the first one also stands for the test.
fn fit(columns: Vec<Vec<f64>>, y: Vec<f64>) -> LinearFit {
    let split = Split { train: (0..y.len()).collect(), test: vec![0] };
    let features =
        columns.into_iter().enumerate().map(|(k, values)| Feature::numeric(&format!("x{k}"), values));
    RegressionData::new("y", y, features.collect()).unwrap().fit(&split).unwrap()
}

#[test]
fn longley() {
    let column = |k: usize| LONGLEY.iter().map(|row| row[k]).collect::<Vec<f64>>();
    let fit = fit((1..7).map(column).collect(), column(0));
    for (row, (estimate, error)) in fit.coefficients.iter().zip(CERTIFIED) {
        assert_relative_eq!(row.estimate, estimate, max_relative = 1e-10);
        assert_relative_eq!(row.std_error, error, max_relative = 1e-10);
    }
    assert_relative_eq!(fit.train.r2, 0.995_479_004_577_296, max_relative = 1e-13);
    assert_relative_eq!(fit.sigma, 304.854_073_561_965, max_relative = 1e-12);
    assert_relative_eq!(fit.f_statistic, 330.285_339_234_588, max_relative = 1e-10);
}

/// Wampler (1970): exact polynomials of degree five, whose certified coefficients are those put in.
#[test]
fn wampler() {
    let x: Vec<f64> = (0..21).map(f64::from).collect();
    let columns: Vec<Vec<f64>> = (1..6).map(|k| x.iter().map(|x| x.powi(k)).collect()).collect();
    for base in [1.0_f64, 0.1] {
        let y = x.iter().map(|x| (0..6).map(|k| (base * x).powi(k)).sum()).collect();
        let fit = fit(columns.clone(), y);
        for (k, row) in fit.coefficients.iter().enumerate() {
            assert_relative_eq!(row.estimate, base.powi(k as i32), max_relative = 1e-8);
        }
        assert_relative_eq!(fit.train.r2, 1.0, max_relative = 1e-14);
    }
}
