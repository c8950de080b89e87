//! One constraint on every group of a grouped convolution.

use crate::admm_support::non_negative;
use crate::common::{layout, oracle, random, tol};
use tt_admm::ndarray::{ArrayD, Axis, IxDyn, Slice, concatenate};
use tt_admm::projection::{
    Grouped, LowRankProjection, Projected, Projection, ProjectionError, Prox, Restart, WarmStart,
};
use tt_admm::{Factors, Scalar, TtProjection, TuckerProjection};

for_both_scalars!(
    every_group_is_projected_alone,
    gradients_are_those_of_the_groups
);

fn project<A: Scalar>(
    prox: &dyn Prox<A>,
    v: &ArrayD<A>,
    warm: &mut WarmStart<A>,
) -> (ArrayD<A>, Projected<A>) {
    prox.check(v.shape()).unwrap();
    let mut z = ArrayD::zeros(v.raw_dim());
    let done = prox.prox(v.view(), A::one(), z.view_mut(), warm).unwrap();
    (z, done)
}

fn every_group_is_projected_alone<A: Scalar>() {
    let v = random::tensor::<A>(&[12, 4, 3, 3], 3);
    let inner: [Box<dyn Projection<A>>; 3] = [
        Box::new(TuckerProjection::new(2)),
        Box::new(LowRankProjection::new(2)),
        Box::new(TtProjection::new([2, 3, 2])),
    ];
    for inner in inner {
        for groups in [1, 2, 3, 6] {
            let rows = 12 / groups;
            let parts: Vec<_> = (0..groups)
                .map(|g| {
                    let rows = Slice::from(g * rows..(g + 1) * rows);
                    let part = v.slice_axis(Axis(0), rows).to_owned();
                    project(inner.as_ref(), &part, &mut WarmStart::default())
                })
                .collect();
            let grouped = Grouped::new(&*inner, groups);
            let (z, done) = project(&grouped, &v, &mut WarmStart::default());
            let views: Vec<_> = parts.iter().map(|(z, _)| z.view()).collect();
            assert_eq!(z, concatenate(Axis(0), &views).unwrap());
            let squares: f64 = parts.iter().map(|(_, done)| done.distance().powi(2)).sum();
            tol::assert_near(done.distance(), squares.sqrt(), 1e-12 * squares.sqrt());
            assert_eq!(grouped.exactness(), inner.exactness());
            let factors = done.factors().unwrap();
            assert_eq!(factors.to_dense(), z);
            assert_eq!(factors.weight_shape(), [12, 4, 3, 3]);
            let own: Vec<&Factors<A>> = parts
                .iter()
                .map(|(_, done)| done.factors().unwrap())
                .collect();
            let sum: usize = own.iter().map(|f| f.num_parameters()).sum();
            assert_eq!(
                (factors.num_groups(), factors.num_parameters()),
                (groups, sum)
            );
            let split = factors.clone().into_groups();
            assert!(split.iter().eq(own.iter().copied()));
            assert_eq!(&Factors::stacked(split).unwrap(), factors);
            // Strided input and output.
            let mut columns = layout::column_major(&v);
            let input = columns.clone();
            let mut warm = WarmStart::default();
            grouped
                .project(input.view(), columns.view_mut(), &mut warm)
                .unwrap();
            let slack = tol::tol::<A>(v.len()) * oracle::norm(&v);
            tol::assert_below(oracle::distance(&columns, &z), slack, "column-major");
        }
    }
}

fn gradients_are_those_of_the_groups<A: Scalar>() {
    let v = random::tensor::<A>(&[8, 4, 3, 2], 3);
    let grouped = Grouped::new(TuckerProjection::new(2), 2);
    let (_, done) = project(&grouped, &v, &mut WarmStart::default());
    let mut factors = done.into_factors().unwrap();
    let names = [
        "group0/core",
        "group0/factor0",
        "group0/factor1",
        "group1/core",
        "group1/factor0",
        "group1/factor1",
    ];
    assert_eq!(factors.parameter_names(), names);
    assert!(factors.tucker().is_none() && factors.tensor_train().is_none());
    assert!(factors.clone().into_tucker().is_none());
    let dense = random::tensor::<A>(v.shape(), 4);
    let gradients = factors.pullback(&dense).unwrap();
    let mut expected = Vec::new();
    for (g, part) in factors.clone().into_groups().iter().enumerate() {
        let rows = dense.slice_axis(Axis(0), Slice::from(4 * g..4 * g + 4));
        expected.extend(part.pullback(&rows).unwrap());
    }
    assert_eq!(gradients, expected);
    // A change of a parameter of the second group leaves the first half of the weight alone.
    let before = factors.to_dense();
    factors.parameters_mut()[4].fill(A::zero());
    let after = factors.to_dense();
    let halves = |w: &ArrayD<A>| w.view().split_at(Axis(0), 4).0.to_owned();
    assert_eq!(halves(&after), halves(&before));
    assert!(
        after
            .slice_axis(Axis(0), Slice::from(4..))
            .iter()
            .all(|x| *x == A::zero())
    );
}

/// Every group goes on from its own last result: the same as groups that are projected one by one.
#[test]
fn every_group_has_its_memory() {
    let inner = TuckerProjection::new(2).restart(Restart::Every(4));
    let grouped = Grouped::new(inner.clone(), 2);
    let mut whole = WarmStart::default();
    let mut alone = [WarmStart::default(), WarmStart::default()];
    let mut v = random::tensor::<f64>(&[8, 4, 3, 3], 1);
    for call in 0..7 {
        let (z, _) = project(&grouped, &v, &mut whole);
        for (g, memory) in alone.iter_mut().enumerate() {
            let rows = Slice::from(4 * g..4 * g + 4);
            let part = v.slice_axis(Axis(0), rows).to_owned();
            let (expected, _) = project(&inner, &part, memory);
            assert_eq!(z.slice_axis(Axis(0), rows), expected, "call {call}");
            for (k, array) in memory.arrays.iter().enumerate() {
                assert_eq!(array, whole.arrays[2 * g + k]);
            }
        }
        v = v + random::tensor::<f64>(&[8, 4, 3, 3], 50 + call) * 0.01;
    }
    assert_eq!(whole.counters.len(), 2 * (2 + 4));
    // A memory that is no such list is ignored and replaced.
    let (fresh, _) = project(&grouped, &v, &mut WarmStart::default());
    for break_it in [
        |w: &mut WarmStart<f64>| w.counters[0] = 3,
        |w: &mut WarmStart<f64>| w.counters[1] = u64::MAX,
        |w: &mut WarmStart<f64>| w.counters.truncate(7),
        |w: &mut WarmStart<f64>| w.arrays.truncate(3),
        |w: &mut WarmStart<f64>| w.counters.extend([0, 0]),
    ] {
        let mut broken = whole.clone();
        break_it(&mut broken);
        let (z, _) = project(&grouped, &v, &mut broken);
        assert_eq!(z, fresh);
        assert_eq!(broken.counters.len(), 12);
    }
}

#[test]
fn prox_operators_without_factors_or_memory() {
    let v = random::tensor::<f64>(&[4, 3], 2);
    let mut warm = WarmStart::default();
    let (z, done) = project(&Grouped::new(non_negative(), 2), &v, &mut warm);
    assert_eq!(z, v.mapv(|x| x.max(0.0)));
    assert!(done.factors().is_none() && warm.is_empty());
}

#[test]
fn weights_without_such_groups() {
    let refused = |groups, shape: &[usize]| {
        let grouped = Grouped::new(TuckerProjection::new(1), groups);
        Prox::<f64>::check(&grouped, shape).unwrap_err()
    };
    for (groups, shape) in [
        (3, &[8, 4, 3, 3][..]),
        (0, &[8, 4]),
        (16, &[8, 4]),
        (2, &[]),
        (2, &[0, 3]),
    ] {
        match refused(groups, shape) {
            ProjectionError::Groups {
                groups: g,
                shape: s,
            } => {
                assert_eq!((g, &*s), (groups, shape));
            }
            other => panic!("{other}"),
        }
    }
    let depthwise = refused(8, &[8, 1, 3, 3]);
    assert!(matches!(&depthwise, ProjectionError::Depthwise { groups: 8, shape } if shape[1] == 1));
    let reason = "nothing to decompose across channels";
    assert!(depthwise.to_string().contains(reason), "{depthwise}");
    // One input channel and one group is an ordinary convolution.
    let grouped = Grouped::new(TuckerProjection::new(2), 1);
    Prox::<f64>::check(&grouped, &[8, 1, 3, 3]).unwrap();
    // The error of the inner operator passes.
    let inner = Grouped::new(TuckerProjection::new(0), 2);
    let error = Prox::<f64>::check(&inner, &[8, 4, 3, 3]).unwrap_err();
    assert!(matches!(error, ProjectionError::Tucker(_)), "{error}");
    let v = ArrayD::<f64>::zeros(IxDyn(&[6, 2]));
    let mut out = ArrayD::zeros(IxDyn(&[6, 3]));
    let grouped = Grouped::new(TuckerProjection::new(1), 2);
    let error = grouped.prox(v.view(), 1.0, out.view_mut(), &mut WarmStart::default());
    assert!(matches!(error, Err(ProjectionError::Shape { .. })));
}

#[test]
fn groups_of_factors_must_agree() {
    let none: [Factors<f64>; 0] = [];
    assert!(matches!(
        Factors::stacked(none),
        Err(ProjectionError::NoGroups)
    ));
    let factors = |shape: &[usize]| {
        let v = random::tensor::<f64>(shape, 1);
        let (_, done) = project(&TtProjection::new(1), &v, &mut WarmStart::default());
        done.into_factors().unwrap()
    };
    match Factors::stacked([factors(&[3, 4]), factors(&[3, 5])]).unwrap_err() {
        ProjectionError::Shape { expected, got } => {
            assert_eq!((expected, got), (vec![3, 4], vec![3, 5]));
        }
        other => panic!("{other}"),
    }
    // Groups of groups become one list.
    let two = Factors::stacked([factors(&[3, 4]), factors(&[3, 4])]).unwrap();
    let three = Factors::stacked([two, factors(&[3, 4])]).unwrap();
    assert_eq!((three.num_groups(), three.weight_shape()), (3, &[9, 4][..]));
    let error = three.pullback(&ArrayD::zeros(vec![3, 4])).unwrap_err();
    assert!(matches!(error, ProjectionError::Shape { .. }), "{error}");
    let text = serde_json::to_string(&three).unwrap();
    let back: Factors<f64> = serde_json::from_str(&text).unwrap();
    assert_eq!(back, three);
    assert!(serde_json::from_str::<Factors<f64>>("[]").is_err());
}
