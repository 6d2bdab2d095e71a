//! The Gamma-Gamma model on counted mean spends.

use crate::base::error::FitError;
use crate::base::units::TimeUnit;
use crate::fit::fitted::Fitted;
use crate::fit::maximum_likelihood::of_sample;
use crate::fit::model::{LikelihoodModel, Sample, Weighted, enough_customers};
use crate::spend::gamma_gamma::{GammaGamma, GammaGammaRow};
use crate::summary::counted::CountedSpend;

impl GammaGamma {
    /// Fits p, q and v on mean spends with their numbers of customers, as [`GammaGamma::fit`] does on one row for each.
    ///
    /// # Errors
    /// As [`GammaGamma::fit`].
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{CountedSpend, GammaGamma};
    /// let spend = CountedSpend::try_new((1..200).map(|k| (1 + k % 7, 10.0 + f64::from(k % 90), 2)).collect())?;
    /// assert!(GammaGamma::default().fit_counted(&spend)?.population_mean() > 10.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fit_counted(&self, data: &CountedSpend) -> Result<Fitted<Self>, FitError> {
        self.options().check()?;
        let customers = data.customers() as usize;
        let what = "repeat customers with a positive mean spend";
        enough_customers(Self::NAME, Self::PARAMETERS.len(), customers, customers, (customers, what))?;
        let total: f64 = data.rows().iter().map(|&(_, spend, customers)| spend * customers as f64).sum();
        let scale = total / customers as f64;
        let row = |&(x, spend, customers): &(u32, f64, u64)| Weighted {
            row: GammaGammaRow::new(f64::from(x), spend / scale),
            weight: customers as f64,
        };
        let rows = data.rows().iter().map(row).collect();
        let sample = Sample { rows, customers, scale, densities: customers as f64, constant: 0.0 };
        of_sample(self, &sample, TimeUnit::Week)
    }
}
