//! Rows by dense id.

/// Rows by dense id in pages: no hashing, no order to fear, no doubling of memory while growing.
/// A row that was never written reads as the default.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Table<R> {
    pages: Vec<Option<Box<[R]>>>,
}

impl<R: Clone + Default> Table<R> {
    /// Rows per page.
    pub const PAGE: usize = 256;

    /// An empty table.
    #[must_use]
    pub const fn new() -> Self {
        Table { pages: Vec::new() }
    }

    /// The row with this id, made if absent.
    #[inline]
    pub fn at(&mut self, id: u32) -> &mut R {
        let page = id as usize / Self::PAGE;
        if self.pages.get(page).is_none_or(Option::is_none) {
            self.make(page);
        }
        let rows = self.pages[page].as_mut().expect("the page was just made");
        &mut rows[id as usize % Self::PAGE]
    }

    /// The row with this id, if its page was ever written.
    #[inline]
    #[must_use]
    pub fn get(&self, id: u32) -> Option<&R> {
        self.pages
            .get(id as usize / Self::PAGE)?
            .as_ref()
            .map(|rows| &rows[id as usize % Self::PAGE])
    }

    /// Every row of every page that was written, by ascending id, untouched neighbours included.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &R)> {
        self.pages.iter().enumerate().flat_map(|(page, rows)| {
            rows.iter().flat_map(move |rows| (((page * Self::PAGE) as u32)..).zip(rows.iter()))
        })
    }

    /// The page a row is on.
    #[must_use]
    pub const fn page(id: u32) -> usize {
        id as usize / Self::PAGE
    }

    /// Forgets a page: its rows read as the default again. The memory is the caller's.
    pub fn drop_page(&mut self, page: usize) -> Option<Box<[R]>> {
        self.pages.get_mut(page).and_then(Option::take)
    }

    /// Makes a page out of the memory of a dropped one.
    pub fn reuse_page(&mut self, page: usize, mut rows: Box<[R]>) {
        rows.fill(R::default());
        if page >= self.pages.len() {
            self.pages.resize(page + 1, None);
        }
        self.pages[page] = Some(rows);
    }

    #[cold]
    fn make(&mut self, page: usize) {
        if page >= self.pages.len() {
            self.pages.resize(page + 1, None);
        }
        self.pages[page] = Some(vec![R::default(); Self::PAGE].into());
    }
}
