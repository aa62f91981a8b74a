//! `await` and `async for`: what is not there yet.
//!
//! An op that finds its value missing leaves a waiter in the machine and is
//! done again, from its start, when the run goes on: so nothing of a wait lies
//! on the native stack, and it may go on in another thread.

use crate::exec::{Done, Exec, Flow};
use gravure_bytecode::{Dst, It, Small, Src};
use gravure_source::Code;
use gravure_value::{AsyncItems, Cell, Fault, Iter, OnePass, Outcome, Taken, Value, Waiter};

/// Somebody asks for `loop` of an asynchronous loop.
const MENTIONED: u8 = 1;

impl<'c> Exec<'_, 'c> {
    pub(crate) fn wait(&mut self, dst: Dst, src: Src) -> Done {
        let value = self.get(src);
        let arrived = self.m.arrived.take();
        let Some(awaitable) = arrived.or_else(|| self.m.heap.awaitable(value)) else {
            // What is there need not be waited for.
            self.set(dst, value);
            return Ok(Flow::Go);
        };
        self.may_wait()?;
        let value = match awaitable.take() {
            Some(outcome) => self.awaited(outcome)?,
            None => return Err(self.suspend(Waiter::for_value(awaitable))),
        };
        self.set(dst, value);
        Ok(Flow::Go)
    }

    /// What a wait came to, as a value of the render.
    fn awaited(&mut self, outcome: Outcome) -> Result<Value<'c>, Fault> {
        match outcome {
            Ok(data) => self.m.heap.import(data),
            Err(error) => {
                let message = format!("what was awaited failed: {error}");
                Err(Fault::value(message).caused_by(error))
            }
        }
    }

    /// A builtin that called back waits for an answer on the native stack.
    fn may_wait(&self) -> Result<(), Fault> {
        if self.m.callbacks == 0 {
            return Ok(());
        }
        let message = "a def that a filter or function calls cannot wait";
        Err(Fault::new(Code::RunAsync, message).help("await the value before the call"))
    }

    /// The fault that makes the loop stop; nobody sees it.
    fn suspend(&mut self, waiter: Waiter) -> Fault {
        self.m.waiting = Some(waiter);
        Fault::new(Code::RunAsync, String::new())
    }

    pub(crate) fn loop_async(&mut self, it: It, src: Src, flags: Small) -> Done {
        let source = self.get(src);
        let Some(items) = self.m.heap.async_items(source) else {
            // Items that are all there: `loop` knows the one before even if
            // they can be had only once.
            return match flags.0 & MENTIONED {
                0 => self.loop_begin(it, src),
                _ => self.loop_gather(it, src),
            };
        };
        let state = OnePass::Async(items, [Value::Unset; 2]);
        let cell = self.m.heap.alloc(Cell::OnePass(Box::new(state)))?;
        self.begin(it, Iter::one_pass(cell, source))
    }

    /// The next item of what comes one by one.
    pub(crate) fn upcoming(
        &mut self,
        items: &AsyncItems,
        seen: &mut [Value<'c>; 2],
    ) -> Result<Option<Value<'c>>, Fault> {
        self.may_wait()?;
        match items.take() {
            Taken::End => Ok(None),
            Taken::NotYet => Err(self.suspend(Waiter::for_item(items.clone()))),
            Taken::Item(outcome) => {
                let item = self.awaited(outcome)?;
                *seen = [seen[1], item];
                Ok(Some(item))
            }
        }
    }
}
