//! A factored layer as a network of tensors: which indices the input and the factors share.

use super::operator::product;
use super::{Conv2d, CostError, Format, Operator};
use crate::tensorize::{Role, Tensorization};

/// A set of indices.
pub(super) type Bits = u128;

/// Most nodes of a network: four indices for each fit in [`Bits`].
pub(super) const MOST_NODES: usize = 31;

/// What an index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Summed over, or in the output.
    Plain,
    /// Positions of the kernel along an axis, which the input meets as a window that slides.
    Kernel(usize),
}

/// Sizes of the input and of the output of a convolution along its two axes; how often everything is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Positions {
    count: usize,
    input: [usize; 2],
    output: [usize; 2],
}

impl Positions {
    /// Those of an operator that slides nothing.
    fn flat(count: usize) -> Self {
        Self {
            count,
            input: [1; 2],
            output: [1; 2],
        }
    }
}

/// Factors, and the input if it is one of the nodes.
#[derive(Debug, Clone)]
pub(super) struct Network {
    sizes: Vec<usize>,
    kinds: Vec<Kind>,
    /// The indices of every node: the factors in their order, then the input.
    pub(super) nodes: Vec<Bits>,
    /// Indices of the result.
    outputs: Bits,
    /// Indices that stand for the row of an embedding that is looked up.
    rows: Bits,
    /// Whether the last node is the input.
    pub(super) has_input: bool,
    positions: Positions,
}

impl Network {
    /// The network of a layer; `None` if the layout tears the axes of the weight apart in a way that the input cannot
    /// follow.
    pub(super) fn of_layer(
        operator: &Operator,
        format: Format,
        layout: &Tensorization,
        ranks: &[usize],
    ) -> Result<Option<Self>, CostError> {
        let Some(roles) = layout.roles() else {
            return Ok(None);
        };
        let mut network = Self::empty(positions(operator, layout.weight_shape())?);
        let modes: Vec<Bits> = roles
            .iter()
            .map(|roles| network.mode(operator, roles))
            .collect();
        // A kernel axis in several modes would be several convolutions, with sizes between input and output.
        for axis in 0..2 {
            if network.kernels().filter(|&(_, a)| a == axis).count() > 1 {
                return Ok(None);
            }
        }
        network.factors(format, ranks, &modes)?;
        if !matches!(operator, Operator::Embedding { .. }) {
            let all: Bits = modes.iter().fold(0, |all, mode| all | mode);
            network.nodes.push(all & !network.outputs);
            network.has_input = true;
        }
        Ok(Some(network))
    }

    /// The network of the factors alone, which makes the dense weight.
    pub(super) fn of_weight(
        format: Format,
        layout: &Tensorization,
        ranks: &[usize],
    ) -> Result<Self, CostError> {
        let mut network = Self::empty(Positions::flat(1));
        let modes: Vec<Bits> = layout
            .tensor_shape()
            .iter()
            .map(|&n| network.index(n, Kind::Plain))
            .collect();
        network.outputs = modes.iter().fold(0, |all, mode| all | mode);
        network.factors(format, ranks, &modes)?;
        Ok(network)
    }

    fn empty(positions: Positions) -> Self {
        Self {
            sizes: Vec::new(),
            kinds: Vec::new(),
            nodes: Vec::new(),
            outputs: 0,
            rows: 0,
            has_input: false,
            positions,
        }
    }

    fn index(&mut self, size: usize, kind: Kind) -> Bits {
        // No more of them than `factors` lets through: bits beyond are never used.
        let bit = u32::try_from(self.sizes.len()).unwrap_or(u32::MAX);
        self.sizes.push(size);
        self.kinds.push(kind);
        1_u128.checked_shl(bit).unwrap_or(0)
    }

    /// The indices of a mode: what belongs to the same axis of the weight is one index.
    fn mode(&mut self, operator: &Operator, roles: &[Role]) -> Bits {
        let mut bits = 0;
        for axis in 0..4 {
            let size: usize = roles
                .iter()
                .filter(|role| role.axis == axis)
                .map(|role| role.size)
                .product();
            if size == 1 {
                continue;
            }
            match (operator, axis) {
                // The row that is looked up: one of them, whatever the size.
                (Operator::Embedding { .. }, 0) => {
                    let row = self.index(1, Kind::Plain);
                    self.rows |= row;
                    bits |= row;
                }
                (Operator::Embedding { .. }, _) | (_, 0) => {
                    let output = self.index(size, Kind::Plain);
                    self.outputs |= output;
                    bits |= output;
                }
                (_, 1) => bits |= self.index(size, Kind::Plain),
                (_, axis) => bits |= self.index(size, Kind::Kernel(axis - 2)),
            }
        }
        bits
    }

    /// Adds the factors as nodes; `modes` are the indices of the tensor's modes.
    fn factors(
        &mut self,
        format: Format,
        ranks: &[usize],
        modes: &[Bits],
    ) -> Result<(), CostError> {
        let order = modes.len();
        if order >= MOST_NODES {
            return Err(CostError::TooManyModes {
                order,
                largest: MOST_NODES - 1,
            });
        }
        match format {
            Format::TensorTrain | Format::TensorRing => {
                // The last bond of a ring is its first; at the ends of a train there is none.
                let closing = self.index(ranks[0], Kind::Plain);
                let mut left = closing;
                for (k, &mode) in modes.iter().enumerate() {
                    let last = k + 1 == order;
                    let right = if last {
                        closing
                    } else {
                        self.index(ranks[k + 1], Kind::Plain)
                    };
                    self.nodes.push(left | mode | right);
                    left = right;
                }
            }
            Format::Tucker => {
                let mut core = 0;
                let mut factors = Vec::new();
                for (k, &mode) in modes.iter().enumerate() {
                    match ranks[k] {
                        0 => core |= mode,
                        rank => {
                            let bond = self.index(rank, Kind::Plain);
                            core |= bond;
                            factors.push(bond | mode);
                        }
                    }
                }
                self.nodes.push(core);
                self.nodes.append(&mut factors);
            }
        }
        Ok(())
    }

    fn kernels(&self) -> impl Iterator<Item = (usize, usize)> {
        self.kinds
            .iter()
            .enumerate()
            .filter_map(|(k, kind)| match kind {
                Kind::Kernel(axis) => Some((k, *axis)),
                Kind::Plain => None,
            })
    }

    /// The indices that the contraction of these nodes still has: those that other nodes or the result need.
    pub(super) fn open(&self, inside: impl Fn(usize) -> bool) -> Bits {
        let (mut within, mut needed) = (0, self.outputs);
        for (k, node) in self.nodes.iter().enumerate() {
            if inside(k) {
                within |= node;
            } else {
                needed |= node;
            }
        }
        within & needed
    }

    /// Whether the contraction of these nodes is another one at every position or for every look-up.
    pub(super) fn moving(&self, inside: impl Fn(usize) -> bool) -> bool {
        let input = self.has_input.then(|| self.nodes.len() - 1);
        let moves = |k: usize| input == Some(k) || self.nodes[k] & self.rows != 0;
        (0..self.nodes.len()).any(|k| inside(k) && moves(k))
    }

    /// Multiply-adds of contracting two parts with these open indices into one with the indices `result`.
    pub(super) fn macs(&self, a: Bits, b: Bits, result: Bits, moving: bool) -> u64 {
        let mut sizes = Vec::with_capacity(16);
        let mut side = self.positions.output;
        let mut rest = a | b;
        while rest != 0 {
            let k = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            match self.kinds[k] {
                // A window that does not slide yet.
                Kind::Kernel(axis) if moving && result >> k & 1 == 1 => {
                    side[axis] = self.positions.input[axis];
                }
                _ => sizes.push(self.sizes[k]),
            }
        }
        if moving {
            sizes.extend([self.positions.count, side[0], side[1]]);
        }
        product(sizes)
    }
}

fn positions(operator: &Operator, shape: &[usize]) -> Result<Positions, CostError> {
    Ok(match operator {
        Operator::Linear { positions } => Positions::flat(*positions),
        Operator::Embedding { lookups } => Positions::flat(*lookups),
        Operator::Conv(conv) => Positions {
            count: 1,
            input: Conv2d::input(conv),
            output: conv.output([shape[2], shape[3]])?,
        },
    })
}
