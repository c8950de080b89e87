//! What the framework examples of `tt-admm` share; nothing in here knows a framework.
//!
//! | module | what |
//! |---|---|
//! | [`data`] | CIFAR-10, MNIST and Fashion-MNIST from their files, batches, augmentation |
//! | [`files`] | files that are whole or absent |
//! | [`names`] | the nearest known names to a misspelt one |
//! | [`cores`] | the cores of a decomposed layer as plain arrays |
//! | [`problem`] | a small ADMM problem with a reference solution, to check an adapter |
//! | [`results`] | the `RESULT` line, the exit code, and a stopwatch for the share of the projections |
//! | [`plot`] | the history of an ADMM run as an SVG |

pub mod cores;
pub mod data;
pub mod files;
pub mod names;
pub mod plot;
pub mod problem;
pub mod results;
