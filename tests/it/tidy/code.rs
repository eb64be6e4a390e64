//! Rust source as far as the rules need to understand it.

/// A source without its comments and without what its strings and characters say.
pub(super) fn code(source: &str) -> String {
    let bytes = source.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let rest = &bytes[at..];
        let skipped = if rest.starts_with(b"//") {
            rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len())
        } else if rest.starts_with(b"/*") {
            end_of(rest, b"*/")
        } else if let Some(end) = raw_string(rest) {
            end
        } else if rest[0] == b'"' {
            quoted(rest)
        } else if rest.starts_with(b"'\\") {
            2 + end_of(&rest[2..], b"'").max(2)
        } else if rest.len() > 2 && rest[0] == b'\'' && rest[2] == b'\'' {
            3
        } else {
            out.push(rest[0]);
            at += 1;
            continue;
        };
        out.push(b' ');
        out.extend(rest[..skipped].iter().filter(|&&b| b == b'\n'));
        at += skipped;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The length up to and with the end mark.
fn end_of(bytes: &[u8], mark: &[u8]) -> usize {
    let found = bytes.windows(mark.len()).position(|window| window == mark);
    found.map_or(bytes.len(), |position| position + mark.len())
}

/// The length of a string with escapes.
fn quoted(bytes: &[u8]) -> usize {
    let mut at = 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// The length of a raw string, if there is one.
fn raw_string(bytes: &[u8]) -> Option<usize> {
    let hashes = bytes.strip_prefix(b"r")?.iter().take_while(|&&b| b == b'#').count();
    let body = bytes.get(1 + hashes..)?.strip_prefix(b"\"")?;
    let end = [b"\"".as_slice(), &b"#".repeat(hashes)].concat();
    Some(2 + hashes + end_of(body, &end))
}

/// The places of a word in code: not as part of a longer name.
pub(super) fn says(code: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word)
        .any(|(at, _)| !code[..at].ends_with(part) && !code[at + word.len()..].starts_with(part))
}

/// The modules of the root that code names: by `crate::`, or by as many `super::` as lead there.
pub(super) fn named_modules(code: &str, depth: usize) -> Vec<String> {
    let climbs = "super::".repeat(depth.max(1));
    let roots: &[&str] = if depth == 0 { &["crate::"] } else { &["crate::", &climbs] };
    roots.iter().flat_map(|root| named_below(code, root)).collect()
}

/// The names that follow a path's beginning, one by one or in braces.
pub(super) fn named_below(code: &str, root: &str) -> Vec<String> {
    let packed: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let tails = packed.match_indices(root).map(|(at, _)| &packed[at + root.len()..]);
    tails.flat_map(first_names).collect()
}

/// `a::b` names a; `{a::b, c::{d, e}}` names a and c.
fn first_names(tail: &str) -> Vec<String> {
    let name = |s: &str| s.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let Some(group) = tail.strip_prefix('{') else { return vec![name(tail)] };
    let (mut names, mut depth, mut fresh) = (Vec::new(), 0, true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => fresh = true,
            _ if fresh => {
                names.push(name(&group[at..]));
                fresh = false;
            }
            _ => {}
        }
    }
    names
}
