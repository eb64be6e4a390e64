//! The page of the claims, in Markdown.

use super::{Claim, Experiment, Finding, Judgement};

/// All claims with their findings as a page. `command` is what gives a run again.
#[must_use]
pub fn render_claims(
    judged: &[(Claim, Finding)],
    command: &dyn Fn(&Experiment) -> String,
) -> String {
    let many = |result| judged.iter().filter(|(_, finding)| finding.result == result).count();
    let mut page = format!(
        "# The design's claims, run\n\n\
         Made by `sagasim claims --out docs/claims.md`; a test fails when this page is not what the \
         command makes.\nAll figures are of virtual time: predictions of the scenarios' models, equal \
         on every machine.\n\n\
         {} claims: {} confirmed, {} depend, {} not confirmed.\n\n\
         | claim | result |\n| :-- | :-- |\n",
        judged.len(),
        many(Judgement::Confirmed),
        many(Judgement::Depends),
        many(Judgement::NotConfirmed),
    );
    for (claim, finding) in judged {
        let Claim { name, sentence, .. } = claim;
        page.push_str(&format!("| [{sentence}](#{name}) | {} |\n", finding.result.name()));
    }
    for (claim, finding) in judged {
        page.push_str(&section(claim, finding, command));
    }
    page
}

fn section(claim: &Claim, finding: &Finding, command: &dyn Fn(&Experiment) -> String) -> String {
    let Claim { name, sentence, metric, experiments, .. } = claim;
    let Finding { result, figures, head, rows } = finding;
    let mut text = format!(
        "\n## {name}\n\n> {sentence}\n\n**{}.** {figures}\n\nMetric: {metric}\n\n",
        capital(result.name()),
    );
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    text.push_str(&line(head));
    let marks: Vec<&str> = (0..head.len()).map(|at| if at == 0 { ":--" } else { "--:" }).collect();
    text.push_str(&format!("| {} |\n", marks.join(" | ")));
    rows.iter().for_each(|row| text.push_str(&line(row)));
    let commands: Vec<String> = experiments.iter().map(command).collect();
    text.push_str(&format!("\n```sh\n{}\n```\n", commands.join("\n")));
    text
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
