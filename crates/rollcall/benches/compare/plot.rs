//! Plots: two values over a number, all on logarithmic scales, as SVG.

use std::fmt::Write as _;

/// A contestant's line.
pub(crate) struct Curve {
    pub(crate) name: String,
    /// The number, and both values.
    pub(crate) points: Vec<(usize, f64, f64)>,
}

/// What a plot is of.
pub(crate) struct Frame {
    /// The number's name, and those that are written below it.
    pub(crate) number: &'static str,
    pub(crate) marks: Vec<usize>,
    /// What both values are.
    pub(crate) values: [&'static str; 2],
}

const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 300.0;
const COLOURS: [&str; 6] = ["#1f4e79", "#c0504d", "#4f8f4f", "#8064a2", "#d08a2e", "#555555"];

/// Two panels beside each other, with one legend.
pub(crate) fn svg(frame: &Frame, curves: &[Curve]) -> String {
    let mut text = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1000 440\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"1000\" height=\"440\" fill=\"white\"/>\n",
    );
    panel(&mut text, (60.0, frame, frame.values[0]), curves, |(_, first, _)| *first);
    panel(&mut text, (560.0, frame, frame.values[1]), curves, |(_, _, second)| *second);
    for (curve, (colour, index)) in curves.iter().zip(COLOURS.into_iter().cycle().zip(0_u32..)) {
        let (x, y) = (60.0 + 320.0 * f64::from(index % 3), 400.0 + 20.0 * f64::from(index / 3));
        let _ = writeln!(
            text,
            "<rect x=\"{x}\" y=\"{}\" width=\"14\" height=\"4\" fill=\"{colour}\"/><text x=\"{}\" y=\"{y}\">{}</text>",
            y - 6.0,
            x + 20.0,
            curve.name
        );
    }
    text + "</svg>\n"
}

fn panel(
    text: &mut String,
    (left, frame, title): (f64, &Frame, &str),
    curves: &[Curve],
    value: fn(&(usize, f64, f64)) -> f64,
) {
    let points = || curves.iter().flat_map(|curve| curve.points.iter());
    let low = points().map(value).fold(f64::INFINITY, f64::min).max(0.01).log10().floor();
    let high = points().map(value).fold(0.1, f64::max).log10().ceil();
    let y = |value: f64| 30.0 + HEIGHT * (1.0 - (value.max(0.01).log10() - low) / (high - low).max(1.0));
    let (first, last) = (frame.marks[0], *frame.marks.last().expect("a mark"));
    #[expect(clippy::cast_precision_loss, reason = "no more than millions")]
    let x = |number: usize| {
        left + WIDTH * (number as f64 / first as f64).ln() / (last as f64 / first as f64).ln()
    };
    let _ = writeln!(text, "<text x=\"{left}\" y=\"18\" font-weight=\"bold\">{title}</text>");
    let mut power = low;
    while power <= high {
        let (at, label) = (y(10_f64.powf(power)), 10_f64.powf(power));
        let right = left + WIDTH;
        let _ = writeln!(
            text,
            "<line x1=\"{left}\" x2=\"{right}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"#ddd\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            left - 6.0,
            at + 4.0
        );
        power += 1.0;
    }
    for &mark in &frame.marks {
        let _ = writeln!(text, "<text x=\"{:.1}\" y=\"350\" text-anchor=\"middle\">{mark}</text>", x(mark));
    }
    let _ = writeln!(
        text,
        "<text x=\"{:.1}\" y=\"370\" text-anchor=\"middle\">{}</text>",
        left + WIDTH / 2.0,
        frame.number
    );
    for (curve, colour) in curves.iter().zip(COLOURS.into_iter().cycle()) {
        let path: Vec<_> =
            curve.points.iter().map(|point| format!("{:.1},{:.1}", x(point.0), y(value(point)))).collect();
        let _ = writeln!(
            text,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            path.join(" ")
        );
    }
}
