//! The list of all models of purchases, and any of them as one type.
//!
//! A model is added to the list by one word in `for_each_purchase_model`; names, parsing, fitting,
//! saving, posteriors, bootstraps and the test battery follow from it.

/// Calls a macro with the types of all models of purchases, after `args`; the only list of them.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_purchase_model {
    ($callback:ident $(, $args:tt)*) => {
        $callback! { $($args)* BgNbd, MbgNbd, ParetoNbd, Nbd, BgCnbdK, MbgCnbdK, GgompertzNbd, ExponentialNbd }
    };
}

mod fit;
mod model;
mod resampled;

pub use fit::PurchaseFit;
pub use model::PurchaseModel;
pub use resampled::{PurchaseBootstrap, PurchasePosterior};
