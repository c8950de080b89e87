//! Layers by their definition: every layout as a list of modes and their parts, factors with named axes, and the dense
//! layer by nested loops.

use tt_admm::compress::{Conv2d, Format, Operator, Scheme};
use tt_admm::ndarray::{ArrayD, Axis, IxDyn, Slice};
use tt_admm::{Factors, Tensorization};

use crate::common::random::{self, Rng};
use crate::labelled::{Label, Labelled, Window, unravel};

/// A part of a mode: the axis of the weight, and the number of values.
pub(crate) type Part = (usize, usize);

/// A layer, and what its layout means.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    pub(crate) operator: Operator,
    pub(crate) scheme: Scheme,
    /// The parts of every mode, slowest first. The parts of an axis come slowest first too.
    pub(crate) modes: Vec<Vec<Part>>,
    pub(crate) windows: [Window; 2],
}

const NO_WINDOW: Window = Window {
    kernel: 1,
    input: 1,
    output: 1,
    stride: 1,
    padding: 0,
    dilation: 1,
};

fn parts(axis: usize, sizes: &[usize]) -> Vec<Vec<Part>> {
    sizes.iter().map(|&n| vec![(axis, n)]).collect()
}

fn pairs(slow: (usize, &[usize]), fast: (usize, &[usize])) -> Vec<Vec<Part>> {
    let both = slow.1.iter().zip(fast.1);
    both.map(|(&a, &b)| vec![(slow.0, a), (fast.0, b)])
        .collect()
}

/// One to three numbers of 1 to 3.
fn modes(rng: &mut Rng) -> Vec<usize> {
    (0..=rng.below(2)).map(|_| 1 + rng.below(3)).collect()
}

fn same_count(rng: &mut Rng) -> (Vec<usize>, Vec<usize>) {
    let count = 1 + rng.below(3);
    let mut list = || (0..count).map(|_| 1 + rng.below(3)).collect();
    (list(), list())
}

/// A random layer of one of eight kinds.
pub(crate) fn random_layer(kind: usize, rng: &mut Rng) -> Layer {
    match kind % 8 {
        0 => {
            let (o, i) = (modes(rng), modes(rng));
            let layout = Tensorization::linear(o.clone(), i.clone()).unwrap();
            let modes = [parts(0, &o), parts(1, &i)].concat();
            flat(Operator::linear(1 + rng.below(3)), layout, modes, rng)
        }
        1 => {
            let (m, n) = same_count(rng);
            let layout = Tensorization::tt_matrix(m.clone(), n.clone()).unwrap();
            flat(Operator::linear(1), layout, pairs((0, &m), (1, &n)), rng)
        }
        2 => {
            let (mut v, d) = same_count(rng);
            v[0] = v[0].max(2);
            let layout = Tensorization::embedding(v.clone(), d.clone()).unwrap();
            let operator = Operator::embedding(1 + rng.below(4));
            flat(operator, layout, pairs((0, &v), (1, &d)), rng)
        }
        3 => {
            let (mut h, i) = (modes(rng), modes(rng));
            let layout = Tensorization::recurrent(4, h.clone(), i.clone()).unwrap();
            h[0] *= 4;
            let modes = [parts(0, &h), parts(1, &i)].concat();
            flat(Operator::recurrent(1 + rng.below(3)), layout, modes, rng)
        }
        4 => {
            let (mut h, i) = same_count(rng);
            let layout = Tensorization::recurrent_tt_matrix(3, h.clone(), i.clone()).unwrap();
            h[0] *= 3;
            flat(Operator::recurrent(2), layout, pairs((0, &h), (1, &i)), rng)
        }
        5 => {
            let (o, i, k) = (modes(rng), modes(rng), kernel(rng));
            let layout = Tensorization::conv(o.clone(), k, i.clone()).unwrap();
            let middle = vec![vec![(2, k[0]), (3, k[1])]];
            conv(
                layout,
                [parts(0, &o), middle, parts(1, &i)].concat(),
                k,
                rng,
            )
        }
        6 => {
            let ((o, i), k) = (same_count(rng), kernel(rng));
            let layout = Tensorization::conv_garipov(o.clone(), k, i.clone()).unwrap();
            let first = vec![vec![(2, k[0]), (3, k[1])]];
            conv(layout, [first, pairs((1, &i), (0, &o))].concat(), k, rng)
        }
        _ => {
            let (o, i, k) = (1 + rng.below(4), 1 + rng.below(4), kernel(rng));
            let shape = [o, i, k[0], k[1]];
            // Axes in another order, cut in two.
            let orders = [
                [0, 2, 1, 3],
                [0, 3, 1, 2],
                [0, 2, 3, 1],
                [0, 1, 2, 3],
                [2, 0, 3, 1],
            ];
            let order = orders[rng.below(orders.len())];
            let cut = 1 + rng.below(3);
            let part = |k: &usize| (*k, shape[*k]);
            let modes: Vec<Vec<Part>> = [&order[..cut], &order[cut..]]
                .map(|axes| axes.iter().map(part).collect())
                .to_vec();
            let tensor: Vec<usize> = modes
                .iter()
                .map(|m| m.iter().map(|p| p.1).product())
                .collect();
            let layout = Tensorization::custom(shape, shape, order, tensor).unwrap();
            conv(layout, modes, k, rng)
        }
    }
}

fn kernel(rng: &mut Rng) -> [usize; 2] {
    [1 + rng.below(3), 1 + rng.below(3)]
}

fn scheme(layout: Tensorization, rng: &mut Rng) -> Scheme {
    let order = layout.order();
    let mut ranks = |count: usize| -> Vec<usize> { (0..count).map(|_| 1 + rng.below(4)).collect() };
    let (bonds, cores, ring) = (ranks(order - 1), ranks(order), ranks(order));
    match rng.below(if order > 1 { 3 } else { 1 }) {
        0 => Scheme::tensor_train(layout, bonds).unwrap(),
        1 => {
            // Some modes without a factor.
            let pairs: Vec<(usize, usize)> = cores
                .into_iter()
                .enumerate()
                .filter(|(k, r)| (k + r) % 3 > 0)
                .collect();
            Scheme::tucker(layout, pairs).unwrap()
        }
        _ => Scheme::tensor_ring(
            layout,
            ring.iter().map(|r| r.min(&3)).copied().collect::<Vec<_>>(),
        )
        .unwrap(),
    }
}

fn flat(operator: Operator, layout: Tensorization, modes: Vec<Vec<Part>>, rng: &mut Rng) -> Layer {
    let scheme = scheme(layout, rng);
    let windows = [NO_WINDOW; 2];
    Layer {
        operator,
        scheme,
        modes,
        windows,
    }
}

fn conv(layout: Tensorization, modes: Vec<Vec<Part>>, kernel: [usize; 2], rng: &mut Rng) -> Layer {
    let groups = 1 + rng.below(2);
    let groups = if layout.weight_shape()[1] == 1 {
        1
    } else {
        groups
    };
    let windows = kernel.map(|kernel| {
        let (stride, dilation) = (1 + rng.below(2), 1 + rng.below(2));
        let padding = rng.below(2);
        let reach = (kernel - 1) * dilation + 1;
        let input = reach + rng.below(3);
        Window {
            kernel,
            input,
            output: (input + 2 * padding - reach) / stride + 1,
            stride,
            padding,
            dilation,
        }
    });
    let two = |part: fn(&Window) -> usize| [part(&windows[0]), part(&windows[1])];
    let conv = Conv2d::new(two(|w| w.input))
        .stride(two(|w| w.stride))
        .padding(two(|w| w.padding))
        .dilation(two(|w| w.dilation))
        .groups(groups);
    Layer {
        operator: Operator::conv(conv),
        scheme: scheme(layout, rng).grouped(groups).unwrap(),
        modes,
        windows,
    }
}

impl Layer {
    /// The name of a part of a mode.
    fn label(&self, mode: usize, part: usize) -> Label {
        match self.modes[mode][part] {
            (axis @ 2.., _) => Label::Kernel(axis - 2),
            _ => Label::Part(mode, part),
        }
    }

    /// The parts of an axis, slowest first: names and sizes.
    pub(crate) fn axis(&self, axis: usize) -> (Vec<Label>, Vec<usize>) {
        let modes = self.modes.iter().enumerate();
        modes
            .flat_map(|(m, parts)| parts.iter().enumerate().map(move |(p, part)| (m, p, *part)))
            .filter(|(.., part)| part.0 == axis)
            .map(|(m, p, (_, size))| (self.label(m, p), size))
            .unzip()
    }

    /// The factors of one group with named axes; `rows` are looked up in an embedding.
    pub(crate) fn nodes(&self, factors: &Factors<f64>, rows: &[usize]) -> Vec<Labelled> {
        let order = self.modes.len();
        let ring = self.scheme.format() == Format::TensorRing;
        let mut nodes = Vec::new();
        let (mut names, mut kinds) = (Vec::new(), Vec::new());
        if let Some(tucker) = factors.tucker() {
            kinds.push(
                (0..order)
                    .map(|k| match &tucker.factors()[k] {
                        None => Some(k),
                        Some(_) => None,
                    })
                    .collect::<Vec<_>>(),
            );
            names.push((0..order).map(Label::Bond).collect::<Vec<_>>());
            for k in (0..order).filter(|&k| tucker.factors()[k].is_some()) {
                kinds.push(vec![Some(k), None]);
                names.push(vec![Label::Bond(k); 2]);
            }
        } else {
            for k in 0..order {
                let right = if ring { (k + 1) % order } else { k + 1 };
                kinds.push(vec![None, Some(k), None]);
                names.push(vec![Label::Bond(k), Label::Bond(k), Label::Bond(right)]);
            }
        }
        for ((view, names), kinds) in factors.parameters().iter().zip(names).zip(kinds) {
            let (mut labels, mut lengths) = (Vec::new(), Vec::new());
            for ((name, kind), &n) in names.into_iter().zip(kinds).zip(view.shape()) {
                match kind {
                    None => {
                        labels.push(name);
                        lengths.push(n);
                    }
                    Some(mode) => {
                        for (p, part) in self.modes[mode].iter().enumerate() {
                            labels.push(self.label(mode, p));
                            lengths.push(part.1);
                        }
                    }
                }
            }
            let data = view.to_shape(IxDyn(&lengths)).unwrap().to_owned();
            nodes.push(self.looked_up(Labelled::new(labels, data), rows));
        }
        nodes
    }

    /// A factor of an embedding with its parts of the row index replaced by one axis of look-ups.
    fn looked_up(&self, node: Labelled, rows: &[usize]) -> Labelled {
        let (row_labels, row_sizes) = self.axis(0);
        let embedding = matches!(self.operator, Operator::Embedding { .. });
        // A part of one value is the same for all rows.
        let varies = |l: &Label| row_labels.contains(l) && node.size(*l) != Some(1);
        if !embedding || !node.labels.iter().any(varies) {
            return node;
        }
        let rest: Vec<Label> = node
            .labels
            .iter()
            .copied()
            .filter(|l| !row_labels.contains(l))
            .collect();
        let mut lengths: Vec<usize> = rest.iter().map(|&l| node.size(l).unwrap()).collect();
        lengths.insert(0, rows.len());
        let data = ArrayD::from_shape_fn(IxDyn(&lengths), |index| {
            let row = unravel(rows[index[0]], &row_sizes);
            let place: Vec<usize> = node
                .labels
                .iter()
                .map(|label| match row_labels.iter().position(|l| l == label) {
                    Some(k) => row[k],
                    None => index[1 + rest.iter().position(|l| l == label).unwrap()],
                })
                .collect();
            node.data[&place[..]]
        });
        Labelled::new([vec![Label::Sample], rest].concat(), data)
    }

    /// Random input of one group: positions first, or (channels, height, width).
    pub(crate) fn input(&self, seed: u64) -> ArrayD<f64> {
        let inputs = self.axis(1).1.iter().product();
        match &self.operator {
            Operator::Conv(conv) => {
                let [height, width] = conv.input();
                random::tensor(&[inputs, height, width], seed)
            }
            Operator::Linear { positions } => random::tensor(&[*positions, inputs], seed),
            _ => ArrayD::zeros(IxDyn(&[0])),
        }
    }

    /// The input as a node. Along an axis whose kernel has one position, only what is used is left.
    pub(crate) fn input_node(&self, input: &ArrayD<f64>) -> Option<Labelled> {
        let (labels, sizes) = self.axis(1);
        match &self.operator {
            Operator::Conv(_) => {
                let [h, w] = self.windows;
                let side = |w: Window| if w.kernel == 1 { w.output } else { w.input };
                let lengths = [sizes.clone(), vec![side(h), side(w)]].concat();
                let from =
                    |w: Window, at: usize| if w.kernel == 1 { w.at(at, 0) } else { Some(at) };
                let channels = sizes.len();
                let data = ArrayD::from_shape_fn(IxDyn(&lengths), |index| {
                    let index: Vec<usize> = (0..channels + 2).map(|k| index[k]).collect();
                    let channel = index[..channels]
                        .iter()
                        .zip(&sizes)
                        .fold(0, |c, (i, n)| c * n + i);
                    let place = from(h, index[channels]).zip(from(w, index[channels + 1]));
                    place.map_or(0.0, |(y, x)| input[[channel, y, x]])
                });
                let all = [labels, vec![Label::Position(0), Label::Position(1)]].concat();
                let mut node = Labelled::new(all, data);
                node.waiting = [h.kernel > 1, w.kernel > 1];
                Some(node)
            }
            Operator::Linear { positions } => {
                let lengths = [vec![*positions], sizes].concat();
                let data = input.to_shape(IxDyn(&lengths)).unwrap().to_owned();
                Some(Labelled::new([vec![Label::Sample], labels].concat(), data))
            }
            _ => None,
        }
    }

    /// The names of the axes of the output of one group.
    pub(crate) fn outputs(&self) -> Vec<Label> {
        match self.operator {
            Operator::Conv(_) => {
                [self.axis(0).0, vec![Label::Position(0), Label::Position(1)]].concat()
            }
            Operator::Linear { .. } => [vec![Label::Sample], self.axis(0).0].concat(),
            _ => [vec![Label::Sample], self.axis(1).0].concat(),
        }
    }

    /// The dense layer of one group, element by element.
    pub(crate) fn dense(
        &self,
        weight: &ArrayD<f64>,
        input: &ArrayD<f64>,
        rows: &[usize],
    ) -> ArrayD<f64> {
        let shape = weight.shape();
        match &self.operator {
            Operator::Conv(_) => {
                let [h, w] = self.windows;
                ArrayD::from_shape_fn(IxDyn(&[shape[0], h.output, w.output]), |index| {
                    let (o, y, x) = (index[0], index[1], index[2]);
                    let mut sum = 0.0;
                    for i in 0..shape[1] {
                        for a in 0..h.kernel {
                            for b in 0..w.kernel {
                                if let (Some(y), Some(x)) = (h.at(y, a), w.at(x, b)) {
                                    sum += weight[[o, i, a, b]] * input[[i, y, x]];
                                }
                            }
                        }
                    }
                    sum
                })
            }
            Operator::Linear { positions } => {
                ArrayD::from_shape_fn(IxDyn(&[*positions, shape[0]]), |index| {
                    (0..shape[1])
                        .map(|i| weight[[index[1], i]] * input[[index[0], i]])
                        .sum()
                })
            }
            _ => ArrayD::from_shape_fn(IxDyn(&[rows.len(), shape[1]]), |index| {
                weight[[rows[index[0]], index[1]]]
            }),
        }
    }

    /// A random weight of all groups.
    pub(crate) fn weight(&self, seed: u64) -> ArrayD<f64> {
        random::tensor(&self.scheme.weight_shape(), seed)
    }

    /// The rows of the weight that belong to a group.
    pub(crate) fn group(&self, weight: &ArrayD<f64>, group: usize) -> ArrayD<f64> {
        let rows = self.scheme.layout().weight_shape()[0];
        weight
            .slice_axis(Axis(0), Slice::from(group * rows..(group + 1) * rows))
            .to_owned()
    }
}
