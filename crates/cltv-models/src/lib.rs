//! cltv-models.
