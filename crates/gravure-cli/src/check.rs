//! `gravure check`: what is wrong with all templates of a site.
//!
//! Findings go to standard output, the summary for people to standard error,
//! so that a pipe gets findings and nothing else.

use crate::{
    args::{self, Format},
    engine,
    failure::{Failed, print, remark, wants_color_in_print},
    settings::code,
    site::{self, Site},
};
use gravure::{
    Code,
    check::{Checked, Severity, nearest},
};

/// Endings of templates, unless somebody says otherwise.
const ENDINGS: [&str; 10] = [
    "html", "htm", "xml", "svg", "txt", "md", "jinja", "j2", "kida", "gravure",
];

/// Folders that hold what others wrote or machines made.
const FOREIGN: [&str; 2] = ["node_modules", "target"];

/// Check the templates of a site.
pub(crate) fn check(args: &args::Check) -> Result<(), Failed> {
    let denied = Denied::parse(&args.deny)?;
    let allowed = codes("--allow", &args.allow)?;
    let site = site::of_roots(&args.roots, &args.around)?;
    let endings = endings(&args.ext, &site)?;
    let mut checked = engine::check_all(&site, |name| is_template(name, &endings))?;
    checked.findings.retain(|it| !allowed.contains(&it.code));
    for finding in &mut checked.findings {
        if denied.has(finding.code, finding.severity) {
            finding.severity = Severity::Error;
        }
    }
    print(&shown(&checked, args.format, &site))?;
    if checked.n_templates == 0 {
        // Most likely somebody looked in the wrong place, so silence would lie.
        remark(&format!(
            "no template was found below `{}`: no file there ends in {}",
            roots(&site),
            endings.join(", ")
        ));
    }
    if args.format == Format::Text {
        remark(&summary(&checked));
    }
    match checked.exit_code() {
        0 => Ok(()),
        _ => Err(Failed::told()),
    }
}

fn shown(checked: &Checked, format: Format, site: &Site) -> String {
    let color = wants_color_in_print();
    let findings = checked.findings.iter();
    match format {
        Format::Json => checked.json(&roots(site)),
        Format::Text => findings
            .map(|it| format!("{}\n\n", it.text().color(color)))
            .collect(),
        Format::Short => findings.map(|it| it.short() + "\n").collect(),
        Format::Github => findings
            .map(|it| {
                let file = it.path.as_deref().and_then(|name| file(site, name));
                it.github(file.as_deref()) + "\n"
            })
            .collect(),
    }
}

fn summary(checked: &Checked) -> String {
    let counted = |n: usize, word: &str| match n {
        1 => format!("1 {word}"),
        n => format!("{n} {word}s"),
    };
    let partial = match checked.is_partial {
        true => "; not every template could be examined",
        false => "",
    };
    format!(
        "{} in {}{partial}",
        [
            counted(checked.count(Severity::Error), "error"),
            counted(checked.count(Severity::Warning), "warning"),
        ]
        .join(", "),
        counted(checked.n_templates, "template"),
    )
}

fn roots(site: &Site) -> String {
    let roots: Vec<String> = site
        .roots
        .iter()
        .map(|it| it.display().to_string())
        .collect();
    roots.join(", ")
}

/// Where a template lies, for services that know files only.
fn file(site: &Site, name: &str) -> Option<String> {
    let mut files = site.roots.iter().map(|root| root.join(name));
    let found = files.find(|file| file.is_file())?;
    Some(found.display().to_string().replace('\\', "/"))
}

/// Endings of templates, as somebody chose them.
pub(crate) fn endings(ext: &[String], site: &Site) -> Result<Vec<String>, Failed> {
    let chosen = match (ext, &site.settings.endings) {
        ([], Some(endings)) => endings.clone(),
        ([], None) => ENDINGS.map(str::to_owned).to_vec(),
        (endings, _) => endings.to_vec(),
    };
    let plain = |it: &String| match it.trim_start_matches(['*', '.']) {
        "" => Err(Failed::unusable(
            format!("`{it}` is no ending of a file"),
            "write `--ext html,txt`, or `ext` so in the settings",
        )),
        ending => Ok(ending.to_ascii_lowercase()),
    };
    chosen.iter().map(plain).collect()
}

/// Is it the name of a template?
pub(crate) fn is_template(name: &str, endings: &[String]) -> bool {
    let is_foreign = name.split('/').any(|segment| FOREIGN.contains(&segment));
    let name = name.to_ascii_lowercase();
    let mut endings = endings.iter();
    let is_fit = endings.any(|ending| {
        let stem = name.strip_suffix(&**ending);
        stem.is_some_and(|stem| stem.ends_with('.'))
    });
    is_fit && !is_foreign
}

/// Findings that count as errors.
struct Denied {
    warnings: bool,
    codes: Vec<Code>,
}

impl Denied {
    fn parse(texts: &[String]) -> Result<Self, Failed> {
        let (warnings, rest): (Vec<String>, Vec<String>) =
            texts.iter().cloned().partition(|text| text == "warnings");
        Ok(Self {
            warnings: !warnings.is_empty(),
            codes: codes("--deny", &rest)?,
        })
    }

    fn has(&self, code: Code, severity: Severity) -> bool {
        (self.warnings && severity == Severity::Warning) || self.codes.contains(&code)
    }
}

fn codes(option: &str, texts: &[String]) -> Result<Vec<Code>, Failed> {
    let parse = |text: &String| {
        code(text).ok_or_else(|| {
            let known = Code::ALL.iter().map(|code| code.as_str());
            let help = match nearest(text, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "a code looks like `K-WARN-001`".to_owned(),
            };
            Failed::unusable(format!("`{option}` has an unknown code `{text}`"), &help)
        })
    };
    texts.iter().map(parse).collect()
}
