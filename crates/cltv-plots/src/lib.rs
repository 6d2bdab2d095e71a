//! cltv-plots.
