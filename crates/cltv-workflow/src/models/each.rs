//! The model inside a [`cltv_models::PurchaseModel`] or the fit inside a [`cltv_models::PurchaseFit`], for
//! what needs the model's own type: sampling, bootstrap, profile likelihood.

/// The expression at the value inside the enum's variant.
macro_rules! each_model {
    ($enum:ident, $any:expr, $inner:ident => $out:expr) => {
        match $any {
            cltv_models::$enum::BgNbd($inner) => $out,
            cltv_models::$enum::MbgNbd($inner) => $out,
            cltv_models::$enum::ParetoNbd($inner) => $out,
            cltv_models::$enum::Nbd($inner) => $out,
            cltv_models::$enum::BgCnbdK($inner) => $out,
            cltv_models::$enum::MbgCnbdK($inner) => $out,
            cltv_models::$enum::GgompertzNbd($inner) => $out,
            cltv_models::$enum::ExponentialNbd($inner) => $out,
            other => Err($crate::error::Error::UnknownModel {
                name: other.name().to_owned(),
                known: "those with draws of their own".to_owned(),
            }),
        }
    };
}
pub(super) use each_model;
