//! Pictures of real runs, and of curves with everything that can be odd.

use ndarray::{Array2, ArrayD, ArrayViewD, CowArray, IxDyn};
use tt_admm::admm::{Proximal, TrainSummary};
use tt_admm::{Admm, Trainable, TtProjection};

use super::curve::Curve;
use super::panel::{Panel, Scale};
use super::{PlotError, axis, convergence, panels, picture};

/// Three weights that are pulled towards rank 2; tells loss and accuracy.
struct Model(Vec<(&'static str, ArrayD<f64>)>);

impl Model {
    fn new() -> Self {
        let names = ["conv1.weight", "conv2.weight", "a & <b>"];
        let weight = |k: usize| {
            let entry = |(i, j)| ((k + 1) as f64 * (3 * i * j + j) as f64).sin();
            Array2::from_shape_fn((6, 7), entry).into_dyn()
        };
        Self(
            names
                .into_iter()
                .enumerate()
                .map(|(k, n)| (n, weight(k)))
                .collect(),
        )
    }
}

impl Trainable for Model {
    type Elem = f64;
    type Error = String;

    fn weight(&self, name: &str) -> Result<CowArray<'_, f64, IxDyn>, String> {
        let found = self.0.iter().find(|(n, _)| *n == name);
        found
            .map(|(_, w)| w.view().into())
            .ok_or_else(|| name.into())
    }

    fn set_weight(&mut self, _: &str, _: ArrayViewD<'_, f64>) -> Result<(), String> {
        Err("not needed".into())
    }

    fn train(&mut self, proximal: &Proximal<'_, f64>) -> Result<TrainSummary, String> {
        for (name, weight) in &mut self.0 {
            let anchor = proximal.anchor(name).ok_or("not constrained")?;
            weight.zip_mut_with(&anchor, |w, a| *w = 0.7 * *w + 0.3 * a);
        }
        let k = proximal.iteration() as f64;
        Ok(TrainSummary::new()
            .loss(2.0 / k)
            .metric("accuracy", 1.0 - 0.6 / k))
    }
}

fn run(iterations: usize) -> Admm<f64> {
    let mut model = Model::new();
    let mut admm = Admm::builder()
        .constrain("conv1.weight", TtProjection::new(2))
        .constrain("conv2.weight", TtProjection::new(2))
        .constrain("conv2.weight", TtProjection::new(3))
        .constrain("a & <b>", TtProjection::new(1))
        .rho(1.0)
        .max_iterations(iterations)
        .build(&model)
        .unwrap();
    admm.run(&mut model, &mut ()).unwrap();
    admm
}

fn drawn(title: &str, admm: &Admm<f64>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("convergence.svg");
    convergence(&path, title, admm.history()).unwrap();
    let svg = std::fs::read_to_string(path).unwrap();
    assert_sound(&svg);
    svg
}

/// One SVG element with everything inside, and no coordinate that is not a number or absurd.
fn assert_sound(svg: &str) {
    assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"));
    for broken in ["NaN", "inf", "-2147483648", "2147483647"] {
        assert!(!svg.contains(broken), "{broken}");
    }
}

#[test]
fn a_run_is_drawn_with_all_its_curves() {
    let admm = run(12);
    let svg = drawn("Test of < & >", &admm);
    for text in [
        "Test of &lt; &amp; &gt;",
        "conv1.weight",
        "conv2.weight (2)",
        "a &amp; &lt;b&gt;",
    ] {
        assert!(svg.contains(text), "{text}");
    }
    assert!(!svg.contains("none reported"));
    // Two residuals, four blocks, loss, accuracy: each with 12 marks, and every curve is a line too.
    assert_eq!(svg.matches("<circle").count(), 8 * 12);
    let long = svg
        .lines()
        .filter(|l| l.contains("<polyline") && l.matches(',').count() == 12);
    assert_eq!(long.count(), 8);
}

#[test]
fn curves_have_the_values_of_the_history() {
    let admm = run(3);
    let [residuals, errors, loss, accuracy] = panels(admm.history()).unwrap();
    let record = &admm.history()[1];
    assert_eq!(
        residuals.curves[0].points[1],
        (2, Some(record.primal_residual()))
    );
    assert_eq!(
        residuals.curves[1].points[1],
        (2, Some(record.dual_residual()))
    );
    assert_eq!(errors.curves.len(), 4);
    let block = &record.blocks()[3];
    let expected = block.projection_distance() / block.weight_norm();
    assert!(expected > 0.01);
    assert_eq!(errors.curves[3].points[1], (2, Some(expected)));
    assert_eq!(loss.curves[0].points[1], (2, Some(1.0)));
    assert_eq!(accuracy.curves[0].points[1], (2, Some(0.7)));
}

#[test]
fn one_record_is_enough() {
    assert_eq!(drawn("One", &run(1)).matches("<circle").count(), 8);
}

#[test]
fn a_loop_that_reports_nothing_is_drawn_with_what_there_is() {
    let zero = Array2::<f64>::zeros((3, 3));
    let mut admm = Admm::builder()
        .constrain("w", TtProjection::new(1))
        .rho(1.0)
        .build_from(|_| zero.view().into_dyn())
        .unwrap();
    for _ in 0..3 {
        admm.update(|_| zero.view().into_dyn()).unwrap();
    }
    let svg = drawn("All residuals are 0", &admm);
    assert_eq!(svg.matches("none reported").count(), 2);
    assert_eq!(svg.matches("<circle").count(), 3 * 3);
}

#[test]
fn odd_values_leave_gaps_and_stay_inside() {
    let curve = |label: &str, values: &[Option<f64>]| Curve {
        label: label.into(),
        points: (1..).zip(values.iter().copied()).collect(),
    };
    let panel = |scale, curves| Panel {
        title: "odd",
        scale,
        with_legend: true,
        iterations: [1, 5],
        curves,
    };
    let wide = [Some(1e-30), Some(0.0), None, Some(1e25), None];
    let large = [Some(-1e300), None, Some(1e300), None, Some(0.0)];
    let svg = picture(
        "odd",
        &[
            panel(
                Scale::Logarithmic,
                vec![curve("wide", &wide), curve("none", &[None; 5])],
            ),
            panel(Scale::Logarithmic, vec![]),
            panel(Scale::Linear, vec![curve("large", &large)]),
            panel(Scale::Linear, vec![curve("still", &[Some(0.25); 5])]),
        ],
    )
    .unwrap();
    assert_sound(&svg);
    assert_eq!(svg.matches("<circle").count(), 3 + 3 + 5);
    assert_eq!(svg.matches("none reported").count(), 1);
}

#[test]
fn errors_say_what_is_wrong() {
    let nothing = convergence("x.svg".as_ref(), "", &[]).unwrap_err();
    assert!(matches!(nothing, PlotError::Empty));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no/such/folder.svg");
    let error = convergence(&path, "", run(1).history()).unwrap_err();
    assert!(error.to_string().contains("no/such/folder.svg"), "{error}");
}

#[test]
fn axes_hold_their_values_and_have_some_ticks() {
    for values in [
        vec![0.5],
        vec![0.0],
        vec![0.0, 1e-9],
        vec![0.31, 0.35],
        vec![1e-7, 3.0],
        vec![1e-300, 1e300],
        vec![0.9, 0.9 + 1e-16],
        vec![2.0, 2.3, 2.1],
    ] {
        let linear = axis::linear(&values).unwrap();
        assert!(
            values
                .iter()
                .all(|v| (linear.low..=linear.high).contains(v)),
            "{values:?}"
        );
        let log = axis::logarithmic(&values).unwrap();
        // All of the last eight decades.
        let most = values.iter().copied().fold(0.0, f64::max);
        let shown = values.iter().filter(|v| **v > 0.0 && **v >= 1e-8 * most);
        assert!(
            shown
                .map(|v| v.log10())
                .all(|v| (log.low..=log.high).contains(&v)),
            "{values:?} {log:?}"
        );
        assert!(log.high - log.low < 9.0);
        for axis in [linear, log] {
            assert!((1..=12).contains(&axis.ticks.len()), "{values:?} {axis:?}");
            assert!(
                axis.ticks
                    .iter()
                    .all(|t| (axis.low..=axis.high).contains(t)),
                "{axis:?}"
            );
        }
    }
    for (first, last) in [(1, 1), (1, 2), (1, 7), (1, 100), (31, 4000)] {
        let axis = axis::iterations([first, last]);
        assert!((1..=10).contains(&axis.ticks.len()), "{axis:?}");
        assert!(axis.ticks.iter().all(|t| t.fract() == 0.0), "{axis:?}");
    }
    assert_eq!(axis::linear(&[]), None);
    assert_eq!(axis::logarithmic(&[]), None);
    let labels = [0.0, -0.00001, 0.25, 12.5, 3e-5, 2e6].map(axis::label);
    assert_eq!(labels, ["0", "-1e-5", "0.25", "12.5", "3e-5", "2e6"]);
    assert_eq!(
        [-3.0, 0.2_f64.log10(), 0.0].map(axis::power_label),
        ["0.001", "0.2", "1"]
    );
}
