//! Leading eigenvectors from faer's building blocks: only the wanted vectors are transformed back.

use std::mem::MaybeUninit;

use faer::diag::Diag;
use faer::dyn_stack::{MemStack, StackReq};
use faer::linalg::evd::tridiag::{tridiag_in_place, tridiag_in_place_scratch};
use faer::linalg::evd::{
    ComputeEigenvectors, self_adjoint_evd_scratch, tridiagonal_self_adjoint_evd,
};
use faer::linalg::householder::{
    apply_block_householder_sequence_on_the_left_in_place_scratch,
    apply_block_householder_sequence_on_the_left_in_place_with_conj,
};
use faer::linalg::qr::no_pivoting::factor::recommended_block_size;
use faer::linalg::{temp_mat_scratch, temp_mat_zeroed};
use faer::mat::AsMatMut;
use faer::reborrow::{Reborrow, ReborrowMut};
use faer::traits::RealField;
use faer::{Conj, MatRef, Par};

/// Eigenvectors, as rows, of the largest eigenvalues of the symmetric `a` (lower triangle): `count` is shown
/// all eigenvalues, largest first, and says how many vectors it wants. They replace what is in `out`.
pub(super) fn leading_eigenvectors<T: RealField + num_traits::Float>(
    a: MatRef<'_, T>,
    count: &mut dyn FnMut(&[T]) -> usize,
    scratch: &mut Vec<MaybeUninit<u8>>,
    out: &mut Vec<T>,
    par: Par,
) -> Option<()> {
    out.clear();
    let n = a.nrows();
    if n == 1 {
        let vectors = count(&[a[(0, 0)]]).min(1);
        out.resize(vectors, num_traits::One::one());
        return Some(());
    }
    let block = recommended_block_size::<T>(n, n);
    let back = apply_block_householder_sequence_on_the_left_in_place_scratch::<T>;
    let stack = StackReq::all_of(&[
        temp_mat_scratch::<T>(n, n),
        temp_mat_scratch::<T>(n, n),
        temp_mat_scratch::<T>(block, n - 1),
        StackReq::any_of(&[
            tridiag_in_place_scratch::<T>(n, par, faer::prelude::default()),
            self_adjoint_evd_scratch::<T>(
                n,
                ComputeEigenvectors::Yes,
                par,
                faer::prelude::default(),
            ),
            back(n - 1, block, n),
        ]),
    ]);
    let bytes = stack.unaligned_bytes_required();
    if scratch.len() < bytes {
        scratch.resize(bytes, MaybeUninit::uninit());
    }
    let stack = MemStack::new(scratch);
    let (mut packed, stack) = temp_mat_zeroed::<T, _, _>(n, n, stack);
    let (mut vectors, stack) = temp_mat_zeroed::<T, _, _>(n, n, stack);
    let (mut reflectors, stack) = temp_mat_zeroed::<T, _, _>(block, n - 1, stack);
    let (mut packed, mut vectors) = (packed.as_mat_mut(), vectors.as_mat_mut());
    let mut reflectors = reflectors.as_mat_mut();
    packed.copy_from_triangular_lower(a);
    tridiag_in_place(
        packed.rb_mut(),
        reflectors.rb_mut(),
        par,
        stack,
        faer::prelude::default(),
    );
    let (mut diagonal, mut below) = (Diag::<T>::zeros(n), Diag::<T>::zeros(n));
    for k in 0..n {
        diagonal[k] = packed[(k, k)];
        if k + 1 < n {
            below[k] = packed[(k + 1, k)];
        }
    }
    let mut values = Diag::<T>::zeros(n);
    tridiagonal_self_adjoint_evd(
        diagonal.as_ref(),
        below.as_ref(),
        values.as_mut(),
        Some(vectors.rb_mut()),
        par,
        stack,
        faer::prelude::default(),
    )
    .ok()?;
    let descending: Vec<T> = (0..n).rev().map(|k| values[k]).collect();
    let wanted = count(&descending).min(n);
    let mut leading = vectors.subcols_mut(n - wanted, wanted);
    apply_block_householder_sequence_on_the_left_in_place_with_conj(
        packed.rb().submatrix(1, 0, n - 1, n - 1),
        reflectors.rb(),
        Conj::No,
        leading.rb_mut().subrows_mut(1, n - 1),
        par,
        stack,
    );
    for vector in leading.rb().col_iter().rev() {
        out.extend(vector.iter());
    }
    Some(())
}
