//! Values by number: a moment of the world is a few numbers, so that millions of them are small,
//! and quickly compared.

use rustc_hash::FxHashMap;
use std::hash::Hash;
use std::sync::Arc;

/// Values, numbered as they are first seen. Equal values have one number.
pub(super) struct Numbers<T> {
    of: FxHashMap<Arc<T>, u32>,
    all: Vec<Arc<T>>,
}

impl<T> Default for Numbers<T> {
    fn default() -> Self {
        Numbers { of: FxHashMap::default(), all: Vec::new() }
    }
}

impl<T: Eq + Hash> Numbers<T> {
    /// The number of a value.
    pub(super) fn of(&mut self, value: T) -> u32 {
        if let Some(number) = self.of.get(&value) {
            return *number;
        }
        let (value, number) = (Arc::new(value), self.all.len() as u32);
        self.all.push(Arc::clone(&value));
        self.of.insert(value, number);
        number
    }

    /// The value with this number.
    pub(super) fn get(&self, number: u32) -> &Arc<T> {
        &self.all[number as usize]
    }
}
