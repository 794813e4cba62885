//! What was found, as a table on the screen and in `docs/performance.md`, between its marks.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::load::Figures;
use crate::plot::{self, Frame};

/// All tables of a run.
#[derive(Default)]
pub(crate) struct Report {
    tables: Vec<(&'static str, String)>,
    curves: Vec<plot::Curve>,
    plots: Vec<(String, String)>,
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

    /// A plot of its own, which the section shows.
    pub(crate) fn plot(&mut self, section: &'static str, title: &str, frame: &Frame, curves: &[plot::Curve]) {
        let file = format!("performance-{section}.svg");
        self.text(section, format!("![{title}]({file})"));
        self.plots.push((file, plot::svg(frame, curves)));
    }

    /// Writes each section between its marks, and the plots where there are curves.
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
        for (file, plot) in &self.plots {
            std::fs::write(docs.join(file), plot).expect("the plot is written");
        }
        if !self.curves.is_empty() {
            let frame = Frame {
                number: "clients",
                marks: vec![1, 16, 64, 256],
                values: ["answers per second", "p99 in milliseconds"],
            };
            std::fs::write(docs.join("performance.svg"), plot::svg(&frame, &self.curves))
                .expect("the plot is written");
        }
    }
}
