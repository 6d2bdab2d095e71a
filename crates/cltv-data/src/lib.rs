//! cltv-data.
