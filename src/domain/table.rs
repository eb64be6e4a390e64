//! Rows by dense id.

/// Rows per page.
const PAGE: usize = 256;

/// Rows by dense id in pages: no hashing, no order to fear, no doubling of memory while growing.
/// A row that was never written reads as the default.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Table<R> {
    pages: Vec<Option<Box<[R]>>>,
}

impl<R: Clone + Default> Table<R> {
    /// An empty table.
    #[must_use]
    pub const fn new() -> Self {
        Table { pages: Vec::new() }
    }

    /// The row with this id, made if absent.
    #[inline]
    pub fn at(&mut self, id: u32) -> &mut R {
        let page = id as usize / PAGE;
        if self.pages.get(page).is_none_or(Option::is_none) {
            self.make(page);
        }
        let rows = self.pages[page].as_mut().expect("the page was just made");
        &mut rows[id as usize % PAGE]
    }

    /// The row with this id, if its page was ever written.
    #[inline]
    #[must_use]
    pub fn get(&self, id: u32) -> Option<&R> {
        self.pages.get(id as usize / PAGE)?.as_ref().map(|rows| &rows[id as usize % PAGE])
    }

    /// Every row of every page that was written, by ascending id, untouched neighbours included.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &R)> {
        self.pages.iter().enumerate().flat_map(|(page, rows)| {
            rows.iter().flat_map(move |rows| (((page * PAGE) as u32)..).zip(rows.iter()))
        })
    }

    #[cold]
    fn make(&mut self, page: usize) {
        if page >= self.pages.len() {
            self.pages.resize(page + 1, None);
        }
        self.pages[page] = Some(vec![R::default(); PAGE].into());
    }
}
