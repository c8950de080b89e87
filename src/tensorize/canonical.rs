//! The shortest description of "split, then permute": fewer and longer axes copy faster, and a
//! permutation that moves nothing is recognised as a reshape.

/// Drops axes of length 1 and merges axes that are neighbours, in the same order, on both sides.
///
/// `permutation` must be a permutation of the axes of `expanded`. Returns the new pair; row-major order
/// before and after the permutation is the same as for the old one.
pub(super) fn canonical(expanded: &[usize], permutation: &[usize]) -> (Vec<usize>, Vec<usize>) {
    // Runs of source axes that stay together, in target order: first axis, last axis, length.
    let mut runs: Vec<(usize, usize, usize)> = Vec::new();
    for &axis in permutation.iter().filter(|&&axis| expanded[axis] != 1) {
        match runs.last_mut() {
            Some((_, last, length)) if next_long(expanded, *last) == Some(axis) => {
                *last = axis;
                *length *= expanded[axis];
            }
            _ => runs.push((axis, axis, expanded[axis])),
        }
    }
    let mut source: Vec<usize> = (0..runs.len()).collect();
    source.sort_unstable_by_key(|&run| runs[run].0);
    let mut merged_permutation = vec![0; runs.len()];
    for (axis, &run) in source.iter().enumerate() {
        merged_permutation[run] = axis;
    }
    let merged = source.iter().map(|&run| runs[run].2).collect();
    (merged, merged_permutation)
}

/// The first axis after `axis` that is longer than 1.
fn next_long(expanded: &[usize], axis: usize) -> Option<usize> {
    (axis + 1..expanded.len()).find(|&next| expanded[next] != 1)
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn neighbours_merge_and_ones_vanish() {
        assert_eq!(canonical(&[2, 3, 4], &[0, 1, 2]), (vec![24], vec![0]));
        assert_eq!(canonical(&[2, 3, 4], &[2, 0, 1]), (vec![6, 4], vec![1, 0]));
        assert_eq!(canonical(&[2, 1, 4], &[1, 0, 2]), (vec![8], vec![0]));
        assert_eq!(
            canonical(&[2, 1, 4, 3], &[3, 1, 0, 2]),
            (vec![8, 3], vec![1, 0])
        );
        assert_eq!(canonical(&[1, 1], &[1, 0]), (vec![], vec![]));
    }

    #[test]
    fn axes_that_part_are_kept() {
        let (expanded, permutation) = ([2, 3, 4, 5], [0, 2, 1, 3]);
        assert_eq!(
            canonical(&expanded, &permutation),
            (expanded.to_vec(), permutation.to_vec())
        );
        assert_eq!(canonical(&[2, 3], &[1, 0]), (vec![2, 3], vec![1, 0]));
    }
}
