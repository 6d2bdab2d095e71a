//! Columns of Arrow as plain values.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType};
use arrow_schema::{DataType, Field, TimeUnit};
use cltv_plan::source::Kind;

/// Values of a column; none where there is no value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Values {
    Text(Vec<Option<String>>),
    Whole(Vec<Option<i64>>),
    Real(Vec<Option<f64>>),
    /// Days since 1970-01-01.
    Day(Vec<Option<i32>>),
    /// Microseconds since 1970-01-01; with a time zone, in UTC.
    Moment(Vec<Option<i64>>, bool),
}

impl Values {
    /// The values as numbers; strings are read, for engines send long decimals as strings.
    pub(crate) fn numbers(&self) -> Option<Vec<Option<f64>>> {
        Some(match self {
            Self::Real(all) => all.clone(),
            Self::Whole(all) => all.iter().map(|n| n.map(|n| n as f64)).collect(),
            Self::Day(all) => all.iter().map(|n| n.map(f64::from)).collect(),
            Self::Text(all) => {
                let read = |text: &Option<String>| match text {
                    None => Some(None),
                    Some(text) => text.trim().parse::<f64>().ok().map(Some),
                };
                return all.iter().map(read).collect();
            }
            Self::Moment(..) => return None,
        })
    }
}

/// What a column contains, and `None` for a type that is not read.
pub(crate) fn kind_of(field: &Field) -> Option<Kind> {
    // PostgreSQL's driver sends numbers of any length as strings, and names the type beside them.
    if field.metadata().values().any(|value| value == "numeric" || value.contains("\"numeric\"")) {
        return Some(Kind::Real);
    }
    Some(match field.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Kind::Text,
        DataType::Dictionary(_, values) => kind_of(&Field::new("", (**values).clone(), true))?,
        kind if kind.is_integer() => Kind::Whole,
        DataType::Decimal128(_, 0) => Kind::Whole,
        DataType::Float32 | DataType::Float64 | DataType::Decimal128(..) => Kind::Real,
        DataType::Date32 | DataType::Date64 => Kind::Day,
        DataType::Timestamp(_, None) => Kind::Stamp,
        DataType::Timestamp(_, Some(_)) => Kind::Instant,
        _ => return None,
    })
}

/// The values of a column, and `None` for a type that is not read.
pub(crate) fn values(array: &ArrayRef) -> Option<Values> {
    Some(match array.data_type() {
        DataType::Utf8 => Values::Text(array.as_string::<i32>().iter().map(owned).collect()),
        DataType::LargeUtf8 => Values::Text(array.as_string::<i64>().iter().map(owned).collect()),
        DataType::Utf8View => Values::Text(array.as_string_view().iter().map(owned).collect()),
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary_opt()?;
            let Values::Text(words) = values(dictionary.values())? else { return None };
            let keys = dictionary.normalized_keys();
            let word =
                |(row, key): (usize, &usize)| if array.is_null(row) { None } else { words[*key].clone() };
            Values::Text(keys.iter().enumerate().map(word).collect())
        }
        DataType::Boolean => {
            Values::Whole(array.as_boolean().iter().map(|truth| truth.map(i64::from)).collect())
        }
        DataType::Int8 => whole::<Int8Type>(array),
        DataType::Int16 => whole::<Int16Type>(array),
        DataType::Int32 => whole::<Int32Type>(array),
        DataType::Int64 => whole::<Int64Type>(array),
        DataType::UInt8 => whole::<UInt8Type>(array),
        DataType::UInt16 => whole::<UInt16Type>(array),
        DataType::UInt32 => whole::<UInt32Type>(array),
        DataType::UInt64 => {
            let all = array.as_primitive::<UInt64Type>();
            Values::Whole(all.iter().map(|n| n.and_then(|n| i64::try_from(n).ok())).collect())
        }
        DataType::Float32 => {
            Values::Real(array.as_primitive::<Float32Type>().iter().map(|n| n.map(f64::from)).collect())
        }
        DataType::Float64 => Values::Real(array.as_primitive::<Float64Type>().iter().collect()),
        DataType::Decimal128(_, scale) => {
            let all = array.as_primitive::<Decimal128Type>();
            if *scale == 0 {
                Values::Whole(all.iter().map(|n| n.and_then(|n| i64::try_from(n).ok())).collect())
            } else {
                // The decimal digits are read as those of a text, so that 0.1 is the nearest number to it.
                let read = |at: usize| all.value_as_string(at).parse::<f64>().ok();
                Values::Real((0..all.len()).map(|at| if all.is_null(at) { None } else { read(at) }).collect())
            }
        }
        DataType::Date32 => Values::Day(array.as_primitive::<Date32Type>().iter().collect()),
        DataType::Date64 => {
            let day = |millis: i64| millis.div_euclid(86_400_000) as i32;
            Values::Day(array.as_primitive::<Date64Type>().iter().map(|millis| millis.map(day)).collect())
        }
        DataType::Timestamp(unit, zone) => Values::Moment(moments(array, *unit), zone.is_some()),
        DataType::Null => Values::Whole(vec![None; array.len()]),
        _ => return None,
    })
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

fn whole<T: ArrowPrimitiveType>(array: &ArrayRef) -> Values
where
    T::Native: Into<i64>,
{
    Values::Whole(array.as_primitive::<T>().iter().map(|n| n.map(Into::into)).collect())
}

fn moments(array: &ArrayRef, unit: TimeUnit) -> Vec<Option<i64>> {
    match unit {
        TimeUnit::Second => array
            .as_primitive::<TimestampSecondType>()
            .iter()
            .map(|n| n.map(|n| n.saturating_mul(1_000_000)))
            .collect(),
        TimeUnit::Millisecond => array
            .as_primitive::<TimestampMillisecondType>()
            .iter()
            .map(|n| n.map(|n| n.saturating_mul(1000)))
            .collect(),
        TimeUnit::Microsecond => array.as_primitive::<TimestampMicrosecondType>().iter().collect(),
        TimeUnit::Nanosecond => array
            .as_primitive::<TimestampNanosecondType>()
            .iter()
            .map(|n| n.map(|n| n.div_euclid(1000)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Decimal128Array, Float64Array, Int32Array, StringArray, TimestampSecondArray};

    use super::*;

    fn of(array: impl Array + 'static) -> Values {
        values(&(Arc::new(array) as ArrayRef)).unwrap()
    }

    #[test]
    fn columns_become_plain_values() {
        assert_eq!(of(Int32Array::from(vec![Some(3), None])), Values::Whole(vec![Some(3), None]));
        let decimal = Decimal128Array::from(vec![Some(1010), None]).with_precision_and_scale(10, 2).unwrap();
        assert_eq!(of(decimal), Values::Real(vec![Some(10.1), None]));
        assert_eq!(of(TimestampSecondArray::from(vec![2])), Values::Moment(vec![Some(2_000_000)], false));
        assert_eq!(of(StringArray::from(vec!["12.5", "7"])).numbers(), Some(vec![Some(12.5), Some(7.0)]));
        assert_eq!(of(StringArray::from(vec!["a"])).numbers(), None);
        assert_eq!(of(Float64Array::from(vec![0.5])).numbers(), Some(vec![Some(0.5)]));
    }

    #[test]
    fn a_decimal_of_postgresql_is_a_number() {
        let field = |metadata: &str| {
            let metadata = [("ADBC:postgresql:typname".to_owned(), metadata.to_owned())];
            Field::new("paid", DataType::Utf8, true).with_metadata(std::collections::HashMap::from(metadata))
        };
        assert_eq!(kind_of(&field("numeric")), Some(Kind::Real));
        assert_eq!(kind_of(&field("text")), Some(Kind::Text));
    }
}
