//! Special functions, quadrature, linear algebra, random numbers, work on all cores.

pub(crate) mod gauss;
pub(crate) mod linalg;
pub(crate) mod mixture;
pub(crate) mod panels;
pub(crate) mod parallel;
pub(crate) mod quadrature;
pub(crate) mod quantile;
pub mod random;
pub(crate) mod roots;
pub mod special;
