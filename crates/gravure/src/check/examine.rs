//! One check: templates in by name, findings out.
//!
//! A template is examined once, however many name it, so what is wrong with a
//! partial is said for the partial and not for each of its users. Whoever is
//! named is examined too, listed or not.

use super::{
    Checked, Finding,
    cycles::Links,
    finding::Places,
    tags::{self, Place, Tag},
};
use crate::{
    Error,
    environment::{Edition, Known, Shared},
    loader::{LoadError, Loader},
    names::normalize,
};
use gravure_bytecode::{Chunk, Escape};
use gravure_compiler::CompileOptions;
use gravure_source::{Code, similar::nearest};
use gravure_value::{Fault, Surface};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

/// A check under way.
pub(super) struct Session<'e> {
    shared: &'e Shared,
    edition: Arc<Edition>,
    loader: Arc<dyn Loader>,
    listed: Vec<String>,
    open: VecDeque<String>,
    seen: BTreeSet<String>,
    /// Templates that are not there, with what the loader says to that.
    missing: BTreeMap<String, Vec<String>>,
    /// Names the host asked for.
    asked: BTreeSet<String>,
    /// Tags by the template that holds them.
    tags: Vec<Use>,
    links: Links,
    checked: Checked,
}

/// A tag that names a template, ready to be a finding.
struct Use {
    target: String,
    /// At the place of the tag; its message is filled in later.
    finding: Finding,
}

impl<'e> Session<'e> {
    pub(super) fn new(shared: &'e Shared, loader: Arc<dyn Loader>) -> Self {
        let listed = loader.list().unwrap_or_default();
        Self {
            shared,
            edition: shared.edition(),
            loader,
            listed,
            open: VecDeque::new(),
            seen: BTreeSet::new(),
            missing: BTreeMap::new(),
            asked: BTreeSet::new(),
            tags: Vec::new(),
            links: Links::default(),
            checked: Checked::default(),
        }
    }

    /// A template that the host asks for.
    pub(super) fn add(&mut self, name: &str) {
        match normalize(name, None, &self.shared.options.template_aliases) {
            Ok(name) => {
                let name = name.into_owned();
                self.asked.insert(name.clone());
                self.reach(name);
            }
            Err(fault) => self.fail(&Error::from_fault(fault, None)),
        }
    }

    /// Examine everything that was reached, and compare.
    pub(super) fn finish(mut self) -> Checked {
        while let Some(name) = self.open.pop_front() {
            self.load(&name);
        }
        for it in std::mem::take(&mut self.tags) {
            if let Some(notes) = self.missing.get(&it.target) {
                let finding = self.not_found(&it.target, notes, it.finding);
                self.checked.findings.push(finding);
            }
        }
        for name in std::mem::take(&mut self.asked) {
            if let Some(notes) = self.missing.get(&name) {
                let finding = self.not_found(&name, notes, Finding::new(Code::TplNotFound, ""));
                self.checked.findings.push(finding);
                self.checked.is_partial = true;
            }
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

    fn not_found(&self, name: &str, notes: &[String], mut finding: Finding) -> Finding {
        finding.message = format!("template `{name}` not found");
        finding.kind = Some("missing-template");
        finding.metadata.insert("name", name.to_owned());
        let near = nearest(name, self.listed.iter().map(|name| &**name));
        let near = near.map(|near| format!("did you mean `{near}`?"));
        finding.notes = near.into_iter().chain(notes.iter().cloned()).collect();
        finding
    }

    fn load(&mut self, name: &str) {
        let loaded = catch_unwind(AssertUnwindSafe(|| self.loader.load(name)));
        let loaded = match loaded {
            Ok(loaded) => loaded,
            Err(payload) => {
                let error = Error::from_panic(&*payload).asked_of(Some(name));
                return self.fail(&error);
            }
        };
        match loaded {
            Ok(source) => self.examine(name, &source.text),
            Err(LoadError::NotFound { notes, .. }) => {
                self.missing.insert(name.to_owned(), notes);
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
        let tree = match gravure_syntax::parse(source, &self.shared.options.syntax()) {
            Ok(tree) => tree,
            Err(found) => {
                let found = found.into_iter().map(|it| places.finding(it));
                self.checked.findings.extend(found);
                self.checked.is_partial = true;
                return;
            }
        };
        let mut tags = tags::tags(&tree);
        let surface = self.shared.options.autoescape.surface(Some(name));
        let options = CompileOptions {
            name,
            escape: escape(surface),
            keep_source: false,
            natives: &Known(&self.edition.registry, surface),
            optimize: self.shared.options.optimize,
        };
        match gravure_compiler::compile(&tree, source, &options) {
            Ok((draft, warnings)) => {
                let warnings = warnings.into_iter().filter(|it| self.shared.options.tells(it));
                let warnings = warnings.map(|it| places.finding(it));
                self.checked.findings.extend(warnings);
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
        if tag.is_certain {
            let place = finding(Finding::new(Code::TplCycle, ""));
            self.links.add(tag.kind, places.path, &target, place);
        }
        if !tag.may_miss {
            let mut finding = finding(Finding::new(Code::TplNotFound, ""));
            finding.metadata.insert("tag", tags::word(tag.kind).to_owned());
            self.tags.push(Use {
                target: target.clone(),
                finding,
            });
        }
        self.reach(target);
    }
}

/// A name that can be no template's.
fn wrong_name(tag: &Tag, fault: Fault) -> Finding {
    let error = Error::from_fault(fault, None);
    let mut finding = Finding::from_error(&error);
    finding.kind = Some("missing-template");
    finding.metadata.insert("name", tag.name.clone());
    finding.metadata.insert("tag", tags::word(tag.kind).to_owned());
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
