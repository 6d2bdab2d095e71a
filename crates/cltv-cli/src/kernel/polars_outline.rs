//! An outline of polars for type inference: the types that the helper's functions return,
//! by the paths under which cells can name them, and the signatures that notebooks meet most.
//!
//! rust-analyzer reads this in place of polars' quarter of a million lines; it is never
//! compiled. For other names the kernel uses rustc. Signatures must be polars' own.

pub mod prelude {
    pub struct PolarsError;
    pub type PolarsResult<T> = Result<T, PolarsError>;

    #[derive(Clone, Debug)]
    pub struct DataFrame;
    #[derive(Clone, Debug)]
    pub struct LazyFrame;
    #[derive(Clone, Debug)]
    pub struct Series;
    #[derive(Clone, Debug)]
    pub struct Column;
    #[derive(Clone, Debug)]
    pub struct Expr;

    impl DataFrame {
        pub fn height(&self) -> usize {
            loop {}
        }
        pub fn width(&self) -> usize {
            loop {}
        }
        pub fn shape(&self) -> (usize, usize) {
            loop {}
        }
        pub fn head(&self, length: Option<usize>) -> DataFrame {
            loop {}
        }
        pub fn tail(&self, length: Option<usize>) -> DataFrame {
            loop {}
        }
        pub fn column(&self, name: &str) -> PolarsResult<&Column> {
            loop {}
        }
    }

    pub trait IntoLazy {
        fn lazy(self) -> LazyFrame;
    }

    impl IntoLazy for DataFrame {
        fn lazy(self) -> LazyFrame {
            loop {}
        }
    }

    impl LazyFrame {
        pub fn collect(self) -> PolarsResult<DataFrame> {
            loop {}
        }
        pub fn filter(self, predicate: Expr) -> LazyFrame {
            loop {}
        }
    }

    pub fn col(name: &str) -> Expr {
        loop {}
    }

    pub trait Literal {}
    pub fn lit<L: Literal>(value: L) -> Expr {
        loop {}
    }
    pub trait NamedFrom<T, Phantom: ?Sized> {}
}

pub mod error {
    pub use crate::prelude::PolarsError;
}
