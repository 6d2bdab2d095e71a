//! Tails of Student's t, F and chi-squared.

use statrs::function::{beta::beta_reg, gamma::gamma_ur};

/// P(|T| > |t|) with `df` degrees of freedom.
pub(crate) fn t_two_sided(t: f64, df: f64) -> f64 {
    let squared = t * t;
    if squared.is_nan() || df.is_nan() {
        f64::NAN
    } else if squared < 1.0 {
        1.0 - beta_reg(0.5, 0.5 * df, squared / (df + squared))
    } else {
        beta_reg(0.5 * df, 0.5, df / (df + squared))
    }
}

/// The t with P(|T| > t) = `tail`, for a tail in (0, 1).
pub(crate) fn t_quantile(tail: f64, df: f64) -> f64 {
    let (mut low, mut high) = (0.0, 2.0);
    while t_two_sided(high, df) > tail {
        high *= 2.0;
    }
    // Halving needs no derivative and ends at neighbouring numbers.
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if t_two_sided(middle, df) > tail {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// P(F > f) with `df1` and `df2` degrees of freedom.
pub(crate) fn f_upper(f: f64, df1: f64, df2: f64) -> f64 {
    if f.is_nan() {
        return f64::NAN;
    }
    if f <= 0.0 { 1.0 } else { beta_reg(0.5 * df2, 0.5 * df1, df2 / (df2 + df1 * f)) }
}

/// P(χ² > x) with `df` degrees of freedom.
pub(crate) fn chi2_upper(x: f64, df: f64) -> f64 {
    if x <= 0.0 { 1.0 } else { gamma_ur(0.5 * df, 0.5 * x) }
}

/// `p = 0.032`, `p = 1.2e-9`, or, where the number itself ends, `p < 1e-300`.
pub(crate) fn p_text(p: f64) -> String {
    if p < 1e-300 {
        "p < 1e-300".to_owned()
    } else if p < 1e-3 {
        format!("p = {p:.1e}")
    } else {
        format!("p = {p:.3}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// scipy 1.17.1: `2 * stats.t.sf`, `stats.t.isf`, `stats.f.sf`, `stats.chi2.sf`.
    #[test]
    fn tails_agree_with_scipy() {
        assert_relative_eq!(t_two_sided(0.001_f64, 226.0), 0.999202997697414, max_relative = 1e-9);
        assert_relative_eq!(t_two_sided(0.5_f64, 3.0), 0.651447964848151, max_relative = 1e-9);
        assert_relative_eq!(t_two_sided(0.9_f64, 3986.0), 0.36817461944869134, max_relative = 1e-9);
        assert_relative_eq!(t_two_sided(1.5_f64, 3986.0), 0.1336936005761349, max_relative = 1e-9);
        assert_relative_eq!(t_two_sided(2.5_f64, 8999.0), 0.012436987424697264, max_relative = 1e-9);
        assert_relative_eq!(t_two_sided(9.0_f64, 226.0), 9.466441923990856e-17, max_relative = 1e-9);
        assert_relative_eq!(t_two_sided(-30.0_f64, 3986.0), 1.799265728231104e-178, max_relative = 1e-9);
        assert_relative_eq!(t_two_sided(1.9_f64, 50000.0), 0.05743886695120308, max_relative = 1e-9);
        assert_relative_eq!(t_two_sided(40.0_f64, 12.0), 3.851229580772032e-14, max_relative = 1e-9);
        assert_relative_eq!(t_quantile(0.05, 226.0), 1.9705162426831602, max_relative = 1e-9);
        assert_relative_eq!(t_quantile(0.05, 4.0), 2.7764451051977943, max_relative = 1e-9);
        assert_relative_eq!(t_quantile(0.05, 1.0), 12.706204736174705, max_relative = 1e-9);
        assert_relative_eq!(t_quantile(0.01, 3986.0), 2.57706331378755, max_relative = 1e-9);
        assert_relative_eq!(t_quantile(0.05, 100000.0), 1.95998770753461, max_relative = 1e-9);
        assert_relative_eq!(f_upper(0.3, 2.0, 224.0), 0.7411153999978172, max_relative = 1e-9);
        assert_relative_eq!(
            f_upper(28.564685948682193, 2.0, 224.0),
            8.918281090244052e-12,
            max_relative = 1e-9
        );
        assert_relative_eq!(f_upper(5.0, 13.0, 3986.0), 7.909202092774888e-09, max_relative = 1e-9);
        assert_relative_eq!(chi2_upper(44.75, 13.0), 2.30347527190922e-05, max_relative = 1e-9);
        assert_relative_eq!(chi2_upper(0.1, 2.0), 0.951229424500714, max_relative = 1e-9);
        assert_relative_eq!(chi2_upper(510.0, 2.0), 1.7984862202794435e-111, max_relative = 1e-9);
    }

    #[test]
    fn tiny_tails_are_not_called_zero() {
        let texts = [0.0, 1.24e-9, 0.0321, f64::NAN].map(p_text);
        assert_eq!(texts, ["p < 1e-300", "p = 1.2e-9", "p = 0.032", "p = NaN"]);
    }
}
