//! Where a fault happened, and how the render came there, read off the frames.

use crate::{
    exec::Exec,
    frame::{Frame, Role},
};
use gravure_bytecode::SpanEntry;
use gravure_value::{Fault, Site};

impl<'c> Exec<'_, 'c> {
    /// Give a fault the place of the op at hand, unless it has one.
    pub(crate) fn place(&mut self, fault: &mut Fault) {
        if fault.site.is_none() {
            self.save();
            fault.site = Some(Box::new(self.site()));
        }
    }

    /// The place of the op at hand. The frame's pc must be saved.
    pub(crate) fn site(&self) -> Site {
        let top = self.m.frames.len() - 1;
        let (template, span) = self.place_of(top);
        let mut site = Site {
            template,
            line: span.map_or(0, |span| span.line),
            column: span.map_or(0, |span| span.column),
            end_column: span.map_or(0, |span| span.end_column),
            ..Site::default()
        };
        for idx in 0..self.m.frames.len() {
            let frame = &self.m.frames[idx];
            if idx == 0 {
                self.parents(frame, &mut site);
                continue;
            }
            let (caller, span) = self.place_of(idx - 1);
            let line = span.map_or(0, |span| span.line);
            match frame.role {
                Role::Include => site.templates.push((caller, line, "include")),
                Role::Embed => site.templates.push((caller, line, "embed")),
                Role::Import => site.templates.push((caller, line, "import")),
                Role::Call => {
                    if frame.template != self.m.frames[idx - 1].template {
                        site.templates.push((caller.clone(), line, "import"));
                    }
                    site.components.push((caller, line, self.def_name(idx)));
                }
                Role::Block if frame.template != self.m.frames[idx - 1].template => {
                    site.templates.push((caller, line, "block"));
                }
                Role::Main | Role::Block | Role::Content => {}
            }
            self.parents(frame, &mut site);
        }
        site
    }

    /// How a template that is being rendered came to its parent.
    fn parents(&self, frame: &Frame<'c>, site: &mut Site) {
        let is_template = matches!(
            frame.role,
            Role::Main | Role::Include | Role::Embed | Role::Import
        );
        if !is_template || frame.extends == 0 {
            return;
        }
        let table = self.m.own.tables.get(frame.blocks);
        for (id, line) in table.map_or(&[][..], |table| &table.extended) {
            if let Some(compiled) = self.templates.get(id.0 as usize) {
                let name = compiled.chunk.name.clone();
                site.templates.push((name, *line, "extends"));
            }
        }
    }

    /// Template and place of the op that a frame is at.
    fn place_of(&self, idx: usize) -> (String, Option<SpanEntry>) {
        let Some(frame) = self.m.frames.get(idx) else {
            return Default::default();
        };
        let Some(compiled) = self.templates.get(frame.template.0 as usize) else {
            return Default::default();
        };
        let proto = compiled.chunk.protos.get(frame.proto as usize);
        let span = proto.and_then(|proto| proto.span(frame.pc.saturating_sub(1)).copied());
        (compiled.chunk.name.clone(), span)
    }

    fn def_name(&self, idx: usize) -> String {
        let name = || {
            let frame = self.m.frames.get(idx)?;
            let compiled = self.templates.get(frame.template.0 as usize)?;
            let proto = compiled.chunk.protos.get(frame.proto as usize)?;
            Some(compiled.chunk.symbol(proto.name).to_owned())
        };
        name().unwrap_or_default()
    }
}
