//! Plans lowered to polars.

use cltv_models::Grain;
use polars::prelude::{self as pl, DataFrame, DataType, IntoLazy, LazyFrame, lit};

use super::runs::{self, Fold};
use super::{Aggregate, Expr, Op, Plan};
use crate::error::DataError;

/// Runs a plan over tables that are found by their names.
///
/// Sums come out the same for any number of threads: a group's rows are added in their order, in one thread.
pub(crate) fn run(plan: &Plan, table: &dyn Fn(&str) -> DataFrame) -> Result<DataFrame, DataError> {
    Ok(lower(plan, table)?.collect()?)
}

fn lower(plan: &Plan, table: &dyn Fn(&str) -> DataFrame) -> pl::PolarsResult<LazyFrame> {
    let lower = |input: &Plan| lower(input, table);
    Ok(match plan {
        Plan::Table(name) => table(name).lazy(),
        Plan::Filter(input, condition) => lower(input)?.filter(value(condition)),
        Plan::Derive(input, columns) => {
            let columns: Vec<pl::Expr> =
                columns.iter().map(|(name, expr)| value(expr).alias(*name)).collect();
            lower(input)?.with_columns(columns)
        }
        Plan::Select(input, columns) => {
            lower(input)?.select(columns.iter().map(|name| pl::col(*name)).collect::<Vec<_>>())
        }
        Plan::Group { input, keys, columns, ordered: false } => {
            let keys: Vec<pl::Expr> = keys.iter().map(|key| pl::col(*key)).collect();
            lower(input)?.group_by_stable(keys).agg(aggregates(columns))
        }
        Plan::Group { input, keys, columns, ordered: true } => grouped(lower(input)?, keys, columns)?,
        Plan::Previous { input, within, of, name } => {
            let shifted = |name: &str| pl::col(name).shift(lit(1));
            let same = pl::col(*within).eq(shifted(within));
            let before = pl::when(same).then(shifted(of)).otherwise(lit(pl::NULL)).alias(*name);
            lower(input)?.with_columns([before])
        }
        Plan::Repeated { input, columns, name } => {
            let same = |name: &&str| pl::col(*name).eq_missing(pl::col(*name).shift(lit(1)));
            // The first row has no row before it; missing values in all columns would make it equal to none.
            let first = pl::col(columns[0]).is_not_null();
            let all = columns.iter().map(same).fold(first, pl::Expr::and);
            lower(input)?.with_columns([all.fill_null(lit(false)).alias(*name)])
        }
        Plan::Running { input, by, of, name } => lower(input)?
            .sort([*by], pl::SortMultipleOptions::default())
            .with_columns([pl::col(*of).cum_sum(false).alias(*name)]),
        Plan::Join { left, right, key } => lower(left)?.join(
            lower(right)?,
            [pl::col(*key)],
            [pl::col(*key)],
            pl::JoinArgs {
                maintain_order: pl::MaintainOrderJoin::Left,
                ..pl::JoinArgs::new(pl::JoinType::Left)
            },
        ),
    })
}

/// Groups rows whose equal keys lie together; see [`runs`].
fn grouped(
    input: LazyFrame,
    keys: &[&'static str],
    columns: &[(&'static str, Aggregate)],
) -> pl::PolarsResult<LazyFrame> {
    let mut needed: Vec<pl::Expr> = keys.iter().map(|key| pl::col(*key)).collect();
    let mut folds = Vec::with_capacity(columns.len());
    for (name, aggregate) in columns {
        let (fold, of) = match aggregate {
            Aggregate::Count => (Fold::Count, None),
            Aggregate::Sum(of) => (Fold::Sum, Some(of)),
            Aggregate::Min(of) => (Fold::Min, Some(of)),
            Aggregate::Max(of) => (Fold::Max, Some(of)),
        };
        needed.extend(of.map(|of| value(of).alias(*name)));
        folds.push((*name, fold));
    }
    Ok(runs::aggregate(&input.select(needed).collect()?, keys, &folds)?.lazy())
}

fn aggregates(columns: &[(&'static str, Aggregate)]) -> Vec<pl::Expr> {
    let one = |(name, aggregate): &(&'static str, Aggregate)| {
        let made = match aggregate {
            Aggregate::Count => pl::len().cast(DataType::UInt32),
            Aggregate::Sum(of) => value(of).sum(),
            Aggregate::Min(of) => value(of).min(),
            Aggregate::Max(of) => value(of).max(),
        };
        made.alias(*name)
    };
    columns.iter().map(one).collect()
}

fn value(expr: &Expr) -> pl::Expr {
    match expr {
        Expr::Column(name) => pl::col(*name),
        Expr::Whole(n) => i32::try_from(*n).map_or_else(|_| lit(*n), lit),
        Expr::Real(n) => lit(*n),
        Expr::Missing => lit(pl::NULL),
        Expr::Binary(op, a, b) => binary(*op, value(a), value(b)),
        Expr::Not(condition) => value(condition).not(),
        Expr::IsMissing(of) => value(of).is_null(),
        Expr::If(condition, then, otherwise) => {
            pl::when(value(condition)).then(value(then)).otherwise(value(otherwise))
        }
        Expr::Ln(of) => value(of).map(|column| logarithm(&column), |_, field| Ok(field.clone())),
        Expr::AsReal(of) => value(of).cast(DataType::Float64),
        Expr::Period(grain, day) => period(*grain, value(day)),
        Expr::PeriodStart(grain, day) => start(*grain, value(day)),
    }
}

/// The logarithm by the standard library, so that it does not depend on polars' vector instructions.
fn logarithm(column: &pl::Column) -> pl::PolarsResult<pl::Column> {
    use pl::{ChunkApply, IntoColumn};
    Ok(column.f64()?.apply_values(f64::ln).into_column())
}

fn binary(op: Op, a: pl::Expr, b: pl::Expr) -> pl::Expr {
    match op {
        Op::Add => a + b,
        Op::Sub => a - b,
        Op::Mul => a * b,
        Op::Div => a / b,
        Op::FloorDiv => a.floor_div(b),
        Op::Eq => a.eq(b),
        Op::Lt => a.lt(b),
        Op::Le => a.lt_eq(b),
        Op::And => a.and(b),
        Op::Or => a.or(b),
    }
}

/// 1970-01-01 is a Thursday, three days after a Monday.
fn period(grain: Grain, day: pl::Expr) -> pl::Expr {
    match grain {
        Grain::Day => day,
        Grain::Week => (day + lit(3)).floor_div(lit(7)),
        Grain::Month => {
            let date = day.cast(DataType::Date);
            date.clone().dt().year().cast(DataType::Int32) * lit(12) + date.dt().month().cast(DataType::Int32)
                - lit(1)
        }
    }
}

fn start(grain: Grain, day: pl::Expr) -> pl::Expr {
    match grain {
        Grain::Day => day,
        Grain::Week => (day + lit(3)).floor_div(lit(7)) * lit(7) - lit(3),
        Grain::Month => {
            let of_month = day.clone().cast(DataType::Date).dt().day().cast(DataType::Int32);
            day - of_month + lit(1)
        }
    }
}
