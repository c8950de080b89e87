//! Parts shared by the error types of all areas.

/// Any error, boxed, as frameworks and observers hand it to the crate.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The number of elements of a tensor of this shape, or `None` if eight bytes for each do not fit in `isize`.
pub(crate) fn checked_size(shape: &[usize]) -> Option<usize> {
    let mut size = 1_usize;
    for &n in shape {
        size = size.checked_mul(n)?;
    }
    isize::try_from(size.checked_mul(8)?)
        .is_ok()
        .then_some(size)
}

/// Position and value of the first element that is NaN or infinite, in logical (row-major) order.
pub(crate) fn first_non_finite<A: crate::scalar::Scalar, D: ndarray::Dimension>(
    array: &ndarray::ArrayRef<A, D>,
) -> Option<(Vec<usize>, f64)> {
    // Without a branch inside a chunk, so that it vectorises.
    let finite = |chunk: &[A]| chunk.iter().fold(true, |all, x| all & x.is_finite());
    let clean = array.as_slice_memory_order().map_or_else(
        || array.iter().all(|x| x.is_finite()),
        |slice| slice.chunks(1024).all(finite),
    );
    if clean {
        return None;
    }
    let view = array.view().into_dyn();
    view.indexed_iter()
        .find(|(_, x)| !x.is_finite())
        .map(|(index, x)| (ndarray::Dimension::slice(&index).to_vec(), x.widen()))
}

#[cfg(test)]
mod tests {
    use super::{checked_size, first_non_finite};
    use ndarray::{Array2, arr2};

    #[test]
    fn sizes_that_overflow_are_refused() {
        assert_eq!(checked_size(&[]), Some(1));
        assert_eq!(checked_size(&[3, 0, 2]), Some(0));
        assert_eq!(checked_size(&[3, 4, 5]), Some(60));
        assert_eq!(checked_size(&[usize::MAX, 2]), None);
        assert_eq!(checked_size(&[1 << 32, 1 << 31]), None);
    }

    #[test]
    fn the_first_bad_element_is_found_in_any_layout() {
        let mut a = Array2::<f32>::zeros((3, 4));
        assert_eq!(first_non_finite(&a), None);
        a[[2, 1]] = f32::INFINITY;
        a[[1, 3]] = f32::NAN;
        let (index, value) = first_non_finite(&a).unwrap();
        assert_eq!(index, vec![1, 3]);
        assert!(value.is_nan());
        let t = a.t();
        assert_eq!(first_non_finite(&t).unwrap().0, vec![1, 2]);
        let strided = a.slice(ndarray::s![..;2, 1..;2]);
        assert_eq!(
            first_non_finite(&strided).unwrap(),
            (vec![1, 0], f64::INFINITY)
        );
        assert_eq!(first_non_finite(&arr2(&[[1e308_f64, -1e308]])), None);
    }
}
