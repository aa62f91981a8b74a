//! What builtins may ask of the render.

use crate::{exec::Exec, frame::Role};
use gravure_source::Code;
use gravure_value::{
    Data, Fault, Heap, Host, Iter, Registry, RenderWarning, Surface, Value, Whereabouts, World,
};

impl<'c> Host<'c> for Exec<'_, 'c> {
    fn heap(&mut self) -> &mut Heap<'c> {
        &mut self.m.heap
    }

    fn world(&self) -> &dyn World {
        &*self.env.world
    }

    fn meta(&self, key: &str) -> Option<Data<'static>> {
        let of = |meta: Option<&crate::Meta>| meta.and_then(|meta| meta.get(key)).cloned();
        of(self.m.meta.as_deref())
            .or_else(|| of(self.env.meta))
            .or_else(|| self.env.world.meta(key))
    }

    fn all_meta(&self) -> Vec<(String, Data<'static>)> {
        let mut all = self.env.meta.cloned().unwrap_or_default();
        let own = self.m.meta.iter().flat_map(|meta| meta.iter());
        all.extend(own.map(|(key, value)| (key.clone(), value.clone())));
        all.into_iter().collect()
    }

    fn set_meta(&mut self, key: &str, value: Data<'static>) {
        let own = self.m.meta.get_or_insert_default();
        own.insert(key.to_owned(), value);
    }

    fn whereabouts(&mut self) -> Whereabouts {
        self.save();
        let frames = &self.m.frames;
        let importing = frames.iter().filter(|frame| frame.role == Role::Import);
        let named = importing.filter_map(|frame| self.templates.get(frame.template.0 as usize));
        Whereabouts {
            importing: named.map(|it| it.chunk.name.clone()).collect(),
            include_depth: self.frame().includes,
            extends_depth: self.frame().extends,
            site: self.site(),
        }
    }

    fn warn(&mut self, code: Code, message: String) {
        const MOST: usize = 1_000;
        self.save();
        let frame = self.frame();
        let place = (code, frame.template, frame.proto, frame.pc);
        if self.m.warned.len() >= MOST || self.m.warned.contains(&place) {
            return;
        }
        self.m.warned.push(place);
        let site = self.site();
        self.env.world.warn(&RenderWarning {
            code,
            message,
            template: site.template,
            line: site.line,
        });
    }

    fn registry(&self) -> &Registry {
        &self.env.registry
    }

    fn surface(&self) -> Surface {
        self.surface
    }

    fn strict(&self) -> bool {
        self.env.rules.strict
    }

    fn strict_none(&self) -> bool {
        self.env.rules.strict_none
    }

    fn consume(&mut self, key: &str) -> Option<Value<'c>> {
        let found = self
            .m
            .providers
            .iter()
            .rev()
            .find(|(name, _)| **name == *key);
        found.map(|(_, value)| *value)
    }

    fn call(
        &mut self,
        callee: Value<'c>,
        args: &[Value<'c>],
        named: &[(&str, Value<'c>)],
    ) -> Result<Value<'c>, Fault> {
        self.call_back(callee, args, named)
    }

    fn attr(&mut self, value: Value<'c>, name: &str) -> Result<Option<Value<'c>>, Fault> {
        self.read_attr(value, name)
    }

    fn next(&mut self, iter: &mut Iter<'c>) -> Result<Option<Value<'c>>, Fault> {
        self.advance(iter)
    }
}
