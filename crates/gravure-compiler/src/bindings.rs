//! The names that are in force at a place of a proto.
//!
//! Bound and forgotten like a stack, and found in constant time: a def may
//! have thousands of parameters, and read each of them thousands of times.

use crate::maps::{Map, map};
use gravure_source::Symbol;

/// What sort of local binding a name has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Local {
    /// A target of a `for`, or its loop object.
    Loop,
    /// A parameter: the call's context has it too.
    Param,
    /// Captures of a `case`, variables of a comprehension, and the like.
    Other,
}

/// A variable of a scope.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScopeVar {
    pub(crate) name: Symbol,
    pub(crate) register: u16,
    /// Does the register hold a shared variable?
    pub(crate) shared: bool,
}

/// Names that came into force together.
#[derive(Debug)]
pub(crate) enum Binding {
    /// A name whose value never changes.
    Local {
        name: Symbol,
        register: u16,
        local: Local,
    },
    /// The loop object of a `for`.
    Loop {
        name: Symbol,
        it: u16,
        cell: Option<u16>,
        is_async: bool,
    },
    /// An open scope: its variables, sorted by name.
    Scope(Vec<ScopeVar>),
}

impl Binding {
    fn name(&self) -> Option<Symbol> {
        match self {
            Self::Local { name, .. } | Self::Loop { name, .. } => Some(*name),
            Self::Scope(_) => None,
        }
    }

    fn is_loop(&self) -> bool {
        match self {
            Self::Loop { .. } => true,
            Self::Local { local, .. } => *local == Local::Loop,
            Self::Scope(_) => false,
        }
    }
}

/// All bindings of a proto, innermost last.
#[derive(Debug, Default)]
pub(crate) struct Bindings {
    /// With each, where the one is that it hides, if it hides one.
    all: Vec<(Binding, Option<usize>)>,
    /// Where the innermost binding of a name is, of those behind the first few.
    last: Map<Symbol, usize>,
    /// Where the scopes are.
    scopes: Vec<usize>,
    /// How many of them are those of loops.
    n_loops: usize,
}

/// How many bindings are gone through one by one, which is all of them nearly
/// always.
const FEW: usize = 8;

impl Bindings {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn push(&mut self, binding: Binding) {
        let at = self.all.len();
        let mut hidden = None;
        match binding.name() {
            Some(name) => {
                hidden = self.find(name);
                if at >= FEW {
                    self.last.insert(name, at);
                }
            }
            None => self.scopes.push(at),
        }
        self.n_loops += usize::from(binding.is_loop());
        self.all.push((binding, hidden));
    }

    pub(crate) fn pop(&mut self) {
        let Some((binding, hidden)) = self.all.pop() else {
            return;
        };
        self.n_loops -= usize::from(binding.is_loop());
        match (binding.name(), hidden) {
            (Some(_), _) if self.all.len() < FEW => {}
            (Some(name), Some(hidden)) if hidden >= FEW => drop(self.last.insert(name, hidden)),
            (Some(name), _) => drop(self.last.remove(&name)),
            (None, _) => drop(self.scopes.pop()),
        }
    }

    /// Forget all but the first `len`.
    pub(crate) fn truncate(&mut self, len: usize) {
        while self.all.len() > len {
            self.pop();
        }
    }

    /// No bindings, with the memory of these.
    pub(crate) fn emptied(mut self) -> Self {
        self.all.clear();
        // Clearing it would take as long as it is large, for every proto.
        self.last = map();
        self.scopes.clear();
        self.n_loops = 0;
        self
    }

    /// Where the innermost binding of a name is.
    fn find(&self, name: Symbol) -> Option<usize> {
        if let Some(&at) = self.last.get(&name) {
            return Some(at);
        }
        let mut few = self.all.iter().take(FEW);
        few.rposition(|it| it.0.name() == Some(name))
    }

    /// The innermost binding of a name that is no variable of a scope.
    pub(crate) fn last(&self, name: Symbol) -> Option<&Binding> {
        self.all.get(self.find(name)?).map(|it| &it.0)
    }

    /// The register of the innermost parameter of a name.
    pub(crate) fn param(&self, name: Symbol) -> Option<u16> {
        let mut at = self.find(name);
        while let Some((binding, hidden)) = self.all.get(at?) {
            match binding {
                Binding::Local {
                    register,
                    local: Local::Param,
                    ..
                } => return Some(*register),
                _ => at = *hidden,
            }
        }
        None
    }

    /// The variables of the open scopes, innermost first.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = &[ScopeVar]> {
        self.scopes.iter().rev().map(|&at| match self.all.get(at) {
            Some((Binding::Scope(variables), _)) => variables.as_slice(),
            _ => &[],
        })
    }

    /// All of them, outermost first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Binding> {
        self.all.iter().map(|it| &it.0)
    }

    /// Is a loop's variable in force?
    pub(crate) fn has_loop(&self) -> bool {
        self.n_loops > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(name: u32, register: u16, local: Local) -> Binding {
        let name = Symbol(name);
        Binding::Local {
            name,
            register,
            local,
        }
    }

    #[test]
    fn many_are_found_like_few() {
        let mut bindings = Bindings::default();
        let mut all: Vec<(u32, u16)> = Vec::new();
        for round in 0..2000_u32 {
            // Up and down around the first few, and far beyond them.
            if round % 7 < 4 || round % 300 < 100 {
                let name = round * round % 23;
                bindings.push(local(name, round as u16, Local::Other));
                all.push((name, round as u16));
            } else {
                bindings.pop();
                all.pop();
            }
            for name in 0..23 {
                let known = all.iter().rfind(|it| it.0 == name).map(|it| it.1);
                let found = match bindings.last(Symbol(name)) {
                    Some(Binding::Local { register, .. }) => Some(*register),
                    _ => None,
                };
                assert_eq!(found, known, "{name} in round {round}");
            }
        }
    }

    #[test]
    fn what_is_hidden_comes_back() {
        let mut bindings = Bindings::default();
        let register = |bindings: &Bindings, name| match bindings.last(Symbol(name)) {
            Some(Binding::Local { register, .. }) => Some(*register),
            _ => None,
        };
        bindings.push(local(1, 10, Local::Param));
        bindings.push(Binding::Scope(Vec::new()));
        bindings.push(local(1, 11, Local::Loop));
        bindings.push(local(2, 12, Local::Other));
        bindings.push(local(1, 13, Local::Other));
        assert_eq!(register(&bindings, 1), Some(13));
        assert_eq!(register(&bindings, 2), Some(12));
        assert_eq!(bindings.param(Symbol(1)), Some(10));
        assert_eq!(bindings.param(Symbol(2)), None);
        assert_eq!(bindings.param(Symbol(3)), None);
        assert!(bindings.has_loop());
        assert_eq!(bindings.scopes().count(), 1);
        bindings.truncate(3);
        assert_eq!(register(&bindings, 1), Some(11));
        assert_eq!(register(&bindings, 2), None);
        bindings.truncate(1);
        assert_eq!(register(&bindings, 1), Some(10));
        assert!(!bindings.has_loop());
        assert_eq!(bindings.scopes().count(), 0);
        bindings.pop();
        assert_eq!(register(&bindings, 1), None);
        assert_eq!(bindings.len(), 0);
    }
}
