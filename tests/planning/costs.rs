//! Costs of special layouts and of sizes beyond all machines, and what is refused.

use tt_admm::compress::{
    Conv2d, Cost, CostError, Family, Operand, Operator, Scheme, SchemeError, decompose,
};
use tt_admm::{Tensorization, TensorizeError};

use crate::common::random;

/// A layout whose first mode is no factor of the rows.
fn mixed() -> Tensorization {
    Tensorization::custom([2, 3], [6], [0], [3, 2]).unwrap()
}

/// A convolution whose kernel axis is spread over both modes, by `groups`.
fn torn(groups: usize) -> (Scheme, Operator) {
    let layout = Tensorization::custom([2, 2, 4, 1], [2, 2, 2, 2], [0, 2, 1, 3], [4, 4]).unwrap();
    let scheme = Scheme::tensor_train(layout, 3)
        .unwrap()
        .grouped(groups)
        .unwrap();
    (scheme, Operator::conv(Conv2d::new([6, 5]).groups(groups)))
}

#[test]
fn layouts_without_roles_make_the_weight_first() {
    let scheme = Scheme::tensor_train(mixed(), 2).unwrap();
    let contraction = scheme.contraction(&Operator::linear(7)).unwrap();
    let macs: Vec<u64> = contraction.steps().iter().map(|step| step.macs).collect();
    assert_eq!(macs, [3 * 2 * 2, 7 * 6]);
    assert_eq!(contraction.steps()[1].left, Operand::Step(0));
    assert_eq!(contraction.steps()[1].right, Operand::Input);
    let factors = decompose(
        "w",
        &random::tensor::<f64>(&[2, 3], 1),
        &scheme.projection::<f64>(),
    )
    .unwrap()
    .factors;
    let cost = Cost::of_factors(&Operator::linear(7), &factors).unwrap();
    assert_eq!((cost.parameters, cost.macs), (10, 54));
    // A look-up in the weight that was made.
    assert_eq!(scheme.cost(&Operator::embedding(9)).unwrap().macs, 12);

    let whole = Tensorization::custom([2, 3], [6], [0], [6]).unwrap();
    let scheme = Scheme::tensor_train(whole, 1).unwrap();
    assert_eq!(scheme.cost(&Operator::linear(1)).unwrap().macs, 6);
}

#[test]
fn a_kernel_axis_in_two_modes_makes_the_weight_first_in_groups_too() {
    // 3 x 5 output positions.
    let dense = 15 * 2 * 2 * 4;
    for groups in [1, 2, 4] {
        let (scheme, operator) = torn(groups);
        let cost = scheme.cost(&operator).unwrap();
        assert_eq!(cost.macs, groups as u64 * (4 * 3 * 4 + dense));
        let weight = random::tensor::<f64>(&scheme.weight_shape(), 3);
        let factors = decompose("w", &weight, &scheme.projection::<f64>())
            .unwrap()
            .factors;
        assert_eq!(Cost::of_factors(&operator, &factors).unwrap(), cost);
    }
}

#[test]
fn what_no_look_up_needs_is_made_once() {
    // The two factors without a row are multiplied once, 3 * 4 * 4 * 5, then each row with 3 * 20.
    let layout = Tensorization::linear([50], [4, 5]).unwrap();
    let scheme = Scheme::tensor_train(layout, [3, 4]).unwrap();
    for (lookups, macs) in [
        (1, 3 * 4 * 4 + 4 * 4 * 5),
        (100, 3 * 4 * 4 * 5 + 100 * 3 * 20),
    ] {
        assert_eq!(
            scheme.cost(&Operator::embedding(lookups)).unwrap().macs,
            macs
        );
    }
    // A row lies in one group.
    let layout = Tensorization::linear([10], [8]).unwrap();
    let scheme = Scheme::tensor_train(layout, 2).unwrap().grouped(3).unwrap();
    let cost = scheme.cost(&Operator::embedding(5)).unwrap();
    assert_eq!((cost.parameters, cost.macs), (3 * 2 * 18, 5 * 2 * 8));
    let weight = random::tensor::<f64>(&[30, 8], 3);
    let factors = decompose("w", &weight, &scheme.projection::<f64>())
        .unwrap()
        .factors;
    assert_eq!(
        Cost::of_factors(&Operator::embedding(5), &factors).unwrap(),
        cost
    );
}

#[test]
fn numbers_beyond_all_machines_are_the_largest() {
    let most = usize::MAX;
    for operator in [
        Operator::linear(most),
        Operator::recurrent(most),
        Operator::embedding(most),
    ] {
        for count in [1, 2, 3, 4, 12] {
            let layout = Tensorization::tt_matrix(vec![2; count], vec![2; count]).unwrap();
            let scheme = Scheme::tensor_train(layout, 2).unwrap();
            let cost = scheme.cost(&operator).unwrap();
            let free = count == 1 && matches!(operator, Operator::Embedding { .. });
            assert_eq!(cost.macs, if free { 0 } else { u64::MAX });
        }
    }
    let ring = Scheme::tensor_ring(Tensorization::linear([4, 4], [4]).unwrap(), most).unwrap();
    let cost = ring.cost(&Operator::linear(1)).unwrap();
    assert_eq!((cost.parameters, cost.macs), (u64::MAX, u64::MAX));
    assert_eq!(cost + cost, cost);
    let conv = Conv2d::new([most - 2, most - 2]).padding([1, 1]);
    let dense = Operator::conv(conv.clone())
        .dense_macs(&[4, 4, 3, 3])
        .unwrap();
    assert_eq!(dense, u64::MAX);
    let layout = Tensorization::conv([4], [3, 3], [4]).unwrap();
    let scheme = Scheme::tensor_train(layout, 2).unwrap();
    assert_eq!(scheme.cost(&Operator::conv(conv)).unwrap().macs, u64::MAX);
    // No positions, no work.
    let scheme = Scheme::tensor_train(Tensorization::linear([3, 2], [4]).unwrap(), 2).unwrap();
    let once = scheme.cost(&Operator::linear(0)).unwrap();
    assert_eq!(once.macs, 0);
}

#[test]
fn convolutions_that_cannot_be_are_refused() {
    let shape = [4, 4, 3, 3];
    let layout = Tensorization::conv([4], [3, 3], [4]).unwrap();
    let scheme = Scheme::tensor_train(layout, 2).unwrap();
    let plain = Conv2d::new([8, 8]);
    let bad = [
        plain.clone().stride([0, 1]),
        plain.clone().stride([1, 0]),
        plain.clone().dilation([0, 1]),
        plain.clone().dilation([1, 0]),
        plain.clone().dilation([4, 1]),
        plain.clone().dilation([1, usize::MAX]),
        plain.clone().padding([usize::MAX, 0]),
        Conv2d::new([2, 8]),
        Conv2d::new([0, 8]),
    ];
    for conv in bad {
        let expected = CostError::Kernel {
            kernel: [3, 3],
            conv: Box::new(conv.clone()),
        };
        let operator = Operator::conv(conv);
        assert_eq!(operator.dense_macs(&shape).unwrap_err(), expected);
        assert_eq!(scheme.cost(&operator).unwrap_err(), expected);
        assert_eq!(Cost::dense(&operator, &shape).unwrap_err(), expected);
    }
    let text = Operator::conv(plain.clone().stride([0, 1]))
        .dense_macs(&shape)
        .unwrap_err()
        .to_string();
    assert!(
        text.contains("[3, 3]") && text.contains("stride [0, 1]"),
        "{text}"
    );
    assert_eq!(
        Operator::conv(plain.clone().groups(3)).dense_macs(&shape),
        Err(CostError::Groups {
            outputs: 4,
            groups: 3
        })
    );
    assert_eq!(
        Operator::conv(plain.clone().groups(0)).dense_macs(&shape),
        Err(CostError::Groups {
            outputs: 4,
            groups: 0
        })
    );
    // Groups of the operator that the factors do not have.
    assert_eq!(
        scheme.cost(&Operator::conv(plain.groups(2))),
        Err(CostError::FactorGroups {
            operator: 2,
            factors: 1
        })
    );
}

#[test]
fn weights_of_other_axes_are_refused() {
    let scheme = Scheme::tensor_train(Tensorization::linear([4], [3]).unwrap(), 2).unwrap();
    let conv = Operator::conv(Conv2d::new([8, 8]));
    for (operator, axes, shape) in [
        (Operator::linear(1), 2, vec![3]),
        (Operator::linear(1), 2, vec![3, 0]),
        (Operator::embedding(1), 2, vec![3, 4, 5]),
        (Operator::recurrent(1), 2, Vec::new()),
        (conv.clone(), 4, vec![3, 4]),
        (conv.clone(), 4, vec![3, 4, 0, 3]),
    ] {
        let error = operator.dense_macs(&shape).unwrap_err();
        assert!(
            matches!(&error, CostError::Shape { axes: a, shape: s, .. } if *a == axes && *s == shape),
            "{error}"
        );
    }
    assert!(matches!(
        scheme.cost(&conv),
        Err(CostError::Shape { axes: 4, .. })
    ));
    let long =
        Tensorization::custom([1 << 31, 1], [2; 31], (0..31).collect::<Vec<_>>(), [2; 31]).unwrap();
    let long = Scheme::tensor_train(long, 1).unwrap();
    assert_eq!(
        long.cost(&Operator::linear(1)),
        Err(CostError::TooManyModes {
            order: 31,
            largest: 30
        })
    );
    let longest = Tensorization::custom(
        [1 << 15, 1 << 15],
        [2; 30],
        (0..30).collect::<Vec<_>>(),
        [2; 30],
    )
    .unwrap();
    for scheme in [
        Scheme::tensor_train(longest.clone(), 2).unwrap(),
        Scheme::tensor_ring(longest, 2).unwrap(),
    ] {
        let cost = scheme.cost(&Operator::linear(1)).unwrap();
        assert!(cost.macs > 0 && cost.macs < 1 << 30);
    }
}

#[test]
fn schemes_that_cannot_be_are_refused() {
    let layout = || Tensorization::linear([4], [3]).unwrap();
    assert!(matches!(
        Scheme::tensor_train(layout(), 0),
        Err(SchemeError::TensorTrain(_))
    ));
    assert!(matches!(
        Scheme::tensor_train(layout(), [1, 2, 3, 1]),
        Err(SchemeError::TensorTrain(_))
    ));
    assert!(matches!(
        Scheme::tucker(layout(), [(2, 1)]),
        Err(SchemeError::Tucker(_))
    ));
    assert!(matches!(
        Scheme::tensor_ring(layout(), [2, 0]),
        Err(SchemeError::TensorRing(_))
    ));
    let scheme = Scheme::tensor_train(layout(), 2).unwrap();
    assert_eq!(scheme.clone().grouped(0), Err(SchemeError::NoGroups));
    let error = scheme.clone().grouped(usize::MAX).unwrap_err();
    assert!(
        matches!(error, SchemeError::TooLarge { ref shape } if shape[1] == 3),
        "{error}"
    );
    assert_eq!(scheme.grouped(5).unwrap().weight_shape(), [20, 3]);
}

#[test]
fn families_refuse_what_is_too_large() {
    let huge = 1 << 40;
    let families = [
        Family::TensorTrain,
        Family::TtMatrix,
        Family::Tucker,
        Family::LowRank,
    ];
    for family in families {
        let conv = Operator::conv(Conv2d::new([8, 8]));
        for shape in [[huge, huge, 3, 3], [4, huge, huge, 4], [huge, 4, 4, huge]] {
            let error = family.layouts(&conv, &shape).unwrap_err();
            assert!(
                matches!(error, TensorizeError::TooLarge { .. }),
                "{family:?} {shape:?}: {error}"
            );
        }
        assert!(family.layouts(&Operator::linear(1), &[huge, huge]).is_err());
        assert!(
            family
                .layouts(&Operator::embedding(1), &[huge, huge])
                .is_err()
        );
        assert!(family.layouts(&Operator::linear(1), &[0, 4]).is_err());
        // Nothing to factor, or no weight of such a layer.
        assert!(
            family
                .layouts(&Operator::linear(1), &[1, 3])
                .unwrap()
                .is_empty()
        );
        assert!(
            family
                .layouts(&Operator::linear(1), &[4, 3, 2])
                .unwrap()
                .is_empty()
        );
        assert!(family.layouts(&conv, &[4, 1, 3, 3]).unwrap().is_empty());
    }
}
