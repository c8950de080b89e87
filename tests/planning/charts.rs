//! Charts are well-formed documents that name everything.

use tt_admm::compress::{Cost, Curve, LayerReport, Operator, Report, curve_chart, layer_chart};

/// Fails unless tags are closed in order, attributes are quoted and `&` begins an entity. Gives the text outside of tags,
/// entities resolved.
fn text_of(svg: &str) -> String {
    let mut open: Vec<&str> = Vec::new();
    let mut text = String::new();
    let mut rest = svg;
    while let Some(start) = rest.find('<') {
        text.push_str(&resolved(&rest[..start]));
        let end = start + rest[start..].find('>').unwrap();
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "closed in order");
            continue;
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        assert!(!tag.contains('<'), "{tag}");
        for value in tag.split('"').skip(1).step_by(2) {
            resolved(value);
        }
        if !tag.ends_with('/') {
            open.push(tag.split_whitespace().next().unwrap());
        }
    }
    assert!(open.is_empty() && rest.trim().is_empty());
    let control = |c: char| c.is_control() && c != '\n';
    assert!(!svg.contains(control));
    text
}

fn resolved(text: &str) -> String {
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&amp;", "&"),
    ];
    let mut bare = text.to_owned();
    for (entity, _) in entities {
        bare = bare.replace(entity, "");
    }
    assert!(!bare.contains('&') && !bare.contains('>'), "{text}");
    entities
        .iter()
        .fold(text.to_owned(), |text, (entity, c)| text.replace(entity, c))
}

const NAMES: [&str; 5] = [
    "fc1.weight",
    "a<b>",
    "x & y",
    "\"quoted\" 'twice'",
    "Größe/層",
];

#[test]
fn every_layer_is_named() {
    let cost = |n: usize| Cost::dense(&Operator::linear(1), &[n, 10]).unwrap();
    let layers: Vec<LayerReport> = (1..)
        .zip(NAMES)
        .map(|(k, name)| {
            let mut layer = LayerReport::dense(name, [100 * k, 10], cost(100 * k));
            layer.after = cost(10 * k);
            layer.relative_error = 0.125;
            layer
        })
        .collect();
    let report = Report::of_layers(layers);
    let text = text_of(&layer_chart(&report).unwrap());
    for name in NAMES {
        assert!(text.contains(name), "{name} in {text}");
    }
    assert!(
        text.contains("0.1250") && text.contains("1500 of 15000 parameters (10.00 times fewer)")
    );
    assert!(layer_chart(&Report::of_layers(Vec::new())).is_err());
    // Nothing at all is no reason to fail.
    let zero = LayerReport::dense("zero\u{0}\u{7}\n", [1, 1], Cost::default());
    text_of(&layer_chart(&Report::of_layers(vec![zero])).unwrap());
}

#[test]
fn every_curve_is_named() {
    let curves: Vec<Curve> = NAMES
        .iter()
        .map(|name| Curve::new(*name, [(1.0, 0.0), (2.0, 0.25), (4.0, 0.5)]))
        .collect();
    let text = text_of(&curve_chart(&curves).unwrap());
    for name in NAMES {
        assert!(text.contains(name), "{name} in {text}");
    }
}

#[test]
fn points_that_cannot_be_drawn_are_refused_and_all_others_are_drawn() {
    assert!(curve_chart(&[]).is_err());
    assert!(curve_chart(&[Curve::new("none", [])]).is_err());
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX] {
        assert!(curve_chart(&[Curve::new("x", [(bad, 0.1)])]).is_err());
        assert!(curve_chart(&[Curve::new("y", [(1.0, 0.1), (2.0, bad)])]).is_err());
    }
    for points in [
        vec![(1.0, 0.0)],
        vec![(3.0, 0.5), (3.0, 0.5)],
        vec![(1.0, 0.1), (1.0 + f64::EPSILON, 0.2)],
        vec![(1e16, 0.1), (1e16 + 2.0, 0.2)],
        vec![(1.0, 1e-300), (2.0, 0.0)],
        vec![(1.0, 0.1), (1e90, 1e90)],
    ] {
        text_of(&curve_chart(&[Curve::new("line", points)]).unwrap());
    }
}
