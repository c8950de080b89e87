//! Which weights are compressed, and what their layers do.

use std::path::Path;

use glob::Pattern;
use tt_admm::compress::{Conv2d, Operator};
use tt_admm::io::TensorFile;

use crate::args::Selection;
use crate::error::Failure;

/// The input of a convolution of which nothing is said.
const USUAL: [usize; 2] = [32, 32];

/// A weight that is to be compressed.
#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) operator: Operator,
}

/// The selected weights, in the order of the file.
pub(crate) fn selected(
    path: &Path,
    file: &TensorFile,
    selection: &Selection,
) -> Result<Vec<Layer>, Failure> {
    let chosen = patterns(&selection.layers)?;
    let excluded = patterns(&selection.exclude)?;
    let embeddings = patterns(&selection.embedding)?;
    let inputs = inputs(&selection.input)?;
    let groups = groups(&selection.groups)?;
    let fits = |patterns: &[Pattern], name: &str| patterns.iter().any(|p| p.matches(name));
    for pattern in &chosen {
        if !file.names().any(|name| pattern.matches(name)) {
            let message = format!("no tensor is named like `{pattern}`");
            return Err(Failure::in_file(path, message));
        }
    }
    let mut layers = Vec::new();
    for name in file.names() {
        let named = fits(&chosen, name);
        if (!named && !chosen.is_empty()) || fits(&excluded, name) {
            continue;
        }
        let (shape, dtype) = (file.shape(name)?.to_vec(), file.dtype(name)?);
        let weight = matches!(shape.len(), 2 | 4) && dtype.is_real() && !shape.contains(&0);
        if !weight && !named {
            continue;
        }
        if !dtype.is_real() {
            let message = format!(
                "tensor `{name}` is of type {}, not of real numbers",
                dtype.name()
            );
            return Err(Failure::in_file(path, message));
        }
        if !weight {
            let message =
                format!("tensor `{name}` of shape {shape:?} is no weight of two or four axes");
            return Err(Failure::in_file(path, message));
        }
        let operator = if shape.len() == 4 {
            let groups = groups.iter().find(|(p, _)| p.matches(name));
            let input = inputs.iter().find(|input| input.pattern.matches(name));
            conv(&shape, input, groups.map_or(1, |g| g.1))
        } else if fits(&embeddings, name) {
            Operator::embedding(1)
        } else {
            Operator::linear(1)
        };
        layers.push(Layer {
            name: name.to_owned(),
            shape,
            operator,
        });
    }
    if layers.is_empty() {
        let message = "there is no tensor of two or four axes to compress";
        return Err(Failure::in_file(path, message));
    }
    Ok(layers)
}

/// A convolution with a centred kernel.
fn conv(shape: &[usize], input: Option<&Input>, groups: usize) -> Operator {
    let (size, stride) = input.map_or((USUAL, 1), |input| (input.size, input.stride));
    let conv = Conv2d::new(size)
        .stride([stride; 2])
        .padding([shape[2] / 2, shape[3] / 2])
        .groups(groups);
    Operator::conv(conv)
}

fn patterns(words: &[String]) -> Result<Vec<Pattern>, Failure> {
    words.iter().map(|word| pattern(word)).collect()
}

fn pattern(word: &str) -> Result<Pattern, Failure> {
    Pattern::new(word).map_err(|error| Failure::other(format!("pattern `{word}`: {error}")))
}

/// The input of the convolutions of a pattern.
struct Input {
    pattern: Pattern,
    size: [usize; 2],
    stride: usize,
}

fn inputs(words: &[String]) -> Result<Vec<Input>, Failure> {
    words
        .iter()
        .map(|word| {
            let wrong = || {
                let form = "`HxW`, `PATTERN=HxW` or either with `/S`, all numbers at least 1";
                Failure::other(format!("input `{word}` is not of the form {form}"))
            };
            let (name, size) = word.rsplit_once('=').unwrap_or(("*", word));
            let (size, stride) = size.split_once('/').unwrap_or((size, "1"));
            let (height, width) = size.split_once('x').ok_or_else(wrong)?;
            let number = |text: &str| text.parse().ok().filter(|&n: &usize| n > 0);
            let numbers = [height, width, stride].map(number);
            let [Some(height), Some(width), Some(stride)] = numbers else {
                return Err(wrong());
            };
            Ok(Input {
                pattern: pattern(name)?,
                size: [height, width],
                stride,
            })
        })
        .collect()
}

fn groups(words: &[String]) -> Result<Vec<(Pattern, usize)>, Failure> {
    words
        .iter()
        .map(|word| {
            let parsed = word.rsplit_once('=').and_then(|(name, groups)| {
                let groups = groups.parse().ok().filter(|&n: &usize| n > 0)?;
                Some((name, groups))
            });
            let (name, groups) = parsed.ok_or_else(|| {
                Failure::other(format!("groups `{word}` are not of the form `PATTERN=G`"))
            })?;
            Ok((pattern(name)?, groups))
        })
        .collect()
}
