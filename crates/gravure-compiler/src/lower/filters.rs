//! Chains of filters, and `default`, which catches what its value misses.

use super::Compiler;
use crate::check;
use gravure_bytecode::*;
use gravure_syntax::ast::{Args, ExprId, FilterStep};

/// The arguments of `default`, if they fit its parameters.
struct DefaultArgs {
    fallback: Option<ExprId>,
    boolean: Option<ExprId>,
}

impl<'a> Compiler<'a> {
    /// `base | a | b(c)`
    pub(super) fn filter_chain(
        &mut self,
        base: ExprId,
        steps: &'a [FilterStep],
        want: Option<u16>,
    ) -> u16 {
        let window = self.window(want);
        let guards: Vec<bool> = steps.iter().map(|it| self.is_default(it)).collect();
        let mut guards_left = guards.iter().filter(|it| **it).count();
        let mut guard = None;
        if guards.first() == Some(&true) {
            self.guarded(base, Some(window));
        } else {
            guard = (guards_left > 0).then(|| self.open_guard());
            self.expr(base, Some(window));
        }
        for (step, is_guard) in steps.iter().zip(guards) {
            if is_guard {
                if let Some(guard) = guard.take() {
                    self.close_guard(guard, window);
                }
                guards_left -= 1;
                guard = (guards_left > 0).then(|| self.open_guard());
            }
            self.filter_step(step, window, false);
        }
        self.leave_window(window, want)
    }

    /// Is it the filter that catches what everything before it misses?
    fn is_default(&self, step: &FilterStep) -> bool {
        matches!(self.name(step.name), "default" | "d")
    }

    /// Apply one filter to what is in `window`, the last register taken. Of a
    /// `filter` block, `default` replaces empty text.
    pub(super) fn filter_step(&mut self, step: &'a FilterStep, window: u16, is_block: bool) {
        if self.is_default(step)
            && let Some(default) = self.default_args(&step.args)
        {
            self.apply_default(&default, step.optional, window, is_block);
            return;
        }
        let name = self.name(step.name);
        if !self.options.natives.filter(name) {
            let finding = check::unknown_filter(name, self.filter_names(), step.name.span);
            self.find(finding);
        }
        let end = self.label();
        if step.optional {
            self.emit(Op::JumpNone {
                src: Src(window),
                to: Jump(end.0),
            });
        }
        let shape = self.args(&step.args);
        let import = self.import(ImportKind::Filter, step.name.name);
        self.emit_at(
            step.name.span,
            Op::Filter {
                base: Base(window),
                import,
                shape,
            },
        );
        self.release(u32::from(window) + 1);
        self.place_label(end);
    }

    /// What the arguments of `default` mean. Others than it has are left to
    /// the filter itself, which refuses them.
    fn default_args(&self, args: &Args) -> Option<DefaultArgs> {
        let mut found = DefaultArgs {
            fallback: args.positional.first().copied(),
            boolean: args.positional.get(1).copied(),
        };
        if args.positional.len() > 2 {
            return None;
        }
        for &(name, value) in &args.named {
            let slot = match self.name(name) {
                "default_value" => &mut found.fallback,
                "boolean" => &mut found.boolean,
                _ => return None,
            };
            if slot.replace(value).is_some() {
                return None;
            }
        }
        Some(found)
    }

    fn apply_default(&mut self, it: &DefaultArgs, optional: bool, window: u16, is_block: bool) {
        let end = self.label();
        if optional {
            self.emit(Op::JumpNone {
                src: Src(window),
                to: Jump(end.0),
            });
        }
        // The fallback is evaluated whether it is needed or not.
        let fallback = match it.fallback {
            Some(fallback) => self.expr_to_new(fallback),
            None => self.load_text("", None),
        };
        let replace = self.label();
        self.jump_missing(window, replace);
        let boolean = match it.boolean {
            Some(boolean) => self.constant(boolean).map(|it| it.is_truthy()),
            None => Some(false),
        };
        match boolean {
            _ if is_block => self.jump_if(window, false, replace),
            Some(false) => {}
            Some(true) => self.jump_if(window, false, replace),
            None => {
                if let Some(boolean) = it.boolean {
                    self.branch(boolean, false, end);
                }
                self.jump_if(window, false, replace);
            }
        }
        self.jump(end);
        self.place_label(replace);
        self.move_to(window, fallback);
        self.place_label(end);
        self.release(u32::from(window) + 1);
    }
}
