//! Checkpoints that are broken or belong to something else.

use crate::admm_support::inexact::{builder, model};
use crate::admm_support::{Targets, state};
use crate::common::random;
use proptest::prelude::*;
use std::sync::OnceLock;
use tt_admm::admm::{AdmmError, Checkpoint, CheckpointError, Checkpoints};
use tt_admm::{Admm, DecodeError, LowRankProjection, Scalar, TtProjection};

fn bytes() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| {
        let mut model = model();
        let mut admm = builder().max_iterations(2).build(&model).unwrap();
        admm.run(&mut model, &mut ()).unwrap();
        Checkpoint::new(&admm, "blob").to_bytes().unwrap()
    })
}

fn refusal(bytes: &[u8]) -> DecodeError {
    Checkpoint::<f64>::from_bytes(bytes).unwrap_err()
}

#[test]
fn files_that_are_no_checkpoint_say_why() {
    let error = refusal(b"\x89PNG\r\n\x1a\n and a picture");
    assert!(
        error.to_string().starts_with("this is no checkpoint"),
        "{error}"
    );
    assert!(matches!(refusal(b""), DecodeError::Foreign { .. }));
    let mut newer = bytes().to_vec();
    newer[8] = 9;
    let error = refusal(&newer);
    assert!(
        error.to_string().contains("version 9 is newer than 2"),
        "{error}"
    );
    let mut older = bytes().to_vec();
    older[8] = 1;
    let error = refusal(&older);
    assert!(
        error.to_string().contains("version 1 is older than 2"),
        "{error}"
    );
    let error = Checkpoint::<f32>::from_bytes(bytes()).unwrap_err();
    assert!(matches!(
        error,
        DecodeError::ElementType {
            expected: 32,
            got: 64
        }
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn truncated_files_are_refused(at in any::<prop::sample::Index>()) {
        let length = 1 + at.index(bytes().len() - 1);
        let error = refusal(&bytes()[..length]);
        let truncated = matches!(error, DecodeError::Truncated { .. });
        prop_assert!(truncated, "{}", error);
    }

    #[test]
    fn changed_bytes_are_refused(at in any::<prop::sample::Index>(), flip in 1_u8..=255) {
        let mut damaged = bytes().to_vec();
        let at = at.index(damaged.len());
        damaged[at] ^= flip;
        prop_assert!(Checkpoint::<f64>::from_bytes(&damaged).is_err());
    }

    /// A hostile file with a right checksum: an error or a sound state, never a panic or a huge allocation.
    #[test]
    fn forged_files_do_no_harm(
        at in prop::collection::vec((32_usize..4000, any::<u8>()), 1..6),
    ) {
        let mut forged = bytes().to_vec();
        let end = forged.len() - 4;
        for (at, value) in at {
            forged[at.min(end - 1)] = value;
        }
        let checksum = crc32(&forged[..end]);
        forged[end..].copy_from_slice(&checksum.to_le_bytes());
        if let Ok(checkpoint) = Checkpoint::<f64>::from_bytes(&forged) {
            let mut admm = builder().build(&model()).unwrap();
            if admm.restore(&checkpoint).is_ok() {
                prop_assert!(admm.blocks().iter().all(|b| b.z().iter().all(|z| z.is_finite())));
            }
        }
    }
}

/// CRC-32 (IEEE 802.3), bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

#[test]
fn checkpoints_of_other_runs_are_refused_and_change_nothing() {
    let saved = Checkpoint::from_bytes(bytes()).unwrap();
    let other = Targets::new(vec![
        random::tensor(&[8, 4, 3, 3], 1),
        random::tensor(&[9, 9], 2),
    ]);
    let mut admm = Admm::<f64>::builder()
        .constrain("w0", TtProjection::new(2))
        .constrain("w1", LowRankProjection::new(2))
        .rho(1.0)
        .build(&other)
        .unwrap();
    let before = state(&admm);
    let error = admm.restore(&saved).unwrap_err();
    assert!(
        matches!(error, CheckpointError::OtherBlocks { .. }),
        "{error}"
    );
    assert!(
        error.to_string().contains(r#"["w0", "w1", "w2", "w1"]"#),
        "{error}"
    );
    assert_eq!(state(&admm), before);

    let narrow = Targets::new(vec![
        random::tensor(&[8, 4, 3, 3], 1),
        random::tensor(&[12, 9], 2),
        random::tensor(&[6, 6, 6], 3),
    ]);
    let mut admm = builder().build(&narrow).unwrap();
    let before = state(&admm);
    let error = admm.restore(&saved).unwrap_err();
    assert!(matches!(error, CheckpointError::OtherShape { ref weight, .. } if weight == "w1"));
    assert_eq!(state(&admm), before);
}

#[test]
fn a_model_that_refuses_its_state_leaves_the_loop_alone() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = Checkpoints::open(folder.path()).unwrap();
    let mut admm = builder().max_iterations(2).build(&model()).unwrap();
    admm.run(&mut model(), &mut ()).unwrap();
    checkpoints.save(&admm, b"not a model").unwrap();
    let mut fresh = builder().max_iterations(3).build(&model()).unwrap();
    let before = state(&fresh);
    let error = fresh
        .run_resumable(&mut model(), &mut (), &checkpoints)
        .unwrap_err();
    assert!(
        matches!(error, AdmmError::Model { iteration: 2, .. }),
        "{error}"
    );
    assert_eq!(state(&fresh), before);
}

#[test]
fn the_element_type_is_that_of_the_numbers() {
    fn round_trip<A: Scalar>(bits: u32) {
        let model = Targets::<A>::one(random::tensor(&[3, 3], 1));
        let admm = Admm::builder()
            .constrain("w", TtProjection::new(1))
            .rho(1.0)
            .build(&model)
            .unwrap();
        let bytes = Checkpoint::new(&admm, "").to_bytes().unwrap();
        assert_eq!(u32::from(bytes[12]), bits);
        assert_eq!(Checkpoint::<A>::from_bytes(&bytes).unwrap().iteration(), 0);
    }
    round_trip::<f32>(32);
    round_trip::<f64>(64);
}
