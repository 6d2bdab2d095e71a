//! Fits of purchase models on counted histories.

use crate::base::error::{FitError, InputError};
use crate::fit::fitted::Fitted;
use crate::fit::maximum_likelihood::of_sample;
use crate::purchases::model::HistoryModel;
use crate::purchases::rows::counted_sample;
use crate::summary::counted::CountedHistories;

/// Fits a model on histories with their numbers of customers; the result is that of one row for each customer.
///
/// # Errors
/// As the model's `fit`; [`InputError::NoIntervals`] for a CNBD-k model, which needs the times between purchases.
///
/// # Examples
/// ```
/// use cltv_models::{BgNbd, BgNbdParams, CountedHistories, TimeUnit, fit_counted, simulate_histories, summary_of};
/// let truth = BgNbdParams::new(0.243, 4.414, 0.793, 2.426, TimeUnit::Week)?;
/// let histories = simulate_histories(&truth, &vec![39.0; 3000], 1);
/// let counted = CountedHistories::try_new(TimeUnit::Week, histories.iter().map(|&one| (one, 1)).collect())?;
/// let summary = summary_of(TimeUnit::Week, &histories, None)?;
/// assert_eq!(fit_counted(&BgNbd::default(), &counted)?.estimates(), BgNbd::default().fit(&summary)?.estimates());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn fit_counted<M: HistoryModel>(model: &M, data: &CountedHistories) -> Result<Fitted<M>, FitError> {
    HistoryModel::options(model).check()?;
    let name = <M as HistoryModel>::NAME;
    if M::KEY.contains("cnbd") {
        return Err(InputError::NoIntervals { model: name }.into());
    }
    let parameters = <M as HistoryModel>::PARAMETERS.len();
    let sample = counted_sample(|| data.rows().iter().copied(), name, parameters)?;
    of_sample(model, &sample, data.unit())
}
