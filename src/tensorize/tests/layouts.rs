//! The layouts of networks, element by element, and what they refuse.

use super::{Tensorization, TensorizeError, unravel};
use ndarray::{Array2, Array4};
use proptest::prelude::{any, prop, prop_assert_eq, proptest};

proptest! {
    #[test]
    fn conv_garipov_elements(
        pairs in prop::collection::vec((1_usize..4, 1_usize..4), 1..4),
        (high, wide) in (1_usize..4, 1_usize..4),
    ) {
        let (outs, ins): (Vec<usize>, Vec<usize>) = pairs.into_iter().unzip();
        let map = Tensorization::conv_garipov(outs.clone(), [high, wide], ins.clone()).unwrap();
        let (outputs, inputs) = (outs.iter().product(), ins.iter().product());
        let weight = Array4::from_shape_fn((outputs, inputs, high, wide), |(o, i, h, w)| {
            (((100 * o + i) * 10 + h) * 10 + w) as f64
        });
        let tensor = map.tensorize(&weight).unwrap();
        for ((o, i, h, w), &x) in weight.indexed_iter() {
            let (o, i) = (unravel(o, &outs), unravel(i, &ins));
            let mut at = vec![h * wide + w];
            at.extend((0..outs.len()).map(|k| i[k] * outs[k] + o[k]));
            prop_assert_eq!(tensor[&at[..]], x);
        }
        prop_assert_eq!(map.detensorize(&tensor).unwrap(), weight.into_dyn());
    }

    #[test]
    fn recurrent_elements(
        gates in 1_usize..5,
        pairs in prop::collection::vec((1_usize..4, 1_usize..4), 1..4),
        in_pairs in any::<bool>(),
    ) {
        let (hidden, ins): (Vec<usize>, Vec<usize>) = pairs.into_iter().unzip();
        let units: usize = hidden.iter().product();
        let inputs = ins.iter().product();
        let map = if in_pairs {
            Tensorization::recurrent_tt_matrix(gates, hidden.clone(), ins.clone())
        } else {
            Tensorization::recurrent(gates, hidden.clone(), ins.clone())
        };
        let map = map.unwrap();
        let weight = Array2::from_shape_fn((gates * units, inputs), |(row, i)| (1000 * row + i) as f64);
        let tensor = map.tensorize(&weight).unwrap();
        for gate in 0..gates {
            for unit in 0..units {
                for input in 0..inputs {
                    let (mut h, i) = (unravel(unit, &hidden), unravel(input, &ins));
                    h[0] += gate * hidden[0];
                    let at: Vec<usize> = if in_pairs {
                        (0..ins.len()).map(|k| h[k] * ins[k] + i[k]).collect()
                    } else {
                        [h, i].concat()
                    };
                    prop_assert_eq!(tensor[&at[..]], weight[[gate * units + unit, input]]);
                }
            }
        }
    }
}

#[test]
fn a_kernel_of_one_position_is_a_matrix() {
    let conv = Tensorization::conv([2, 3], [1, 1], [4]).unwrap();
    assert_eq!(conv.tensor_shape(), [2, 3, 1, 4]);
    assert!(conv.is_reshape());
    let pairs = Tensorization::conv_garipov([2, 3], [1, 1], [2, 2]).unwrap();
    assert_eq!(pairs.tensor_shape(), [1, 4, 6]);
    // Without its mode of size 1.
    let custom = Tensorization::custom([6, 4, 1, 1], [6, 4], [0, 1], [2, 3, 4]).unwrap();
    assert!(custom.is_reshape());
}

#[test]
fn an_embedding_is_a_matrix_in_pairs() {
    assert_eq!(
        Tensorization::embedding([2, 3], [4, 5]).unwrap(),
        Tensorization::tt_matrix([2, 3], [4, 5]).unwrap()
    );
}

#[test]
fn layouts_that_cannot_be_are_refused_with_numbers() {
    use TensorizeError::{Empty, ModeCountMismatch, PairCountMismatch, TooLarge, ZeroLength};
    let none: [usize; 0] = [];
    let (outputs, inputs) = (1, 2);
    assert_eq!(
        Tensorization::conv_garipov([4], [3, 3], [2, 2]),
        Err(PairCountMismatch { outputs, inputs })
    );
    let what = "input modes";
    assert_eq!(
        Tensorization::conv_garipov([4], [3, 3], none),
        Err(Empty { what })
    );
    let zero = |what, lengths: &[usize], position| {
        let lengths = lengths.to_vec();
        Err(ZeroLength {
            what,
            lengths,
            position,
        })
    };
    assert_eq!(
        Tensorization::conv_garipov([4], [0, 3], [2]),
        zero("kernel", &[0, 3], 0)
    );
    assert_eq!(
        Tensorization::recurrent(0, [4], [2]),
        zero("gates", &[0], 0)
    );
    assert_eq!(
        Tensorization::recurrent(4, [4, 0], [2]),
        zero("hidden modes", &[4, 0], 1)
    );
    let what = "hidden modes";
    assert_eq!(Tensorization::recurrent(4, none, [2]), Err(Empty { what }));
    let huge = 1_usize << 40;
    let (what, lengths) = ("gates and hidden modes", vec![huge, huge]);
    assert_eq!(
        Tensorization::recurrent(huge, [huge], [2]),
        Err(TooLarge { what, lengths })
    );
    let (what, lengths) = ("weight", vec![huge, huge, 1, 1]);
    assert_eq!(
        Tensorization::conv_garipov([huge], [1, 1], [huge]),
        Err(TooLarge { what, lengths })
    );
    let (rows, cols) = (2, 1);
    assert_eq!(
        Tensorization::recurrent_tt_matrix(4, [4, 4], [2]),
        Err(ModeCountMismatch { rows, cols })
    );
    assert_eq!(
        Tensorization::embedding([4, 4], [2]),
        Err(ModeCountMismatch { rows, cols })
    );
    let what = "dimension modes";
    assert_eq!(Tensorization::embedding([4], none), Err(Empty { what }));
}
