//! The least-squares problem of one core for what the ring leaves of the tensor.

use ndarray::{Array2, Array3, Zip};

use super::dense::{cheapest_bond, left_half, right_half, write_ring};
use super::halves::{for_each_core, seen_from_left, seen_from_right};
use super::least_squares::{core_of, unknowns_of};
use super::normal::Factor;
use crate::linalg::{Work, sum_of_squares};
use crate::scalar::Scalar;

/// Core `k` that fits the tensor best with the others as they are, with the squared distance of the ring from the tensor
/// as it was, and how much of that goes if there is no ridge; `None` if entries would be too large.
///
/// The change of the core solves the same equations with the residual in the place of the tensor. So what rounding
/// adds is a part of the residual, not of the tensor, and a near solution keeps its digits. Two products with the
/// tensor, `4 N r_0 r_k` operations.
pub(super) fn improved_by_residual<A: Scalar>(
    elements: &[A],
    cores: &[Array3<A>],
    k: usize,
    factor: &Factor<A>,
    work: &mut Work<A>,
) -> Option<(Array3<A>, f64, f64)> {
    let mut residual = work.vector(elements.len());
    write_ring(cores, &mut residual, work);
    for (x, &t) in residual.iter_mut().zip(elements) {
        *x = t - *x;
    }
    let square = sum_of_squares(&residual);
    let mut rhs = seen_by(&residual, cores, k, work);
    work.give_vector(residual);
    let own = unknowns_of(&cores[k], work);
    let ridge = A::narrow(factor.ridge());
    Zip::from(&mut rhs)
        .and(&own)
        .for_each(|b, &x| *b -= ridge * x);
    let change = factor.solve(&rhs)?;
    work.give(rhs);
    let core = core_of(own + change.unknowns, cores[k].dim(), work);
    Some((core, square, change.explained))
}

/// What core `k` sees of a tensor, `(left right) x n`.
fn seen_by<A: Scalar>(
    elements: &[A],
    cores: &[Array3<A>],
    k: usize,
    work: &mut Work<A>,
) -> Array2<A> {
    let (order, closing, bond) = (cores.len(), cores[0].dim().0, cheapest_bond(cores));
    let (half, seen) = if k < bond {
        let right = right_half(cores, bond, work);
        let seen = seen_from_left(elements, &right, closing, work);
        work.give(right);
        (0..bond, seen)
    } else {
        let left = left_half(cores, bond, work);
        let seen = seen_from_right(elements, &left, closing, work);
        work.give(left);
        (bond..order, seen)
    };
    let mut cores = cores.to_vec();
    let stop = for_each_core(&mut cores, half, seen, work, |_, at, own, _| {
        if at == k { Err(own) } else { Ok(()) }
    });
    match stop {
        Err(own) => own,
        Ok(()) => unreachable!("core {k} is in its half"),
    }
}

#[cfg(test)]
mod tests {
    use super::improved_by_residual;
    use crate::linalg::Work;
    use crate::tensor_ring::dense::write_ring;
    use crate::tensor_ring::environment::Environments;
    use crate::tensor_ring::least_squares::solve_by_subchain;
    use crate::tensor_ring::normal::Factor;
    use ndarray::Array3;

    #[test]
    fn a_core_is_that_of_the_subchain_matrix() {
        let core = |r: usize, n: usize, s: usize| {
            Array3::from_shape_fn((r, n, s), |(a, i, b)| {
                ((5 * a + 3 * i * i + 7 * b + a * b * i + n) as f64).sin()
            })
        };
        let mut cores = vec![core(2, 6, 3), core(3, 7, 2), core(2, 5, 2)];
        let (mut elements, work) = (vec![0.0; 6 * 7 * 5], &mut Work::default());
        write_ring(&cores, &mut elements, work);
        for (k, core) in cores.iter_mut().enumerate() {
            core.mapv_inplace(|x| x + 1e-7 * (x * (k + 9) as f64).cos());
        }
        for k in 0..3 {
            let (r, _, s) = cores[k].dim();
            for ridge in [0.0, 1e-9] {
                let gram = Environments::new(&cores, k).around(s).gram((r, s));
                let factor = Factor::new(gram, ridge).unwrap();
                let (found, square, gone) =
                    improved_by_residual(&elements, &cores, k, &factor, work).unwrap();
                let (expected, left) =
                    solve_by_subchain(&elements, &cores, k, ridge, work).unwrap();
                let difference = (&found - &expected).mapv(f64::abs);
                assert!(difference.iter().all(|&e| e < 1e-13), "{k} {ridge}");
                if ridge == 0.0 {
                    assert!(square > left && left > 0.0, "{k}");
                    assert!((square - gone - left).abs() < 1e-6 * left, "{k}");
                }
            }
        }
    }
}
