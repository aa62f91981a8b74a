//! Names: the context, shared variables, slot scopes, constants.

use crate::{
    context::{self, Wanted},
    exec::{Done, Exec, Flow},
    steps::LONG_NAME,
};
use gravure_bytecode::{Base, Const, Constant, Count, Dst, ProtoKind, Src, Sym};
use gravure_source::Symbol;
use gravure_value::{BigInt, Cell, CellKind, ConstId, ContextVar, Fault, Name, Value};

impl<'a, 'c> Exec<'a, 'c> {
    /// A symbol of the running template as a name.
    pub(crate) fn wanted(&self, sym: Sym) -> Wanted<'a> {
        Wanted::new(self.template, self.compiled, sym)
    }

    /// The same where nobody needs its spelling.
    #[inline(always)]
    pub(crate) fn name_of(&self, sym: Sym) -> Name {
        Name {
            hash: self.compiled.hash(sym),
            template: self.template,
            symbol: Symbol(sym.0),
        }
    }

    /// Pay for reading all of a symbol's spelling, before that is done.
    #[inline]
    pub(crate) fn pay_for(&self, sym: Sym) -> Result<(), Fault> {
        match self.compiled.name(sym.0) {
            Some(name) => self.pay_for_bytes(name.len as usize),
            None => Ok(()),
        }
    }

    /// Pay for reading a name of so many bytes: nothing for those that people
    /// write.
    #[inline]
    pub(crate) fn pay_for_bytes(&self, n_bytes: usize) -> Result<(), Fault> {
        match n_bytes < LONG_NAME {
            true => Ok(()),
            false => self.m.heap.charge((n_bytes / LONG_NAME) as u64),
        }
    }

    pub(crate) fn constant(&mut self, dst: Dst, id: Const) -> Done {
        let chunk = &self.compiled.chunk;
        let value = match chunk.constants.get(id.index()) {
            Some(Constant::Text(_)) => Value::Const(self.template, ConstId(id.0)),
            Some(Constant::Int(it)) => Value::Int(*it),
            Some(Constant::Float(bits)) => Value::Float(f64::from_bits(*bits)),
            Some(&Constant::Big(range)) => {
                let digits = chunk.text(range);
                self.m.heap.charge(digits.len() as u64)?;
                let big: BigInt = digits.parse().unwrap_or_default();
                self.m.heap.new_int(big)?
            }
            None => Value::None,
        };
        self.set(dst, value);
        Ok(Flow::Go)
    }

    pub(crate) fn forget(&mut self, base: Base, count: Count) -> Done {
        let start = self.base + base.index();
        if let Some(window) = self.m.regs.get_mut(start..start + count.index()) {
            window.fill(Value::Unset);
        }
        Ok(Flow::Go)
    }

    pub(crate) fn name(&mut self, dst: Dst, sym: Sym) -> Done {
        self.pay_for(sym)?;
        let wanted = self.wanted(sym);
        let context = self.frame().context;
        match self.lookup(context, &wanted)? {
            Some(value) => {
                self.set(dst, value);
                Ok(Flow::Go)
            }
            None => Err(self.undefined(&wanted)),
        }
    }

    #[cold]
    fn undefined(&self, wanted: &Wanted<'_>) -> Fault {
        let known = self.known_names(self.frame().context);
        let fault = Fault::undefined_variable(wanted.text, known);
        let chunk = &self.compiled.chunk;
        let is_def = chunk.protos.iter().any(|proto| {
            matches!(proto.kind, ProtoKind::Def | ProtoKind::Region)
                && chunk.symbol(proto.name) == wanted.text
        });
        if is_def {
            return fault.help(format!(
                "`{}` is defined in this template, but cannot be reached here: a def exists from \
                 its tag on, and in the template it stands in",
                wanted.text
            ));
        }
        fault
    }

    pub(crate) fn name_or_unset(&mut self, dst: Dst, sym: Sym) -> Done {
        self.pay_for(sym)?;
        let wanted = self.wanted(sym);
        let context = self.frame().context;
        let value = self.lookup(context, &wanted)?;
        self.set(dst, value.unwrap_or(Value::Unset));
        Ok(Flow::Go)
    }

    pub(crate) fn write_name(&mut self, sym: Sym, src: Src) -> Done {
        self.pay_for(sym)?;
        let wanted = self.wanted(sym);
        let context = self.frame().context;
        let value = self.get(src);
        context::write(&mut self.m.heap, context, &wanted, value)?;
        Ok(Flow::Go)
    }

    pub(crate) fn bind_name(&mut self, old: Dst, sym: Sym, src: Src) -> Done {
        self.pay_for(sym)?;
        let wanted = self.wanted(sym);
        let context = self.frame().context;
        let value = self.get(src);
        let was = context::write(&mut self.m.heap, context, &wanted, value)?;
        self.set(old, was);
        Ok(Flow::Go)
    }

    pub(crate) fn unbind_name(&mut self, sym: Sym, old: Src) -> Done {
        self.write_name(sym, old)
    }

    pub(crate) fn var_new(&mut self, dst: Dst) -> Done {
        let id = self.m.heap.alloc(Cell::Var(Value::Unset))?;
        self.set(dst, Value::Cell(CellKind::Var, id));
        Ok(Flow::Go)
    }

    pub(crate) fn var_get(&mut self, dst: Dst, var: Src) -> Done {
        let value = self.read_var(self.get(var));
        self.set(dst, value);
        Ok(Flow::Go)
    }

    /// What a shared variable holds.
    pub(crate) fn read_var(&self, var: Value<'c>) -> Value<'c> {
        context::shared(&self.m.heap, var)
    }

    pub(crate) fn var_set(&mut self, var: Src, src: Src) -> Done {
        let value = self.get(src);
        if let Value::Cell(CellKind::Var, id) = self.get(var)
            && let Some(Cell::Var(slot)) = self.m.heap.cell_mut(id)
        {
            *slot = value;
        }
        Ok(Flow::Go)
    }

    pub(crate) fn binding(&mut self, dst: Dst, sym: Sym) -> Done {
        self.pay_for(sym)?;
        let wanted = self.wanted(sym);
        let scope = self.frame().bindings;
        let found = context::written(&self.m.heap, scope, &wanted);
        self.set(dst, found.unwrap_or(Value::Unset));
        Ok(Flow::Go)
    }

    pub(crate) fn write_binding(&mut self, done: Dst, sym: Sym, src: Src) -> Done {
        self.pay_for(sym)?;
        let scope = self.frame().bindings;
        let value = self.get(src);
        let is_open = scope.is_set();
        if let Value::Cell(CellKind::Context, id) = scope {
            let wanted = self.wanted(sym);
            self.m.heap.grow(size_of::<ContextVar<'_>>())?;
            // Only this slot's own scope is written, never the one around it.
            let at = context::context_of(&self.m.heap, scope).and_then(|own| {
                let same = |var: &ContextVar<'c>| wanted.is(&self.m.heap, &var.name);
                own.vars.iter().position(same)
            });
            if let Some(Cell::Context(own)) = self.m.heap.cell_mut(id) {
                let vars = own.vars.make_mut();
                match at.and_then(|at| vars.get_mut(at)) {
                    Some(var) => var.value = value,
                    None => vars.push(ContextVar {
                        name: wanted.name,
                        value,
                    }),
                }
            }
        }
        self.set(done, Value::Bool(is_open));
        Ok(Flow::Go)
    }
}
