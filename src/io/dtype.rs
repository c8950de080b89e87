//! Types of elements.

use std::fmt;

use crate::scalar::Scalar;

/// The type of the elements of a tensor in a file.
///
/// `F16`, `BF16`, `F32` and `F64` can be read as arrays; tensors of every type can be carried from file to file.
///
/// # Examples
///
/// ```
/// use tt_admm::io::Dtype;
///
/// assert_eq!(Dtype::of::<f32>(), Dtype::F32);
/// assert_eq!((Dtype::BF16.bits(), Dtype::BF16.is_real()), (16, true));
/// assert_eq!((Dtype::I64.bits(), Dtype::I64.is_real()), (64, false));
/// assert_eq!(Dtype::F8E4M3.to_string(), "F8_E4M3");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs)] // the names say it
pub enum Dtype {
    Bool,
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
    I64,
    F16,
    BF16,
    F32,
    F64,
    C64,
    C128,
    F8E4M3,
    F8E5M2,
    F8E8M0,
    F8E4M3Fnuz,
    F8E5M2Fnuz,
    F6E2M3,
    F6E3M2,
    F4,
}

impl Dtype {
    const ALL: [Self; 23] = [
        Self::Bool,
        Self::U8,
        Self::I8,
        Self::U16,
        Self::I16,
        Self::U32,
        Self::I32,
        Self::U64,
        Self::I64,
        Self::F16,
        Self::BF16,
        Self::F32,
        Self::F64,
        Self::C64,
        Self::C128,
        Self::F8E4M3,
        Self::F8E5M2,
        Self::F8E8M0,
        Self::F8E4M3Fnuz,
        Self::F8E5M2Fnuz,
        Self::F6E2M3,
        Self::F6E3M2,
        Self::F4,
    ];

    /// Name in safetensors files, and bits of an element.
    fn row(self) -> (&'static str, usize) {
        match self {
            Self::Bool => ("BOOL", 8),
            Self::U8 => ("U8", 8),
            Self::I8 => ("I8", 8),
            Self::U16 => ("U16", 16),
            Self::I16 => ("I16", 16),
            Self::U32 => ("U32", 32),
            Self::I32 => ("I32", 32),
            Self::U64 => ("U64", 64),
            Self::I64 => ("I64", 64),
            Self::F16 => ("F16", 16),
            Self::BF16 => ("BF16", 16),
            Self::F32 => ("F32", 32),
            Self::F64 => ("F64", 64),
            Self::C64 => ("C64", 64),
            Self::C128 => ("C128", 128),
            Self::F8E4M3 => ("F8_E4M3", 8),
            Self::F8E5M2 => ("F8_E5M2", 8),
            Self::F8E8M0 => ("F8_E8M0", 8),
            Self::F8E4M3Fnuz => ("F8_E4M3FNUZ", 8),
            Self::F8E5M2Fnuz => ("F8_E5M2FNUZ", 8),
            Self::F6E2M3 => ("F6_E2M3", 6),
            Self::F6E3M2 => ("F6_E3M2", 6),
            Self::F4 => ("F4", 4),
        }
    }

    /// The type of a scalar of this crate.
    #[must_use]
    pub fn of<A: Scalar>() -> Self {
        if size_of::<A>() == size_of::<f32>() {
            Self::F32
        } else {
            Self::F64
        }
    }

    /// The name in safetensors files.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// Bits of an element; two complex parts count together.
    #[must_use]
    pub fn bits(self) -> usize {
        self.row().1
    }

    /// Whether tensors of this type can be read as arrays of `f32` or `f64`.
    #[must_use]
    pub fn is_real(self) -> bool {
        matches!(self, Self::F16 | Self::BF16 | Self::F32 | Self::F64)
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dtype| dtype.name() == name)
    }

    /// The bytes of a tensor of this shape; `None` if it is too large, or no whole number of bytes.
    pub(super) fn byte_count(self, shape: &[usize]) -> Option<usize> {
        let product = |least: usize| {
            let mut sizes = shape.iter().map(|&n| n.max(least));
            sizes.try_fold(self.bits(), usize::checked_mul)
        };
        // Sizes of 0 do not excuse the others: array libraries need all of them to fit.
        isize::try_from(product(1)?).ok()?;
        let bits = product(0)?;
        bits.is_multiple_of(8).then_some(bits / 8)
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
