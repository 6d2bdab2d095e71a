//! The summary that every model is fitted on: frequency, recency, age and mean spend a customer.

use std::fmt;
use std::sync::Arc;

use crate::base::error::{InputError, RowProblem};
use crate::base::units::{Grain, TimeUnit};
use crate::base::words::grouped;
use crate::summary::customer_ids::CustomerIds;
use crate::summary::history::History;
use crate::summary::patterns::{Columns, Kept, Patterns};

/// Frequency, recency, age and mean spend of every customer: what the models are fitted on.
///
/// The summary knows its time unit and its grain; scoring it with a model of another unit is an
/// error. Its fields are private, so that every summary has passed [`RfmSummary::try_new`].
///
/// # Examples
/// ```
/// use cltv_models::{CustomerIds, Grain, RfmSummary, TimeUnit};
/// let rfm = RfmSummary::try_new(
///     TimeUnit::Week,
///     Grain::Day,
///     ["ann", "bob"].into_iter().collect::<CustomerIds>(),
///     vec![2, 0],
///     vec![30.43, 0.0],
///     vec![38.86, 38.86],
///     Some(vec![22.35, 0.0]),
/// )?;
/// assert_eq!(rfm.repeat_customers(), 1);
/// assert!(rfm.to_string().starts_with("2 customers, 50% bought once"));
/// # Ok::<(), cltv_models::InputError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RfmSummary {
    unit: TimeUnit,
    grain: Grain,
    customer_ids: CustomerIds,
    frequency: Arc<Vec<u32>>,
    t_x: Arc<Vec<f64>>,
    age: Arc<Vec<f64>>,
    monetary: Option<Arc<Vec<f64>>>,
    ln_intervals: Option<Arc<Vec<f64>>>,
    patterns: Kept,
}

impl RfmSummary {
    /// Checks and keeps a summary.
    ///
    /// `customer_ids` may be [`CustomerIds::numbered`]; `frequency` is x, the number of repeat
    /// purchases; `t_x` and `age` (T) are in `unit`; `monetary` is the mean spend a *repeat* purchase,
    /// 0 for customers without one. Columns are kept as they are, and shared by copies.
    ///
    /// # Errors
    /// [`InputError::NoCustomers`], [`InputError::LengthMismatch`], or [`InputError::BadRows`]
    /// with every row that cannot be: times negative or not finite, t_x > T, x = 0 with t_x > 0,
    /// x > 0 with t_x = 0 (purchases inside the first grain period are merged into the first one,
    /// so no repeat purchase can have age 0), mean spend negative, not finite or without a repeat
    /// purchase, and customer ids that occur twice.
    pub fn try_new(
        unit: TimeUnit,
        grain: Grain,
        customer_ids: impl Into<CustomerIds>,
        frequency: Vec<u32>,
        t_x: Vec<f64>,
        age: Vec<f64>,
        monetary: Option<Vec<f64>>,
    ) -> Result<Self, InputError> {
        let summary = Self {
            unit,
            grain,
            customer_ids: customer_ids.into(),
            frequency: Arc::new(frequency),
            t_x: Arc::new(t_x),
            age: Arc::new(age),
            monetary: monetary.map(Arc::new),
            ln_intervals: None,
            patterns: Kept::default(),
        };
        summary.check_lengths()?;
        let problems = summary.row_problems();
        if problems.is_empty() {
            return Ok(summary);
        }
        Err(InputError::BadRows { problems, rows: summary.len() })
    }

    fn check_lengths(&self) -> Result<(), InputError> {
        let expected = self.customer_ids.len();
        if expected == 0 {
            return Err(InputError::NoCustomers);
        }
        let monetary = self.monetary.as_ref().map_or(expected, |monetary| monetary.len());
        let lengths = [
            ("frequency", self.frequency.len()),
            ("t_x", self.t_x.len()),
            ("age", self.age.len()),
            ("monetary", monetary),
        ];
        match lengths.into_iter().find(|&(_, found)| found != expected) {
            None => Ok(()),
            Some((column, found)) => Err(InputError::LengthMismatch { column, found, expected }),
        }
    }

    fn row_problems(&self) -> Vec<RowProblem> {
        let mut problems = Vec::new();
        for i in 0..self.len() {
            let found = self.history(i).problems().into_iter().chain(self.monetary_problem(i));
            problems.extend(found.map(|problem| self.problem(i, problem)));
        }
        let repeated = self.customer_ids.repeated().into_iter();
        problems.extend(
            repeated
                .map(|(i, first)| self.problem(i, format!("the same customer is already in row {first}"))),
        );
        problems.sort_by_key(|problem| problem.row);
        problems
    }

    fn problem(&self, i: usize, problem: String) -> RowProblem {
        RowProblem { row: i + 1, customer_id: self.customer_ids.get(i).into_owned(), problem }
    }

    fn monetary_problem(&self, i: usize) -> Option<String> {
        let spend = self.monetary.as_ref()?[i];
        if !spend.is_finite() || spend < 0.0 {
            return Some(format!("mean spend {spend} must be a finite number, 0 or more"));
        }
        (self.frequency[i] == 0 && spend > 0.0).then(|| {
            format!("x = 0 but mean spend {spend}; it is the mean of the repeat purchases, so 0 here")
        })
    }

    /// Number of customers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.customer_ids.len()
    }

    /// Always false: a summary without customers is refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.customer_ids.is_empty()
    }

    /// The unit of `t_x` and `age`.
    #[must_use]
    pub fn unit(&self) -> TimeUnit {
        self.unit
    }

    /// The period inside which purchases were merged.
    #[must_use]
    pub fn grain(&self) -> Grain {
        self.grain
    }

    /// The customers, in row order.
    #[must_use]
    pub fn customer_ids(&self) -> &CustomerIds {
        &self.customer_ids
    }

    /// x: repeat purchases.
    #[must_use]
    pub fn frequency(&self) -> &[u32] {
        &self.frequency
    }

    /// t_x: age at the last purchase.
    #[must_use]
    pub fn t_x(&self) -> &[f64] {
        &self.t_x
    }

    /// T: age at the end of the observation.
    #[must_use]
    pub fn age(&self) -> &[f64] {
        &self.age
    }

    /// Mean spend a repeat purchase, 0 when x = 0; `None` for data without amounts.
    #[must_use]
    pub fn monetary(&self) -> Option<&[f64]> {
        self.monetary.as_ref().map(|monetary| monetary.as_slice())
    }

    /// Adds what CNBD-k models need beyond frequency and recency: the sum of the natural logarithms
    /// of each customer's times between purchases (in this summary's unit), 0 without repeat
    /// purchases; see [`crate::ln_intervals`].
    ///
    /// # Errors
    /// [`InputError::LengthMismatch`], or [`InputError::BadRows`] with every sum that is not finite,
    /// not 0 for x = 0, or above x ln(t_x / x), the largest that x intervals in t_x can have.
    pub fn with_ln_intervals(mut self, ln_intervals: Vec<f64>) -> Result<Self, InputError> {
        let (found, expected) = (ln_intervals.len(), self.len());
        if found != expected {
            return Err(InputError::LengthMismatch { column: "ln_intervals", found, expected });
        }
        let rows = ln_intervals.iter().enumerate();
        let problems: Vec<RowProblem> = rows
            .filter_map(|(i, &sum)| {
                let problem = crate::summary::intervals::problem(self.history(i), sum)?;
                Some(self.problem(i, problem))
            })
            .collect();
        if !problems.is_empty() {
            return Err(InputError::BadRows { problems, rows: expected });
        }
        self.ln_intervals = Some(Arc::new(ln_intervals));
        Ok(self)
    }

    /// Sums of ln(time between purchases) a customer, where they were given.
    #[must_use]
    pub fn ln_intervals(&self) -> Option<&[f64]> {
        self.ln_intervals.as_ref().map(|sums| sums.as_slice())
    }

    /// The history in row `i`.
    ///
    /// # Panics
    /// When `i` is not below [`RfmSummary::len`].
    #[must_use]
    pub fn history(&self, i: usize) -> History {
        History { x: u64::from(self.frequency[i]), t_x: self.t_x[i], T: self.age[i] }
    }

    /// All histories, in row order.
    #[must_use]
    pub fn histories(&self) -> Vec<History> {
        (0..self.len()).map(|i| self.history(i)).collect()
    }

    /// The distinct histories.
    pub(crate) fn patterns(&self) -> &Patterns {
        self.patterns.of(self.columns())
    }

    /// The columns of the histories.
    pub(crate) fn columns(&self) -> Columns<'_> {
        Columns { x: &self.frequency, t_x: &self.t_x, age: &self.age }
    }

    /// The same summary with its times in another unit; ids, frequency and spend are shared.
    #[must_use]
    pub fn to_unit(&self, unit: TimeUnit) -> Self {
        let factor = self.unit.days() / unit.days();
        let scaled = |times: &[f64]| Arc::new(times.iter().map(|time| time * factor).collect());
        let shifted = |sums: &Arc<Vec<f64>>| {
            let sums = sums.iter().zip(self.frequency.iter());
            Arc::new(sums.map(|(sum, &x)| sum + f64::from(x) * factor.ln()).collect())
        };
        Self {
            unit,
            t_x: scaled(&self.t_x),
            age: scaled(&self.age),
            ln_intervals: self.ln_intervals.as_ref().map(shifted),
            patterns: Kept::default(),
            ..self.clone()
        }
    }

    /// Customers with at least one repeat purchase.
    #[must_use]
    pub fn repeat_customers(&self) -> usize {
        self.frequency.iter().filter(|&&x| x > 0).count()
    }

    /// Repeat purchases of all customers together.
    #[must_use]
    pub fn repeat_purchases(&self) -> u64 {
        self.frequency.iter().map(|&x| u64::from(x)).sum()
    }
}

impl fmt::Display for RfmSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, repeat) = (self.len(), self.repeat_customers());
        let once = 100.0 * (n - repeat) as f64 / n as f64;
        let shortest = self.age.iter().copied().fold(f64::INFINITY, f64::min);
        let longest = self.age.iter().copied().fold(0.0, f64::max);
        write!(
            f,
            "{} customers, {once:.0}% bought once, the other {} made {} repeat purchases (at most {} each); observed for {shortest:.1} to {longest:.1} {}s, purchases merged by {}.",
            grouped(n as u64),
            grouped(repeat as u64),
            grouped(self.repeat_purchases()),
            grouped(u64::from(self.frequency.iter().copied().max().unwrap_or(0))),
            self.unit,
            self.grain
        )?;
        match self.mean_repeat_spend() {
            Some(mean) => write!(f, " Repeat customers spend {mean:.2} a purchase on average."),
            None if self.monetary.is_none() => write!(f, " There are no amounts."),
            None => Ok(()),
        }
    }
}

impl RfmSummary {
    /// Mean over repeat customers of their mean spend, each customer counted once.
    fn mean_repeat_spend(&self) -> Option<f64> {
        let repeat = self.repeat_customers();
        let total: f64 = self.monetary.as_ref()?.iter().sum();
        (repeat > 0).then(|| total / repeat as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(
        ids: &[&str],
        x: &[u32],
        t_x: &[f64],
        age: &[f64],
        monetary: &[f64],
    ) -> Result<RfmSummary, InputError> {
        RfmSummary::try_new(
            TimeUnit::Week,
            Grain::Day,
            ids.iter().collect::<CustomerIds>(),
            x.to_vec(),
            t_x.to_vec(),
            age.to_vec(),
            Some(monetary.to_vec()),
        )
    }

    #[test]
    fn names_and_units_round_trip() {
        for unit in [TimeUnit::Day, TimeUnit::Week, TimeUnit::Month, TimeUnit::Year] {
            assert_eq!(unit.to_string().parse::<TimeUnit>(), Ok(unit));
            assert_eq!(format!("{unit}s").parse::<TimeUnit>(), Ok(unit));
        }
        for grain in [Grain::Day, Grain::Week, Grain::Month] {
            assert_eq!(grain.name().parse::<Grain>(), Ok(grain));
        }
        assert_eq!(TimeUnit::Week.from_months(6.0), 6.0 * 30.4375 / 7.0);
        let error = "fortnight".parse::<TimeUnit>().unwrap_err().to_string();
        assert!(error.contains("fortnight") && error.contains("week"));
    }

    #[test]
    fn every_bad_row_is_reported() {
        let error = summary(
            &["a", "b", "c", "d", "a", "f", "g", "h", "ok"],
            &[0, 1, 2, 1, 0, 1, 1, 0, 0],
            &[1.0, 5.0, 0.0, f64::NAN, 0.0, 1.0, -1.0, 0.0, 0.0],
            &[4.0, 4.0, 4.0, 4.0, f64::INFINITY, 4.0, 4.0, 4.0, 0.0],
            &[0.0, 1.0, 1.0, 1.0, 0.0, -2.0, 1.0, 3.0, 0.0],
        )
        .unwrap_err();
        let InputError::BadRows { problems, rows } = &error else {
            panic!("{error}");
        };
        let bad: Vec<usize> = problems.iter().map(|problem| problem.row).collect();
        assert_eq!((bad, *rows), (vec![1, 2, 3, 4, 5, 5, 6, 7, 8], 9));
        let message = error.to_string();
        assert!(message.starts_with("8 of the summary's 9 rows"), "{message}");
        assert!(message.contains("row 5 (customer a): the same customer is already in row 1"));
        assert!(message.contains("x = 2 but t_x = 0"));
    }

    #[test]
    fn lengths_and_emptiness() {
        let error = summary(&["a"], &[0], &[0.0, 0.0], &[1.0], &[0.0]).unwrap_err();
        assert!(error.to_string().contains("column t_x has 2 rows"));
        assert_eq!(summary(&[], &[], &[], &[], &[]), Err(InputError::NoCustomers));
    }

    #[test]
    fn a_summary_speaks_a_sentence() {
        let rfm =
            summary(&["a", "b", "c"], &[0, 3, 0], &[0.0, 2.0, 0.0], &[3.0, 4.0, 0.0], &[0.0, 10.0, 0.0])
                .unwrap();
        assert_eq!(
            rfm.to_string(),
            "3 customers, 67% bought once, the other 1 made 3 repeat purchases (at most 3 each); observed for 0.0 to 4.0 weeks, purchases merged by day. Repeat customers spend 10.00 a purchase on average."
        );
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
