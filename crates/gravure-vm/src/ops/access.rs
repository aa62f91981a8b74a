//! Attributes, items, slices, and taking apart.

use crate::{
    context::host_call,
    exec::{Done, Exec, Flow},
};
use gravure_bytecode::{Base, Count, Dst, Src, Sym};
use gravure_source::Code;
use gravure_value::{
    Cell, CellKind, Data, Fault, Kind, Mark, Read, Seq, Subject, Value, View, ops,
};

/// What a dot shows of a stored none.
const EMPTY: Value<'static> = Value::Str(Mark::Plain, "");

impl<'c> Exec<'_, 'c> {
    pub(crate) fn attribute(&mut self, dst: Dst, src: Src, sym: Sym) -> Done {
        self.pay_for(sym)?;
        let object = self.get(src);
        let name = self.compiled.chunk.symbol(sym);
        let value = match self.read_attr(object, name)? {
            Some(Value::None) => EMPTY,
            Some(value) => value,
            None if self.env.rules.strict => return Err(self.no_attribute(object, name)),
            None => Value::Undefined,
        };
        self.set(dst, value);
        Ok(Flow::Go)
    }

    pub(crate) fn attribute_or_unset(&mut self, dst: Dst, src: Src, sym: Sym) -> Done {
        self.pay_for(sym)?;
        let object = self.get(src);
        let name = self.compiled.chunk.symbol(sym);
        let value = match object {
            Value::Unset => Value::Unset,
            _ => match self.read_attr(object, name)? {
                Some(Value::None) => EMPTY,
                Some(value) => value,
                None => Value::Unset,
            },
        };
        self.set(dst, value);
        Ok(Flow::Go)
    }

    pub(crate) fn attribute_optional(&mut self, dst: Dst, src: Src, sym: Sym) -> Done {
        self.pay_for(sym)?;
        let object = self.get(src);
        let name = self.compiled.chunk.symbol(sym);
        let value = match object {
            Value::None => Value::None,
            _ => match self.read_attr(object, name)? {
                Some(value) => value,
                None if self.m.heap.kind(object) == Kind::Dict => Value::None,
                None if object.is_undefined() => Value::Undefined,
                None if self.env.rules.strict => return Err(self.no_attribute(object, name)),
                None => Value::None,
            },
        };
        self.set(dst, value);
        Ok(Flow::Go)
    }

    #[cold]
    pub(crate) fn no_attribute(&self, object: Value<'c>, name: &str) -> Fault {
        let heap = &self.m.heap;
        let mut known: Vec<String> = Vec::new();
        if let View::Dict(map) = heap.view(object) {
            let keys = map.iter().take(64);
            known.extend(keys.filter_map(|(key, _)| heap.text(key).map(str::to_owned)));
        }
        if let View::Object(object) = heap.view(object) {
            let shown = object.attrs().into_iter().take(64);
            let shown = shown.filter(|name| heap.check_attribute(name).is_ok());
            known.extend(shown.map(str::to_owned));
        }
        let methods = self.env.registry.method_names(heap.kind(object));
        known.extend(methods.into_iter().map(str::to_owned));
        Fault::undefined_attribute(name, heap.kind_name(object), known)
    }

    /// `object.name`: a dict's entry, a property, a method bound to it.
    pub(crate) fn read_attr(
        &mut self,
        object: Value<'c>,
        name: &str,
    ) -> Result<Option<Value<'c>>, Fault> {
        if let Value::None = object {
            return Ok(None);
        }
        if let Some(value) = ops::entry(&self.m.heap, object, name) {
            return Ok(Some(value));
        }
        match self.m.heap.view(object) {
            View::Object(host) => {
                self.m.heap.check_attribute(name)?;
                return match host_call(|| Read::attr(host, name))? {
                    Some(read) => Ok(Some(self.m.heap.take(read)?)),
                    None => Ok(None),
                };
            }
            View::Shared(host) => {
                self.m.heap.check_attribute(name)?;
                return match host_call(|| host.attr(name))? {
                    Some(data) => Ok(Some(self.m.heap.import(data)?)),
                    None => Ok(None),
                };
            }
            _ => {}
        }
        let kind = self.m.heap.kind(object);
        if let Some(id) = self.env.registry.property(kind, name) {
            return Ok(Some(self.call_native(id, &[object], &[])?));
        }
        if let Some(id) = self.env.registry.method(kind, name) {
            let cell = self.m.heap.alloc(Cell::Bound(id, object))?;
            return Ok(Some(Value::Cell(CellKind::Bound, cell)));
        }
        Ok(None)
    }

    pub(crate) fn item(&mut self, dst: Dst, src: Src, key: Src) -> Done {
        let (object, key) = (self.settled(self.get(src))?, self.get(key));
        let value = match object {
            Value::Object(host) => self.host_item(host, key)?,
            _ => match ops::get_item(&mut self.m.heap, object, key) {
                Ok(value) => value,
                Err(fault) => return Err(self.missing_key(object, key, fault)),
            },
        };
        self.set(dst, value);
        Ok(Flow::Go)
    }

    /// A missing key with the keys that there are.
    #[cold]
    fn missing_key(&self, object: Value<'c>, key: Value<'c>, mut fault: Fault) -> Fault {
        let heap = &self.m.heap;
        if fault.code == Code::RunKey
            && let Some(name) = heap.text(key)
            && let View::Dict(map) = heap.view(object)
        {
            let keys = map.iter().take(64);
            let known = keys.filter_map(|(key, _)| heap.text(key).map(str::to_owned));
            fault.subject = Some(Subject {
                name: name.to_owned(),
                known: known.collect(),
            });
        }
        fault
    }

    fn host_item(
        &mut self,
        host: &'c dyn gravure_value::Object,
        key: Value<'c>,
    ) -> Result<Value<'c>, Fault> {
        let data = self.m.heap.export(key)?;
        if let Data::Str(name) | Data::Safe(name) = &data {
            self.m.heap.check_attribute(name)?;
        }
        match host_call(|| host.item(&data))? {
            Some(data) => self.m.heap.import(data),
            None => {
                let mut shown = String::new();
                ops::repr(&self.m.heap, key, &mut shown)?;
                Err(Fault::key(&shown))
            }
        }
    }

    pub(crate) fn item_optional(&mut self, dst: Dst, src: Src, key: Src) -> Done {
        let (object, key) = (self.get(src), self.get(key));
        let value = match ops::get_item_optional(&mut self.m.heap, object, key)? {
            Some(value) => value,
            None if self.env.rules.strict => {
                let mut shown = String::new();
                ops::repr(&self.m.heap, key, &mut shown)?;
                let kind = self.m.heap.kind_name(object);
                return Err(Fault::undefined_attribute(&shown, kind, Vec::new()));
            }
            None => Value::None,
        };
        self.set(dst, value);
        Ok(Flow::Go)
    }

    pub(crate) fn slice_of(&mut self, dst: Dst, src: Src, bounds: Base) -> Done {
        let object = self.settled(self.get(src))?;
        let &[start, stop, step] = self.window(bounds, 3) else {
            return Err(crate::exec::bug("slice without bounds"));
        };
        let value = ops::slice(&mut self.m.heap, object, start, stop, step)?;
        self.set(dst, value);
        Ok(Flow::Go)
    }

    pub(crate) fn unpack_strict(&mut self, src: Src, base: Base, count: Count) -> Done {
        let object = self.get(src);
        let want = count.index();
        let mut iter = match self.m.heap.iter(object) {
            Ok(iter) if !object.is_undefined() => iter,
            _ => {
                let kind = self.m.heap.kind_name(object);
                let message = format!("cannot take {want} values out of {kind}");
                return Err(Fault::kind(message));
            }
        };
        let mut items: smallvec::SmallVec<[Value<'c>; 8]> = smallvec::SmallVec::new();
        self.forget_pulled();
        while let Some(item) = self.advance(&mut iter)? {
            items.push(item);
            if items.len() > want {
                break;
            }
        }
        if items.len() != want {
            let found = match items.len() > want {
                true => "more".to_owned(),
                false => items.len().to_string(),
            };
            let message = format!("expected {want} values to take apart, found {found}");
            return Err(Fault::value(message));
        }
        let start = self.base + base.index();
        if let Some(window) = self.m.regs.get_mut(start..start + want) {
            window.copy_from_slice(&items);
        }
        Ok(Flow::Go)
    }

    pub(crate) fn unpack_by_index(&mut self, src: Src, base: Base, count: Count) -> Done {
        let object = self.get(src);
        for idx in 0..count.0 {
            let item = ops::get_item(&mut self.m.heap, object, Value::Int(i64::from(idx)))?;
            let at = self.base + base.index() + idx as usize;
            if let Some(slot) = self.m.regs.get_mut(at) {
                *slot = item;
            }
        }
        Ok(Flow::Go)
    }

    fn seq(&self, src: Src) -> Option<Seq<'_, 'c>> {
        match self.m.heap.view(self.get(src)) {
            View::List(seq) | View::Tuple(seq) => Some(seq),
            _ => None,
        }
    }

    pub(crate) fn is_seq(&mut self, dst: Dst, src: Src, count: Count) -> Done {
        let fits = self.seq(src).is_some_and(|seq| seq.len() == count.index());
        self.set(dst, Value::Bool(fits));
        Ok(Flow::Go)
    }

    pub(crate) fn seq_item(&mut self, dst: Dst, src: Src, index: Count) -> Done {
        let item = self.seq(src).and_then(|seq| seq.get(index.index()));
        self.set(dst, item.unwrap_or(Value::Undefined));
        Ok(Flow::Go)
    }
}
