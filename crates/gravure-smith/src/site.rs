//! Several templates that belong together: parts to include, a card to embed,
//! a library to import from, a base to extend, and the page. Each leads only to
//! those before it.

use crate::{
    MAIN,
    data::NAMES,
    forms::Kind,
    smith::{Place, Smith},
};
use arbitrary::{Arbitrary, Result, Unstructured};
use serde_json::Value;

/// Templates that compile, and data for them.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// Names with sources; [`MAIN`] is the last.
    pub templates: Vec<(String, String)>,
    /// An object with a value for each name that the templates read.
    pub context: Value,
}

impl Site {
    /// The site that these bytes make. Any bytes make one; none make a small one.
    pub fn of(bytes: &[u8]) -> Self {
        // Bytes that run out are zeros, which no choice refuses.
        Self::arbitrary(&mut Unstructured::new(bytes)).unwrap_or_else(|_| Self {
            templates: vec![(MAIN.to_owned(), String::new())],
            context: Value::Null,
        })
    }

    /// The source of a template.
    pub fn source(&self, name: &str) -> Option<&str> {
        let found = self.templates.iter().find(|(known, _)| known == name);
        found.map(|(_, source)| &**source)
    }
}

impl<'b> Arbitrary<'b> for Site {
    fn arbitrary(bytes: &mut Unstructured<'b>) -> Result<Self> {
        let mut smith = Smith::new(bytes);
        let context = smith.context()?;
        let mut templates = Vec::new();
        let mut add = |name: &str, source: String| templates.push((name.to_owned(), source));
        add("bare.html", smith.bare()?);
        add("lib.html", smith.imported()?);
        add("part.html", smith.part()?);
        add("card.html", smith.base("card.html", 8)?);
        add("base.html", smith.base("base.html", 12)?);
        add(MAIN, smith.page()?);
        Ok(Self { templates, context })
    }
}

fn known() -> Vec<(String, Kind)> {
    let own = |&(name, kind): &(&str, Kind)| (name.to_owned(), kind);
    NAMES.iter().map(own).collect()
}

impl Smith<'_, '_> {
    /// Forget what the last template had, and begin one that sees these names.
    fn begin(&mut self, tags: u32, names: Vec<(String, Kind)>) {
        self.allow(tags);
        self.names = names;
        self.defs.clear();
        self.blocks.clear();
    }

    /// A template that needs no data.
    fn bare(&mut self) -> Result<String> {
        self.begin(5, Vec::new());
        let text = self.body(Place::top())?;
        self.bare.push("bare.html".to_owned());
        Ok(text)
    }

    /// Defs that need no data.
    fn imported(&mut self) -> Result<String> {
        self.begin(12, Vec::new());
        let mut text = String::new();
        while self.defs.len() < 2 {
            let before = self.defs.len();
            text.push_str(&self.body(Place::top())?);
            if self.defs.len() == before {
                text.push_str("{% def plain(a, b=2) %}<{{ a }}{{ b }}{% slot %}>{% end %}");
                self.defs.push(crate::smith::Def {
                    name: "plain".to_owned(),
                    params: vec![
                        ("a".to_owned(), Kind::Str, false),
                        ("b".to_owned(), Kind::Int, true),
                    ],
                    slots: Vec::new(),
                });
                break;
            }
        }
        let defs = (self.defs.iter())
            .filter(|it| !it.name.contains('.') && !it.name.contains("region"))
            .cloned()
            .collect();
        self.libraries.push(("lib.html".to_owned(), defs));
        Ok(text)
    }

    fn part(&mut self) -> Result<String> {
        self.begin(8, known());
        let text = self.body(Place::top())?;
        self.parts.push("part.html".to_owned());
        Ok(text)
    }

    /// A template with blocks.
    fn base(&mut self, name: &str, tags: u32) -> Result<String> {
        self.begin(tags, known());
        let mut text = self.body(Place::top())?;
        let block = self.fresh("main");
        let depth = self.names.len();
        let body = self.apart(depth, |it| it.body(Place::top().own()))?;
        text.push_str(&format!("{{% block {block} %}}{body}{{% end %}}"));
        self.blocks.push(block);
        text.push_str(&self.body(Place::top())?);
        let blocks = (self.blocks.iter())
            .filter(|it| !it.contains("region"))
            .cloned()
            .collect();
        self.bases.push((name.to_owned(), blocks));
        Ok(text)
    }

    fn page(&mut self) -> Result<String> {
        self.begin(40, known());
        let head = match self.once_in(3)? {
            true => "{% template n: int, s: str, rows: list %}",
            false => "",
        };
        if self.once_in(3)? {
            return self.child(head);
        }
        Ok(format!(
            "{head}{}{}",
            self.body(Place::top())?,
            self.body(Place::top())?
        ))
    }

    /// A page that replaces blocks of another.
    fn child(&mut self, head: &str) -> Result<String> {
        let (base, blocks) = self.of(&self.bases.clone())?.unwrap_or_default();
        let extends = match self.once_in(3)? {
            true => format!(
                "{{% extends '{}' ~ '.html' %}}",
                base.trim_end_matches(".html")
            ),
            false => format!("{{% extends '{base}' %}}"),
        };
        let mut text = format!("{head}{extends}dropped text");
        text.push_str(&self.body(Place::top())?);
        for block in blocks {
            if self.once_in(4)? {
                continue;
            }
            let n = NAMES.len();
            let body = self.apart(n, |it| it.body(Place::top().own()))?;
            text.push_str(&format!("{{% block {block} %}}{body}{{% endblock %}}"));
        }
        Ok(text)
    }

    pub(crate) fn block(&mut self, place: Place) -> Result<String> {
        if !place.may_block {
            return self.output(place);
        }
        let name = self.fresh("block");
        let depth = NAMES.len().min(self.names.len());
        let inner = place.own();
        let body = self.apart(depth, |it| it.body(inner))?;
        let (word, rest) = match self.below(5)? {
            0 => ("block", format!(" if {}", self.expr(Kind::Bool)?)),
            1 => ("block", " role=\"x\" order=2".to_owned()),
            2 => ("fragment", String::new()),
            3 if place.may_def => {
                let word = self.of(&["globals", "imports"])?.unwrap_or("globals");
                return Ok(format!("{{% {word} %}}{body}{{% end %}}"));
            }
            _ => ("block", String::new()),
        };
        self.blocks.push(name.clone());
        Ok(format!("{{% {word} {name}{rest} %}}{body}{{% end %}}"))
    }

    pub(crate) fn include(&mut self, place: Place) -> Result<String> {
        let (name, rest) = match (self.below(6)?, self.of(&self.parts.clone())?) {
            (0, _) => (Some("missing.html".to_owned()), " ignore missing"),
            (1 | 2, _) => (self.of(&self.bare.clone())?, " without context"),
            (3, part) => (part, " with context ignore missing"),
            (_, part) => (part, ""),
        };
        let Some(name) = name else {
            return self.output(place);
        };
        let name = match self.once_in(3)? {
            true => format!("'{}' ~ '.html'", name.trim_end_matches(".html")),
            false => format!("'{name}'"),
        };
        Ok(format!("{{% include {name}{rest} %}}"))
    }

    pub(crate) fn embed(&mut self, place: Place) -> Result<String> {
        let Some((base, blocks)) = self.of(&self.bases.clone())? else {
            return self.include(place);
        };
        let mut text = format!("{{% embed '{base}' %}}");
        let inner = Place {
            may_block: false,
            ..place.own()
        };
        for block in blocks.iter().take(3) {
            let body = self.scoped(|it| it.body(inner))?;
            text.push_str(&format!("{{% block {block} %}}{body}{{% end %}}"));
        }
        text.push_str("{% end %}");
        Ok(text)
    }

    pub(crate) fn import(&mut self, place: Place) -> Result<String> {
        let Some((library, defs)) = self.of(&self.libraries.clone())? else {
            return self.output(place);
        };
        let context = if self.once_in(3)? {
            " with context"
        } else {
            ""
        };
        let name = self.fresh("lib");
        if self.once_in(2)? || defs.is_empty() {
            for def in &defs {
                let called = format!("{name}.{}", def.name);
                self.defs.push(crate::smith::Def {
                    name: called,
                    ..def.clone()
                });
            }
            return Ok(format!("{{% import '{library}' as {name}{context} %}}"));
        }
        let mut items = Vec::new();
        for def in &defs {
            let called = self.fresh("taken");
            items.push(format!("{} as {called}", def.name));
            self.defs.push(crate::smith::Def {
                name: called,
                ..def.clone()
            });
        }
        Ok(format!(
            "{{% from '{library}' import {}{context} %}}",
            items.join(", ")
        ))
    }
}
