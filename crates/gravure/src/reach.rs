//! Is a template asynchronous, itself or through those that it names?
//!
//! In: a compiled template. Out: whether a synchronous call can render it, and
//! if not, the first place that says so. What is not kept yet is loaded for
//! that, quietly: what cannot be had counts as synchronous, and fails if a
//! render reaches it. The answer is remembered until a template arrives that
//! may change it, so a render pays for two loads of a number.

use crate::{
    Error,
    environment::{Kept, Shared},
    error::UNNAMED,
};
use gravure_bytecode::{Dependency, DependencyKind, Op};
use gravure_value::Site;
use gravure_vm::async_in_sync;
use std::{collections::HashSet, sync::Arc};

impl Kept {
    fn name(&self) -> &str {
        &self.compiled.chunk.name
    }

    /// Who names templates here: an unnamed template has no folder.
    fn caller(&self) -> Option<&str> {
        Some(self.name()).filter(|name| *name != UNNAMED)
    }

    fn spelled(&self, dependency: &Dependency) -> &str {
        self.compiled.chunk.symbol(dependency.name)
    }
}

impl Shared {
    /// A template was compiled: what was found out about others may be false
    /// now, if it is asynchronous or takes the place of another.
    pub(crate) fn arrives(&self, made: &Kept, is_replaced: bool) {
        if is_replaced || made.compiled.chunk.first_async.is_some() {
            self.arrivals.advance();
        }
    }

    /// Can a synchronous call render it, as far as literal names tell?
    #[inline]
    pub(crate) fn is_sync(&self, kept: &Kept) -> bool {
        let chunk = &kept.compiled.chunk;
        if chunk.first_async.is_some() {
            return false;
        }
        chunk.dependencies.is_empty() || self.is_sync_as_a_whole(kept)
    }

    fn is_sync_as_a_whole(&self, kept: &Kept) -> bool {
        // Read before the walk: what arrives meanwhile makes it stale.
        let now = self.arrivals.get().wrapping_add(1);
        if kept.sync_at.get() == now {
            return true;
        }
        let mut seen = HashSet::new();
        let mut open = self.named_by(kept, &mut seen);
        let mut met = Vec::new();
        while let Some(next) = open.pop() {
            if next.compiled.chunk.first_async.is_some() {
                return false;
            }
            if next.sync_at.get() != now {
                open.extend(self.named_by(&next, &mut seen));
                met.push(next);
            }
        }
        // Nothing that it reaches is asynchronous: so nothing that they reach.
        for other in met {
            other.sync_at.set(now);
        }
        kept.sync_at.set(now);
        true
    }

    /// The templates that one names literally, but for those that were seen.
    fn named_by(&self, kept: &Kept, seen: &mut HashSet<String>) -> Vec<Arc<Kept>> {
        let dependencies = kept.compiled.chunk.dependencies.iter();
        let found = dependencies.filter_map(|it| {
            let found = self.find_quietly(kept.spelled(it), kept.caller())?;
            seen.insert(found.name().to_owned()).then_some(found)
        });
        found.collect()
    }

    /// Why a synchronous call cannot render it: the first `await`,
    /// `async for`, or tag that brings in an asynchronous template.
    pub(crate) fn refuse_async(&self, kept: &Kept) -> Error {
        let chunk = &kept.compiled.chunk;
        let own = chunk
            .first_async
            .map(|(line, column)| (line, column, column));
        let tags = chunk.dependencies.iter().filter(|it| {
            let found = self.find_quietly(kept.spelled(it), kept.caller());
            found.is_some_and(|found| !self.is_sync(&found))
        });
        let places = tags.map(|tag| place_of(kept, tag)).chain(own);
        let (line, column, end_column) = places.min().unwrap_or((1, 0, 0));
        let site = Site {
            template: chunk.name.clone(),
            line,
            column,
            end_column,
            ..Site::default()
        };
        let mut fault = async_in_sync(&chunk.name);
        fault.site = Some(Box::new(site));
        Error::from_fault(fault, chunk.source.as_deref())
    }
}

/// Line and columns of the tag behind a dependency: of the ops that do it, the
/// one on its line, counted among the dependencies of that line.
fn place_of(kept: &Kept, tag: &Dependency) -> (u32, u32, u32) {
    let chunk = &kept.compiled.chunk;
    let alike = |it: &&Dependency| it.line == tag.line && it.kind == tag.kind;
    let mut same_line = chunk.dependencies.iter().filter(alike);
    let nth = same_line.position(|it| it == tag).unwrap_or(0);
    let is_it = |op: Op| match tag.kind {
        DependencyKind::Extends => matches!(op, Op::Extends { .. }),
        DependencyKind::Include => matches!(op, Op::Include { .. }),
        DependencyKind::Embed => matches!(op, Op::Embed { .. }),
        DependencyKind::Import => matches!(op, Op::Import { .. }),
    };
    let spans = chunk.protos.iter().flat_map(|proto| {
        let code = chunk.code_of(proto).iter().enumerate();
        let ops = code.filter(move |(_, word)| Op::decode(**word).is_some_and(is_it));
        ops.filter_map(|(pc, _)| proto.span(pc as u32).copied())
    });
    let mut on_line = spans.filter(|span| span.line == tag.line);
    match on_line.nth(nth) {
        Some(span) => (span.line, span.column, span.end_column),
        None => (tag.line, 0, 0),
    }
}
