//! What templates of people one does not trust may do, by name.
//!
//! In: lists of names. Out: refusals, `K-SEC-001` and `K-SEC-004`, that no
//! template can catch. Tags, filters and tests that are written are refused
//! when a template is compiled, everything that is chosen while it renders is
//! refused then: each call, each access to an object of the host, each template
//! that a tag brings in. Absent on purpose: lists of what is forbidden, which
//! are never complete. How much a template may use up is the matter of
//! [`Limits`](crate::Limits).

use gravure_source::{Code, Diagnostic, Span};
use gravure_syntax::ast::{Expr, FilterStep, Stmt, Template};
use gravure_value::{
    Args, Call, Cost, Fault, HostFn, Identity, Native, Params, Quick, Registry, Role, Run, Value,
};
use std::{collections::BTreeSet, sync::Arc};

/// Names that may be used; `None` means that all may.
pub type Allowed = Option<BTreeSet<String>>;

/// What templates may use. Whatever is `None` is not restricted.
///
/// ```
/// use gravure::{Code, Environment, Options, context, policy::Policy};
/// let environment = Environment::with_options(Options {
///     policy: Policy {
///         tags: Policy::only(["if", "for"]),
///         filters: Policy::only(["upper", "join"]),
///         functions: Policy::only([]),
///         ..Policy::default()
///     },
///     ..Options::untrusted()
/// })?;
/// let template = environment.from_string("{% if name %}{{ name | upper }}{% end %}")?;
/// assert_eq!(template.render(&context! { name => "Ada" })?, "ADA");
/// for source in ["{{ name | safe }}", "{% include 'other.html' %}"] {
///     let refused = environment.from_string(source).unwrap_err();
///     assert_eq!(refused.code(), Code::SecCall);
/// }
/// let template = environment.from_string("{{ range(3) }}")?;
/// assert_eq!(template.render(&context! {}).unwrap_err().code(), Code::SecCall);
/// # Ok::<(), gravure::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Policy {
    /// Words that begin a tag, as they are written: `if`, `include`, `let` …;
    /// of `async for` it is `async`. What belongs to another tag comes with it:
    /// `elif`, `else`, `empty`, `case`, `fallback`, `plural`, `slot` in what a
    /// `call` holds, and every `end`. Comments and `raw` are text.
    pub tags: Allowed,
    /// Filters, those that a template names by a text included.
    pub filters: Allowed,
    /// Tests, likewise.
    pub tests: Allowed,
    /// Functions of the engine and of the host. Defs of templates are no
    /// functions, and neither are methods of texts, lists and dicts.
    pub functions: Allowed,
    /// Attributes, methods and keys that are texts, on objects of the host.
    /// The variables of a context are none of these.
    pub attributes: Allowed,
    /// Templates that tags may bring in: names as the environment resolves
    /// them, or what they begin with and a `*`, such as `parts/*`. What the
    /// host asks for is its own affair.
    pub templates: Allowed,
    /// Must tags that bring in templates say their names in so many words?
    pub literal_names: bool,
}

impl Policy {
    /// Nothing but these names.
    pub fn only<'a>(names: impl IntoIterator<Item = &'a str>) -> Allowed {
        Some(names.into_iter().map(str::to_owned).collect())
    }

    /// A text that only an equal policy has: part of the key of whatever is
    /// kept of a template that was compiled under it.
    pub fn fingerprint(&self) -> String {
        let lists = [
            &self.tags,
            &self.filters,
            &self.tests,
            &self.functions,
            &self.attributes,
            &self.templates,
        ];
        let mut text = String::from(match self.literal_names {
            true => "literal",
            false => "any",
        });
        for list in lists {
            text.push(';');
            match list {
                None => text.push('*'),
                // The lengths keep a name from looking like two.
                Some(names) => {
                    for name in names {
                        text.push_str(&format!("{}:{name},", name.len()));
                    }
                }
            }
        }
        text
    }

    /// What a source writes and may not.
    pub(crate) fn examine(&self, tree: &Template, source: &str) -> Vec<Diagnostic> {
        if *self == Self::default() {
            return Vec::new();
        }
        let mut found = Vec::new();
        let filter = |step: &FilterStep, found: &mut Vec<Diagnostic>| {
            let name = tree.name(step.name.name);
            check(&self.filters, "filter", name, step.name.span, found);
        };
        for node in &tree.exprs {
            match &node.expr {
                Expr::Filter { steps, .. } => {
                    steps.iter().for_each(|step| filter(step, &mut found));
                }
                Expr::Test { tests, .. } => {
                    for step in tests {
                        let name = tree.name(step.name.name);
                        check(&self.tests, "test", name, step.name.span, &mut found);
                    }
                }
                _ => {}
            }
        }
        for node in &tree.stmts {
            match &node.stmt {
                Stmt::Text(_) | Stmt::Output(_) => continue,
                Stmt::FilterBlock { filter: step, .. }
                | Stmt::Capture {
                    filter: Some(step), ..
                } => filter(step, &mut found),
                Stmt::Extends(name)
                | Stmt::Include { template: name, .. }
                | Stmt::Embed { template: name, .. }
                | Stmt::Import { template: name, .. }
                | Stmt::From { template: name, .. }
                    if self.literal_names && !is_literal(tree, *name) =>
                {
                    let message = "the name of a template is computed, which is not allowed here";
                    let span = tree.expr(*name).span;
                    found.push(Diagnostic::new(Code::SecCall, span, message));
                }
                _ => {}
            }
            let word = node.span.of(source);
            // What follows may stand right behind it: `include'a.html'`.
            let end = word.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let word = word.get(..end.unwrap_or(word.len())).unwrap_or(word);
            check(&self.tags, "tag", word, node.span, &mut found);
        }
        found.sort_by_key(|it| it.span.start);
        found
    }

    /// Put a refusal in the place of every native that is not allowed.
    pub(crate) fn restrict(&self, registry: &mut Registry) {
        let lists = [&self.filters, &self.tests, &self.functions];
        if lists.iter().all(|list| list.is_none()) {
            return;
        }
        registry.replace(|role, name| {
            let (list, what) = match role {
                Role::Filter => (&self.filters, "filter"),
                Role::Predicate => (&self.tests, "test"),
                Role::Function => (&self.functions, "function"),
            };
            (!is_allowed(list, name)).then(|| refusing(what, name))
        });
    }

    /// May a tag bring in the template of this (resolved) name?
    pub(crate) fn check_template(&self, name: &str) -> Result<(), Fault> {
        let is_covered = |allowed: &String| match allowed.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == allowed,
        };
        match &self.templates {
            Some(list) if !list.iter().any(is_covered) => Err(refused("template", name)),
            _ => Ok(()),
        }
    }
}

fn is_allowed(list: &Allowed, name: &str) -> bool {
    list.as_ref().is_none_or(|list| list.contains(name))
}

fn refused(what: &str, name: &str) -> Fault {
    Fault::new(Code::SecCall, sentence(what, name))
}

fn sentence(what: &str, name: &str) -> String {
    let name = gravure_value::excerpt(name);
    format!("the {what} `{name}` is not allowed here")
}

fn check(list: &Allowed, what: &str, name: &str, span: Span, found: &mut Vec<Diagnostic>) {
    if !is_allowed(list, name) {
        let refusal = Diagnostic::new(Code::SecCall, span, sentence(what, name));
        found.push(refusal.label("refused by the policy of this environment"));
    }
}

/// Is the name a literal, or a choice between literals?
fn is_literal(tree: &Template, name: gravure_syntax::ast::ExprId) -> bool {
    use gravure_syntax::ast::Lit;
    let mut open = vec![name];
    while let Some(id) = open.pop() {
        match &tree.expr(id).expr {
            Expr::Lit(Lit::Str(_)) => {}
            Expr::Ternary {
                then,
                otherwise: Some(otherwise),
                ..
            } => open.extend([*then, *otherwise]),
            _ => return false,
        }
    }
    true
}

/// Stands where a native is not allowed.
struct Refusing {
    what: &'static str,
    name: Box<str>,
}

fn refusing(what: &'static str, name: &str) -> Native {
    Native {
        name: name.to_owned().into(),
        identity: Identity::Host("refused".into()),
        params: Params::new(&[]).with_rest().with_named_rest(),
        cost: Cost::Flat(1),
        run: Run::Host(Arc::new(Refusing {
            what,
            name: name.into(),
        })),
        write: None,
        quick: Quick::None,
    }
}

impl HostFn for Refusing {
    fn run<'c>(&self, _: &mut Call<'_, 'c>, _: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
        Err(refused(self.what, &self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_policies_have_different_fingerprints() {
        let base = Policy::default();
        let all = [
            base.clone(),
            Policy {
                literal_names: true,
                ..base.clone()
            },
            Policy {
                tags: Policy::only([]),
                ..base.clone()
            },
            Policy {
                filters: Policy::only([]),
                ..base.clone()
            },
            Policy {
                filters: Policy::only(["a", "b"]),
                ..base.clone()
            },
            Policy {
                filters: Policy::only(["a,1:b"]),
                ..base.clone()
            },
            Policy {
                tests: Policy::only(["a", "b"]),
                ..base.clone()
            },
            Policy {
                tests: Policy::only(["*"]),
                ..base
            },
        ];
        let texts: BTreeSet<String> = all.iter().map(Policy::fingerprint).collect();
        assert_eq!(texts.len(), all.len(), "{texts:?}");
        let again = Policy {
            filters: Policy::only(["b", "a"]),
            ..Policy::default()
        };
        assert_eq!(again.fingerprint(), all[4].fingerprint());
    }
}
