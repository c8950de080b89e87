//! Products whose result can be reshaped.

use ndarray::{Array2, ArrayView2};

use crate::element::Element;

/// `a b`, row-major; `dot` alone returns column-major matrices where both operands could be either.
pub(crate) fn product<A: Element>(a: ArrayView2<'_, A>, b: ArrayView2<'_, A>) -> Array2<A> {
    let c = a.dot(&b);
    if c.is_standard_layout() {
        return c;
    }
    c.as_standard_layout().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn columns_times_rows_are_row_major() {
        let column = array![[1.0], [2.0], [3.0]];
        let row = column.view().into_shape_with_order((1, 3)).unwrap();
        let c = product(column.view(), row);
        assert!(c.is_standard_layout());
        assert_eq!(c, array![[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [3.0, 6.0, 9.0]]);
    }
}
