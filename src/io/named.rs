//! Values by name, in the order in which they came.

use std::collections::HashMap;

use super::IoErrorKind;

#[derive(Debug, Clone)]
pub(super) struct Named<T> {
    values: Vec<(String, T)>,
    index: HashMap<String, usize>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self {
            values: Vec::new(),
            index: HashMap::new(),
        }
    }
}

impl<T> Named<T> {
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.values.iter().map(|(name, value)| (&**name, value))
    }

    pub(super) fn get(&self, name: &str) -> Option<&T> {
        self.index.get(name).map(|&k| &self.values[k].1)
    }

    pub(super) fn insert(&mut self, name: String, value: T) -> Result<(), IoErrorKind> {
        if self.index.contains_key(&name) {
            return Err(IoErrorKind::Duplicate);
        }
        self.index.insert(name.clone(), self.values.len());
        self.values.push((name, value));
        Ok(())
    }

    pub(super) fn remove(&mut self, name: &str) -> Option<T> {
        let at = self.index.remove(name)?;
        let (_, value) = self.values.remove(at);
        for later in self.index.values_mut().filter(|later| **later > at) {
            *later -= 1;
        }
        Some(value)
    }
}
