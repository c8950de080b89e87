//! Networks, and weight files for them.

mod cnn;
mod resnet;
mod weight_file;

pub use cnn::Cnn;
pub use resnet::ResNet;
pub use weight_file::WeightFile;
