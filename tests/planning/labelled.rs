//! Arrays with named axes, and their contraction by nested loops that count.

use std::collections::BTreeSet;

use tt_admm::ndarray::{ArrayD, IxDyn};

/// The name of an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Label {
    /// A bond between factors.
    Bond(usize),
    /// A part of a mode: the mode, and which of its parts.
    Part(usize, usize),
    /// Kernel positions along height (0) or width (1).
    Kernel(usize),
    /// Image positions along height (0) or width (1).
    Position(usize),
    /// Samples, tokens, look-ups.
    Sample,
}

/// How an image position and a kernel position meet, along one axis.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub(crate) kernel: usize,
    pub(crate) input: usize,
    pub(crate) output: usize,
    pub(crate) stride: usize,
    pub(crate) padding: usize,
    pub(crate) dilation: usize,
}

impl Window {
    /// The input position under a kernel position; `None` in the padding.
    pub(crate) fn at(&self, output: usize, kernel: usize) -> Option<usize> {
        let padded = output * self.stride + kernel * self.dilation;
        padded.checked_sub(self.padding).filter(|&x| x < self.input)
    }
}

/// An array whose axes have names.
#[derive(Debug, Clone)]
pub(crate) struct Labelled {
    pub(crate) labels: Vec<Label>,
    pub(crate) data: ArrayD<f64>,
    /// Image axes over which the kernel has not been moved yet.
    pub(crate) waiting: [bool; 2],
}

impl Labelled {
    pub(crate) fn new(labels: Vec<Label>, data: ArrayD<f64>) -> Self {
        assert_eq!(labels.len(), data.ndim());
        Self {
            labels,
            data,
            waiting: [false; 2],
        }
    }

    pub(crate) fn size(&self, label: Label) -> Option<usize> {
        let axis = self.labels.iter().position(|&l| l == label)?;
        Some(self.data.shape()[axis])
    }

    /// What it cannot do without from others: the kernels it waits for.
    pub(crate) fn wanted(&self) -> impl Iterator<Item = Label> {
        let waiting = self.waiting;
        (0..2).filter(move |&k| waiting[k]).map(Label::Kernel)
    }

    /// The axes in this order.
    pub(crate) fn in_order(&self, labels: &[Label]) -> ArrayD<f64> {
        let axes: Vec<usize> = labels
            .iter()
            .map(|label| self.labels.iter().position(|l| l == label).unwrap())
            .collect();
        self.data.view().permuted_axes(IxDyn(&axes)).to_owned()
    }

    /// The sum over all axes that are not `needed`, and the number of multiply-adds.
    pub(crate) fn contract(
        &self,
        other: &Self,
        needed: &BTreeSet<Label>,
        windows: &[Window; 2],
    ) -> (Self, u64) {
        let union: BTreeSet<Label> = self.labels.iter().chain(&other.labels).copied().collect();
        let mut waiting = [false; 2];
        let mut moved = [false; 2];
        for k in 0..2 {
            let waits = self.waiting[k] || other.waiting[k];
            moved[k] = waits && union.contains(&Label::Kernel(k));
            waiting[k] = waits && !moved[k];
        }
        let length = |label: Label| match label {
            Label::Position(k) if moved[k] => windows[k].output,
            _ => self.size(label).or_else(|| other.size(label)).unwrap(),
        };
        let kept = |label: &Label| match *label {
            Label::Kernel(k) if moved[k] => false,
            Label::Position(_) => true,
            label => needed.contains(&label),
        };
        let (open, summed): (Vec<Label>, Vec<Label>) = union.iter().copied().partition(kept);
        let all: Vec<Label> = open.iter().chain(&summed).copied().collect();
        let lengths: Vec<usize> = all.iter().map(|&label| length(label)).collect();
        let mut result = ArrayD::zeros(IxDyn(&lengths[..open.len()]));
        let mut count = 0;
        for flat in 0..lengths.iter().product::<usize>() {
            let index = unravel(flat, &lengths);
            let at = |label: Label| index[all.iter().position(|&l| l == label).unwrap()];
            let value = |array: &Self| {
                let mut place = Vec::with_capacity(array.labels.len());
                for &label in &array.labels {
                    place.push(match label {
                        Label::Position(k) if moved[k] => {
                            windows[k].at(at(label), at(Label::Kernel(k)))?
                        }
                        _ => at(label),
                    });
                }
                Some(array.data[&place[..]])
            };
            // Zeros of the padding are multiplied too.
            let product = value(self).unwrap_or(0.0) * value(other).unwrap_or(0.0);
            result[&index[..open.len()]] += product;
            count += 1;
        }
        let mut result = Self::new(open, result);
        result.waiting = waiting;
        (result, count)
    }
}

/// Index of a row-major position.
pub(crate) fn unravel(mut flat: usize, shape: &[usize]) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    for (i, n) in index.iter_mut().zip(shape).rev() {
        (*i, flat) = (flat % n, flat / n);
    }
    index
}
