//! Reproducible initialisation.

use candle_core::Tensor;
use candle_nn::VarMap;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::{Error, variables};

/// Overwrites all variables: He's uniform initialisation for those of two axes and more, 0 for the others.
///
/// candle's own generator for the CPU cannot be seeded. The result depends on the names, the shapes and the seed.
///
/// # Errors
///
/// What candle says if a variable cannot be written.
pub fn he_uniform(vars: &VarMap, seed: u64) -> Result<(), Error> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    for (_, var) in variables::sorted(vars) {
        if var.rank() < 2 {
            var.set(&var.zeros_like()?)?;
            continue;
        }
        let fan_in: usize = var.dims()[1..].iter().product();
        let bound = (6.0 / fan_in.max(1) as f64).sqrt();
        let values: Vec<f64> = (0..var.elem_count())
            .map(|_| rng.random_range(-bound..bound))
            .collect();
        let values = Tensor::from_vec(values, var.dims(), var.device())?;
        var.set(&values.to_dtype(var.dtype())?)?;
    }
    Ok(())
}
