//! The standing as a picture: an SVG of bars, a group for each workload.
//!
//! A bar is a time divided by the floor's, on a logarithmic scale: twice as
//! long a bar is not twice as slow, but bars can be compared across groups.

use std::fmt::Write as _;

use crate::contest::Form;
use crate::engines::{floor, gravure};
use crate::report::Standing;
use crate::workload::{CORPUS, DEFAULT_PAIR};

const LEFT: f64 = 150.0;
const WIDTH: f64 = 820.0;
const BAR: f64 = 13.0;
const GAP: f64 = 14.0;
/// The length of a bar for each tenfold of the floor.
const DECADE: f64 = 210.0;
const COLORS: [(&str, &str); 7] = [
    ("gravure", "#c2410c"),
    ("gravure (object)", "#ea9a6b"),
    ("sailfish", "#64748b"),
    ("askama", "#94a3b8"),
    ("minijinja", "#0e7490"),
    ("tera", "#4d7c0f"),
    ("handlebars", "#7e22ce"),
];

/// The picture, from a run with all engines.
pub fn svg(standing: &Standing) -> String {
    let groups = groups(standing);
    let bars: usize = groups.iter().map(|(_, bars)| bars.len()).sum();
    let top = 58.0;
    let height = top + bars as f64 * (BAR + 2.0) + groups.len() as f64 * GAP + 16.0;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"11\" role=\"img\">\n\
         <title>Time of a render, compared with the same page written by hand</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"12\" y=\"22\" font-size=\"14\" font-weight=\"600\" fill=\"#1e293b\">\
         Time of a render ÷ time of the same page written by hand in Rust (shorter is faster)</text>\n"
    );
    for (decade, label) in ["1×", "10×", "100×", "1000×"].iter().enumerate() {
        let x = LEFT + decade as f64 * DECADE;
        let _ = writeln!(
            text,
            "<line x1=\"{x:.0}\" y1=\"{:.0}\" x2=\"{x:.0}\" y2=\"{:.0}\" stroke=\"#e2e8f0\"/>\
             <text x=\"{x:.0}\" y=\"44\" text-anchor=\"middle\" fill=\"#64748b\">{label}</text>",
            top - 8.0,
            height - 10.0,
        );
    }
    let mut y = top;
    for (workload, bars) in &groups {
        let _ = writeln!(
            text,
            "<text x=\"12\" y=\"{:.1}\" font-weight=\"600\" fill=\"#1e293b\">{workload}</text>",
            y + BAR - 3.0
        );
        for (title, ratio) in bars {
            bar(&mut text, y, title, *ratio);
            y += BAR + 2.0;
        }
        y += GAP;
    }
    text.push_str("</svg>\n");
    text
}

fn bar(text: &mut String, y: f64, title: &str, ratio: f64) {
    let color = COLORS
        .iter()
        .find(|(name, _)| *name == title)
        .map_or("#000000", |(_, color)| color);
    // A bar of the floor's own length has none; those below it get a trace.
    let length = (ratio.max(1.0).log10() * DECADE).max(2.0);
    let _ = writeln!(
        text,
        "<rect x=\"{LEFT:.0}\" y=\"{y:.1}\" width=\"{length:.1}\" height=\"{BAR:.0}\" fill=\"{color}\"/>\
         <text x=\"{:.1}\" y=\"{:.1}\" fill=\"#334155\">{title} {ratio:.1}</text>",
        LEFT + length + 5.0,
        y + BAR - 3.0,
    );
}

/// Workloads with their bars: each engine with the data that it likes best,
/// and Gravure also with objects read in place.
fn groups(standing: &Standing) -> Vec<(String, Vec<(String, f64)>)> {
    let mut groups: Vec<(String, Vec<(String, f64)>)> = Vec::new();
    for row in &standing.rows {
        let is_shown = row.workload != CORPUS && !DEFAULT_PAIR.contains(&row.workload.as_str());
        let is_object = row.engine == gravure::NAME && row.form == Form::Object.word();
        let is_best = row.form == Form::Prepared.word() || row.form == Form::Struct.word();
        if !is_shown || row.engine == floor::NAME || !(is_object || is_best) {
            continue;
        }
        let Some(ratio) = standing.to_floor(row) else {
            continue;
        };
        let title = if is_object {
            format!("{} ({})", row.engine, row.form)
        } else {
            row.engine.to_owned()
        };
        match groups.last_mut() {
            Some((workload, bars)) if *workload == row.workload => bars.push((title, ratio)),
            _ => groups.push((row.workload.clone(), vec![(title, ratio)])),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::svg;
    use crate::report::{Row, Standing};

    #[test]
    fn a_bar_says_how_often_the_floor_it_is() {
        let row = |engine, form, micros| Row {
            workload: "page".to_owned(),
            engine,
            form,
            time: Duration::from_micros(micros),
            source_bytes: 0,
            counts: None,
        };
        let picture = svg(&Standing {
            rows: vec![
                row("floor", "struct", 10),
                row("gravure", "prepared", 100),
                row("gravure", "json", 200),
            ],
        });
        assert!(picture.contains("width=\"210.0\""), "{picture}");
        assert!(picture.contains("gravure 10.0"), "{picture}");
        assert!(!picture.contains("20.0"), "{picture}");
    }
}
