//! The season that all accounts share.
//!
//! Two years contain each calendar month twice, too few for twelve indices for each account; thousands
//! of accounts together contain it thousands of times.

use super::baseline::YEAR;
use super::panel::ExpensePanel;

/// Months an account needs for the season: one calendar month must occur twice to separate line and season.
pub(crate) const FEWEST_MONTHS: usize = YEAR + 1;
/// Most rounds of the alternating fit of lines and season.
const ROUNDS: usize = 200;
const TOLERANCE: f64 = 1e-13;

/// The seasonal indices of January to December: deviations that add up to 0 for an additive
/// season (as shares of an account's mean), factors of mean 1 for a multiplicative one.
pub(crate) type Season = [f64; YEAR];

/// An account's months as shares of their mean.
struct Scaled {
    start: usize,
    values: Vec<f64>,
    weight: f64,
}

/// The additive season by least squares: `y / mean = a + b t + s(month)` with a and b an account's.
///
/// Lines are projected out, so that only twelve equations are left for any number of
/// accounts; a second round weighs each account by the inverse of its residual variance. `None`
/// when no account has thirteen months.
pub(crate) fn additive(panel: &ExpensePanel, origin: usize) -> Option<Season> {
    let mut accounts = scaled(panel, origin);
    if accounts.is_empty() {
        return None;
    }
    let mut season = solve_season(panel, &accounts)?;
    for _ in 0..2 {
        weigh(&mut accounts, |place, value| value - season[panel.calendar_month(place)]);
        season = solve_season(panel, &accounts)?;
    }
    Some(season)
}

/// The multiplicative season by least squares: `y / mean = (a + b t) s(month)`.
///
/// Lines and season are fitted in turn, from the additive season on, until neither moves.
pub(crate) fn multiplicative(panel: &ExpensePanel, origin: usize) -> Option<Season> {
    let mut season = additive(panel, origin)?.map(|deviation| (1.0 + deviation).max(0.05));
    let mut accounts = scaled(panel, origin);
    weigh(&mut accounts, |place, value| value / season[panel.calendar_month(place)]);
    for _ in 0..ROUNDS {
        let (mut above, mut below) = ([0.0; YEAR], [0.0; YEAR]);
        for account in &accounts {
            let seasons: Vec<f64> =
                (0..account.values.len()).map(|t| season[panel.calendar_month(account.start + t)]).collect();
            let line = line_through(&seasons, &account.values);
            for (t, value) in account.values.iter().enumerate() {
                let (month, level) = (panel.calendar_month(account.start + t), line.0 + line.1 * t as f64);
                above[month] += account.weight * value * level;
                below[month] += account.weight * level * level;
            }
        }
        let mut next: Season =
            std::array::from_fn(|m| if below[m] > 0.0 { above[m] / below[m] } else { 1.0 });
        let mean = next.iter().sum::<f64>() / YEAR as f64;
        next.iter_mut().for_each(|factor| *factor = (*factor / mean).max(0.0));
        let moved = next.iter().zip(&season).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        season = next;
        if moved < TOLERANCE {
            break;
        }
    }
    Some(season)
}

fn scaled(panel: &ExpensePanel, origin: usize) -> Vec<Scaled> {
    let account = |i: usize| {
        let (start, values) = panel.before(i, origin);
        let mean = crate::numeric::mean(&values);
        let usable = values.len() >= FEWEST_MONTHS && mean > 0.0 && values.iter().all(|value| *value >= 0.0);
        usable.then(|| Scaled {
            start,
            values: values.iter().map(|value| value / mean).collect(),
            weight: 1.0,
        })
    };
    (0..panel.series.len()).filter_map(account).collect()
}

/// Weighs each account by the inverse of the variance of its residuals from a line.
fn weigh(accounts: &mut [Scaled], without_season: impl Fn(usize, f64) -> f64) {
    let variances: Vec<f64> = accounts
        .iter()
        .map(|account| {
            let places = account.start..;
            let flat: Vec<f64> =
                places.zip(&account.values).map(|(t, value)| without_season(t, *value)).collect();
            let (level, slope) = line_through(&vec![1.0; flat.len()], &flat);
            let squares =
                flat.iter().enumerate().map(|(t, value)| (value - level - slope * t as f64).powi(2));
            squares.sum::<f64>() / (flat.len() - 2) as f64
        })
        .collect();
    // Half of the median variance is added, so that no account with tiny residuals dominates.
    let usual = crate::numeric::quantile(&variances, 0.5).max(1e-12);
    for (account, variance) in accounts.iter_mut().zip(variances) {
        account.weight = usual / (variance + 0.5 * usual);
    }
}

/// The least-squares a and b of `values = (a + b t) factors`.
fn line_through(factors: &[f64], values: &[f64]) -> (f64, f64) {
    let mut sums = [0.0; 5];
    for (t, (factor, value)) in factors.iter().zip(values).enumerate() {
        let (t, square) = (t as f64, factor * factor);
        sums[0] += square;
        sums[1] += t * square;
        sums[2] += t * t * square;
        sums[3] += factor * value;
        sums[4] += t * factor * value;
    }
    let determinant = sums[0] * sums[2] - sums[1] * sums[1];
    if determinant.abs() < 1e-12 {
        return (if sums[0] > 0.0 { sums[3] / sums[0] } else { 0.0 }, 0.0);
    }
    let level = (sums[2] * sums[3] - sums[1] * sums[4]) / determinant;
    (level, (sums[0] * sums[4] - sums[1] * sums[3]) / determinant)
}

/// The normal equations of the season after lines are projected out of months and values.
///
/// Accounts that begin in the same month share the projection, and their values add up.
fn solve_season(panel: &ExpensePanel, accounts: &[Scaled]) -> Option<Season> {
    let mut matrix = vec![vec![0.0; YEAR]; YEAR];
    let mut right = vec![0.0; YEAR];
    let longest = accounts.iter().map(|account| account.values.len()).max()?;
    for months in FEWEST_MONTHS..=longest {
        let mut sum = vec![0.0; months];
        let (mut weight, mut start) = (0.0, 0);
        for account in accounts.iter().filter(|account| account.values.len() == months) {
            weight += account.weight;
            start = account.start;
            sum.iter_mut().zip(&account.values).for_each(|(sum, value)| *sum += account.weight * value);
        }
        if weight == 0.0 {
            continue;
        }
        let calendar_month: Vec<usize> = (0..months).map(|t| panel.calendar_month(start + t)).collect();
        for (column, entries) in matrix.iter_mut().enumerate() {
            let months: Vec<f64> =
                calendar_month.iter().map(|&month| f64::from(u8::from(month == column))).collect();
            // The projection is symmetric, so rows and columns are interchangeable.
            for (&month, residual) in calendar_month.iter().zip(off_line(&months)) {
                entries[month] += weight * residual;
            }
        }
        for (&month, value) in calendar_month.iter().zip(off_line(&sum)) {
            right[month] += value;
        }
    }
    // A constant season is no season: this row makes the indices add up to 0.
    let scale = matrix[0][0];
    matrix.iter_mut().flatten().for_each(|entry| *entry += scale);
    solve(matrix, right)?.try_into().ok()
}

fn off_line(values: &[f64]) -> Vec<f64> {
    let (level, slope) = line_through(&vec![1.0; values.len()], values);
    values.iter().enumerate().map(|(t, value)| value - level - slope * t as f64).collect()
}

/// Gauss's elimination with partial pivoting; `None` for a singular matrix.
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Option<Vec<f64>> {
    let n = right.len();
    let scale = matrix.iter().flatten().fold(0.0_f64, |most, entry| most.max(entry.abs()));
    for column in 0..n {
        let pivot =
            (column..n).max_by(|&a, &b| matrix[a][column].abs().total_cmp(&matrix[b][column].abs()))?;
        if matrix[pivot][column].abs() <= 1e-10 * scale {
            return None;
        }
        matrix.swap(column, pivot);
        right.swap(column, pivot);
        for row in column + 1..n {
            let factor = matrix[row][column] / matrix[column][column];
            let (upper, lower) = matrix.split_at_mut(row);
            lower[0].iter_mut().zip(&upper[column]).for_each(|(entry, above)| *entry -= factor * above);
            right[row] -= factor * right[column];
        }
    }
    for row in (0..n).rev() {
        let known: f64 = (row + 1..n).map(|column| matrix[row][column] * right[column]).sum();
        right[row] = (right[row] - known) / matrix[row][row];
    }
    Some(right)
}
