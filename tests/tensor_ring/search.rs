//! The search for the ring of fewest parameters, against all starts and splits by hand.

use crate::common::oracle::{distance, norm};
use crate::common::random;
use crate::common::tol::{assert_below, tol};
use crate::support::{closed, ring, shifted, smooth};
use tt_admm::linalg::{Keep, truncated_svd};
use tt_admm::ndarray::{Array2, ArrayD, IxDyn};
use tt_admm::{TrError, TrSvd, TrTruncation, tr_svd};

/// A matrix as its leading left vectors and the rest, at the smallest rank with a tail of at most this.
fn cut(a: &Array2<f64>, keep: Keep) -> (usize, Array2<f64>, f64) {
    let f = truncated_svd(a, keep).unwrap();
    let rest = Array2::from_diag(&f.s).dot(&f.vt);
    (f.s.len(), rest, f.discarded)
}

/// The number of parameters of the TR-SVD from the first mode with this tolerance, for every divisor of the
/// rank of the first cut.
fn sizes(x: &ArrayD<f64>, tolerance: f64) -> Vec<usize> {
    let shape = x.shape();
    let order = shape.len();
    let budget = (tolerance * norm(x)).powi(2);
    let unfolding = x
        .clone()
        .into_shape_with_order((shape[0], x.len() / shape[0]))
        .unwrap();
    let share = budget * 2.0 / order as f64;
    let (rank, rest, lost) = cut(&unfolding, Keep::tail(share.sqrt()));
    let mut all = Vec::new();
    for closing in (1..=rank).filter(|p| rank % p == 0) {
        let next = rank / closing;
        let cols = rest.ncols();
        // Entry (a0 a1, j) goes to (a1, j, a0).
        let mut block = ArrayD::from_shape_fn(IxDyn(&[next, cols, closing]), |i| {
            rest[[i[2] * next + i[0], i[1]]]
        });
        let mut left = budget - lost.powi(2);
        let mut rows = next;
        let mut parameters = closing * shape[0] * next;
        for (k, &n) in shape.iter().enumerate().take(order - 1).skip(1) {
            let sides = (rows * n, block.len() / (rows * n));
            let matrix = block.into_shape_with_order(sides).unwrap();
            let keep = Keep::tail((left.max(0.0) / (order - 1 - k) as f64).sqrt());
            let (rank, rest, lost) = cut(&matrix, keep);
            left -= lost.powi(2);
            parameters += rows * n * rank;
            rows = rank;
            block = rest.into_dyn();
        }
        all.push(parameters + rows * shape[order - 1] * closing);
    }
    all
}

#[test]
fn the_search_is_no_worse_than_any_start_and_split() {
    let mut tensors: Vec<ArrayD<f64>> = vec![
        smooth(&[6, 7, 8]),
        smooth(&[4, 5, 4, 5]),
        smooth(&[9, 3, 4]),
        ring(&[6, 6, 6, 6], &[2, 2, 2, 2, 2], 1).to_dense(),
        ring(&[8, 4, 5], &[3, 2, 2, 3], 2).to_dense(),
    ];
    for seed in 0..6 {
        tensors.push(random::tensor(&[4, 5, 3, 4], seed));
    }
    for x in &tensors {
        for tolerance in [0.5, 0.1, 1e-2, 1e-4] {
            let svd = TrSvd::new(TrTruncation::relative(tolerance));
            let found = svd.clone().search(true).decompose(x).unwrap();
            let limit = (tolerance + tol::<f64>(x.len())) * norm(x);
            assert_below(distance(x, &found.to_dense()), limit, "kept");
            for start in 0..x.ndim() {
                let own = svd.clone().start(start).decompose(x).unwrap();
                assert!(found.num_parameters() <= own.num_parameters());
                let turned = shifted(x, start);
                let turned = turned.as_standard_layout().into_owned();
                let by_hand = sizes(&turned, tolerance).into_iter().min().unwrap();
                assert!(
                    own.num_parameters() <= by_hand,
                    "{:?} at {tolerance} from {start}: {} {by_hand}",
                    x.shape(),
                    own.num_parameters(),
                );
            }
            let again = svd.search(true).decompose(x).unwrap();
            assert_eq!(found, again);
        }
    }
}

/// A ring whose closing bond is worth it: order 3, one rank for every bond.
#[test]
fn a_balanced_split_can_be_the_smallest() {
    // Between small modes a large one: cut first, its rank 9 split 3 x 3 is better than 1 x 9.
    let x = random::tensor::<f64>(&[9, 3, 3], 4);
    let found = tr_svd(&x, TrTruncation::relative(1e-12)).unwrap();
    let by_hand = sizes(&x, 1e-12);
    assert_eq!(found.num_parameters(), *by_hand.iter().min().unwrap());
}

#[test]
fn prescribed_ranks_choose_the_start_of_smallest_error() {
    let x = random::tensor::<f64>(&[4, 5, 6], 9);
    let errors: Vec<f64> = (0..3)
        .map(|start| TrSvd::new(2).start(start).decompose(&x).unwrap())
        .map(|found| found.truncation_error().total())
        .collect();
    let found = TrSvd::new(2).search(true).decompose(&x).unwrap();
    let best = errors.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(found.truncation_error().total(), best);
    // Starts that cannot make their ranks are left out; if there is none, the given one is refused.
    let ranks = closed(vec![3, 3, 2]);
    assert!(tr_svd(&x, &ranks).is_err());
    let found = TrSvd::new(&ranks).search(true).decompose(&x).unwrap();
    assert_eq!(found.ranks(), ranks);
    let error = TrSvd::new(3)
        .search(true)
        .start(2)
        .decompose(&x)
        .unwrap_err();
    let (mode, ranks, largest) = (2, [3, 3], 6);
    assert_eq!(
        error,
        TrError::FirstCut {
            mode,
            ranks,
            largest
        }
    );
}
