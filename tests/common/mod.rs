//! Shared by the integration tests: tolerances, random data, slow oracles, memory layouts.

// Every test target compiles its own copy and uses a part of it.
#![allow(dead_code, unused_macros)]

pub(crate) mod jacobi;
pub(crate) mod layout;
pub(crate) mod oracle;
pub(crate) mod random;
pub(crate) mod strategy;
pub(crate) mod tol;

/// One `#[test]` for `f32` and one for `f64` of every named function `fn name<A: Scalar>()`.
macro_rules! for_both_scalars {
    ($($test:ident),* $(,)?) => {
        mod single {
            $(#[test] fn $test() { super::$test::<f32>(); })*
        }
        mod double {
            $(#[test] fn $test() { super::$test::<f64>(); })*
        }
    };
}
