//! How the numbers are printed.

use std::fmt;

use benches::Scenario;

/// What a scenario costs over the bare route.
pub(crate) struct Row {
    pub(crate) scenario: Scenario,
    pub(crate) ours: f64,
    pub(crate) peer: f64,
}

/// A Markdown table.
pub(crate) struct Table {
    pub(crate) title: &'static str,
    pub(crate) bare: f64,
    pub(crate) rows: Vec<Row>,
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}; the bare route: {}\n", self.title, grouped(self.bare))?;
        writeln!(f, "| over the bare route | this library | flex 0.2 | ratio |\n|---|--:|--:|--:|")?;
        for Row { scenario, ours, peer } in &self.rows {
            let (ours_text, peer_text) = (grouped(*ours), grouped(*peer));
            writeln!(f, "| {scenario} | +{ours_text} | +{peer_text} | {:.2} |", ours / peer)?;
        }
        Ok(())
    }
}

/// Rounds a number and groups its digits by three.
fn grouped(number: f64) -> String {
    let digits = format!("{:.0}", number.abs());
    let mut text = String::from(if number <= -0.5 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
