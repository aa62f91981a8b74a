//! One check: templates in by name, findings out.
//!
//! A template is examined once, however many name it, so what is wrong with a
//! partial is said for the partial and not for each of its users. Whoever is
//! named is examined too, listed or not.

use super::{
    Checked, Finding, Severity, Warnings,
    cycles::Links,
    finding::Places,
    tags::{self, Place, Tag},
};
use crate::{
    Error,
    environment::{Known, Shared, asked},
    loader::{LoadError, Loader},
    names::normalize,
    sync::Read,
    tables::Edition,
};
use gravure_bytecode::{Chunk, Escape};
use gravure_compiler::CompileOptions;
use gravure_source::{Code, similar::nearest};
use gravure_value::{Fault, Surface, guarded};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

/// A check under way.
pub(super) struct Session<'e> {
    shared: &'e Shared,
    edition: Read<Edition>,
    loader: Arc<dyn Loader>,
    /// Sorted.
    listed: Vec<String>,
    open: VecDeque<String>,
    seen: BTreeSet<String>,
    /// What to say of names that no loader has; `None` for those that one has
    /// without listing them.
    unlisted: BTreeMap<String, Option<Vec<String>>>,
    /// What each template gives a name to, as far as that is known.
    bound: BTreeMap<String, BTreeSet<String>>,
    wanted: Vec<Wanted>,
    links: Links,
    checked: Checked,
}

/// A name that a tag takes from another template.
struct Wanted {
    target: String,
    name: String,
    /// At the tag; not complete yet.
    finding: Finding,
}

/// For how many missing names a similar one is looked for.
const MAX_SUGGESTIONS: usize = 200;

impl<'e> Session<'e> {
    pub(super) fn new(shared: &'e Shared, loader: Arc<dyn Loader>) -> Self {
        // Whoever asks for all names has been told if that panics.
        let mut listed = guarded(|| loader.list()).ok().flatten().unwrap_or_default();
        listed.sort_unstable();
        Self {
            shared,
            edition: shared.edition(),
            loader,
            listed,
            open: VecDeque::new(),
            seen: BTreeSet::new(),
            unlisted: BTreeMap::new(),
            bound: BTreeMap::new(),
            wanted: Vec::new(),
            links: Links::default(),
            checked: Checked::default(),
        }
    }

    /// A template that the host asks for.
    pub(super) fn add(&mut self, name: &str) {
        match normalize(name, None, &self.shared.options.template_aliases) {
            Ok(name) => self.reach(name.into_owned()),
            Err(fault) => self.fail(&Error::from_fault(fault, None)),
        }
    }

    /// Examine everything that was reached, and compare.
    pub(super) fn finish(mut self) -> Checked {
        while let Some(name) = self.open.pop_front() {
            self.load(&name);
        }
        let mut n_found = 0;
        for it in std::mem::take(&mut self.wanted) {
            let mut finding = self.not_importable(it);
            if let Some(finding) = &mut finding {
                n_found += 1;
                self.suggest_import(finding, n_found);
            }
            self.checked.findings.extend(finding);
        }
        self.checked.findings.extend(self.links.cycles());
        self.checked.findings.sort_by(Finding::order);
        self.checked.findings.dedup_by(|a, b| a.is_same(b));
        self.checked
    }

    fn reach(&mut self, name: String) {
        if self.seen.insert(name.clone()) {
            self.open.push_back(name);
        }
    }

    /// An error that belongs to no line.
    fn fail(&mut self, error: &Error) {
        self.checked.findings.push(Finding::from_error(error));
        self.checked.is_partial = true;
    }

    /// What to say of a name that no loader has.
    fn missing(&mut self, name: &str) -> Option<Vec<String>> {
        if self.listed.binary_search_by(|it| (**it).cmp(name)).is_ok() {
            return None;
        }
        if let Some(known) = self.unlisted.get(name) {
            return known.clone();
        }
        let found = match guarded(|| self.loader.load(name)) {
            Ok(Err(LoadError::NotFound { notes, .. })) => Some(self.advice(name, notes)),
            // What else is wrong is told when it is examined.
            _ => None,
        };
        self.unlisted.insert(name.to_owned(), found.clone());
        found
    }

    fn advice(&self, name: &str, notes: Vec<String>) -> Vec<String> {
        let near = match self.unlisted.len() < MAX_SUGGESTIONS {
            true => nearest(name, self.listed.iter().map(|name| &**name)),
            false => None,
        };
        let near = near.map(|near| format!("did you mean `{near}`?"));
        near.into_iter().chain(notes).collect()
    }

    fn load(&mut self, name: &str) {
        let loaded = match asked(|| self.loader.load(name)) {
            Ok(loaded) => loaded,
            Err(error) => return self.fail(&error.asked_of(Some(name))),
        };
        match loaded {
            Ok(source) => self.examine(name, &source.text),
            Err(LoadError::NotFound { notes, .. }) => {
                let notes = self.advice(name, notes);
                self.checked.findings.push(not_found(name, notes));
                self.checked.is_partial = true;
            }
            Err(error) => {
                let line = match &error {
                    LoadError::Encoding { line, .. } => Some(*line),
                    _ => None,
                };
                let error = Error::from_fault(error.into_fault(name), None).asked_of(Some(name));
                let mut finding = Finding::from_error(&error);
                finding.range = line.map(super::Range::of_line);
                finding.confidence = super::Confidence::Proven;
                self.checked.findings.push(finding);
                self.checked.is_partial = true;
            }
        }
    }

    fn examine(&mut self, name: &str, source: &str) {
        self.checked.n_templates += 1;
        let places = Places::new(name, source);
        let tree = match gravure_syntax::parse(source, &self.shared.syntax) {
            Ok(tree) => tree,
            Err(found) => {
                let found = found.into_iter().map(|it| places.finding(it));
                self.checked.findings.extend(found);
                self.checked.is_partial = true;
                return;
            }
        };
        let refused = self.shared.options.policy.examine(&tree, source);
        let refused = refused.into_iter().map(|it| places.finding(it));
        self.checked.findings.extend(refused);
        let mut tags = tags::tags(&tree);
        if let Some(bound) = tags::bound(&tree) {
            self.bound.insert(name.to_owned(), bound);
        }
        let surface = match asked(|| self.shared.options.autoescape.surface(Some(name))) {
            Ok(surface) => surface,
            Err(error) => return self.fail(&error.asked_of(Some(name))),
        };
        let options = CompileOptions {
            name,
            escape: escape(surface),
            keep_source: false,
            natives: &Known(&self.edition.registry, surface),
            optimize: self.shared.options.optimize,
        };
        match gravure_compiler::compile(&tree, source, &options) {
            Ok((draft, warnings)) => {
                let wishes = &self.shared.options;
                let told = warnings
                    .into_iter()
                    .filter(|it| !wishes.silenced.contains(&it.code));
                self.checked.findings.extend(told.map(|it| {
                    let mut finding = places.finding(it);
                    if wishes.warnings == Warnings::Error {
                        finding.severity = Severity::Error;
                    }
                    finding
                }));
                match Chunk::new(draft) {
                    Ok(chunk) => tags::add_folded(&mut tags, &chunk, |span| places.line(span)),
                    Err(refused) => {
                        let message = format!("internal error: {refused}");
                        self.fail(&Error::new(Code::RunValue, message).asked_of(Some(name)));
                    }
                }
            }
            Err(found) => {
                let found = found.into_iter().map(|it| places.finding(it));
                self.checked.findings.extend(found);
            }
        }
        for tag in tags {
            self.follow(&places, tag);
        }
    }

    fn follow(&mut self, places: &Places<'_>, tag: Tag) {
        if tag.name.is_empty() && tag.may_miss {
            return;
        }
        let finding = |finding| match tag.place {
            Place::Span(span) => places.at(span, finding),
            Place::Line(line) => places.at_line(line, finding),
        };
        let aliases = &self.shared.options.template_aliases;
        let target = match normalize(&tag.name, Some(places.path), aliases) {
            Ok(target) => target.into_owned(),
            Err(_) if tag.may_miss => return,
            Err(fault) => {
                let found = finding(wrong_name(&tag, fault));
                self.checked.findings.push(found);
                return;
            }
        };
        if let Some(notes) = self.missing(&target) {
            if !tag.may_miss {
                let mut found = finding(not_found(&target, notes));
                found
                    .metadata
                    .insert("tag", tags::word(tag.kind).to_owned());
                self.checked.findings.push(found);
            }
            return;
        }
        if tag.is_certain {
            let place = finding(Finding::new(Code::TplCycle, ""));
            self.links.add(tag.kind, places.path, &target, place);
        }
        for name in tag.wanted {
            self.wanted.push(Wanted {
                target: target.clone(),
                name,
                finding: finding(Finding::new(Code::RunImportName, "")),
            });
        }
        self.reach(target);
    }

    /// A name that is wanted and certainly not there.
    fn not_importable(&self, wanted: Wanted) -> Option<Finding> {
        let Wanted {
            target,
            name,
            mut finding,
        } = wanted;
        let bound = self.bound.get(&target)?;
        let autoescape = &self.shared.options.autoescape;
        let surface = guarded(|| autoescape.surface(Some(&target))).ok()?;
        let registry = &self.edition.registry;
        let is_global = registry.function_on(surface, &name).is_some()
            || registry.global_on(surface, &name).is_some()
            || self
                .edition
                .globals
                .iter()
                .any(|(global, _)| **global == *name);
        if bound.contains(&name) || is_global {
            return None;
        }
        finding.message = format!("template `{target}` has no def `{name}`");
        finding.kind = Some("missing-import");
        finding.metadata.insert("name", name);
        finding.metadata.insert("template", target);
        Some(finding)
    }

    /// The nearest name that can be imported, for the first such findings.
    fn suggest_import(&self, finding: &mut Finding, n_found: usize) {
        let name = finding.metadata.get("name");
        let bound = finding
            .metadata
            .get("template")
            .and_then(|it| self.bound.get(it));
        if let (Some(name), Some(bound), true) = (name, bound, n_found < MAX_SUGGESTIONS) {
            let near = nearest(name, bound.iter().map(|name| &**name));
            let near = near.map(|near| format!("did you mean `{near}`?"));
            finding.notes.extend(near);
        }
    }
}

/// A template that no loader has.
fn not_found(name: &str, notes: Vec<String>) -> Finding {
    let message = format!("template `{name}` not found");
    let mut finding = Finding::new(Code::TplNotFound, message);
    finding.kind = Some("missing-template");
    finding.metadata.insert("name", name.to_owned());
    finding.notes = notes;
    finding
}

/// A name that can be no template's.
fn wrong_name(tag: &Tag, fault: Fault) -> Finding {
    let error = Error::from_fault(fault, None);
    let mut finding = Finding::from_error(&error);
    finding.kind = Some("missing-template");
    finding.metadata.insert("name", tag.name.clone());
    finding
        .metadata
        .insert("tag", tags::word(tag.kind).to_owned());
    finding
}

fn escape(surface: Surface) -> Escape {
    match surface {
        Surface::Text => Escape::Text,
        Surface::Html => Escape::Html,
        Surface::Markdown => Escape::Markdown,
        Surface::Terminal => Escape::Terminal,
    }
}
