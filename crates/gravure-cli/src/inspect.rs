//! `gravure inspect`: what is in a bundle.

use crate::{
    args, bundle,
    failure::{Failed, print},
};
use gravure::bundle::{
    BlockKind, Bundle, DependencyKind, Details, Identity, Native, NativeKind, ParamRole, Signature,
    TemplateInfo, hex,
};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Print what a bundle says of itself.
pub(crate) fn inspect(args: &args::Inspect) -> Result<(), Failed> {
    let bundle = bundle::open(&args.file, &args.trust)?;
    let details = bundle
        .details()
        .map_err(|error| Failed::template(format!("error: {error}")))?;
    print(&match args.json {
        true => format!("{:#}\n", as_json(&bundle, &details)),
        false => as_text(&bundle, &details),
    })
}

fn as_text(bundle: &Bundle, details: &[Details]) -> String {
    let manifest = bundle.manifest();
    let mut to = String::new();
    let sum = |of: fn(&TemplateInfo<'_>) -> usize| bundle.templates().map(|it| of(&it)).sum();
    let (code, text, sources): (usize, usize, usize) = (
        sum(|it| it.body),
        sum(|it| it.text),
        sum(|it| it.source.unwrap_or(0)),
    );
    let signer = bundle.signer();
    let mut row = |name: &str, value: &str| {
        // Writing to a string does not fail.
        let _ = writeln!(to, "{name:<10} {value}");
    };
    row("version", &manifest.version.to_string());
    row("root", &hex(bundle.root()));
    row(
        "signed",
        &signer.map_or("no".to_owned(), |key| key.to_string()),
    );
    row("edition", &manifest.origin.edition);
    row("compiler", &hex(&manifest.origin.build));
    row(
        "bytes",
        &format!(
            "{}: code {code}, text {text}, sources {sources}",
            bundle.file_len()
        ),
    );
    for (name, value) in &manifest.options {
        row("option", &format!("{name} = {value:?}"));
    }
    for native in &manifest.natives {
        row(word(native), &format!("{}{}", native.name, remark(native)));
    }
    for (info, details) in bundle.templates().zip(details) {
        let _ = writeln!(to, "\n{} {:?}", info.name.escape_debug(), info.escape);
        let _ = writeln!(to, "  hash       {}", hex(info.hash));
        let _ = writeln!(to, "  of source  {}", hex(info.source_hash));
        let source = info.source.map_or("none".to_owned(), |it| it.to_string());
        let _ = writeln!(
            to,
            "  bytes      code {}, text {}, source {source}",
            info.body, info.text
        );
        for edge in &details.edges {
            let (word, target) = (tag(edge.kind), edge.target.escape_debug());
            let is_there = match bundle.template(&edge.target) {
                Some(_) => "",
                None => " (not in the bundle)",
            };
            let _ = writeln!(to, "  {word:<10} {target} at line {}{is_there}", edge.line);
        }
        for it in &details.signatures {
            let word = if it.is_region { "region" } else { "def" };
            let _ = writeln!(to, "  {word:<10} {}({})", it.name, params(it).join(", "));
        }
        for (name, kind) in &details.blocks {
            let _ = writeln!(to, "  {:<10} {name}", block(*kind));
        }
    }
    to
}

fn as_json(bundle: &Bundle, details: &[Details]) -> Value {
    let manifest = bundle.manifest();
    let native = |it: &Native| {
        let identity = match &it.identity {
            Identity::Builtin => json!("builtin"),
            Identity::Host => json!("host"),
            Identity::Version(version) => json!({ "version": version }),
        };
        json!({ "kind": word(it), "name": it.name, "identity": identity })
    };
    let name_of = |&at: &u32| manifest.natives.get(at as usize).map(|it| it.name.clone());
    let template = |(info, it): (TemplateInfo<'_>, &Details)| {
        json!({
            "name": info.name,
            "escape": format!("{:?}", info.escape).to_lowercase(),
            "hash": hex(info.hash),
            "source_hash": hex(info.source_hash),
            "bytes": { "code": info.body, "text": info.text, "source": info.source },
            "dependencies": it.edges.iter().map(|edge| json!({
                "tag": tag(edge.kind),
                "target": edge.target,
                "line": edge.line,
                "in_bundle": bundle.template(&edge.target).is_some(),
            })).collect::<Vec<_>>(),
            "needs": it.natives.iter().filter_map(name_of).collect::<Vec<_>>(),
            "defs": it.signatures.iter().map(|it| json!({
                "name": it.name,
                "is_region": it.is_region,
                "params": params(it),
            })).collect::<Vec<_>>(),
            "blocks": it.blocks.iter().map(|(name, kind)| json!({
                "name": name,
                "kind": block(*kind),
            })).collect::<Vec<_>>(),
        })
    };
    let options = manifest.options.iter();
    let options = options.map(|(name, value)| (name.clone(), json!(value)));
    json!({
        "schema_version": 1,
        "version": manifest.version,
        "root": hex(bundle.root()),
        "signer": bundle.signer().map(|key| key.to_string()),
        "edition": manifest.origin.edition,
        "compiler": hex(&manifest.origin.build),
        "instructions": hex(&manifest.instructions),
        "bytes": bundle.file_len(),
        "options": options.collect::<serde_json::Map<_, _>>(),
        "needs": manifest.natives.iter().map(native).collect::<Vec<_>>(),
        "templates": bundle.templates().zip(details).map(template).collect::<Vec<_>>(),
    })
}

fn word(native: &Native) -> &'static str {
    match native.kind {
        NativeKind::Filter => "filter",
        NativeKind::Test => "test",
        NativeKind::Function => "function",
        NativeKind::Global => "global",
    }
}

/// What is not a builtin is worth a word.
fn remark(native: &Native) -> String {
    match &native.identity {
        Identity::Builtin => String::new(),
        Identity::Host => " (of the program)".to_owned(),
        Identity::Version(version) => format!(" (of the program, version {version:?})"),
    }
}

fn tag(kind: DependencyKind) -> &'static str {
    match kind {
        DependencyKind::Extends => "extends",
        DependencyKind::Include => "include",
        DependencyKind::Embed => "embed",
        DependencyKind::Import => "import",
    }
}

fn block(kind: BlockKind) -> &'static str {
    match kind {
        BlockKind::Block => "block",
        BlockKind::Fragment => "fragment",
        BlockKind::Region => "region",
    }
}

/// Parameters as a template writes them.
fn params(of: &Signature) -> Vec<String> {
    let param = |(name, role, has_default): &(String, ParamRole, bool)| {
        let star = match role {
            ParamRole::Rest => "*",
            ParamRole::NamedRest => "**",
            ParamRole::Plain | ParamRole::Named => "",
        };
        let default = if *has_default { "=…" } else { "" };
        format!("{star}{name}{default}")
    };
    of.params.iter().map(param).collect()
}
