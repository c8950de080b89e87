//! What makes a projection one: the result is in the set, doing it twice changes nothing, nothing grows.

use super::layouts;
use crate::common::{jacobi, layout, oracle, random, strategy, tol};
use proptest::prelude::*;
use tt_admm::linalg::svd;
use tt_admm::ndarray::{Array, ArrayD, ArrayViewD, Axis, IxDyn, Slice};
use tt_admm::projection::{Exactness, LowRankProjection, Projected, Projection, WarmStart};
use tt_admm::{Scalar, SplitOrder, Tensorization, Truncation, TtProjection};

for_both_scalars!(
    tt_laws,
    low_rank_laws,
    tolerance_laws,
    every_memory_layout_gives_the_same,
    zero_weights,
    extreme_scales,
);

fn project<A: Scalar>(
    projection: &dyn Projection<A>,
    v: ArrayViewD<'_, A>,
) -> (ArrayD<A>, Projected<A>) {
    let mut out = Array::from_elem(v.raw_dim(), A::narrow(7.0));
    let mut warm = WarmStart::default();
    let done = projection.project(v, out.view_mut(), &mut warm).unwrap();
    assert!(warm.is_empty());
    (out, done)
}

/// The laws that hold for both projections; returns the result and its distance.
fn common_laws<A: Scalar>(
    projection: &dyn Projection<A>,
    map: &Tensorization,
    v: &ArrayD<A>,
    caps: &[usize],
) -> (ArrayD<A>, f64) {
    projection.check(v.shape()).unwrap();
    let (z, done) = project(projection, v.view());
    let (norm, slack) = (oracle::norm(v), tol::tol::<A>(v.len()));
    // In the set: no singular value of any unfolding beyond its rank.
    let spectra = jacobi::unfolding_spectra(&map.tensorize(&z).unwrap());
    let factors = done.factors().unwrap();
    let ranks = factors.tensor_train().unwrap().ranks();
    for (k, sigma) in spectra.iter().enumerate() {
        assert!(ranks[k + 1] <= caps[k], "{ranks:?} {caps:?}");
        tol::assert_below(
            jacobi::tail(sigma, caps[k]),
            slack * norm,
            "beyond the rank",
        );
    }
    assert_eq!(factors.to_dense(), z);
    assert_eq!(factors.layout(), map);
    tol::assert_near(
        done.distance(),
        oracle::distance(v, &z),
        tol::tol_error::<A>() * norm,
    );
    tol::assert_below(oracle::norm(&z), norm * (1.0 + slack), "the norm grew");
    let (again, moved) = project(projection, z.view());
    tol::assert_below(oracle::distance(&z, &again), slack * norm, "twice");
    tol::assert_below(moved.distance(), tol::tol_error::<A>() * norm, "moved");
    (z, done.distance())
}

fn tt_laws<A: Scalar>() {
    let orders = prop_oneof![
        Just(SplitOrder::Auto),
        Just(SplitOrder::LeftToRight),
        Just(SplitOrder::RightToLeft)
    ];
    strategy::check(48, &(0..layouts().len(), any::<u64>(), orders), |case| {
        let (which, seed, order) = case;
        let (_, map, ranks) = layouts().swap_remove(which);
        let v = random::tensor::<A>(map.weight_shape(), seed);
        let projection = TtProjection::new(ranks.clone())
            .layout(map.clone())
            .order(order);
        let (_, distance) = common_laws(&projection, &map, &v, &ranks);
        // Quasi-optimal: between the largest tail, which no tensor of these ranks beats, and sqrt(d - 1) best.
        let tails: Vec<f64> = jacobi::unfolding_spectra(&map.tensorize(&v).unwrap())
            .iter()
            .zip(&ranks)
            .map(|(sigma, &rank)| jacobi::tail(sigma, rank))
            .collect();
        let slack = tol::tol_error::<A>() * oracle::norm(&v);
        let least = tails.iter().copied().fold(0.0, f64::max);
        let most = tails.iter().map(|t| t * t).sum::<f64>().sqrt();
        assert!(
            distance >= least - slack && distance <= most + slack,
            "{distance} {tails:?}"
        );
        let expected = if map.order() <= 2 {
            Exactness::Exact
        } else {
            Exactness::QuasiOptimal
        };
        assert_eq!(Projection::<A>::exactness(&projection), expected);
        if expected == Exactness::Exact {
            tol::assert_near(distance, least, slack);
        }
    });
}

fn low_rank_laws<A: Scalar>() {
    let shapes = prop_oneof![
        Just(vec![5_usize, 8]),
        Just(vec![9, 3]),
        Just(vec![6]),
        Just(vec![4, 3, 2, 2]),
        Just(vec![1, 7]),
    ];
    strategy::check(
        48,
        &(shapes, 1_usize..6, any::<u64>()),
        |(shape, rank, seed)| {
            let v = random::tensor::<A>(&shape, seed);
            let cols = v.len() / shape[0];
            let axes: Vec<usize> = (0..shape.len()).collect();
            let map = Tensorization::custom(&*shape, &*shape, axes, [shape[0], cols]).unwrap();
            let projection = LowRankProjection::new(rank);
            let (z, distance) = common_laws(&projection, &map, &v, &[rank]);
            assert_eq!(Projection::<A>::exactness(&projection), Exactness::Exact);
            // Eckart and Young: the distance is the tail of the spectrum, and the rest of the spectrum stays.
            let slack = tol::tol_error::<A>() * oracle::norm(&v);
            let sigma: Vec<f64> = {
                let matrix = v.clone().into_shape_with_order((shape[0], cols)).unwrap();
                svd(&matrix).unwrap().s.iter().map(|s| s.widen()).collect()
            };
            tol::assert_near(distance, jacobi::tail(&sigma, rank), slack);
            let kept = oracle::norm(&z).hypot(distance);
            tol::assert_near(kept, oracle::norm(&v), slack);
            // The same with an explicit layout of two modes.
            let (same, _) = project(&LowRankProjection::new(rank).layout(map), v.view());
            assert_eq!(same, z);
        },
    );
}

fn tolerance_laws<A: Scalar>() {
    strategy::check(24, &(any::<u64>(), 0.05..0.9_f64), |(seed, relative)| {
        let map = Tensorization::conv([2, 2], [3, 1], [4]).unwrap();
        let v = random::tensor::<A>(map.weight_shape(), seed);
        let projection = TtProjection::new(Truncation::relative(relative)).layout(map);
        let (z, done) = project(&projection, v.view());
        let bound = relative * oracle::norm(&v) * (1.0 + tol::tol_error::<A>());
        tol::assert_below(oracle::distance(&v, &z), bound, "the tolerance");
        tol::assert_below(done.distance(), bound, "the reported distance");
    });
}

/// Input in any memory layout, output to column-major and strided views: the same bits.
fn every_memory_layout_gives_the_same<A: Scalar>() {
    for (name, map, ranks) in layouts() {
        let v = random::tensor::<A>(map.weight_shape(), 77);
        let low_rank = map.order() == 2;
        let mut projections: Vec<Box<dyn Projection<A>>> =
            vec![Box::new(TtProjection::new(ranks).layout(map.clone()))];
        if low_rank {
            projections.push(Box::new(LowRankProjection::new(2).layout(map.clone())));
        }
        for projection in &projections {
            let (z, done) = project(projection.as_ref(), v.view());
            layout::for_each_layout(&v, |memory, view| {
                // Inverted axes hold other elements in the same places: compare by value.
                if view != v.view() {
                    return;
                }
                let (other, again) = project(projection.as_ref(), view);
                assert_eq!(other, z, "{name} from {memory}");
                assert_eq!(again.distance().to_bits(), done.distance().to_bits());
            });
            let mut columns = layout::column_major(&v);
            let mut warm = WarmStart::default();
            projection
                .project(v.view(), columns.view_mut(), &mut warm)
                .unwrap();
            assert_eq!(columns, z, "{name} to column-major");
            strided_output(projection.as_ref(), &v, &z, name);
        }
    }
}

/// Writes to every second element of a larger array and leaves the others alone.
fn strided_output<A: Scalar>(
    projection: &dyn Projection<A>,
    v: &ArrayD<A>,
    expected: &ArrayD<A>,
    name: &str,
) {
    let doubled: Vec<usize> = v.shape().iter().map(|n| 2 * n).collect();
    let junk = A::narrow(-5.0);
    let mut big = ArrayD::from_elem(IxDyn(&doubled), junk);
    let odd = Slice::new(1, None, 2);
    let out = big.slice_each_axis_mut(|_| odd);
    projection
        .project(v.view(), out, &mut WarmStart::default())
        .unwrap();
    assert_eq!(
        big.slice_each_axis(|_| odd),
        expected.view(),
        "{name} strided"
    );
    for axis in 0..v.ndim() {
        let others = big.slice_axis(Axis(axis), Slice::new(0, None, 2));
        assert!(others.iter().all(|&x| x == junk), "{name} wrote elsewhere");
    }
}

fn zero_weights<A: Scalar>() {
    for (name, map, ranks) in layouts() {
        let v = ArrayD::<A>::zeros(IxDyn(map.weight_shape()));
        let (z, done) = project(&TtProjection::new(ranks).layout(map), v.view());
        assert_eq!(z, v, "{name}");
        tol::assert_near(done.distance(), 0.0, 0.0);
    }
    let v = ArrayD::<A>::zeros(IxDyn(&[3, 4]));
    let (z, _) = project(&LowRankProjection::new(2), v.view());
    assert_eq!(z, v);
}

/// Squares of these weights over- or underflow; neither the result nor the distance does.
fn extreme_scales<A: Scalar>() {
    let scales: [f64; 2] = if tol::is_single::<A>() {
        [2_f64.powi(100), 2_f64.powi(-90)]
    } else {
        [2_f64.powi(700), 2_f64.powi(-700)]
    };
    let map = Tensorization::conv([4], [3, 1], [5]).unwrap();
    let v = random::tensor::<A>(map.weight_shape(), 12);
    let projections: [Box<dyn Projection<A>>; 2] = [
        Box::new(TtProjection::new(2).layout(map)),
        Box::new(LowRankProjection::new(2)),
    ];
    for projection in &projections {
        let (z, done) = project(projection.as_ref(), v.view());
        for scale in scales {
            let (scaled, far) =
                project(projection.as_ref(), v.mapv(|x| x * A::narrow(scale)).view());
            let back = scaled.mapv(|x| x / A::narrow(scale));
            let slack = tol::tol::<A>(v.len()) * oracle::norm(&v);
            tol::assert_below(oracle::distance(&back, &z), slack, "scaled");
            tol::assert_near(
                far.distance() / scale,
                done.distance(),
                tol::tol_error::<A>() * oracle::norm(&v),
            );
        }
    }
}
