//! Where a name is found, and what inner protos take with them.
//!
//! A local binding is a register and costs no op. Otherwise the places are
//! tried in order, each of which may be unset: scopes of the unit, what the
//! slot binds, the call's content, what was captured from around, and at last
//! the context.

use super::Compiler;
use crate::bindings::{Binding, Local, ScopeVar};
use crate::maps::{Map, map};
use crate::resolve::Part;
use crate::unit::{Captured, Found};
use gravure_bytecode::*;
use gravure_source::Symbol;
use gravure_syntax::ast::Ident;

/// How a name is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Read {
    /// A missing name is an error.
    Strict,
    /// A missing name leaves the register unset.
    Probe,
    /// As `Probe`, and local bindings do not count: the lookup of `??=`.
    Assigned,
}

/// How many names tags may show, and contents take along, all together: a
/// template in which thousands of tags see thousands of names is refused.
const MOST_SHOWN: usize = 1 << 20;

/// What an inner proto takes along.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) captures: Vec<u16>,
    pub(super) captured: Vec<Captured>,
}

impl<'a> Compiler<'a> {
    /// Bind a name to a register whose value does not change.
    pub(super) fn bind_local(&mut self, name: Symbol, register: u16, local: Local) {
        self.unit.bindings.push(Binding::Local {
            name,
            register,
            local,
        });
    }

    /// The register of a local binding of this unit.
    pub(super) fn local(&mut self, name: Symbol) -> Option<(u16, Local)> {
        match *self.unit.bindings.last(name)? {
            Binding::Local {
                register, local, ..
            } => Some((register, local)),
            Binding::Loop {
                it, cell, is_async, ..
            } => {
                let cell = match cell {
                    Some(cell) => cell,
                    // Resolving foresees every such use; this is no dead end
                    // if it should not.
                    None => {
                        let dst = self.alloc();
                        self.emit(Op::LoopCell {
                            dst: Dst(dst),
                            it: It(it),
                            flags: Small(is_async.into()),
                        });
                        dst
                    }
                };
                Some((cell, Local::Loop))
            }
            Binding::Scope(_) => None,
        }
    }

    /// The iterator of the loop that `loop` means here, if it is one of this
    /// unit, and whether the loop is asynchronous.
    pub(super) fn loop_iterator(&self, name: Symbol) -> Option<(u16, bool)> {
        if name != self.loop_name {
            return None;
        }
        match self.unit.bindings.last(name)? {
            Binding::Loop { it, is_async, .. } => Some((*it, *is_async)),
            _ => None,
        }
    }

    /// Variables of that name in this unit's open scopes, innermost first.
    fn scope_variables(&self, name: Symbol) -> Vec<ScopeVar> {
        let scopes = self.unit.bindings.scopes();
        let found = scopes.filter_map(|variables| variable(variables, name));
        found.copied().collect()
    }

    /// The register of a name that is certainly found there: a local binding
    /// of this unit, or of one around it that nothing nearer can hide.
    pub(super) fn direct_name(&mut self, name: Symbol) -> Option<u16> {
        if let Some((register, _)) = self.local(name) {
            return Some(register);
        }
        let is_caller = Some(name) == self.caller_name && self.unit.has_caller;
        if self.unit.is_slot || is_caller {
            return None;
        }
        match self.unit.captured(name)?.found.first() {
            Some(&Found::Local(register, _)) if self.scope_variables(name).is_empty() => {
                Some(register)
            }
            _ => None,
        }
    }

    /// Read a name.
    pub(super) fn read_name(&mut self, ident: Ident, read: Read, want: Option<u16>) -> u16 {
        let name = ident.name;
        if read != Read::Assigned
            && let Some(register) = self.direct_name(name)
        {
            return self.given(register, want);
        }
        let variables = self.scope_variables(name);
        let is_caller = Some(name) == self.caller_name && self.unit.has_caller;
        let mut found: Vec<Found> = match self.unit.captured(name) {
            Some(captured) => captured.found.clone(),
            None => Vec::new(),
        };
        if read == Read::Assigned {
            found.retain(|it| !matches!(it, Found::Local(..)));
        }
        let is_slot = self.unit.is_slot;
        let dst = self.dst(want);
        let end = self.label();
        for variable in variables {
            if variable.shared {
                self.try_shared(dst, variable.register, end);
            } else {
                self.try_variable(dst, variable.register, end);
            }
        }
        if is_slot {
            let sym = self.sym(name);
            self.emit(Op::ProbeBinding { dst: Dst(dst), sym });
            self.jump_set(dst, end);
        }
        if is_caller {
            self.emit(Op::LoadCaller { dst: Dst(dst) });
            self.unit.own_context |= !self.is_dead();
            self.jump_set(dst, end);
        }
        for found in found {
            match found {
                Found::Local(register, _) => {
                    self.move_to(dst, register);
                    self.place_label(end);
                    return dst;
                }
                Found::Var(register) => self.try_variable(dst, register, end),
                Found::Shared(register) => self.try_shared(dst, register, end),
            }
        }
        let sym = self.sym(name);
        let dst_operand = Dst(dst);
        match read {
            Read::Strict => self.emit_at(
                ident.span,
                Op::LoadName {
                    dst: dst_operand,
                    sym,
                },
            ),
            Read::Probe | Read::Assigned => self.emit_at(
                ident.span,
                Op::ProbeName {
                    dst: dst_operand,
                    sym,
                },
            ),
        }
        self.place_label(end);
        dst
    }

    fn try_variable(&mut self, dst: u16, register: u16, end: crate::labels::Label) {
        self.emit(Op::Pick {
            dst: Dst(dst),
            src: Src(register),
            to: Jump(end.0),
        });
    }

    fn try_shared(&mut self, dst: u16, register: u16, end: crate::labels::Label) {
        self.emit(Op::LoadVar {
            dst: Dst(dst),
            var: Src(register),
        });
        self.jump_set(dst, end);
    }

    // ---- scopes ----

    /// Enter a scope: its variables exist and are unset.
    pub(super) fn open_scope(&mut self, part: Part) {
        let variables = self.resolved.scope(part).to_vec();
        let first = self.alloc_n(variables.len());
        let plain = variables.iter().filter(|it| !it.1);
        let n_plain = plain.clone().count();
        let shared = variables.iter().filter(|it| it.1);
        let mut scope = Vec::with_capacity(variables.len());
        for (idx, &(name, shared)) in plain.chain(shared).enumerate() {
            scope.push(ScopeVar {
                name,
                register: first.saturating_add(idx as u16),
                shared,
            });
        }
        self.unset(first, n_plain);
        for variable in scope.iter().skip(n_plain) {
            self.emit(Op::NewVar {
                dst: Dst(variable.register),
            });
        }
        scope.sort_unstable_by_key(|it| it.name);
        self.unit.bindings.push(Binding::Scope(scope));
    }

    /// Lower a body that is a scope.
    pub(super) fn scoped(&mut self, part: Part, lower: impl FnOnce(&mut Self)) {
        let mark = self.mark();
        self.open_scope(part);
        lower(self);
        self.unit.bindings.pop();
        self.release(mark);
    }

    /// The variable that `set` writes: of the innermost open scope.
    pub(super) fn scope_target(&self, name: Symbol) -> Option<Option<ScopeVar>> {
        let innermost = self.unit.bindings.scopes().next()?;
        Some(variable(innermost, name).copied())
    }

    // ---- captures ----

    /// Everything that a name can be found in here, innermost first, but for
    /// the context and the call's content.
    fn visible(&mut self, name: Symbol, params_only: bool) -> Vec<Found> {
        let mut found = Vec::new();
        if params_only {
            if let Some(register) = self.unit.bindings.param(name) {
                return vec![Found::Local(register, Local::Param)];
            }
        } else {
            if let Some((register, local)) = self.local(name) {
                return vec![Found::Local(register, local)];
            }
            for variable in self.scope_variables(name) {
                found.push(if variable.shared {
                    Found::Shared(variable.register)
                } else {
                    Found::Var(variable.register)
                });
            }
            if self.unit.is_slot {
                let dst = self.alloc();
                let sym = self.sym(name);
                self.emit(Op::ProbeBinding { dst: Dst(dst), sym });
                found.push(Found::Var(dst));
            }
        }
        if let Some(captured) = self.unit.captured(name) {
            let outer = captured.found.iter().copied();
            let outer =
                outer.filter(|it| !params_only || matches!(it, Found::Local(_, Local::Param)));
            found.extend(outer);
        }
        found
    }

    /// The shared variable that content written here assigns.
    fn shared_target(&self, name: Symbol) -> Option<u16> {
        match self.scope_target(name) {
            Some(variable) => variable.filter(|it| it.shared).map(|it| it.register),
            None => self.unit.captured(name)?.target,
        }
    }

    /// All names bound in this unit or captured by it.
    pub(super) fn all_visible(&self) -> Vec<Symbol> {
        let mut names = Vec::new();
        for binding in self.unit.bindings.iter() {
            match binding {
                Binding::Local { name, .. } | Binding::Loop { name, .. } => names.push(*name),
                Binding::Scope(variables) => names.extend(variables.iter().map(|it| it.name)),
            }
        }
        names.extend(self.unit.captured.iter().map(|it| it.name));
        names.sort_unstable();
        names.dedup();
        names
    }

    /// What a proto that is written here takes along. Its captures begin
    /// behind `first` parameters. A def sees only parameters of defs.
    pub(super) fn plan(&mut self, part: Part, first: usize, params_only: bool) -> Plan {
        if self.is_too_large {
            return Plan::default();
        }
        let (mentioned, all) = self.resolved.mentions(part);
        let mut names = mentioned.to_vec();
        if all && !params_only {
            names.extend(self.all_visible());
            names.sort_unstable();
            names.dedup();
        }
        self.n_shown += names.len();
        if self.n_shown > MOST_SHOWN {
            self.too_large("names in reach of its contents");
            names.clear();
        }
        let mut captures = Vec::new();
        let mut places: Map<u16, u16> = map();
        let mut captured = Vec::new();
        for name in names {
            let found = self.visible(name, params_only);
            let target = if params_only {
                None
            } else {
                self.shared_target(name)
            };
            if found.is_empty() && target.is_none() {
                continue;
            }
            let mut place = |register: u16| {
                *places.entry(register).or_insert_with(|| {
                    captures.push(register);
                    u16::try_from(first + captures.len() - 1).unwrap_or(u16::MAX)
                })
            };
            let found = found.into_iter().map(|found| match found {
                Found::Local(register, local) => Found::Local(place(register), local),
                Found::Var(register) => Found::Var(place(register)),
                Found::Shared(register) => Found::Shared(place(register)),
            });
            let found = found.collect();
            let target = target.map(&mut place);
            captured.push(Captured {
                name,
                found,
                target,
            });
        }
        Plan { captures, captured }
    }

    /// The names that an included template sees from here.
    pub(super) fn visible_names(&mut self) -> Vec<VisibleName> {
        let mut table = Vec::new();
        if self.is_too_large {
            return table;
        }
        let mut names = self.all_visible();
        self.n_shown += names.len();
        if self.n_shown > MOST_SHOWN || names.len() > limits::ENTRIES {
            self.too_large("names in reach of its includes");
            names.clear();
        }
        for name in names {
            for (idx, found) in self.visible(name, false).into_iter().enumerate() {
                let (register, shared) = match found {
                    // The call's context has it.
                    Found::Local(_, Local::Param) if idx == 0 => break,
                    Found::Local(register, _) | Found::Var(register) => (register, false),
                    Found::Shared(register) => (register, true),
                };
                let name = self.sym(name);
                table.push(VisibleName {
                    name,
                    register,
                    shared,
                });
            }
        }
        table
    }
}

/// The variable of a scope, whose variables are sorted by name.
fn variable(variables: &[ScopeVar], name: Symbol) -> Option<&ScopeVar> {
    let at = variables.binary_search_by_key(&name, |it| it.name);
    variables.get(at.ok()?)
}
