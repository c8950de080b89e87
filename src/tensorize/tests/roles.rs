//! Roles against the elements that a layout really moves.

use super::{Case, Tensorization, case, ravel, unravel};
use crate::tensorize::Role;
use ndarray::{ArrayD, IxDyn};
use proptest::prelude::{
    Just, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use proptest::test_runner::TestCaseError;

/// Modes with small sizes, 1 included.
fn modes(most: usize) -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(1_usize..4, 1..=most)
}

fn paired_modes() -> impl Strategy<Value = (Vec<usize>, Vec<usize>)> {
    prop::collection::vec((1_usize..4, 1_usize..4), 1..4)
        .prop_map(|pairs| pairs.into_iter().unzip())
}

/// Layouts of every constructor.
fn layout() -> impl Strategy<Value = Tensorization> {
    let kernel = || (1_usize..4, 1_usize..4).prop_map(|(h, w)| [h, w]);
    prop_oneof![
        (modes(3), modes(3)).prop_map(|(o, i)| Tensorization::linear(o, i)),
        paired_modes().prop_map(|(m, n)| Tensorization::tt_matrix(m, n)),
        paired_modes().prop_map(|(v, d)| Tensorization::embedding(v, d)),
        (modes(3), kernel(), modes(3)).prop_map(|(o, k, i)| Tensorization::conv(o, k, i)),
        (paired_modes(), kernel()).prop_map(|((o, i), k)| Tensorization::conv_garipov(o, k, i)),
        (1_usize..5, modes(3), modes(3)).prop_map(|(g, h, i)| Tensorization::recurrent(g, h, i)),
        (1_usize..5, paired_modes())
            .prop_map(|(g, (h, i))| Tensorization::recurrent_tt_matrix(g, h, i)),
        modes(4).prop_map(Tensorization::identity),
        case().prop_map(|case| custom(&case)),
    ]
    .prop_map(Result::unwrap)
}

/// A weight and a tensor whose axes are joined axes of the expanded one: no axis is cut across.
fn custom(case: &Case) -> Result<Tensorization, crate::tensorize::TensorizeError> {
    let (expanded, permutation, join_weight, join_tensor, ..) = case;
    let permuted: Vec<usize> = permutation.iter().map(|&k| expanded[k]).collect();
    Tensorization::custom(
        super::grouped(expanded, join_weight),
        expanded.clone(),
        permutation.clone(),
        super::grouped(&permuted, join_tensor),
    )
}

/// The weight index of every element of the tensor, as the roles tell it, is the one that `tensorize` takes.
fn check_roles(map: &Tensorization, roles: &[Vec<Role>]) -> Result<(), TestCaseError> {
    let shape = map.weight_shape();
    let size = shape.iter().product::<usize>();
    let flat = (0..size).map(|n| n as f64).collect();
    let weight = ArrayD::from_shape_vec(IxDyn(shape), flat).unwrap();
    let tensor = map.tensorize(&weight).unwrap();
    prop_assert_eq!(roles.len(), map.order());
    for (mode, &n) in roles.iter().zip(map.tensor_shape()) {
        prop_assert_eq!(mode.iter().map(|role| role.size).product::<usize>(), n);
        prop_assert!(mode.iter().all(|role| role.size > 1));
    }
    for (index, &value) in tensor.indexed_iter() {
        let mut at = vec![0; shape.len()];
        for (k, mode) in roles.iter().enumerate() {
            let sizes: Vec<usize> = mode.iter().map(|role| role.size).collect();
            for (role, i) in mode.iter().zip(unravel(index[k], &sizes)) {
                at[role.axis] += i * role.inner;
            }
        }
        prop_assert_eq!(ravel(&at, shape) as f64, value);
    }
    Ok(())
}

proptest! {
    #[test]
    fn roles_tell_where_every_element_comes_from(map in layout()) {
        let roles = map.roles();
        prop_assert!(roles.is_some(), "{:?}", map);
        check_roles(&map, &roles.unwrap())?;
    }

    /// Cuts anywhere: no roles, or the right ones.
    #[test]
    fn roles_are_right_if_there_are_any(
        lists in (1_usize..4).prop_flat_map(|count| {
            let list = Just((1..=12_usize).collect::<Vec<_>>()).prop_shuffle();
            (prop::collection::vec(list, 3), Just(count), any::<bool>())
        }),
    ) {
        // Three factorisations of 144, at random.
        let (lists, count, transpose) = lists;
        let factors = |list: &[usize]| {
            let mut rest = 144;
            let mut found = Vec::new();
            for &n in list.iter().filter(|&&n| n > 1) {
                if rest % n == 0 && found.len() < count {
                    found.push(n);
                    rest /= n;
                }
            }
            found.push(rest);
            found
        };
        let expanded = factors(&lists[1]);
        let mut permutation: Vec<usize> = (0..expanded.len()).collect();
        if transpose {
            permutation.reverse();
        }
        let (weight, tensor) = (factors(&lists[0]), factors(&lists[2]));
        let map = Tensorization::custom(weight, expanded, permutation, tensor).unwrap();
        if let Some(roles) = map.roles() {
            check_roles(&map, &roles)?;
        }
    }
}

#[test]
fn the_roles_of_known_layouts() {
    let role = |axis, size, inner| Role { axis, size, inner };
    let roles = |map: Result<Tensorization, _>| Tensorization::roles(&map.unwrap()).unwrap();
    assert_eq!(
        roles(Tensorization::conv_garipov([2, 3], [3, 2], [4, 5])),
        [
            vec![role(2, 3, 1), role(3, 2, 1)],
            vec![role(1, 4, 5), role(0, 2, 3)],
            vec![role(1, 5, 1), role(0, 3, 1)],
        ]
    );
    // The rows of a gate lie together: gates and slow hidden units are one part.
    assert_eq!(
        roles(Tensorization::recurrent(4, [2, 3], [5])),
        [
            vec![role(0, 8, 3)],
            vec![role(0, 3, 1)],
            vec![role(1, 5, 1)]
        ]
    );
    // Axes and modes of size 1 have no parts.
    assert_eq!(
        roles(Tensorization::conv([4, 1], [1, 1], [3])),
        [vec![role(0, 4, 1)], vec![], vec![], vec![role(1, 3, 1)]]
    );
    assert_eq!(roles(Tensorization::identity([1, 1])), [vec![], vec![]]);
    // One mode may hold several axes of the weight, and several parts of one.
    let map = Tensorization::custom([6, 4], [2, 3, 4], [1, 0, 2], [3, 8]);
    assert_eq!(
        roles(map),
        [vec![role(0, 3, 1)], vec![role(0, 2, 3), role(1, 4, 1)]]
    );
}

#[test]
fn parts_that_are_no_factors_have_no_roles() {
    let none = |weight: &[usize], expanded: &[usize], permutation: &[usize], tensor: &[usize]| {
        let map = Tensorization::custom(weight, expanded, permutation, tensor).unwrap();
        assert_eq!(map.roles(), None, "{map:?}");
    };
    none(&[2, 3], &[6], &[0], &[3, 2]);
    // An axis of the weight that ends between two steps of an expanded one, and a mode that does.
    none(&[6, 4], &[8, 3], &[1, 0], &[3, 8]);
    none(&[8, 3], &[8, 3], &[1, 0], &[4, 6]);
    none(&[8, 9], &[72], &[0], &[6, 12]);
}
