//! A QR factorisation that leaves out linearly dependent columns, and the standard errors made of it.

/// A column is left out when less than this share of its variation is not a combination of those
/// before it.
pub(crate) const RANK_TOLERANCE: f64 = 1e-9;

/// X = Q R with orthonormal Q, for the columns kept; those left out are combinations of them.
///
/// Gram-Schmidt, each column twice: "twice is enough" for orthogonality to the last digits (Giraud,
/// Langou and Rozložník 2005, *Computers & Mathematics with Applications* 50, 1069-1075). Columns are
/// taken in their order, so of several that depend on each other the last ones are left out, as in
/// R's `lm`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Basis {
    /// Orthonormal columns, one for each column kept.
    pub(crate) q: Vec<Vec<f64>>,
    /// Each column of X, left out or not, as coordinates in Q.
    pub(crate) coordinates: Vec<Vec<f64>>,
    /// Columns kept.
    pub(crate) kept: Vec<usize>,
}

impl Basis {
    pub(crate) fn of<'a>(columns: impl IntoIterator<Item = &'a [f64]>) -> Self {
        let mut basis = Self { q: Vec::new(), coordinates: Vec::new(), kept: Vec::new() };
        for column in columns {
            basis.push(column);
        }
        basis
    }

    fn push(&mut self, column: &[f64]) {
        let mut rest = column.to_vec();
        let mut coordinates = vec![0.0; self.q.len()];
        let whole = norm(&rest);
        let mut varying = whole;
        for pass in 0..2 {
            for (k, (q, coordinate)) in self.q.iter().zip(&mut coordinates).enumerate() {
                let part = dot(q, &rest);
                *coordinate += part;
                subtract(&mut rest, part, q);
                // Behind an intercept, what counts is the column's variation, not its distance from 0.
                if pass == 0 && k == 0 {
                    varying = norm(&rest);
                }
            }
        }
        let left = norm(&rest);
        // What is left of a constant is rounding, which its distance from 0 measures.
        if left > RANK_TOLERANCE * varying && left > 1e-3 * RANK_TOLERANCE * whole {
            self.kept.push(self.coordinates.len());
            coordinates.push(left);
            rest.iter_mut().for_each(|value| *value /= left);
            self.q.push(rest);
        }
        self.coordinates.push(coordinates);
    }

    /// Q'y.
    pub(crate) fn project(&self, y: &[f64]) -> Vec<f64> {
        self.q.iter().map(|q| dot(q, y)).collect()
    }

    /// y minus its projection on the columns.
    pub(crate) fn residuals(&self, y: &[f64]) -> Vec<f64> {
        let mut rest = y.to_vec();
        for _ in 0..2 {
            for q in &self.q {
                let part = dot(q, &rest);
                subtract(&mut rest, part, q);
            }
        }
        rest
    }

    /// The b with Σ b_k (kept column k) = Q c.
    pub(crate) fn solve(&self, mut c: Vec<f64>) -> Vec<f64> {
        for k in (0..c.len()).rev() {
            let column = &self.coordinates[self.kept[k]];
            c[k] /= column[k];
            let b = c[k];
            for (entry, coordinate) in c[..k].iter_mut().zip(column) {
                *entry -= b * coordinate;
            }
        }
        c
    }

    /// R⁻¹ by rows.
    pub(crate) fn inverse(&self) -> Vec<Vec<f64>> {
        let n = self.kept.len();
        let mut rows = vec![vec![0.0; n]; n];
        for k in 0..n {
            let mut unit = vec![0.0; k + 1];
            unit[k] = 1.0;
            for (row, value) in rows.iter_mut().zip(self.solve(unit)) {
                row[k] = value;
            }
        }
        rows
    }

    /// The diagonal of R⁻¹ Q' diag(w) Q R⁻ᵀ, given R⁻¹: with squared errors as weights w, the variances of
    /// the coefficients without an assumption on the errors' variances (White's sandwich).
    pub(crate) fn sandwich(&self, inverse: &[Vec<f64>], weights: &[f64]) -> Vec<f64> {
        let line = |a: &Vec<f64>| -> Vec<f64> {
            let weighted: Vec<f64> = a.iter().zip(weights).map(|(value, weight)| value * weight).collect();
            self.q.iter().map(|b| dot(&weighted, b)).collect()
        };
        let middle: Vec<Vec<f64>> = self.q.iter().map(line).collect();
        let variance =
            |row: &Vec<f64>| middle.iter().zip(row).map(|(line, factor)| factor * dot(line, row)).sum();
        inverse.iter().map(variance).collect()
    }

    /// The leverage of each row, the diagonal of Q Q'.
    pub(crate) fn leverage(&self) -> Vec<f64> {
        let mut leverage = vec![0.0; self.q.first().map_or(0, Vec::len)];
        for q in &self.q {
            leverage.iter_mut().zip(q).for_each(|(sum, value)| *sum += value * value);
        }
        leverage
    }
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

pub(crate) fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

fn subtract(from: &mut [f64], factor: f64, what: &[f64]) {
    from.iter_mut().zip(what).for_each(|(value, w)| *value -= factor * w);
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    fn columns() -> Vec<Vec<f64>> {
        let ones = vec![1.0; 6];
        let a = vec![1e6, 1e6 + 1.0, 1e6 + 3.0, 1e6 + 2.0, 1e6 + 7.0, 1e6 - 4.0];
        let b: Vec<f64> = a.iter().map(|value| 3.0 - 2e-6 * value).collect();
        let c = vec![0.0, 1.0, 0.0, 0.0, 1.0, 1.0];
        let constant = vec![7.5; 6];
        vec![ones, a, b, c, constant]
    }

    #[test]
    fn combinations_are_left_out_and_solved_for() {
        let columns = columns();
        let basis = Basis::of(columns.iter().map(Vec::as_slice));
        assert_eq!(basis.kept, [0, 1, 3]);
        for (i, p) in basis.q.iter().enumerate() {
            for (j, q) in basis.q.iter().enumerate() {
                assert_relative_eq!(dot(p, q), f64::from(u8::from(i == j)), epsilon = 1e-14);
            }
        }
        let combination = basis.solve(basis.coordinates[2].clone());
        assert_relative_eq!(combination[0], 3.0, max_relative = 1e-9);
        assert_relative_eq!(combination[1], -2e-6, max_relative = 1e-9);
        assert_relative_eq!(basis.leverage().iter().sum::<f64>(), 3.0, max_relative = 1e-13);
        assert!(basis.residuals(&columns[2]).iter().all(|rest| rest.abs() < 1e-9));
    }

    #[test]
    fn the_inverse_is_one() {
        let columns = columns();
        let basis = Basis::of(columns.iter().map(Vec::as_slice));
        let inverse = basis.inverse();
        for (i, row) in inverse.iter().enumerate() {
            for (j, &kept) in basis.kept.iter().enumerate() {
                let product = dot(row, &basis.coordinates[kept]);
                assert_relative_eq!(product, f64::from(u8::from(i == j)), epsilon = 1e-6);
            }
        }
    }
}
