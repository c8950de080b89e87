//! The header of a `.npy` file is a Python dictionary of three entries; this reads it, and nothing else of Python.

/// What the dictionary says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Description {
    pub(super) descr: String,
    pub(super) fortran_order: bool,
    pub(super) shape: Vec<usize>,
}

/// What is left to read.
#[derive(Debug)]
struct Text<'t>(&'t str);

/// Reads `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`, the entries in any order.
pub(super) fn description(text: &str) -> Result<Description, String> {
    let (mut descr, mut fortran_order, mut shape) = (None, None, None);
    let mut text = Text(text);
    text.expect('{')?;
    while !text.accept('}') {
        let key = text.string()?;
        text.expect(':')?;
        let new = match key {
            "descr" => descr.replace(text.string()?.to_owned()).is_none(),
            "fortran_order" => fortran_order.replace(text.truth()?).is_none(),
            "shape" => shape.replace(text.tuple()?).is_none(),
            _ => return Err(format!("unknown entry {key:?}")),
        };
        if !new {
            return Err(format!("two entries {key:?}"));
        }
        if !text.accept(',') {
            text.expect('}')?;
            break;
        }
    }
    text.end()?;
    let missing = |key: &str| format!("no entry {key:?}");
    Ok(Description {
        descr: descr.ok_or_else(|| missing("descr"))?,
        fortran_order: fortran_order.ok_or_else(|| missing("fortran_order"))?,
        shape: shape.ok_or_else(|| missing("shape"))?,
    })
}

impl<'t> Text<'t> {
    fn accept(&mut self, wanted: char) -> bool {
        self.0 = self.0.trim_start();
        let rest = self.0.strip_prefix(wanted);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn expect(&mut self, wanted: char) -> Result<(), String> {
        if self.accept(wanted) {
            return Ok(());
        }
        Err(format!("{wanted:?} expected at {:?}", self.beginning()))
    }

    fn end(&mut self) -> Result<(), String> {
        if self.0.trim().is_empty() {
            return Ok(());
        }
        Err(format!("{:?} after the end", self.beginning()))
    }

    /// Some of what is left, for an error.
    fn beginning(&self) -> String {
        self.0.chars().take(24).collect()
    }

    /// A string in quotes of either kind, without escapes.
    fn string(&mut self) -> Result<&'t str, String> {
        let quote = if self.accept('"') { '"' } else { '\'' };
        if quote == '\'' {
            self.expect(quote)?;
        }
        let (string, rest) = self
            .0
            .split_once(quote)
            .ok_or_else(|| format!("{quote:?} is missing"))?;
        if string.contains('\\') {
            return Err(format!("an escape in {string:?}"));
        }
        self.0 = rest;
        Ok(string)
    }

    fn truth(&mut self) -> Result<bool, String> {
        self.0 = self.0.trim_start();
        for (word, value) in [("True", true), ("False", false)] {
            if let Some(rest) = self.0.strip_prefix(word) {
                self.0 = rest;
                return Ok(value);
            }
        }
        Err(format!("True or False expected at {:?}", self.beginning()))
    }

    /// A tuple of numbers; Python 2 wrote an `L` after each.
    fn tuple(&mut self) -> Result<Vec<usize>, String> {
        self.expect('(')?;
        let mut numbers = Vec::new();
        while !self.accept(')') {
            numbers.push(self.number()?);
            self.accept('L');
            if !self.accept(',') {
                // In Python, one number in brackets is a number.
                if numbers.len() == 1 {
                    self.expect(',')?;
                }
                self.expect(')')?;
                break;
            }
        }
        Ok(numbers)
    }

    fn number(&mut self) -> Result<usize, String> {
        self.0 = self.0.trim_start();
        let end = self.0.find(|c: char| !c.is_ascii_digit());
        let (digits, rest) = self.0.split_at(end.unwrap_or(self.0.len()));
        let number = digits.parse();
        let number = number.map_err(|_| format!("a size expected at {:?}", self.beginning()))?;
        self.0 = rest;
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use super::{Description, description};

    #[test]
    fn headers_of_every_writer_are_read() {
        let expected = |shape: &[usize]| {
            Ok(Description {
                descr: "<f4".into(),
                fortran_order: false,
                shape: shape.to_vec(),
            })
        };
        for (text, shape) in [
            (
                "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }   \n",
                &[3, 4][..],
            ),
            ("{'descr':'<f4','fortran_order':False,'shape':(3,)}", &[3]),
            (
                "{\"shape\": (), \"descr\": \"<f4\", \"fortran_order\": False}",
                &[],
            ),
            (
                " { 'shape' : ( 3L , 4L ) , 'fortran_order' : False , 'descr' : '<f4' , } ",
                &[3, 4],
            ),
        ] {
            assert_eq!(description(text), expected(shape), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for (text, reason) in [
            ("", "'{' expected"),
            ("{", r"'\'' expected"),
            ("{}", "no entry \"descr\""),
            (
                "{'descr': '<f4', 'fortran_order': False}",
                "no entry \"shape\"",
            ),
            ("{'descr': '<f4', 'descr': '<f4'}", "two entries"),
            ("{'descr': [('a', '<f4')]}", r"'\'' expected"),
            ("{'descr': '<f\\x34'}", "an escape"),
            ("{'descr': '<f4", r"'\'' is missing"),
            ("{'extra': 1}", "unknown entry"),
            ("{'fortran_order': 0}", "True or False expected"),
            ("{'shape': (3)}", "',' expected"),
            ("{'shape': (-3,)}", "a size expected"),
            ("{'shape': (99999999999999999999,)}", "a size expected"),
            ("{'shape': (3,,)}", "a size expected"),
            ("{'shape': (3,)} {", "\" {\" after the end"),
            ("{'shape' (3,)}", "':' expected"),
        ] {
            let error = description(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
