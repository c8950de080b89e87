//! Elements and parts of a train, and the same elements in another order or shape.

mod centered;
mod concatenate;
mod contract;
mod elements;
mod exponent;
mod merge;
mod permute;
mod reverse;
mod row;
mod select;
mod slice;
mod split;
