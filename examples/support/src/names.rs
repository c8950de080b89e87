//! Suggestions for a name that is not known.

/// The `n` known names that are nearest to `name`, best first.
///
/// Names that contain it come first, then the others, each group by edit distance with transpositions
/// (Damerau, Levenshtein), upper and lower case alike; ties keep the order given.
///
/// # Examples
///
/// ```
/// use example_support::names::nearest;
///
/// let known = ["conv1.weight", "conv1.bias", "fc.weight"];
/// assert_eq!(nearest("conv1.wieght", known, 1), ["conv1.weight"]);
/// assert_eq!(nearest("conv1", known, 2), ["conv1.bias", "conv1.weight"]);
/// ```
#[must_use]
pub fn nearest(
    name: &str,
    known: impl IntoIterator<Item = impl AsRef<str>>,
    n: usize,
) -> Vec<String> {
    let wanted = name.to_lowercase();
    let mut ranked: Vec<_> = known
        .into_iter()
        .map(|known| {
            let lower = known.as_ref().to_lowercase();
            let distance = strsim::damerau_levenshtein(&wanted, &lower);
            (
                (!lower.contains(&wanted), distance),
                known.as_ref().to_owned(),
            )
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().take(n).map(|(_, name)| name).collect()
}
