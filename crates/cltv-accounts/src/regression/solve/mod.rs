//! The numbers behind the models: least squares, the QR factorisation, quasi-Poisson, tails of distributions.

pub(crate) mod least_squares;
pub(crate) mod orthogonal;
pub(crate) mod probability;
pub(crate) mod quasi_poisson;
