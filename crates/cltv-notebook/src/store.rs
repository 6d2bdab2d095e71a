//! Where a notebook's variables are between two of its cells: what the kernel's lines in a cell call.

mod values;
mod variables;

use cltv_report::numbers::whole;
use polars::prelude::{Column, DataFrame, LazyFrame, Series};
use std::any::Any;

pub use cltv_protocol::marks;
pub use variables::VariableStore;

/// A store that lives as long as the process: evcxr hands it from cell to cell. From here on steps that
/// take long report their progress to our kernel.
pub fn create_variable_store() -> *mut VariableStore {
    crate::progress::show();
    variables::create_with(describe)
}

/// Rows of a frame in its long text.
const HEAD: usize = 5;

/// The texts of a frame, a series, a plan of one, or a value of the standard library.
fn describe(value: &dyn Any) -> Option<(String, String)> {
    if let Some(frame) = value.downcast_ref::<DataFrame>() {
        let shape = format!("{} rows × {} columns", whole(frame.height() as f64), frame.width());
        return Some((shape, frame.head(Some(HEAD)).to_string()));
    }
    if let Some(column) = value.downcast_ref::<Column>() {
        return Some(of_series(column.as_materialized_series()));
    }
    if value.is::<LazyFrame>() {
        let text = "not collected yet".to_owned();
        return Some((text.clone(), text));
    }
    value.downcast_ref::<Series>().map(of_series).or_else(|| values::describe(value))
}

fn of_series(series: &Series) -> (String, String) {
    let short = format!("{}, {} values of {}", series.name(), whole(series.len() as f64), series.dtype());
    (short, series.head(Some(HEAD)).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::*;

    #[test]
    fn frames_are_described_by_their_shape_and_head() {
        let frame = df!("amount" => (0..1500).map(f64::from).collect::<Vec<_>>()).unwrap();
        let (short, long) = describe(&frame).unwrap();
        assert_eq!(short, "1,500 rows × 1 columns");
        assert!(long.contains("amount") && long.lines().count() < 15, "{long}");
        let (short, _) = describe(frame.column("amount").unwrap()).unwrap();
        assert_eq!(short, "amount, 1,500 values of f64");
        assert_eq!(describe(&1_u8).unwrap().0, "1");
        assert_eq!(describe(&Some(1_u8)), None);
        assert_eq!(describe(&frame.lazy()).unwrap().0, "not collected yet");
    }
}
