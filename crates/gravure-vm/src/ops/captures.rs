//! Captured output, the places of lists, small blocks.

use crate::{
    exec::{Done, Exec, Flow},
    output::{Output, Spot},
};
use gravure_bytecode::{Base, Cap, Dst, Jump, ShapeId, Src, Sym};
use gravure_value::{Dict, Fault, Fragment, Mark, Place, Value, ops, text, type_name};

impl<'c> Exec<'_, 'c> {
    pub(crate) fn capture_begin(&mut self, cap: Cap) -> Done {
        let spot = self.m.out.spot();
        if let Some(slot) = self.m.caps.get_mut(self.caps + cap.index()) {
            *slot = spot;
        }
        Ok(Flow::Go)
    }

    fn capture_start(&self, cap: Cap) -> Spot {
        let start = self.m.caps.get(self.caps + cap.index());
        start.copied().unwrap_or_default()
    }

    pub(crate) fn capture_take(&mut self, dst: Dst, cap: Cap) -> Done {
        let placed = self.m.out.take_since(self.capture_start(cap));
        self.m.heap.charge(placed.text.len() as u64 / 8)?;
        let value = self.m.heap.new_placed(Mark::Plain, placed)?;
        self.set(dst, value);
        Ok(Flow::Go)
    }

    pub(crate) fn capture_discard(&mut self, cap: Cap) -> Done {
        let start = self.capture_start(cap);
        self.m.out.cut(start);
        Ok(Flow::Go)
    }

    pub(crate) fn capture_commit(&mut self, _: Cap) -> Done {
        Ok(Flow::Go)
    }

    pub(crate) fn spaceless(&mut self, cap: Cap) -> Done {
        let placed = self.m.out.take_since(self.capture_start(cap));
        self.m.heap.charge(placed.text.len() as u64 / 8)?;
        let text = &*placed.text;
        let trimmed = text.trim_end_matches(text::is_space).len();
        let mut from = trimmed - text[..trimmed].trim_start_matches(text::is_space).len();
        let mut places = placed.places.iter().peekable();
        while from < trimmed {
            // Up to behind the next `>`, or to the next place.
            let end = text[from..trimmed]
                .find('>')
                .map_or(trimmed, |at| from + at + 1);
            while let Some((at, list)) = places.next_if(|(at, _)| *at < end) {
                let at = (*at).max(from);
                self.m.out.push_str(&text[from..at]);
                self.m.out.push_place(list.clone());
                from = at;
            }
            self.m.out.push_str(&text[from..end]);
            let behind = text[end..trimmed].trim_start_matches(text::is_space);
            let tag = trimmed - behind.len();
            // What is to appear in between is no white space.
            let is_empty = places.peek().is_none_or(|(at, _)| *at > tag);
            from = match behind.starts_with('<') && is_empty {
                true => tag,
                false => end,
            };
        }
        for (_, list) in places {
            self.m.out.push_place(list.clone());
        }
        Ok(Flow::Go)
    }

    pub(crate) fn push_text(&mut self, cap: Cap, sym: Sym) -> Done {
        let placed = self.m.out.take_since(self.capture_start(cap));
        self.pay_for(sym)?;
        let name = self.compiled.chunk.symbol(sym);
        self.m.push_text(name.into(), placed)?;
        Ok(Flow::Go)
    }

    pub(crate) fn show_stack(&mut self, sym: Sym) -> Done {
        self.pay_for(sym)?;
        let name = self.compiled.chunk.symbol(sym);
        self.m.heap.hold(name.len() + 2 * size_of::<Place>())?;
        self.m.out.push_place(name.into());
        // What follows cannot be sent before the list is complete.
        self.m.watermark = usize::MAX;
        Ok(Flow::Go)
    }

    /// Under what the text of a `cache` tag is kept.
    fn fragment_key(&self, key: Value<'c>) -> Result<String, Fault> {
        let key = ops::to_text(&self.m.heap, key)?;
        Ok(match self.env.rules.fragment_per_template {
            true => format!("{}\0{key}", self.compiled.chunk.name),
            false => key.into_owned(),
        })
    }

    pub(crate) fn cache_look(&mut self, cap: Cap, base: Base, to: Jump) -> Done {
        let key = self.window(base, 1).first().copied();
        let key = self.fragment_key(key.unwrap_or(Value::None))?;
        if let Some(kept) = self.env.world.fragment(&key) {
            self.m.heap.charge(kept.bytes() as u64 / 8)?;
            for (list, placed) in &kept.pushes {
                self.m.push_text(list.clone(), placed.clone())?;
            }
            self.write_fragment(&kept)?;
            return self.goto(to);
        }
        let opened = (self.m.frames.len(), cap.0, self.m.pushes.len());
        self.m.caching.push(opened);
        self.capture_begin(cap)
    }

    pub(crate) fn cache_store(&mut self, cap: Cap, base: Base) -> Done {
        let &[key, ttl, _] = self.window(base, 3) else {
            return Err(crate::exec::bug("cache without a key"));
        };
        let body = self.m.out.take_since(self.capture_start(cap));
        let key = self.fragment_key(key)?;
        let seconds = match ttl {
            Value::Int(it) if it >= 0 => Some(it as f64),
            Value::Float(it) if it >= 0.0 => Some(it),
            _ => self.m.heap.text(ttl).and_then(life),
        };
        // Tags that a fault has left open stand behind this one.
        let depth = self.m.frames.len();
        let is_this = |open: &(usize, u16, usize)| open.0 == depth && open.1 == cap.0;
        let pushed = match self.m.caching.iter().rposition(is_this) {
            Some(at) => {
                let before = self.m.caching[at].2;
                self.m.caching.truncate(at);
                self.m.pushes.get(before..).unwrap_or(&[]).to_vec()
            }
            None => Vec::new(),
        };
        let made = Fragment {
            body,
            pushes: pushed,
        };
        let kept = self.env.world.keep_fragment(&key, made, seconds);
        self.write_fragment(&kept)
    }

    fn write_fragment(&mut self, kept: &Fragment) -> Done {
        self.m.hold_places(&kept.body)?;
        self.m.out.push_placed(&kept.body, Output::push_str);
        if kept.body.places.is_empty() {
            return self.check_output();
        }
        self.m.watermark = usize::MAX;
        self.check_output()
    }

    pub(crate) fn translate(&mut self, base: Base, shape: ShapeId) -> Done {
        let chunk = &self.compiled.chunk;
        let Some(shape) = chunk.shape(shape) else {
            return Err(crate::exec::bug("no shape"));
        };
        let window = self.window(base, 2 + shape.names.len());
        let (&singular, &plural) = match window {
            [singular, plural, ..] => (singular, plural),
            _ => return Err(crate::exec::bug("trans without message")),
        };
        let values: Vec<_> = shape
            .names
            .iter()
            .map(|&name| chunk.symbol(name))
            .zip(window[2..].iter().copied())
            .collect();
        let singular = ops::to_text(&self.m.heap, singular)?.into_owned();
        let message = match plural.is_set() {
            false => self.env.world.gettext(&singular).unwrap_or(singular),
            true => {
                let plural = ops::to_text(&self.m.heap, plural)?.into_owned();
                let count = values.iter().find(|(name, _)| *name == "count");
                let count = count.map_or(Value::None, |&(_, value)| value);
                let is_one = ops::eq(&self.m.heap, count, Value::Int(1))?;
                let n = ops::as_index(&self.m.heap, count).unwrap_or(0);
                self.env
                    .world
                    .ngettext(&singular, &plural, n)
                    .unwrap_or(if is_one { singular } else { plural })
            }
        };
        self.m.heap.charge(message.len() as u64 / 8)?;
        if values.is_empty() {
            self.m.out.push_text(self.surface, Mark::Plain, &message);
            return self.check_output();
        }
        let mut rest = message.as_str();
        while let Some(at) = rest.find("%(") {
            let (head, tail) = rest.split_at(at);
            self.m.out.push_str(head);
            let found = values.iter().find_map(|&(name, value)| {
                let behind = tail[2..].strip_prefix(name)?.strip_prefix(")s")?;
                Some((value, behind))
            });
            match found {
                Some((value, behind)) => {
                    self.write(value)?;
                    rest = behind;
                }
                None => {
                    self.m.out.push_str("%(");
                    rest = &tail[2..];
                }
            }
        }
        self.m.out.push_str(rest);
        self.check_output()
    }

    pub(crate) fn caught_error(&mut self, dst: Dst) -> Done {
        // A fault that is caught was placed, told and unwound.
        self.m.heap.charge(100 + 8 * self.m.frames.len() as u64)?;
        let Some(caught) = self.m.caught.take().map(Fault::into_data) else {
            self.set(dst, Value::None);
            return Ok(Flow::Go);
        };
        let site = caught.site.unwrap_or_default();
        let type_name = type_name(caught.code, caught.is_index, caught.source.is_some());
        let heap = &mut self.m.heap;
        let mut dict = Dict::new();
        let texts = [
            ("message", caught.message.as_str()),
            ("type", type_name),
            ("template", site.template.as_str()),
        ];
        for (key, value) in texts {
            let value = heap.new_text(Mark::Plain, value)?;
            dict.insert(heap, Value::Str(Mark::Plain, key), value)?;
        }
        let line = Value::Int(i64::from(site.line));
        dict.insert(heap, Value::Str(Mark::Plain, "line"), line)?;
        let code = Value::Str(Mark::Plain, caught.code.as_str());
        dict.put_aside("code", code);
        dict.put_aside("column", Value::Int(i64::from(site.column)));
        let value = self.m.heap.new_dict(dict)?;
        self.set(dst, value);
        Ok(Flow::Go)
    }

    pub(crate) fn provide_value(&mut self, sym: Sym, src: Src) -> Done {
        self.pay_for(sym)?;
        let name = self.compiled.chunk.symbol(sym);
        let value = self.get(src);
        self.m.providers.push((name.into(), value));
        Ok(Flow::Go)
    }

    pub(crate) fn provide_end(&mut self) -> Done {
        self.m.providers.pop();
        Ok(Flow::Go)
    }
}

/// `"5"`, `"1.5h"` as seconds.
fn life(text: &str) -> Option<f64> {
    let text = text.trim();
    let (number, factor) = match text.char_indices().next_back()? {
        (at, 's' | 'S') => (&text[..at], 1.0),
        (at, 'm' | 'M') => (&text[..at], 60.0),
        (at, 'h' | 'H') => (&text[..at], 3600.0),
        (at, 'd' | 'D') => (&text[..at], 86_400.0),
        _ => (text, 1.0),
    };
    let number: f64 = number.trim().parse().ok()?;
    (number >= 0.0 && number.is_finite()).then_some(number * factor)
}
