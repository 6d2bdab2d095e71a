//! cltv-report.
