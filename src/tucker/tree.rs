//! Products in all modes but one, for one mode after the other.

use ndarray::Array2;

use super::block::Block;
use crate::linalg::Work;
use crate::scalar::Scalar;

/// One factor for each mode that has one.
pub(super) type Bases<A> = Vec<Option<Array2<A>>>;

/// What is done with the tensor times all factors but that of one mode.
pub(super) type Leaf<'l, A, E> =
    dyn FnMut(&mut Block<'_, A>, usize, &mut Bases<A>, &mut Work<A>) -> Result<(), E> + 'l;

/// Calls `leaf` for each of these modes, in this order, with the tensor times the factors of the others, transposed,
/// as they are then. Halves of the modes share their products: a binary tree (Phan, Tichavsky, Cichocki, IEEE Trans.
/// Signal Process. 61, 2013). `kept` takes the squared norms after the products on the way to the last mode.
pub(super) fn visit<A: Scalar, E>(
    block: &mut Block<'_, A>,
    modes: &[usize],
    bases: &mut Bases<A>,
    mut kept: Option<&mut Vec<(usize, f64)>>,
    leaf: &mut Leaf<'_, A, E>,
    work: &mut Work<A>,
) -> Result<(), E> {
    if let &[mode] = modes {
        return leaf(block, mode, bases, work);
    }
    let (left, right) = modes.split_at(modes.len() / 2);
    if left.is_empty() {
        return Ok(());
    }
    let mut part = contracted(block, right, bases, None, work);
    visit(&mut part, left, bases, None, leaf, work)?;
    part.recycle(work);
    let mut part = contracted(block, left, bases, kept.as_deref_mut(), work);
    visit(&mut part, right, bases, kept, leaf, work)?;
    part.recycle(work);
    Ok(())
}

/// The tensor times the transposed factors of these modes, of which there is at least one, in the cheapest order.
fn contracted<A: Scalar>(
    block: &Block<'_, A>,
    modes: &[usize],
    bases: &Bases<A>,
    mut kept: Option<&mut Vec<(usize, f64)>>,
    work: &mut Work<A>,
) -> Block<'static, A> {
    let mut pairs: Vec<(usize, &Array2<A>)> = modes
        .iter()
        .filter_map(|&mode| Some((mode, bases[mode].as_ref()?)))
        .collect();
    // Exchanging neighbours shows that this order needs the fewest operations.
    pairs.sort_by(|(_, a), (_, b)| gain(a).total_cmp(&gain(b)));
    let mut done: Option<Block<'static, A>> = None;
    for (mode, basis) in pairs {
        let next = match &done {
            None => block.product(mode, basis.view(), work),
            Some(last) => last.product(mode, basis.view(), work),
        };
        if let Some(kept) = kept.as_deref_mut() {
            kept.push((mode, next.square()));
        }
        if let Some(last) = done.replace(next) {
            last.recycle(work);
        }
    }
    match done {
        Some(done) => done,
        None => unreachable!("every mode of the tree has a factor"),
    }
}

/// The order of products with transposed factors: smallest first.
fn gain<A>(factor: &Array2<A>) -> f64 {
    1.0 / factor.nrows() as f64 - 1.0 / factor.ncols() as f64
}
