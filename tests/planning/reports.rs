//! Reports: an object with promised keys, and a table whose totals are sums.

use std::collections::BTreeSet;

use serde_json::Value;
use tt_admm::compress::{Budget, Cost, LayerReport, Operator, Report, plan};

use crate::networks::{decomposed, network, profiles};

fn reports() -> impl Iterator<Item = Report> {
    (0..8).map(|seed| {
        let layers = network(seed);
        let plan = plan(&profiles(&layers), Budget::relative_error(0.4)).unwrap();
        decomposed(&plan, &layers).report
    })
}

#[test]
fn a_report_is_an_object_with_six_keys() {
    for report in reports() {
        let value = serde_json::to_value(&report).unwrap();
        let keys: BTreeSet<&str> = value
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let promised = [
            "layers",
            "macs_after",
            "macs_before",
            "parameters_after",
            "parameters_before",
            "relative_error",
        ];
        assert_eq!(keys, BTreeSet::from(promised));
        assert_eq!(
            value["parameters_before"],
            Value::from(report.before.parameters)
        );
        assert_eq!(
            value["parameters_after"],
            Value::from(report.after.parameters)
        );
        assert_eq!(value["macs_before"], Value::from(report.before.macs));
        assert_eq!(value["macs_after"], Value::from(report.after.macs));
        assert_eq!(value["relative_error"], Value::from(report.relative_error));
        assert_eq!(
            value["layers"].as_array().unwrap().len(),
            report.layers.len()
        );
        let back: Report = serde_json::from_str(&value.to_string()).unwrap();
        assert_eq!(back, report);
    }
}

#[test]
fn totals_are_sums() {
    for report in reports() {
        let sum = |part: fn(&LayerReport) -> Cost| report.layers.iter().map(part).sum::<Cost>();
        assert_eq!(report.before, sum(|layer| layer.before));
        assert_eq!(report.after, sum(|layer| layer.after));
        let square = |part: &dyn Fn(&LayerReport) -> f64| -> f64 {
            report.layers.iter().map(|layer| part(layer).powi(2)).sum()
        };
        let lost = square(&|layer| layer.norm * layer.relative_error);
        let error = (lost / square(&|layer| layer.norm)).sqrt();
        assert!((report.relative_error - error).abs() < 1e-14);
        let ratio = report.before.parameters as f64 / report.after.parameters as f64;
        assert_eq!(report.parameter_ratio(), ratio);

        // The table: a header, the layers, the totals, the ratios.
        let table = report.to_string();
        let lines: Vec<Vec<&str>> = table
            .lines()
            .map(|l| l.split_whitespace().collect())
            .collect();
        assert_eq!(lines.len(), report.layers.len() + 3);
        let column = |line: &[&str], from_right: usize| -> u64 {
            line[line.len() - 1 - from_right].parse().unwrap()
        };
        let totals = &lines[lines.len() - 2];
        assert_eq!(totals[0], "total");
        for from_right in 1..5 {
            let layers = &lines[1..lines.len() - 2];
            let sum: u64 = layers.iter().map(|line| column(line, from_right)).sum();
            assert_eq!(column(totals, from_right), sum);
        }
        assert!(lines[lines.len() - 1].contains(&format!("{ratio:.2}").as_str()));
        for (line, layer) in lines[1..].iter().zip(&report.layers) {
            assert_eq!(line[0], layer.name);
        }
        // Columns of numbers end at the same place.
        let ends: BTreeSet<usize> = table.lines().take(lines.len() - 1).map(str::len).collect();
        assert_eq!(ends.len(), 1, "{table}");
    }
}

#[test]
fn empty_and_zero_reports_have_totals() {
    let empty = Report::of_layers(Vec::new());
    assert_eq!(
        (
            empty.parameter_ratio(),
            empty.mac_ratio(),
            empty.relative_error
        ),
        (1.0, 1.0, 0.0)
    );
    assert!(empty.to_string().starts_with("layer"));
    let cost = Cost::dense(&Operator::embedding(3), &[10, 4]).unwrap();
    let report = Report::of_layers(vec![LayerReport::dense("table", [10, 4], cost)]);
    assert_eq!(
        (
            report.parameter_ratio(),
            report.mac_ratio(),
            report.relative_error
        ),
        (1.0, 1.0, 0.0)
    );
    assert_eq!(report.before.parameters, 40);
}
