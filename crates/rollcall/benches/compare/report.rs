//! What was found, as a table on the screen and in `docs/performance.md`, between its marks.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::load::Figures;
use crate::plot;

/// All tables of a run.
#[derive(Default)]
pub(crate) struct Report {
    tables: Vec<(&'static str, String)>,
    curves: Vec<plot::Curve>,
}

/// One line of a table.
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) clients: usize,
    pub(crate) figures: Figures,
}

impl Report {
    /// A table of one kind of work; ratios are to the line of the same number of clients that is named `Rollcall …` first.
    pub(crate) fn table(&mut self, section: &'static str, title: &str, lines: &[Line]) {
        let mut text = format!(
            "### {title}\n\n| contestant | clients | answers/s | Rollcall has | p50 ms | p99 ms | CPU µs each | errors |\n\
             |---|--:|--:|--:|--:|--:|--:|--:|\n"
        );
        for line in lines {
            let ours = lines
                .iter()
                .find(|other| other.clients == line.clients && other.name.starts_with("Rollcall"));
            let ratio = ours
                .map_or_else(String::new, |ours| format!("{:.2} ×", ours.figures.rate / line.figures.rate));
            let Figures { rate, p50, p99, errors, processor } = line.figures;
            let processor = if processor > 0.0 { format!("{processor:.0}") } else { String::new() };
            let (name, clients) = (&line.name, line.clients);
            let _ = writeln!(
                text,
                "| {name} | {clients} | {rate:.0} | {ratio} | {p50:.2} | {p99:.2} | {processor} | {errors} |"
            );
        }
        self.text(section, text);
    }

    /// Anything else.
    pub(crate) fn text(&mut self, section: &'static str, text: String) {
        println!("\n{text}");
        self.tables.push((section, text));
    }

    /// A contestant's line of the plot.
    pub(crate) fn curve(&mut self, curve: plot::Curve) {
        self.curves.push(curve);
    }

    /// Writes each section between its marks, and the plot where there are curves.
    pub(crate) fn write(&self) {
        let docs = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs"));
        let file = docs.join("performance.md");
        let mut page = std::fs::read_to_string(&file).expect("docs/performance.md");
        let mut sections: Vec<_> = self.tables.iter().map(|(section, _)| *section).collect();
        sections.dedup();
        for section in sections {
            let tables = self.tables.iter().filter(|(of, _)| *of == section).map(|(_, text)| text.trim_end());
            let text = tables.collect::<Vec<_>>().join("\n\n");
            let (begin, end) = (format!("<!-- {section} -->"), format!("<!-- end of {section} -->"));
            let (Some(from), Some(to)) = (page.find(&begin), page.find(&end)) else {
                panic!("docs/performance.md has no marks for {section}");
            };
            page.replace_range(from + begin.len()..to, &format!("\n{text}\n"));
        }
        std::fs::write(&file, page).expect("docs/performance.md is written");
        if !self.curves.is_empty() {
            std::fs::write(docs.join("performance.svg"), plot::svg(&self.curves))
                .expect("the plot is written");
        }
    }
}
