//! The frame around stored state:
//!
//! | bytes | what |
//! |--:|---|
//! | 8 | what it is |
//! | 4 | format version |
//! | 4 | bits of an element |
//! | 8 | length of the state |
//! | 8 | length of the blob |
//! | | the state, encoded by `postcard` |
//! | | the blob, bytes of the user |
//! | 4 | CRC-32 of all of the above |
//!
//! All numbers are little-endian.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::DecodeError;
use crate::scalar::Scalar;

/// What a frame holds.
#[derive(Debug)]
pub(crate) struct Kind {
    /// The first bytes.
    pub(crate) magic: [u8; 8],
    /// What errors call it.
    pub(crate) name: &'static str,
    /// The version that is written, and the newest that is read.
    pub(crate) version: u32,
    /// The oldest that is read.
    pub(crate) oldest: u32,
}

/// What was in a frame.
#[derive(Debug)]
pub(crate) struct Frame<T> {
    pub(crate) state: T,
    pub(crate) blob: Vec<u8>,
}

const HEADER: usize = 32;
const CHECKSUM: usize = 4;

fn bits<A>() -> u32 {
    // Four or eight bytes.
    8 * u32::try_from(size_of::<A>()).unwrap_or(u32::MAX)
}

/// The bytes of a frame. Fails only if the state cannot be serialised, which plain data always can.
pub(crate) fn seal<A: Scalar, T: Serialize>(
    kind: &Kind,
    state: &T,
    blob: &[u8],
) -> Result<Vec<u8>, DecodeError> {
    let mut bytes = vec![0; HEADER];
    bytes = postcard::to_extend(state, bytes)
        .map_err(|error| DecodeError::malformed(error.to_string()))?;
    let length = (bytes.len() - HEADER) as u64;
    bytes[0..8].copy_from_slice(&kind.magic);
    bytes[8..12].copy_from_slice(&kind.version.to_le_bytes());
    bytes[12..16].copy_from_slice(&bits::<A>().to_le_bytes());
    bytes[16..24].copy_from_slice(&length.to_le_bytes());
    bytes[24..32].copy_from_slice(&(blob.len() as u64).to_le_bytes());
    bytes.extend_from_slice(blob);
    let checksum = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&checksum.to_le_bytes());
    Ok(bytes)
}

/// Reads a frame, and trusts nothing before the checksum was right.
pub(crate) fn open<A: Scalar, T: DeserializeOwned>(
    kind: &Kind,
    bytes: &[u8],
) -> Result<Frame<T>, DecodeError> {
    let known = bytes.len().min(8);
    if bytes[..known] != kind.magic[..known] || bytes.is_empty() {
        return Err(DecodeError::Foreign {
            expected: kind.name,
            found: String::from_utf8_lossy(&bytes[..known]).into_owned(),
        });
    }
    let got = bytes.len() as u64;
    let truncated = |expected| DecodeError::Truncated { expected, got };
    if bytes.len() < HEADER {
        return Err(truncated((HEADER + CHECKSUM) as u64));
    }
    let version = u32_at(bytes, 8);
    if version > kind.version {
        let supported = kind.version;
        return Err(DecodeError::Newer { version, supported });
    }
    if version < kind.oldest {
        let supported = kind.oldest;
        return Err(DecodeError::Older { version, supported });
    }
    let (state, blob) = (u64_at(bytes, 16), u64_at(bytes, 24));
    let expected = [state, blob, CHECKSUM as u64]
        .iter()
        .fold(HEADER as u64, |sum, &part| sum.saturating_add(part));
    if got < expected {
        return Err(truncated(expected));
    }
    if got > expected {
        let extra = got - expected;
        return Err(DecodeError::Trailing { expected, extra });
    }
    // Lengths are at most that of `bytes` from here on.
    let (body, stored) = bytes.split_at(bytes.len() - CHECKSUM);
    let (stored, computed) = (u32_at(stored, 0), crc32fast::hash(body));
    if stored != computed {
        return Err(DecodeError::Checksum { stored, computed });
    }
    let element = u32_at(bytes, 12);
    if element != bits::<A>() {
        return Err(DecodeError::ElementType {
            expected: bits::<A>(),
            got: element,
        });
    }
    let blob_start = body.len() - usize::try_from(blob).unwrap_or(body.len());
    let (state, rest) = postcard::take_from_bytes(&body[HEADER..blob_start])
        .map_err(|error| DecodeError::malformed(error.to_string()))?;
    if !rest.is_empty() {
        let what = format!("{} bytes after the state", rest.len());
        return Err(DecodeError::Malformed { what });
    }
    let blob = body[blob_start..].to_vec();
    Ok(Frame { state, blob })
}

fn u32_at(bytes: &[u8], start: usize) -> u32 {
    let mut word = [0; 4];
    word.copy_from_slice(&bytes[start..start + 4]);
    u32::from_le_bytes(word)
}

fn u64_at(bytes: &[u8], start: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[start..start + 8]);
    u64::from_le_bytes(word)
}

#[cfg(test)]
mod tests {
    use super::{DecodeError, Frame, Kind, open, seal};

    const KIND: Kind = Kind {
        magic: *b"TESTTEST",
        name: "test state",
        version: 3,
        oldest: 2,
    };

    fn sample() -> Vec<u8> {
        seal::<f32, _>(&KIND, &(7_u32, vec![1.5_f32, -0.0]), b"blob").unwrap()
    }

    type State = (u32, Vec<f32>);

    #[test]
    fn what_is_sealed_comes_back() {
        let Frame { state, blob } = open::<f32, State>(&KIND, &sample()).unwrap();
        assert_eq!(state.0, 7);
        assert_eq!(state.1[1].to_bits(), (-0.0_f32).to_bits());
        assert_eq!(blob, b"blob");
    }

    #[test]
    fn every_truncation_and_every_flipped_bit_is_refused() {
        let bytes = sample();
        for length in 0..bytes.len() {
            let error = open::<f32, State>(&KIND, &bytes[..length]).unwrap_err();
            assert!(
                matches!(error, DecodeError::Truncated { .. })
                    || (length == 0 && matches!(error, DecodeError::Foreign { .. })),
                "{length}: {error}"
            );
        }
        for bit in 0..8 * bytes.len() {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(open::<f32, State>(&KIND, &damaged).is_err(), "bit {bit}");
        }
        let mut longer = bytes;
        longer.push(0);
        let error = open::<f32, State>(&KIND, &longer).unwrap_err();
        assert!(matches!(error, DecodeError::Trailing { extra: 1, .. }));
    }

    #[test]
    fn other_types_versions_and_kinds_are_named() {
        let error = open::<f64, (u32, Vec<f64>)>(&KIND, &sample()).unwrap_err();
        assert_eq!(
            error,
            DecodeError::ElementType {
                expected: 64,
                got: 32
            }
        );
        let newer = Kind { version: 4, ..KIND };
        let bytes = seal::<f32, _>(&newer, &0_u32, b"").unwrap();
        let error = open::<f32, u32>(&KIND, &bytes).unwrap_err();
        assert_eq!(
            error,
            DecodeError::Newer {
                version: 4,
                supported: 3
            }
        );
        for (version, supported) in [(1, 2), (0, 2)] {
            let older = Kind { version, ..KIND };
            let bytes = seal::<f32, _>(&older, &0_u32, b"").unwrap();
            let error = open::<f32, u32>(&KIND, &bytes).unwrap_err();
            assert_eq!(error, DecodeError::Older { version, supported });
        }
        let older = Kind { version: 2, ..KIND };
        let bytes = seal::<f32, _>(&older, &5_u32, b"").unwrap();
        assert_eq!(open::<f32, u32>(&KIND, &bytes).unwrap().state, 5);
        let error = open::<f32, State>(&KIND, b"PK\x03\x04 a zip file").unwrap_err();
        assert!(
            error.to_string().starts_with("this is no test state"),
            "{error}"
        );
    }

    #[test]
    fn a_wrong_state_with_a_right_checksum_is_refused() {
        let bytes = seal::<f32, _>(&KIND, &(7_u32, u64::MAX), b"").unwrap();
        // The second field claims 2^64 - 1 elements.
        let error = open::<f32, State>(&KIND, &bytes).unwrap_err();
        assert!(matches!(error, DecodeError::Malformed { .. }));
        let bytes = seal::<f32, _>(&KIND, &(1_u8, 2_u8), b"").unwrap();
        assert!(open::<f32, u8>(&KIND, &bytes).is_err());
    }
}
