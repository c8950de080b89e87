//! The proximal term and its gradient.

use crate::admm_support::{Targets, non_negative};
use crate::common::{layout, oracle, random, tol};
use tt_admm::admm::{AdmmError, Penalty};
use tt_admm::ndarray::{Array4, ArrayD};
use tt_admm::{Admm, Tensorization, TtProjection};

fn trained() -> Admm<f64> {
    let map = Tensorization::conv([2, 2], [3, 1], [2]).unwrap();
    let mut model = Targets::one(random::tensor::<f64>(&[4, 2, 3, 1], 7));
    let mut admm = Admm::<f64>::builder()
        .constrain("w", TtProjection::new([2, 1, 1]).layout(map))
        .constrain("w", non_negative())
        .rho(0.6)
        .penalty(Penalty::geometric(1.2))
        .max_iterations(3)
        .tolerance(0.0, 0.0)
        .build(&model)
        .unwrap();
    admm.run(&mut model, &mut ()).unwrap();
    admm
}

#[test]
fn the_gradient_is_that_of_the_penalty() {
    let admm = trained();
    let proximal = admm.proximal();
    let w = random::tensor::<f64>(&[4, 2, 3, 1], 70);
    let start = random::tensor::<f64>(&[4, 2, 3, 1], 71);
    let mut gradient = start.clone();
    proximal.add_gradient("w", &w, &mut gradient).unwrap();
    let step = tol::FINITE_DIFFERENCE_STEP;
    for i in 0..w.len() {
        let at = |x: f64| {
            let mut moved = w.clone();
            *moved.iter_mut().nth(i).unwrap() += x;
            proximal.penalty("w", &moved).unwrap()
        };
        let difference = (at(step) - at(-step)) / (2.0 * step);
        let added = gradient.iter().nth(i).unwrap() - start.iter().nth(i).unwrap();
        tol::assert_near(added, difference, tol::FINITE_DIFFERENCE);
    }
}

/// `rho/2 |W - anchor|^2` differs from `sum rho_i/2 |W - Z_i + U_i|^2` by a constant only.
#[test]
fn blocks_add_up() {
    let admm = trained();
    let term = |w: &ArrayD<f64>| {
        let one = |k: usize| {
            let block = admm.block("w", k).unwrap();
            let difference = w - &block.z() + block.u();
            0.5 * block.rho() * oracle::norm(&difference).powi(2)
        };
        one(0) + one(1) - admm.proximal().penalty("w", w).unwrap()
    };
    let constant = term(&ArrayD::zeros(vec![4, 2, 3, 1]));
    assert!(constant > 1e-3);
    for seed in 0..5 {
        let w = random::tensor::<f64>(&[4, 2, 3, 1], seed);
        tol::assert_near(term(&w), constant, 1e-12);
    }
}

/// Any dimension type and memory layout of weight and gradient.
#[test]
fn memory_does_not_matter() {
    let admm = trained();
    let proximal = admm.proximal();
    let w = random::tensor::<f64>(&[4, 2, 3, 1], 70);
    let mut expected = ArrayD::<f64>::ones(w.raw_dim());
    proximal.add_gradient("w", &w, &mut expected).unwrap();
    let mut columns = layout::column_major(&ArrayD::ones(w.raw_dim()));
    let weight = layout::permuted(&w, &[2, 0, 3, 1]);
    proximal.add_gradient("w", &weight, &mut columns).unwrap();
    assert_eq!(columns, expected);
    let mut fixed = Array4::<f64>::ones((4, 2, 3, 1));
    proximal.add_gradient("w", &w, &mut fixed).unwrap();
    assert_eq!(fixed.into_dyn(), expected);
    assert_eq!(
        proximal.penalty("w", &weight).unwrap().to_bits(),
        proximal.penalty("w", &w).unwrap().to_bits()
    );
}

#[test]
fn other_names_and_shapes() {
    let admm = trained();
    let proximal = admm.proximal();
    assert_eq!(proximal.iteration(), 4);
    let bias = ArrayD::<f64>::ones(vec![9]);
    let mut gradient = bias.clone();
    proximal.add_gradient("bias", &bias, &mut gradient).unwrap();
    assert_eq!(gradient, bias);
    tol::assert_near(proximal.penalty("bias", &bias).unwrap(), 0.0, 0.0);
    assert!(proximal.anchor("bias").is_none() && proximal.rho("bias").is_none());
    let w = ArrayD::<f64>::ones(vec![4, 2, 3, 1]);
    let cases = [
        ("weight", proximal.add_gradient("w", &bias, &mut w.clone())),
        ("gradient", proximal.add_gradient("w", &w, &mut gradient)),
        ("weight", proximal.penalty("w", &bias).map(|_| ())),
    ];
    for (expected_what, result) in cases {
        match result.unwrap_err() {
            AdmmError::ProximalShape {
                what,
                weight,
                expected,
                got,
            } => {
                assert_eq!((what, &*weight), (expected_what, "w"));
                assert_eq!((expected, got), (vec![4, 2, 3, 1], vec![9]));
            }
            other => panic!("{other}"),
        }
    }
    assert_eq!(gradient, bias, "a refused gradient was written to");
}
