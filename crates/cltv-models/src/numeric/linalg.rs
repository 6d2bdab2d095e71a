//! The little linear algebra of a fit: symmetric matrices of three to six rows.

/// Eigenvalues and eigenvectors of a symmetric matrix.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Eigen {
    /// Eigenvalues, smallest first.
    pub(crate) values: Vec<f64>,
    /// `vectors[k]` belongs to `values[k]` and has length 1.
    pub(crate) vectors: Vec<Vec<f64>>,
}

impl Eigen {
    /// Jacobi's rotations: slow for large matrices, exact to the last digits for small ones.
    pub(crate) fn of(matrix: &[Vec<f64>]) -> Self {
        let n = matrix.len();
        let mut a = matrix.to_vec();
        let mut v = identity(n);
        for _ in 0..100 {
            if !rotate_all(&mut a, &mut v) {
                break;
            }
        }
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|&i, &j| a[i][i].total_cmp(&a[j][j]));
        Self {
            values: order.iter().map(|&k| a[k][k]).collect(),
            vectors: order.iter().map(|&k| v.iter().map(|row| row[k]).collect()).collect(),
        }
    }

    /// Σ f(λ_k) v_k v_kᵀ; with f = 1/λ the inverse.
    pub(crate) fn map(&self, f: impl Fn(f64) -> f64) -> Vec<Vec<f64>> {
        let n = self.values.len();
        let mut out = vec![vec![0.0; n]; n];
        for (value, vector) in self.values.iter().zip(&self.vectors) {
            let factor = f(*value);
            for i in 0..n {
                for j in 0..n {
                    out[i][j] += factor * (vector[i] * vector[j]);
                }
            }
        }
        out
    }

    /// The smallest eigenvalue.
    pub(crate) fn smallest(&self) -> f64 {
        self.values.first().copied().unwrap_or(f64::NAN)
    }

    /// The largest eigenvalue.
    pub(crate) fn largest(&self) -> f64 {
        self.values.last().copied().unwrap_or(f64::NAN)
    }
}

/// Matrix times vector.
pub(crate) fn multiply(matrix: &[Vec<f64>], vector: &[f64]) -> Vec<f64> {
    matrix.iter().map(|row| row.iter().zip(vector).map(|(m, v)| m * v).sum()).collect()
}

/// Largest absolute entry, or NaN when one is not a number.
pub(crate) fn max_abs(vector: &[f64]) -> f64 {
    vector.iter().fold(0.0, |largest: f64, value| {
        if value.is_nan() || largest.is_nan() { f64::NAN } else { largest.max(value.abs()) }
    })
}

fn identity(n: usize) -> Vec<Vec<f64>> {
    (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect()
}

/// One sweep; false when there was nothing left to rotate.
fn rotate_all(a: &mut [Vec<f64>], v: &mut [Vec<f64>]) -> bool {
    let n = a.len();
    let mut rotated = false;
    for i in 0..n {
        for j in (i + 1)..n {
            let size = (a[i][i].abs() * a[j][j].abs()).sqrt();
            if a[i][j].abs() > 1e-17 * size && a[i][j].is_normal() {
                rotate(a, v, i, j);
                rotated = true;
            }
        }
    }
    rotated
}

fn rotate(a: &mut [Vec<f64>], v: &mut [Vec<f64>], i: usize, j: usize) {
    let theta = (a[j][j] - a[i][i]) / (2.0 * a[i][j]);
    let t = theta.signum() / (theta.abs() + (1.0 + theta * theta).sqrt());
    let cos = 1.0 / (1.0 + t * t).sqrt();
    let sin = t * cos;
    for row in a.iter_mut() {
        (row[i], row[j]) = (cos * row[i] - sin * row[j], sin * row[i] + cos * row[j]);
    }
    let (above, from_j) = a.split_at_mut(j);
    for (upper, lower) in above[i].iter_mut().zip(from_j[0].iter_mut()) {
        (*upper, *lower) = (cos * *upper - sin * *lower, sin * *upper + cos * *lower);
    }
    for row in v.iter_mut() {
        (row[i], row[j]) = (cos * row[i] - sin * row[j], sin * row[i] + cos * row[j]);
    }
    (a[i][j], a[j][i]) = (0.0, 0.0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn eigenvalues_and_inverse() {
        let matrix = vec![vec![4.0, 1.0, 0.5], vec![1.0, 3.0, -0.25], vec![0.5, -0.25, 1e-3]];
        let eigen = Eigen::of(&matrix);
        let trace: f64 = eigen.values.iter().sum();
        assert_relative_eq!(trace, 7.001, max_relative = 1e-14);
        assert!(eigen.smallest() < 0.0 && eigen.largest() > 4.0);
        for (value, vector) in eigen.values.iter().zip(&eigen.vectors) {
            for (left, right) in multiply(&matrix, vector).iter().zip(vector) {
                assert_relative_eq!(*left, value * right, epsilon = 1e-13);
            }
        }
        let inverse = eigen.map(|value| 1.0 / value);
        for (i, column) in identity(3).iter().enumerate() {
            let unit = multiply(&matrix, &multiply(&inverse, column));
            assert_relative_eq!(unit[i], 1.0, max_relative = 1e-12);
        }
    }

    #[test]
    fn equal_diagonals_rotate() {
        let eigen = Eigen::of(&[vec![2.0, 1.0], vec![1.0, 2.0]]);
        assert_relative_eq!(eigen.values[0], 1.0, max_relative = 1e-14);
        assert_relative_eq!(eigen.values[1], 3.0, max_relative = 1e-14);
        assert!(max_abs(&[1.0, f64::NAN]).is_nan());
    }
}
