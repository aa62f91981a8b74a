//! Templates that extend or import each other in a circle.
//!
//! Only links that every render follows count: literal names at the top level
//! of a template. A circle is told once, at the tag that closes it as seen
//! from its first template by name.

use super::Finding;
use gravure_bytecode::DependencyKind;
use std::collections::BTreeMap;

/// Which template certainly leads to which.
#[derive(Default)]
pub(super) struct Links {
    parents: Graph,
    imports: Graph,
}

/// From a template to its targets, each with the place of the tag.
type Graph = BTreeMap<String, Vec<(String, Finding)>>;

impl Links {
    /// `place` is a finding without a message at the tag.
    pub(super) fn add(&mut self, kind: DependencyKind, from: &str, to: &str, place: Finding) {
        let graph = match kind {
            DependencyKind::Extends => &mut self.parents,
            DependencyKind::Import => &mut self.imports,
            // An include may end by a condition anywhere in between.
            DependencyKind::Include | DependencyKind::Embed => return,
        };
        let targets = graph.entry(from.to_owned()).or_default();
        targets.push((to.to_owned(), place));
    }

    /// A finding for each circle.
    pub(super) fn cycles(&self) -> Vec<Finding> {
        let mut found = cycles(&self.parents);
        found.extend(cycles(&self.imports));
        found
    }
}

/// Depth first with a path of our own: a tag back into the path closes a
/// circle. What has been left is never entered again.
fn cycles(graph: &Graph) -> Vec<Finding> {
    let mut found = Vec::new();
    // Where on the path a template is; `None` once it was left.
    let mut seen: BTreeMap<&str, Option<usize>> = BTreeMap::new();
    for start in graph.keys() {
        if seen.contains_key(&**start) {
            continue;
        }
        let mut path: Vec<(&str, usize)> = vec![(start, 0)];
        seen.insert(start, Some(0));
        while let Some((name, next)) = path.last_mut() {
            let targets = graph.get(*name).map_or(&[][..], |it| it);
            let Some((target, place)) = targets.get(*next) else {
                seen.insert(name, None);
                path.pop();
                continue;
            };
            *next += 1;
            match seen.get(&**target) {
                Some(None) => {}
                Some(&Some(first)) => {
                    let mut names: Vec<&str> =
                        path.iter().skip(first).map(|(name, _)| *name).collect();
                    names.push(target);
                    let mut finding = place.clone();
                    finding.message = format!("templates go in a circle: {}", names.join(" → "));
                    finding.kind = Some("template-cycle");
                    finding.notes = vec!["take one of these tags away".to_owned()];
                    found.push(finding);
                }
                None => {
                    seen.insert(target, Some(path.len()));
                    path.push((target, 0));
                }
            }
        }
    }
    found
}
