//! A source as words and signs.

/// A piece of a source.
#[derive(Debug, PartialEq)]
pub(crate) enum Token {
    Word(String),
    /// `::`
    Path,
    Sign(char),
}

/// The words and signs of a source with their lines, without comments, doc comments and literals.
pub(crate) fn tokens(text: &str) -> Vec<(usize, Token)> {
    let chars: Vec<char> = text.chars().collect();
    let at = |k: usize| chars.get(k).copied().unwrap_or('\0');
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = Vec::new();
    let (mut k, mut counted, mut line) = (0, 0, 1);
    while k < chars.len() {
        line += chars[counted..k].iter().filter(|&&c| c == '\n').count();
        counted = k;
        match (at(k), at(k + 1)) {
            ('/', '/') => {
                while k < chars.len() && at(k) != '\n' {
                    k += 1;
                }
            }
            ('/', '*') => k = after_block_comment(&chars, k),
            ('"', _) => k = after_string(&chars, k),
            // A character, not a lifetime: `'\n'`, `'x'`.
            ('\'', '\\') => {
                k += 3;
                while k < chars.len() && at(k) != '\'' {
                    k += 1;
                }
                k += 1;
            }
            ('\'', _) if at(k + 2) == '\'' => k += 3,
            (':', ':') => {
                found.push((line, Token::Path));
                k += 2;
            }
            (c, _) if is_word(c) => {
                let start = k;
                while is_word(at(k)) {
                    k += 1;
                }
                let word: String = chars[start..k].iter().collect();
                let hashes = chars[k..].iter().take_while(|&&c| c == '#').count();
                let raw = matches!(word.as_str(), "r" | "br" | "cr");
                if raw && at(k + hashes) == '"' {
                    k = after_raw_string(&chars, k, hashes);
                } else if word == "r" && hashes == 1 {
                    k += 1; // raw identifier: the name follows
                } else {
                    found.push((line, Token::Word(word)));
                }
            }
            (c, _) => {
                if !c.is_whitespace() {
                    found.push((line, Token::Sign(c)));
                }
                k += 1;
            }
        }
    }
    found
}

fn after_block_comment(chars: &[char], start: usize) -> usize {
    let (mut k, mut depth) = (start, 0);
    while k < chars.len() {
        match (chars[k], chars.get(k + 1)) {
            ('/', Some('*')) => (depth, k) = (depth + 1, k + 2),
            ('*', Some('/')) => (depth, k) = (depth - 1, k + 2),
            _ => k += 1,
        }
        if depth == 0 {
            break;
        }
    }
    k
}

fn after_string(chars: &[char], start: usize) -> usize {
    let mut k = start + 1;
    while k < chars.len() && chars[k] != '"' {
        k += if chars[k] == '\\' { 2 } else { 1 };
    }
    (k + 1).min(chars.len())
}

fn after_raw_string(chars: &[char], hashes_at: usize, hashes: usize) -> usize {
    let mut k = hashes_at + hashes + 1;
    while k < chars.len() {
        let closing = chars[k + 1..]
            .iter()
            .take(hashes)
            .take_while(|&&c| c == '#')
            .count();
        k += 1;
        if chars[k - 1] == '"' && closing == hashes {
            return k + hashes;
        }
    }
    k
}
