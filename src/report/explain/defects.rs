//! The seeded defects, to read.

use super::wrapped;
use crate::sim::defect::Defect;

/// One line per defect: its name and what it stands for.
#[must_use]
pub fn list_defects() -> String {
    let line = |defect: &Defect| {
        let stands_for = wrapped(defect.stands_for, 33);
        format!("{:<32} {}", defect.name, stands_for.trim_start())
    };
    Defect::all().map(line).collect()
}

/// One defect, where it plays, and how to plant it; none: no defect has this name.
#[must_use]
pub fn explain_defect(name: &str) -> Option<String> {
    let defect = Defect::named(name)?;
    let plays: Vec<&str> = defect.plays.iter().map(|one| one.name()).collect();
    let shown = match defect.optimum {
        Some(0) => "It shows in any order that pays.".to_owned(),
        Some(1) => "It takes one decision over one order to show: an intent, a refusal or a fault."
            .to_owned(),
        Some(n) => format!("It takes {n} decisions over one order to show."),
        None => "One order by itself does not show it.".to_owned(),
    };
    Some(format!(
        "{name} (seeded defect, caught by {})\n\n{}{}{}{}\nPlant it with:\n\
         \x20 sagasim run FILE --set flow.defect={name}\n",
        defect.law.name(),
        wrapped(defect.meaning, 2),
        wrapped(&format!("It stands for: {}.", defect.stands_for), 2),
        wrapped(&format!("It plays in {}.", plays.join(", ")), 2),
        wrapped(&shown, 2),
    ))
}
