//! Which forms a value is shown in.

use crate::bundle::Bundle;
use crate::{Figure, FramePlot, plotly::Plot, registered, tables, values};
use cltv_workflow::Error;
use polars::prelude::{Column, DataFrame, PolarsError, Series};
use std::any::Any;
use std::fmt::Debug;

/// The forms of a value; none for `()`, which shows nothing.
pub(crate) fn forms(any: &dyn Any, value: &dyn Debug) -> Option<Bundle> {
    if any.is::<()>() {
        return None;
    }
    if let Some(frame) = any.downcast_ref::<DataFrame>() {
        return Some(tables::frame(frame));
    }
    if let Some(series) = any.downcast_ref::<Series>() {
        return Some(tables::frame(&series.clone().into_frame()));
    }
    if let Some(column) = any.downcast_ref::<Column>() {
        return Some(tables::frame(&column.clone().into_frame()));
    }
    if let Some(bundle) = drawn(any) {
        return Some(bundle);
    }
    if let Some(text) = values::list(any) {
        return Some(vec![("text/plain", text)]);
    }
    registered::forms(any).or_else(|| Some(vec![("text/plain", values::bounded(value))]))
}

/// The forms of a chart, also in a result; the message of an error there.
fn drawn(any: &dyn Any) -> Option<Bundle> {
    macro_rules! shown {
        ($($type:ty),+) => {
            $(
                if let Some(value) = any.downcast_ref::<$type>() {
                    return Some(value.forms());
                }
                match any.downcast_ref::<Result<$type, Error>>() {
                    Some(Ok(value)) => return Some(value.forms()),
                    Some(Err(error)) => return Some(registered::text_block(error.to_string())),
                    None => {}
                }
            )+
        };
    }
    shown!(Figure, FramePlot, Plot);
    if let Some(result) = any.downcast_ref::<Result<DataFrame, PolarsError>>() {
        return Some(framed(result));
    }
    any.downcast_ref::<Result<DataFrame, Error>>().map(framed)
}

/// The table of a frame, or why there is none.
fn framed(result: &Result<DataFrame, impl std::fmt::Display>) -> Bundle {
    match result {
        Ok(frame) => tables::frame(frame),
        Err(error) => registered::text_block(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::*;

    #[test]
    fn nothing_shows_for_unit_and_debug_for_what_is_unknown() {
        assert_eq!(forms(&(), &()), None);
        let list = vec![Some('a'), None];
        assert_eq!(forms(&list, &list), Some(vec![("text/plain", "[Some('a'), None]".to_owned())]));
    }

    #[test]
    fn a_frame_is_a_table_with_text_beside_it() {
        let frame = df!("customer" => ["<b>", "x"], "spend" => [1.5, 2.0]).unwrap();
        let bundle = forms(&frame, &frame).unwrap();
        assert_eq!(bundle.iter().map(|b| b.0).collect::<Vec<_>>(), ["text/html", "text/plain"]);
        assert!(bundle[0].1.contains("&lt;b&gt;") && !bundle[0].1.contains("<b>"));
    }
}
