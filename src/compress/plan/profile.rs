//! What a plan needs to know of a layer: its size, its operator, and what every choice of ranks loses.

use ndarray::{ArrayD, ArrayRef, Axis, Dimension, Slice};

use super::spectrum::{Spectrum, tail};
use super::{Family, PlanError};
use crate::compress::{Cost, Format, Operator, Scheme};
use crate::error::first_non_finite;
use crate::linalg::{frobenius, power_of_two_scale};
use crate::scalar::Scalar;
use crate::tensorize::Tensorization;
use crate::truncation::TtRanks;
use crate::tucker::TuckerRanks;

/// What a plan needs to know of a layer: its name, shape and operator, and what every choice of ranks loses.
///
/// Made once from the weight, by eigenvalues of Gram matrices in `f64`; plans for any number of budgets then take
/// milliseconds.
///
/// # Examples
///
/// ```
/// use tt_admm::compress::{Budget, Family, LayerProfile, Operator, plan};
/// use tt_admm::ndarray::Array2;
///
/// // Rank 3, and a little of everything.
/// let w = Array2::from_shape_fn((40, 30), |(i, j)| {
///     ((i + j) as f64).sin() + 0.1 * ((i * j) as f64).cos() + if i == j { 1e-3 } else { 0.0 }
/// });
/// let layer = LayerProfile::measure("fc", &w, Operator::linear(1), &[Family::LowRank])?;
/// let plan = plan(&[layer], Budget::parameter_ratio(4.0))?;
/// let scheme = plan.layers()[0].scheme.as_ref().unwrap();
/// assert_eq!(scheme.ranks(), [1, 4, 1]);                   // 4 (40 + 30) <= 1200 / 4
/// # Ok::<(), tt_admm::compress::PlanError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LayerProfile {
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
    pub(super) operator: Operator,
    pub(super) norm: f64,
    pub(super) importance: Importance,
    pub(super) offers: Vec<Offer>,
}

/// How much the error of a layer counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Importance {
    /// The squared error, times this.
    Absolute(f64),
    /// The squared relative error, times this.
    Relative(f64),
}

/// A format and layout that the plan may pick, with its losses.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Offer {
    pub(super) format: Format,
    pub(super) layout: Tensorization,
    pub(super) groups: usize,
    /// Ranks of which those at `places` are chosen.
    pub(super) ranks: Vec<usize>,
    pub(super) places: Vec<usize>,
    pub(super) spectrum: Spectrum,
}

impl LayerProfile {
    /// Measures a weight in all layouts of these families.
    ///
    /// Costs one Gram matrix and its eigenvalues for every bond of every layout: `O(m^2 n + m^3)` for an unfolding of
    /// sides `m <= n`. A Gram matrix has half of the digits: relative errors below about `1e-8` are not told from 0.
    ///
    /// # Errors
    ///
    /// [`PlanError::NonFinite`], [`PlanError::Cost`] if the operator cannot have such a weight, [`PlanError::Layout`] if
    /// the weight is empty or too large, [`PlanError::Linalg`] if eigenvalues are not found.
    pub fn measure<A: Scalar, D: Dimension>(
        name: impl Into<String>,
        weight: &ArrayRef<A, D>,
        operator: Operator,
        families: &[Family],
    ) -> Result<Self, PlanError> {
        let mut layouts = Vec::new();
        let name = name.into();
        // What the operator cannot have is refused before layouts are made for it.
        let cost = Cost::dense(&operator, weight.shape());
        cost.map_err(|source| PlanError::Cost {
            name: name.clone(),
            source,
        })?;
        for family in families {
            let offered = family.layouts(&operator, weight.shape());
            let offered = offered.map_err(|source| PlanError::Layout {
                name: name.clone(),
                source,
            })?;
            layouts.extend(offered.into_iter().map(|layout| (family.format(), layout)));
        }
        Self::measure_layouts(name, weight, operator, layouts)
    }

    /// Measures a weight in formats and layouts of your own: tensor trains in any layout, Tucker decompositions of
    /// the first and the last mode of a layout. Layouts are those of one group.
    ///
    /// # Errors
    ///
    /// As [`measure`](Self::measure); [`PlanError::Shape`] if a layout is for a weight of another shape, and
    /// [`PlanError::Spectra`] for rings, whose losses cannot be read off the weight.
    pub fn measure_layouts<A: Scalar, D: Dimension>(
        name: impl Into<String>,
        weight: &ArrayRef<A, D>,
        operator: Operator,
        layouts: impl IntoIterator<Item = (Format, Tensorization)>,
    ) -> Result<Self, PlanError> {
        let mut profile = Self::empty(name.into(), weight.shape(), operator)?;
        if let Some((index, value)) = first_non_finite(weight) {
            return Err(PlanError::NonFinite {
                name: profile.name,
                index,
                value,
            });
        }
        profile.norm = frobenius(weight.iter().copied()).min(f64::MAX);
        let mut scaled = weight.map(|x| x.widen()).into_dyn();
        scaled *= power_of_two_scale(&scaled);
        for (format, layout) in layouts {
            let offer = profile.offer(&scaled, format, layout)?;
            profile.offers.push(offer);
        }
        Ok(profile)
    }

    /// A layer whose singular values are known: for every layout, one list for every bond (trains), largest first. What
    /// a list leaves out at its end counts as 0. With several bonds, the loss is the sum over them: for three
    /// modes that is a larger bound than the one of [`measure`](Self::measure).
    ///
    /// # Errors
    ///
    /// [`PlanError::Spectra`] if the lists do not fit the layout, [`PlanError::Shape`] if two layouts are for weights of
    /// different shapes, and [`PlanError::Cost`] as for [`measure`](Self::measure).
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::Tensorization;
    /// use tt_admm::compress::{Budget, LayerProfile, Operator, plan};
    ///
    /// let layout = Tensorization::linear([4], [3])?;
    /// let layer = LayerProfile::from_spectra("fc", Operator::linear(1), [(layout, vec![vec![2.0, 1.0, 0.1]])])?;
    /// let plan = plan(&[layer], Budget::parameters(7))?;
    /// assert!((plan.relative_error() - (1.01_f64 / 5.01).sqrt()).abs() < 1e-15);    // rank 1
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_spectra(
        name: impl Into<String>,
        operator: Operator,
        spectra: impl IntoIterator<Item = (Tensorization, Vec<Vec<f64>>)>,
    ) -> Result<Self, PlanError> {
        let name = name.into();
        let mut profile: Option<Self> = None;
        for (layout, lists) in spectra {
            let groups = operator.groups();
            let mut shape = layout.weight_shape().to_vec();
            shape[0] = shape[0].saturating_mul(groups.max(1));
            let profile = match &mut profile {
                Some(profile) => profile,
                empty => empty.insert(Self::empty(name.clone(), &shape, operator.clone())?),
            };
            if profile.shape != shape {
                return Err(PlanError::Shape {
                    name,
                    expected: profile.shape.clone(),
                    got: shape,
                });
            }
            let norm = check_spectra(&name, &layout, &lists)?;
            profile.norm = profile.norm.max(norm);
            let share = |x: &f64| if norm > 0.0 { (x / norm).powi(2) } else { 0.0 };
            let tails = lists.iter().map(|list| {
                let energies: Vec<f64> = list.iter().map(share).collect();
                tail(&energies)
            });
            let tails = Spectrum::Tails(tails.collect());
            let offer = profile.place(Format::TensorTrain, layout, tails);
            profile.offers.push(offer);
        }
        profile.ok_or(PlanError::Spectra {
            name,
            what: "no singular values are given".to_owned(),
        })
    }

    fn empty(name: String, shape: &[usize], operator: Operator) -> Result<Self, PlanError> {
        if let Err(source) = Cost::dense(&operator, shape) {
            return Err(PlanError::Cost { name, source });
        }
        Ok(Self {
            name,
            shape: shape.to_vec(),
            operator,
            norm: 0.0,
            importance: Importance::Absolute(1.0),
            offers: Vec::new(),
        })
    }

    /// Multiplies the squared error of this layer in what a plan minimises: a sensitivity that you measured, say.
    ///
    /// # Errors
    ///
    /// [`PlanError::Importance`] if it is negative or not a number.
    pub fn importance(mut self, importance: f64) -> Result<Self, PlanError> {
        if !importance.is_finite() || importance < 0.0 {
            let name = self.name;
            return Err(PlanError::Importance {
                name,
                got: importance,
            });
        }
        self.importance = match self.importance {
            Importance::Absolute(_) => Importance::Absolute(importance),
            Importance::Relative(_) => Importance::Relative(importance),
        };
        Ok(self)
    }

    /// Lets the error relative to the norm of this layer's weight count, not the error itself.
    #[must_use]
    pub fn relative(mut self) -> Self {
        let (Importance::Absolute(x) | Importance::Relative(x)) = self.importance;
        self.importance = Importance::Relative(x);
        self
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The shape of the weight.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// What the layer does with its weight.
    #[must_use]
    pub fn operator(&self) -> &Operator {
        &self.operator
    }

    /// `|W|_F`.
    #[must_use]
    pub fn norm(&self) -> f64 {
        self.norm
    }

    fn offer(
        &self,
        weight: &ArrayD<f64>,
        format: Format,
        layout: Tensorization,
    ) -> Result<Offer, PlanError> {
        let groups = self.operator.groups();
        let mut expected = layout.weight_shape().to_vec();
        expected[0] = expected[0].saturating_mul(groups);
        if expected != self.shape {
            return Err(PlanError::Shape {
                name: self.name.clone(),
                expected,
                got: self.shape.clone(),
            });
        }
        let order = layout.order();
        let mut sum: Option<Spectrum> = None;
        let rows = self.shape[0] / groups;
        let energy: f64 = weight.iter().map(|x| x * x).sum();
        for group in 0..groups {
            let part = weight.slice_axis(Axis(0), Slice::from(group * rows..(group + 1) * rows));
            let tensor = layout
                .tensorize(&part)
                .map_err(|source| PlanError::Layout {
                    name: self.name.clone(),
                    source,
                })?;
            let spectrum = match (format, order) {
                (Format::TensorTrain, 3) | (Format::Tucker, 3..) => {
                    Spectrum::pairs_of(&tensor).map(Spectrum::Pairs)
                }
                (Format::TensorTrain | Format::Tucker, _) => {
                    Spectrum::tails_of(&tensor, 1..order).map(Spectrum::Tails)
                }
                (Format::TensorRing, _) => {
                    let name = self.name.clone();
                    let what = "what the ranks of a ring lose cannot be read off a weight".into();
                    return Err(PlanError::Spectra { name, what });
                }
            };
            let spectrum = spectrum.map_err(|source| PlanError::Linalg {
                name: self.name.clone(),
                source,
            })?;
            match &mut sum {
                None => sum = Some(spectrum),
                Some(sum) => sum.add(&spectrum),
            }
        }
        let Some(mut spectrum) = sum else {
            unreachable!("the operator has a group, or its cost were an error");
        };
        if energy > 0.0 {
            spectrum.scale(energy.recip());
        }
        Ok(self.place(format, layout, spectrum))
    }

    /// An offer with these losses.
    fn place(&self, format: Format, layout: Tensorization, spectrum: Spectrum) -> Offer {
        let order = layout.order();
        let (ranks, places): (Vec<usize>, Vec<usize>) = match format {
            Format::TensorTrain | Format::TensorRing => (vec![1; order + 1], (1..order).collect()),
            Format::Tucker => {
                let places = match order {
                    1 => Vec::new(),
                    2 => vec![0],
                    _ => vec![0, order - 1],
                };
                (layout.tensor_shape().to_vec(), places)
            }
        };
        Offer {
            format,
            layout,
            groups: self.operator.groups(),
            ranks,
            places,
            spectrum,
        }
    }
}

impl Offer {
    /// All ranks, with these at the places that are chosen.
    pub(super) fn full(&self, chosen: &[usize]) -> Vec<usize> {
        let mut ranks = self.ranks.clone();
        for (&place, &rank) in self.places.iter().zip(chosen) {
            ranks[place] = rank;
        }
        ranks
    }

    /// The same ranks, each cut down to what the others can make use of.
    pub(super) fn feasible(&self, chosen: &[usize]) -> Vec<usize> {
        let (shape, ranks) = (self.layout.tensor_shape(), self.full(chosen));
        let clipped = match self.format {
            Format::TensorTrain => TtRanks::from(ranks).resolve(shape).ok(),
            Format::Tucker => {
                let pairs = crate::compress::tucker_pairs(shape, &ranks);
                TuckerRanks::from(pairs).resolve(shape).ok()
            }
            Format::TensorRing => None,
        };
        let Some(clipped) = clipped else {
            unreachable!("ranks of at least 1, one for each place, and no ring is offered");
        };
        self.places.iter().map(|&place| clipped[place]).collect()
    }

    /// The scheme of these ranks.
    pub(super) fn scheme(&self, chosen: &[usize]) -> Scheme {
        let ranks = self.full(chosen);
        Scheme::unchecked(self.format, self.layout.clone(), ranks).with_groups(self.groups)
    }

    /// The parameters of these ranks.
    pub(super) fn parameters(&self, chosen: &[usize]) -> u64 {
        let shape = self.layout.tensor_shape();
        crate::compress::parameters(self.format, shape, &self.full(chosen))
            .saturating_mul(self.groups as u64)
    }
}

/// The norm that the lists agree on.
fn check_spectra(name: &str, layout: &Tensorization, lists: &[Vec<f64>]) -> Result<f64, PlanError> {
    let wrong = |what: String| {
        Err(PlanError::Spectra {
            name: name.to_owned(),
            what,
        })
    };
    let bonds = layout.order() - 1;
    if lists.len() != bonds {
        let got = lists.len();
        return wrong(format!(
            "{bonds} lists of singular values are needed, got {got}"
        ));
    }
    let shape = layout.tensor_shape();
    let mut norm = 0.0_f64;
    for (k, list) in lists.iter().enumerate() {
        let left: usize = shape[..=k].iter().product();
        let right: usize = shape[k + 1..].iter().product();
        let (bond, most, got) = (k + 1, left.min(right), list.len());
        if got == 0 || got > most {
            return wrong(format!(
                "bond {bond} has 1 to {most} singular values, got {got}"
            ));
        }
        let bad = list.iter().any(|x| !x.is_finite() || *x < 0.0);
        if bad || list.windows(2).any(|pair| pair[1] > pair[0]) {
            return wrong(format!(
                "the singular values of bond {bond} are not finite, not negative and descending"
            ));
        }
        norm = norm.max(frobenius(list.iter().copied()));
    }
    if !norm.is_finite() {
        return wrong("the squares of the singular values overflow".to_owned());
    }
    Ok(norm)
}
