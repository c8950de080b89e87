//! The history as JSON, read back with `serde_json`.

use crate::model::{AWKWARD, Talkative, history};
use serde_json::{Value, json};
use tt_admm::admm::{Record, write_json};

fn text(history: &[Record]) -> String {
    let mut text = Vec::new();
    write_json(history, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn array(history: &[Record]) -> Vec<Value> {
    let value: Value = serde_json::from_str(&text(history)).unwrap();
    value.as_array().unwrap().clone()
}

/// The value as it should be read: `null` where it is not finite.
fn number(value: f64) -> Value {
    if value.is_finite() {
        json!(value)
    } else {
        Value::Null
    }
}

#[test]
fn every_number_comes_back_to_the_bit() {
    let mut model = Talkative::new();
    model.metrics = vec![vec![
        ("accuracy", 1.0 / 3.0),
        ("tiny", 5e-324),
        (AWKWARD, -0.1),
    ]];
    let history = history(&mut model, 6);
    let array = array(&history);
    assert_eq!(array.len(), 6);
    for (record, read) in history.iter().zip(&array) {
        let metrics: serde_json::Map<_, _> = record
            .metrics()
            .iter()
            .map(|(name, value)| (name.clone(), number(*value)))
            .collect();
        let blocks: Vec<Value> = record
            .blocks()
            .iter()
            .map(|block| {
                json!({
                    "weight": block.weight(),
                    "ordinal": block.ordinal(),
                    "rho": number(block.rho()),
                    "primal": number(block.primal()),
                    "relative_primal": number(block.relative_primal()),
                    "dual": number(block.dual()),
                    "relative_dual": number(block.relative_dual()),
                    "weight_norm": number(block.weight_norm()),
                    "z_norm": number(block.z_norm()),
                    "u_norm": number(block.u_norm()),
                    "projection_distance": number(block.projection_distance()),
                    "residual_ratio": number(block.residual_ratio()),
                })
            })
            .collect();
        let expected = json!({
            "iteration": record.iteration(),
            "loss": number(record.loss().unwrap()),
            "metrics": metrics,
            "primal_residual": number(record.primal_residual()),
            "dual_residual": number(record.dual_residual()),
            "residual_ratio": number(record.residual_ratio()),
            "unread": [],
            "blocks": blocks,
        });
        assert_eq!(read, &expected);
    }
    assert_eq!(array[0]["blocks"][0]["weight"], AWKWARD);
    assert_eq!(array[0]["metrics"][AWKWARD], -0.1);
}

#[test]
fn what_is_not_finite_is_null() {
    let mut model = Talkative::new();
    model.metrics = vec![vec![
        ("nan", f64::NAN),
        ("up", f64::INFINITY),
        ("down", f64::NEG_INFINITY),
    ]];
    let history = history(&mut model, 1);
    assert!(history[0].blocks()[2].relative_dual().is_infinite());
    let read = &array(&history)[0];
    assert_eq!(read["blocks"][2]["relative_dual"], Value::Null);
    assert_eq!(
        read["metrics"],
        json!({"nan": null, "up": null, "down": null})
    );
}

#[test]
fn metrics_keep_their_order_and_the_last_of_one_name_counts() {
    let mut model = Talkative::new();
    model.metrics = vec![vec![("z", 1.0), ("a", 2.0), ("z", 3.0)]];
    let text = text(&history(&mut model, 1));
    assert!(text.contains(r#""metrics":{"z":3.0,"a":2.0}"#), "{text}");
}

#[test]
fn no_loss_no_history_and_terms_that_nobody_read() {
    assert_eq!(text(&[]), "[]\n");
    let mut model = Talkative::new();
    (model.tells_loss, model.reads) = (false, false);
    let history = history(&mut model, 2);
    let read = array(&history);
    assert_eq!(read[1]["loss"], Value::Null);
    assert_eq!(read[1]["unread"], json!([AWKWARD, "w1"]));
    // One line each, for `grep` and `tail`.
    assert_eq!(text(&history).lines().count(), 4);
}
