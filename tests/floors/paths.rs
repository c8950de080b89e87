//! What a source imports.

use super::CRATE_NAME;
use super::tokens::Token;

/// Line and absolute path of everything named through `crate::`, `super::` or the crate's own name.
pub(crate) fn imports(
    tokens: &[(usize, Token)],
    file_module: &[String],
) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    let mut module = file_module.to_vec();
    // Brace depths at which inline modules were opened.
    let (mut inline, mut depth) = (Vec::new(), 0);
    let mut k = 0;
    while k < tokens.len() {
        let follows = tokens.get(k + 1).map(|(_, token)| token);
        let leads_on = match follows {
            Some(Token::Path) => true,
            Some(Token::Word(word)) => word == "as",
            _ => false,
        };
        match &tokens[k].1 {
            Token::Sign('{') => depth += 1,
            Token::Sign('}') => {
                depth -= 1;
                if inline.last() == Some(&depth) {
                    inline.pop();
                    module.pop();
                }
            }
            Token::Word(word) if word == "mod" => {
                if let (Some(Token::Word(name)), Some((_, Token::Sign('{')))) =
                    (follows, tokens.get(k + 2))
                {
                    module.push(name.clone());
                    inline.push(depth);
                    depth += 1;
                    k += 2;
                }
            }
            Token::Word(word) if (word == "crate" || word == CRATE_NAME) && leads_on => {
                k = follow(tokens, k + 1, &[], false, &mut found);
                continue;
            }
            Token::Word(word) if word == "super" && leads_on => {
                let parent = &module[..module.len().saturating_sub(1)];
                k = follow(tokens, k + 1, parent, true, &mut found);
                continue;
            }
            _ => {}
        }
        k += 1;
    }
    found
}

/// Follows a path whose start is resolved to `base`, from token `k` on; returns the token after it.
/// While `climbing`, a further `super` leads to the parent.
fn follow(
    tokens: &[(usize, Token)],
    k: usize,
    base: &[String],
    climbing: bool,
    found: &mut Vec<(usize, Vec<String>)>,
) -> usize {
    let token = |k: usize| tokens.get(k).map(|(_, token)| token);
    let here = (tokens[k.min(tokens.len() - 1)].0, base.to_vec());
    if token(k) != Some(&Token::Path) {
        found.push(here);
        return k;
    }
    match token(k + 1) {
        Some(Token::Word(word)) => segment(tokens, k + 1, word, base, climbing, found),
        Some(Token::Sign('{')) => {
            let mut k = k + 2;
            while let Some(token) = token(k) {
                k = match token {
                    Token::Sign('}') => return k + 1,
                    Token::Word(word) if word == "as" => k + 2,
                    Token::Word(word) => segment(tokens, k, word, base, climbing, found),
                    Token::Sign('*') => {
                        found.push((tokens[k].0, base.to_vec()));
                        k + 1
                    }
                    _ => k + 1,
                };
            }
            k
        }
        // A glob, or the arguments of a generic item.
        _ => {
            found.push(here);
            k + 2
        }
    }
}

fn segment(
    tokens: &[(usize, Token)],
    k: usize,
    word: &str,
    base: &[String],
    climbing: bool,
    found: &mut Vec<(usize, Vec<String>)>,
) -> usize {
    match word {
        "super" if climbing => follow(
            tokens,
            k + 1,
            &base[..base.len().saturating_sub(1)],
            true,
            found,
        ),
        "self" => follow(tokens, k + 1, base, climbing, found),
        _ => follow(
            tokens,
            k + 1,
            &[base, &[word.to_owned()]].concat(),
            false,
            found,
        ),
    }
}
