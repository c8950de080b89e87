//! The same bits, however the run is cut and however many threads there are.

use crate::admm_support::inexact::{builder, model, policies};
use crate::admm_support::state;
use tt_admm::admm::{Penalty, Status, UpdateOrder};

#[test]
fn two_runs_of_k_are_one_of_two_k() {
    for order in [UpdateOrder::Textbook, UpdateOrder::Paper] {
        for policy in policies() {
            for alpha in [1.0, 1.6] {
                let go = |calls: usize, each: usize| {
                    let mut model = model();
                    let mut admm = builder()
                        .order(order)
                        .penalty(policy.clone())
                        .over_relaxation(alpha)
                        .max_iterations(each)
                        .build(&model)
                        .unwrap();
                    for call in 1..=calls {
                        let report = admm.run(&mut model, &mut ()).unwrap();
                        assert_eq!(report.status(), Status::MaxIterations);
                        assert_eq!(report.iterations(), each);
                        assert_eq!(admm.iteration(), call * each);
                    }
                    (state(&admm), model.0.w)
                };
                assert!(go(2, 7) == go(1, 14), "{order:?}, {policy:?}, {alpha}");
                assert!(go(7, 2) == go(1, 14), "{order:?}, {policy:?}, {alpha}");
            }
        }
    }
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let go = |threads: usize| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
            .install(|| {
                let mut model = model();
                let mut admm = builder()
                    .penalty(Penalty::residual_balancing().threshold(2.0))
                    .max_iterations(12)
                    .build(&model)
                    .unwrap();
                admm.run(&mut model, &mut ()).unwrap();
                (state(&admm), model.0.w)
            })
    };
    let one = go(1);
    assert!(go(2) == one && go(5) == one);
}
