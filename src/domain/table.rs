//! Rows by dense id.

/// Rows on a page.
const ROWS: usize = 256;
type Page<R> = Box<[R; ROWS]>;

/// Rows by dense id in pages: no hashing, no order to fear, no doubling of memory while growing.
/// A row that was never written reads as the default.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Table<R> {
    pages: Vec<Option<Page<R>>>,
}

impl<R: Clone + Default> Table<R> {
    /// Rows per page.
    pub const PAGE: usize = ROWS;

    /// An empty table.
    #[must_use]
    pub const fn new() -> Self {
        Table { pages: Vec::new() }
    }

    /// The row with this id, made if absent.
    #[inline]
    pub fn at(&mut self, id: u32) -> &mut R {
        let page = id as usize / ROWS;
        if !matches!(self.pages.get(page), Some(Some(_))) {
            self.make(page);
        }
        let rows = self.pages[page].as_mut().expect("the page was just made");
        &mut rows[id as usize % ROWS]
    }

    /// The row with this id, if its page was ever written.
    #[inline]
    #[must_use]
    pub fn get(&self, id: u32) -> Option<&R> {
        self.pages.get(id as usize / ROWS)?.as_ref().map(|rows| &rows[id as usize % ROWS])
    }

    /// Every row of every page that was written, by ascending id, untouched neighbours included.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &R)> {
        self.pages.iter().enumerate().flat_map(|(page, rows)| {
            rows.iter().flat_map(move |rows| (((page * ROWS) as u32)..).zip(rows.iter()))
        })
    }

    /// The page a row is on.
    #[must_use]
    pub const fn page(id: u32) -> usize {
        id as usize / ROWS
    }

    /// Forgets a page: its rows read as the default again. The memory is the caller's.
    pub fn drop_page(&mut self, page: usize) -> Option<Box<[R; ROWS]>> {
        self.pages.get_mut(page).and_then(Option::take)
    }

    /// Makes a page out of the memory of a dropped one.
    pub fn reuse_page(&mut self, page: usize, mut rows: Box<[R; ROWS]>) {
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
        // Made on the heap: a page may be large.
        self.pages[page] = vec![R::default(); ROWS].into_boxed_slice().try_into().ok();
    }
}
