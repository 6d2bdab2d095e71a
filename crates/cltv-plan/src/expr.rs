//! Values of a row, and aggregates over rows.

use std::ops::{Add, Div, Mul, Not, Sub};

use cltv_models::Grain;

/// A value computed from the columns of a row. A day is a whole number, counted from 1970-01-01.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A column.
    Column(&'static str),
    /// A whole number.
    Whole(i64),
    /// A number.
    Real(f64),
    /// No value.
    Missing,
    /// Two values and what is done with them.
    Binary(Op, Box<Expr>, Box<Expr>),
    /// The opposite of a condition.
    Not(Box<Expr>),
    /// Whether there is no value.
    IsMissing(Box<Expr>),
    /// The second value where the condition holds, else the third.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// The natural logarithm.
    Ln(Box<Expr>),
    /// A whole number as a number.
    AsReal(Box<Expr>),
    /// The number of the day, week from Monday, or calendar month that holds a day, from a fixed origin.
    Period(Grain, Box<Expr>),
    /// The first day of the day, week or month that holds a day.
    PeriodStart(Grain, Box<Expr>),
}

/// What is done with two values. Division of whole numbers rounds down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// The sum.
    Add,
    /// The difference.
    Sub,
    /// The product.
    Mul,
    /// The quotient of two numbers.
    Div,
    /// The quotient of two whole numbers, rounded down.
    FloorDiv,
    /// Equal.
    Eq,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Both conditions.
    And,
    /// One of the conditions or both.
    Or,
}

/// A value of many rows. Missing values do not count.
#[derive(Debug, Clone, PartialEq)]
pub enum Aggregate {
    /// Rows.
    Count,
    /// The sum; 0 of no value.
    Sum(Expr),
    /// The least value.
    Min(Expr),
    /// The greatest value.
    Max(Expr),
}

/// A column.
#[must_use]
pub fn col(name: &'static str) -> Expr {
    Expr::Column(name)
}

/// A whole number.
#[must_use]
pub fn whole(n: impl Into<i64>) -> Expr {
    Expr::Whole(n.into())
}

/// A number.
#[must_use]
pub fn real(n: f64) -> Expr {
    Expr::Real(n)
}

/// No value.
#[must_use]
pub fn missing() -> Expr {
    Expr::Missing
}

/// A value where a condition holds, else another.
#[must_use]
pub fn when(condition: Expr, then: Expr, otherwise: Expr) -> Expr {
    Expr::If(Box::new(condition), Box::new(then), Box::new(otherwise))
}

#[allow(clippy::wrong_self_convention, reason = "an expression is consumed by the larger one, as in polars")]
impl Expr {
    fn binary(self, op: Op, other: Self) -> Self {
        Self::Binary(op, Box::new(self), Box::new(other))
    }

    /// Whether both are equal.
    #[must_use]
    pub fn eq(self, other: Self) -> Self {
        self.binary(Op::Eq, other)
    }

    /// Whether it is less.
    #[must_use]
    pub fn lt(self, other: Self) -> Self {
        self.binary(Op::Lt, other)
    }

    /// Whether it is less or equal.
    #[must_use]
    pub fn le(self, other: Self) -> Self {
        self.binary(Op::Le, other)
    }

    /// Whether it is greater.
    #[must_use]
    pub fn gt(self, other: Self) -> Self {
        other.binary(Op::Lt, self)
    }

    /// Whether both conditions hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.binary(Op::And, other)
    }

    /// The quotient, rounded down.
    #[must_use]
    pub fn floor_div(self, other: Self) -> Self {
        self.binary(Op::FloorDiv, other)
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_missing(self) -> Self {
        Self::IsMissing(Box::new(self))
    }

    /// The natural logarithm.
    #[must_use]
    pub fn ln(self) -> Self {
        Self::Ln(Box::new(self))
    }

    /// A whole number as a number.
    #[must_use]
    pub fn as_real(self) -> Self {
        Self::AsReal(Box::new(self))
    }

    /// The number of the period that contains the day.
    #[must_use]
    pub fn period(self, grain: Grain) -> Self {
        Self::Period(grain, Box::new(self))
    }

    /// The first day of the period that contains the day.
    #[must_use]
    pub fn period_start(self, grain: Grain) -> Self {
        Self::PeriodStart(grain, Box::new(self))
    }
}

impl Add for Expr {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.binary(Op::Add, other)
    }
}

impl Sub for Expr {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.binary(Op::Sub, other)
    }
}

impl Mul for Expr {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        self.binary(Op::Mul, other)
    }
}

impl Div for Expr {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        self.binary(Op::Div, other)
    }
}

impl Not for Expr {
    type Output = Self;
    fn not(self) -> Self {
        Self::Not(Box::new(self))
    }
}
