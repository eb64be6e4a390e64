//! What a campaign consists of: the cells of its matrix, and its seeds.

use crate::sim::decide::mix;

/// More cells are a mistake of typing.
const CELLS_AT_MOST: usize = 10_000;

/// The settings of each cell: the Cartesian product of `key=a,b` each, the last key changing
/// fastest. Without a matrix there is one cell without settings.
///
/// # Errors
/// A text is not `key=a,b`, a key comes twice, or there are too many cells.
pub(super) fn cells(matrix: &[String]) -> Result<Vec<Vec<String>>, String> {
    let mut cells: Vec<Vec<String>> = vec![Vec::new()];
    let mut seen: Vec<&str> = Vec::new();
    for axis in matrix {
        let Some((key, values)) = axis.split_once('=').filter(|(key, _)| !key.trim().is_empty())
        else {
            return Err(format!("--matrix {axis}: expected key=value,value"));
        };
        if seen.contains(&key.trim()) {
            return Err(format!("--matrix {axis}: `{}` is there already", key.trim()));
        }
        seen.push(key.trim());
        let values = split(values);
        if values.iter().any(|value| value.is_empty()) {
            return Err(format!("--matrix {axis}: a value is empty"));
        }
        if cells.len().saturating_mul(values.len()) > CELLS_AT_MOST {
            return Err(format!("--matrix {axis}: more than {CELLS_AT_MOST} cells"));
        }
        let extended = |cell: &Vec<String>| {
            let with = |value: &&str| {
                let setting = format!("{}={value}", key.trim());
                cell.iter().cloned().chain([setting]).collect::<Vec<_>>()
            };
            values.iter().map(with).collect::<Vec<_>>()
        };
        cells = cells.iter().flat_map(extended).collect();
    }
    Ok(cells)
}

/// Values between commas; a comma inside of quotes or brackets belongs to its value.
fn split(values: &str) -> Vec<&str> {
    let (mut parts, mut begin, mut depth) = (Vec::new(), 0, 0_u32);
    let mut quote: Option<char> = None;
    for (at, c) in values.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.push(values[begin..at].trim());
                begin = at + 1;
            }
            (Some(_) | None, _) => {}
        }
    }
    parts.push(values[begin..].trim());
    parts
}

/// The seeds of `many` runs: the base seed, then hashes of it and the number of the run, short
/// enough to type. All differ.
pub(super) fn seeds(base: u64, many: usize) -> Vec<u64> {
    let mut seeds = vec![base];
    let mut drawn = (1..).map(|number| mix(base, number) >> 32);
    while seeds.len() < many.max(1) {
        let seed = drawn.next().unwrap_or(base);
        if !seeds.contains(&seed) {
            seeds.push(seed);
        }
    }
    seeds
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn of(matrix: &[&str]) -> Result<Vec<Vec<String>>, String> {
        cells(&matrix.iter().map(|axis| (*axis).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_matrix_is_the_product_of_its_keys_in_the_order_typed() {
        let cells = of(&["a=1,2", "b.c = x, y"]).expect("a matrix");
        let expected = [["a=1", "b.c=x"], ["a=1", "b.c=y"], ["a=2", "b.c=x"], ["a=2", "b.c=y"]];
        assert_eq!(cells, expected);
        assert_eq!(of(&[]).expect("no matrix"), [Vec::<String>::new()]);
    }

    #[test]
    fn a_comma_in_quotes_or_brackets_belongs_to_its_value() {
        let cells = of(&["a={ x = 1, y = [2, 3] },\"p,q\",'r,',5"]).expect("a matrix");
        let values: Vec<&str> = cells.iter().map(|cell| &cell[0][2..]).collect();
        assert_eq!(values, ["{ x = 1, y = [2, 3] }", "\"p,q\"", "'r,'", "5"]);
    }

    #[test]
    fn what_is_no_matrix_is_refused() {
        for (axis, said) in [("a", "expected"), ("=1", "expected"), ("a=1,,2", "empty")] {
            assert!(of(&[axis]).expect_err(axis).contains(said), "{axis}");
        }
        assert!(of(&["a=1", "a=2"]).expect_err("twice").contains("there already"));
        let long = format!("a={}", vec!["1"; 101].join(","));
        let other = long.replace("a=", "b=");
        assert!(of(&[&long, &other]).expect_err("10 201 cells").contains("more than 10000"));
    }

    #[test]
    fn seeds_begin_with_the_base_and_never_repeat() {
        let many = seeds(424_242, 5_000);
        assert_eq!(many[0], 424_242);
        assert_eq!(many.iter().collect::<BTreeSet<_>>().len(), 5_000);
        assert_eq!(seeds(424_242, 3), many[..3]);
        assert_ne!(seeds(1, 3)[1..], many[1..3]);
        assert!(many[1..].iter().all(|seed| *seed <= u64::from(u32::MAX)));
    }
}
