//! Statements: one function a family, each of which writes a whole tag with
//! its bodies and its closer.

use crate::{
    forms::Kind,
    smith::{Def, Place, SlotGiving, Smith},
};
use arbitrary::Result;

type Tag<'a, 'b> = fn(&mut Smith<'a, 'b>, Place) -> Result<String>;

impl<'a, 'b> Smith<'a, 'b> {
    /// A body: text and tags, one behind the other.
    pub(crate) fn body(&mut self, place: Place) -> Result<String> {
        let mut text = String::new();
        for _ in 0..=self.below(if place.depth == 0 { 2 } else { 5 })? {
            text.push_str(&self.tag(place)?);
        }
        Ok(text)
    }

    /// A body whose names end with it.
    fn closed_body(&mut self, place: Place) -> Result<String> {
        self.scoped(|it| it.body(place))
    }

    fn tag(&mut self, place: Place) -> Result<String> {
        let all: &[Tag<'a, 'b>] = &[
            Self::plain_text,
            Self::output,
            Self::output,
            Self::choice,
            Self::unless,
            Self::each,
            Self::each,
            Self::while_,
            Self::assignment,
            Self::assignment,
            Self::pattern_match,
            Self::capture,
            Self::with,
            Self::attempt,
            Self::small_block,
            Self::translation,
            Self::list_of_pushes,
            Self::provide,
            Self::def,
            Self::call,
            Self::block,
            Self::include,
            Self::embed,
            Self::import,
        ];
        if place.depth == 0 || !self.spend_tag() {
            return if self.once_in(2)? {
                self.output(place)
            } else {
                self.plain_text(place)
            };
        }
        let tag = self.of(all)?.unwrap_or(Self::plain_text);
        tag(self, place)
    }

    fn plain_text(&mut self, place: Place) -> Result<String> {
        let pieces = [
            "text ",
            "<p>",
            "</p>\n",
            "  ",
            "\n",
            "é{ }",
            "{# a comment #}",
            "\r\n",
            "{% raw %}{{ x }}{% if %}{% endraw %}",
            "{% flush %}",
            "a\u{0}b",
            "} %} }}",
            "- ",
            "{#- close -#}",
        ];
        let text = self.of(&pieces)?.unwrap_or("text").to_owned();
        if place.in_loop && self.once_in(6)? {
            let way = self.of(&["break", "continue"])?.unwrap_or("break");
            let when = self.expr(Kind::Bool)?;
            return Ok(format!("{text}{{% if {when} %}}{{% {way} %}}{{% end %}}"));
        }
        Ok(text)
    }

    pub(crate) fn output(&mut self, place: Place) -> Result<String> {
        if place.in_def && self.once_in(4)? {
            let ways = [
                "{% slot %}",
                "{% yield %}",
                "{% if has_slot() %}{{ caller() }}{% end %}",
                "{% slot foot %}",
                "{% yield foot %}",
            ];
            return Ok(self.of(&ways)?.unwrap_or("").to_owned());
        }
        if !self.defs.is_empty() && self.once_in(4)? {
            let call = self.def_call()?;
            return Ok(format!("{{{{ {call} }}}}"));
        }
        let kind = self.kind()?;
        let value = self.expr(kind)?;
        let (open, close) = self
            .of(&[("{{", "}}"), ("{{-", "}}"), ("{{", "-}}")])?
            .unwrap_or(("{{", "}}"));
        Ok(format!("{open} {value} {close}"))
    }

    fn choice(&mut self, place: Place) -> Result<String> {
        let condition = self.expr(Kind::Bool)?;
        let mut text = format!("{{% if {condition} %}}");
        text.push_str(&self.closed_body(place.inner())?);
        for _ in 0..self.below(3)? {
            let condition = self.expr(Kind::Int)?;
            text.push_str(&format!("{{% elif {condition} %}}"));
            text.push_str(&self.closed_body(place.inner())?);
        }
        if self.once_in(2)? {
            text.push_str("{% else %}");
            text.push_str(&self.closed_body(place.inner())?);
        }
        text.push_str(["{% end %}", "{% endif %}"][self.below(2)?]);
        Ok(text)
    }

    fn unless(&mut self, place: Place) -> Result<String> {
        let condition = self.expr(Kind::Str)?;
        let body = self.closed_body(place.inner())?;
        let other = match self.once_in(2)? {
            true => format!("{{% else %}}{}", self.closed_body(place.inner())?),
            false => String::new(),
        };
        Ok(format!(
            "{{% unless {condition} %}}{body}{other}{{% end %}}"
        ))
    }

    fn each(&mut self, place: Place) -> Result<String> {
        let (targets, source, mut names) = match self.below(4)? {
            0 => {
                let (k, v) = (self.fresh("k"), self.fresh("v"));
                let dict = self.bound(Kind::Dict, 12)?;
                let names = vec![(k.clone(), Kind::Str), (v.clone(), Kind::Int)];
                (format!("{k}, {v}"), format!("{dict}.items()"), names)
            }
            1 => {
                let (i, a, b) = (self.fresh("i"), self.fresh("a"), self.fresh("b"));
                let (xs, ns) = (self.expr(Kind::Words)?, self.expr(Kind::Ints)?);
                let names = vec![
                    (i.clone(), Kind::Int),
                    (a.clone(), Kind::Str),
                    (b.clone(), Kind::Int),
                ];
                let source = format!("enumerate(zip({xs}, {ns}))");
                (format!("{i}, ({a}, {b})"), source, names)
            }
            _ => {
                let (over, item) = self.source()?;
                let name = self.fresh("x");
                // A ternary, or what is no list, needs care; a pipe does not.
                let source = self.bound(over, 7)?;
                (name.clone(), source, vec![(name, item)])
            }
        };
        for (name, kind) in [
            ("loop.index", Kind::Int),
            ("loop.index0", Kind::Int),
            ("loop.revindex", Kind::Int),
            ("loop.length", Kind::Int),
            ("loop.first", Kind::Bool),
            ("loop.last", Kind::Bool),
            ("loop.cycle('odd', 'even')", Kind::Str),
        ] {
            names.push((name.to_owned(), kind));
        }
        let filter = match self.once_in(3)? {
            true => {
                let condition = self.with_names(&names, |it| it.bound(Kind::Bool, 2))?;
                format!(" if {condition}")
            }
            false => String::new(),
        };
        let body = self.with_names(&names, |it| it.body(place.looped()))?;
        let other = match self.below(4)? {
            1 => format!("{{% else %}}{}", self.closed_body(place.inner())?),
            2 => format!("{{% empty %}}{}", self.closed_body(place.inner())?),
            _ => String::new(),
        };
        let close = ["{% end %}", "{% endfor %}"][self.below(2)?];
        Ok(format!(
            "{{% for {targets} in {source}{filter} %}}{body}{other}{close}"
        ))
    }

    fn while_(&mut self, place: Place) -> Result<String> {
        let name = self.fresh("w");
        let n = self.below(4)?;
        let names = [(name.clone(), Kind::Int)];
        let body = self.with_names(&names, |it| it.body(place.looped()))?;
        // It counts before the body, which may go on with the next round.
        let count = format!("{{% let {name} = 0 %}}");
        let rounds =
            format!("{{% while {name} < {n} %}}{{% let {name} = {name} + 1 %}}{body}{{% end %}}");
        // First in what captures, it goes back to the very start of that.
        Ok(match self.below(6)? {
            0 => format!("{count}{{% try %}}{rounds}{{% fallback %}}failed{{% end %}}"),
            1 => format!("{count}{{% filter upper %}}{rounds}{{% end %}}"),
            2 => format!("{count}{{% spaceless %}}{rounds}{{% end %}}"),
            _ => count + &rounds,
        })
    }

    fn assignment(&mut self, _: Place) -> Result<String> {
        let word = self.of(&["set", "let"])?.unwrap_or("set");
        let kind = self.kind()?;
        let value = self.expr(kind)?;
        let again: Vec<String> = (self.names.iter())
            .filter(|(name, of)| *of == kind && !name.contains('.') && !name.starts_with('w'))
            .map(|(name, _)| name.clone())
            .collect();
        if !again.is_empty() && self.once_in(3)? {
            let name = self.of(&again)?.unwrap_or_default();
            return Ok(format!("{{% {word} {name} = {value} %}}"));
        }
        let name = self.fresh("v");
        let text = match self.below(6)? {
            0 | 1 => format!("{{% {word} {name} = {value} %}}"),
            2 => format!("{{% {word} {name} ??= {value} %}}"),
            3 => format!(
                "{{% {} {name} = {value} %}}",
                ["export", "promote"][self.below(2)?]
            ),
            4 => {
                let other = self.fresh("v");
                let text = format!("{{% {word} {name} = {value}, {other} = {name} %}}");
                self.names.push((other, kind));
                text
            }
            _ => {
                let other = self.fresh("v");
                let second = self.expr(Kind::Int)?;
                let text = format!("{{% {word} {name}, {other} = {value}, {second} %}}");
                self.names.push((other, Kind::Int));
                text
            }
        };
        self.names.push((name, kind));
        Ok(text)
    }

    fn pattern_match(&mut self, place: Place) -> Result<String> {
        if self.once_in(4)? {
            let condition = self.expr(Kind::Bool)?;
            let body = self.closed_body(place.inner())?;
            return Ok(format!(
                "{{% match %}}{{% case _ if {condition} %}}{body}{{% case _ %}}otherwise{{% end %}}"
            ));
        }
        let is_pair = self.once_in(2)?;
        let first = self.expr(Kind::Int)?;
        let mut text = match is_pair {
            true => format!("{{% match {first}, {} %}}", self.expr(Kind::Str)?),
            false => format!("{{% match {first} %}}"),
        };
        for _ in 0..=self.below(3)? {
            let held = self.fresh("h");
            let (pattern, names) = match (is_pair, self.below(3)?) {
                (true, 0) => (format!("1, {}", self.text_literal()?), vec![]),
                (true, 1) => {
                    let names = vec![(held.clone(), Kind::Str)];
                    (format!("({}, {held})", self.below(9)?), names)
                }
                (true, _) => (format!("{held}, _"), vec![(held.clone(), Kind::Int)]),
                (false, 0) => (self.below(9)?.to_string(), vec![]),
                (false, 1) => (held.clone(), vec![(held.clone(), Kind::Int)]),
                (false, _) => (self.bound(Kind::Int, 8)?, vec![]),
            };
            let (guard, body) = self.with_names(&names, |it| {
                let guard = match it.once_in(2)? {
                    true => format!(" if {}", it.expr(Kind::Bool)?),
                    false => String::new(),
                };
                Ok((guard, it.body(place.inner())?))
            })?;
            text.push_str(&format!("{{% case {pattern}{guard} %}}{body}"));
        }
        if self.once_in(2)? {
            text.push_str("{% case _ %}last");
        }
        text.push_str("{% end %}");
        Ok(text)
    }

    fn capture(&mut self, place: Place) -> Result<String> {
        let body = self.closed_body(place.inner())?;
        let name = self.fresh("v");
        let filter = self
            .of(&["", " | upper", " | replace('a', 'b')"])?
            .unwrap_or("");
        self.names.push((name.clone(), Kind::Str));
        Ok(format!("{{% capture {name}{filter} %}}{body}{{% end %}}"))
    }

    fn with(&mut self, place: Place) -> Result<String> {
        let kind = self.kind()?;
        let (name, value) = (self.fresh("v"), self.expr(kind)?);
        let names = [(name.clone(), kind)];
        let head = match self.below(3)? {
            0 => format!("{name} = {value}"),
            1 => {
                let second = self.expr(Kind::Int)?;
                format!("{name} = {value}, {name}b = {second}")
            }
            _ => format!("{value} as {name}"),
        };
        let is_asking = head.contains(" as ") && !head.contains(&format!("{name} = "));
        let body = self.with_names(&names, |it| it.body(place.inner()))?;
        let other = match is_asking && self.once_in(2)? {
            true => format!("{{% else %}}{}", self.closed_body(place.inner())?),
            false => String::new(),
        };
        Ok(format!("{{% with {head} %}}{body}{other}{{% end %}}"))
    }

    fn attempt(&mut self, place: Place) -> Result<String> {
        let body = self.closed_body(place.inner())?;
        let fail = self
            .of(&[
                "",
                "{{ 1 / 0 }}",
                "{{ nobody.at.all }}",
                "{% include 'no.html' %}",
            ])?
            .unwrap_or("");
        let error = self.fresh("e");
        let names = [
            (format!("{error}.code"), Kind::Str),
            (format!("{error}.line"), Kind::Int),
        ];
        let (head, fallback) = match self.once_in(2)? {
            true => (
                format!("{{% fallback {error} %}}"),
                self.with_names(&names, |it| it.body(place.inner()))?,
            ),
            false => (
                "{% fallback %}".to_owned(),
                self.closed_body(place.inner())?,
            ),
        };
        Ok(format!(
            "{{% try %}}{body}{fail}{head}{fallback}{{% end %}}"
        ))
    }

    fn small_block(&mut self, place: Place) -> Result<String> {
        let head = match self.below(5)? {
            0 => "spaceless".to_owned(),
            1 => "filter upper".to_owned(),
            2 => "filter replace('a', 'o', count=2)".to_owned(),
            3 => format!("cache '{}'", self.fresh("key")),
            _ => format!(
                "cache '{}' ~ {}, ttl='5m'",
                self.fresh("key"),
                self.bound(Kind::Int, 7)?
            ),
        };
        let body = self.closed_body(place.inner())?;
        Ok(format!("{{% {head} %}}{body}{{% end %}}"))
    }

    fn translation(&mut self, _: Place) -> Result<String> {
        let value = self.expr(Kind::Int)?;
        if self.once_in(2)? {
            return Ok(format!(
                "{{% trans count={value} %}}One file.{{% plural %}}{{{{ count }}}} files.{{% end %}}"
            ));
        }
        let name = self.expr(Kind::Str)?;
        Ok(format!(
            "{{% trans a={value}, b={name} %}}Hello {{{{ b }}}},\n {{{{ a }}}} times.{{% end %}}"
        ))
    }

    fn list_of_pushes(&mut self, place: Place) -> Result<String> {
        if self.once_in(2)? {
            return Ok("{% stack 'css' %}".to_owned());
        }
        let body = self.closed_body(place.inner())?;
        Ok(format!("{{% push 'css' %}}{body}{{% end %}}"))
    }

    fn provide(&mut self, place: Place) -> Result<String> {
        let value = self.expr(Kind::Int)?;
        let body = self.closed_body(place.inner())?;
        Ok(format!(
            "{{% provide t = {value} %}}{body}{{{{ consume('t') }}}}{{% end %}}"
        ))
    }

    /// `def`, and `region`, which is one without content.
    fn def(&mut self, place: Place) -> Result<String> {
        if !place.may_def {
            return self.output(place);
        }
        let is_region = place.may_block && self.once_in(3)?;
        let name = self.fresh(if is_region { "region" } else { "card" });
        let mut params = Vec::new();
        let mut heads = Vec::new();
        let n_required = self.below(3)?;
        for at in 0..n_required + self.below(3)? {
            let (param, kind) = (self.fresh("p"), self.kind()?);
            let annotation = match kind {
                Kind::Int if self.once_in(2)? => ": int",
                Kind::Str if self.once_in(2)? => ": str | none",
                Kind::Ints if self.once_in(2)? => ": list[int]",
                _ => "",
            };
            let default = match at < n_required {
                true => String::new(),
                false => format!(" = {}", self.expr(kind)?),
            };
            heads.push(format!("{param}{annotation}{default}"));
            params.push((param, kind, at >= n_required));
        }
        if !is_region && self.once_in(4)? {
            heads.push(format!("*{}", self.fresh("rest")));
        }
        if !is_region && self.once_in(4)? {
            heads.push(format!("**{}", self.fresh("named")));
        }
        let slots = match is_region {
            true => Vec::new(),
            false => self.slots()?,
        };
        let names: Vec<_> = (params.iter())
            .map(|(name, kind, _)| (name.clone(), *kind))
            .collect();
        let inner = Place {
            in_def: !is_region,
            may_block: false,
            ..place.own()
        };
        let body = self.with_names(&names, |it| {
            let mut text = it.body(inner)?;
            for (slot, gives) in &slots {
                text.push_str(&it.slot_of_def(slot, gives, inner)?);
            }
            Ok(text)
        })?;
        let word = if is_region { "region" } else { "def" };
        let heads = heads.join(", ");
        if is_region {
            self.blocks.push(name.clone());
        }
        self.defs.push(Def {
            name: name.clone(),
            params,
            slots,
        });
        Ok(format!("{{% {word} {name}({heads}) %}}{body}{{% end %}}"))
    }

    fn slots(&mut self) -> Result<Vec<SlotGiving>> {
        let mut slots = Vec::new();
        for _ in 0..self.below(3)? {
            let gives = match self.once_in(2)? {
                true => vec![(self.fresh("g"), self.kind()?)],
                false => Vec::new(),
            };
            slots.push((self.fresh("slot"), gives));
        }
        Ok(slots)
    }

    /// The place of a slot in its def.
    fn slot_of_def(
        &mut self,
        slot: &str,
        gives: &[(String, Kind)],
        place: Place,
    ) -> Result<String> {
        let mut text = format!("{{% slot {slot}");
        for (name, kind) in gives {
            text.push_str(&format!(" let:{name}={}", self.bound(*kind, 12)?));
        }
        text.push_str(" %}");
        if !gives.is_empty() {
            text.push_str(&self.closed_body(place.inner())?);
            text.push_str("{% end %}");
        }
        Ok(text)
    }

    /// `name(arguments)` of a def in sight.
    fn def_call(&mut self) -> Result<String> {
        let Some(def) = self.of(&self.defs.clone())? else {
            return Ok("_('')".to_owned());
        };
        self.call_of(&def)
    }

    fn call_of(&mut self, def: &Def) -> Result<String> {
        let mut arguments = Vec::new();
        let mut is_named = false;
        for (name, kind, may_miss) in &def.params {
            if *may_miss && self.once_in(2)? {
                is_named = true;
                continue;
            }
            let value = self.expr(*kind)?;
            is_named = is_named || self.once_in(4)?;
            arguments.push(match is_named {
                true => format!("{name}={value}"),
                false => value,
            });
        }
        Ok(format!("{}({})", def.name, arguments.join(", ")))
    }

    fn call(&mut self, place: Place) -> Result<String> {
        let Some(def) = self.of(&self.defs.clone())? else {
            return self.output(place);
        };
        if def.name.contains("region") {
            return Ok(format!("{{{{ {} }}}}", self.call_of(&def)?));
        }
        let call = self.call_of(&def)?;
        let inner = Place {
            may_block: false,
            in_def: false,
            ..place.own()
        };
        let mut content = self.closed_body(inner)?;
        for (slot, gives) in &def.slots {
            if self.once_in(3)? {
                continue;
            }
            let lets: String = gives.iter().map(|(it, _)| format!(" let:{it}")).collect();
            let body = self.with_names(gives, |it| it.body(inner))?;
            content.push_str(&format!("{{% slot {slot}{lets} %}}{body}{{% end %}}"));
        }
        Ok(format!("{{% call {call} %}}{content}{{% end %}}"))
    }
}
