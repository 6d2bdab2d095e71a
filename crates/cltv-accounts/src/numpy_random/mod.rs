//! numpy's legacy random streams, bit for bit.
//!
//! `numpy.random.RandomState` is frozen (NEP 19): the same seed gives the same numbers in every
//! version of numpy. [`RandomState`] gives them too, so that published examples which begin with
//! `np.random.seed(42)` and splits by scikit-learn's `random_state=42` can be repeated to the digit.
//!
//! # References
//! - Matsumoto, M. and Nishimura, T. (1998). Mersenne Twister. *ACM TOMACS* 8(1), 3-30: the
//!   recursion (2.1) and the tempering (2.2)-(2.5); the 2002 initialisation by the same authors.
//! - Marsaglia, G. and Bray, T. A. (1964). A convenient method for generating normal variables.
//!   *SIAM Review* 6(3), 260-264.
//! - Hörmann, W. (1993). The transformed rejection method for generating Poisson random variables.
//!   *Insurance: Mathematics and Economics* 12, 39-45: algorithm PTRS.
//! - Knuth, D. E. (1997). *The Art of Computer Programming* 2, 3.4.1 (Poisson by multiplication) and
//!   3.4.2 P (shuffling).

mod error;
mod mt19937;
mod poisson;
mod state;

pub use error::RandomError;
pub use state::RandomState;
