//! One render from outside: what the machine asks for is fetched here.

use crate::{
    ContextRef, Error, RenderOptions, Template,
    environment::Shared,
    error::UNNAMED,
    tables::{self, Edition},
};
use gravure_source::{Code, similar::nearest};
use gravure_value::{Fault, Held, Json, TemplateId, Value};
use gravure_vm::{Env, LoadRequest, Spare, Stop, Vm};
use std::{cell::RefCell, sync::atomic::Ordering, time::Instant};

thread_local! {
    /// The memory of the last render that ended on this thread.
    static SPARE: RefCell<Option<Spare>> = const { RefCell::new(None) };
}

fn take_spare() -> Spare {
    let taken = SPARE.with(|place| {
        place
            .try_borrow_mut()
            .ok()
            .and_then(|mut spare| spare.take())
    });
    taken.unwrap_or_default()
}

/// A render on its way.
pub(crate) struct Session<'c> {
    vm: Vm<'c>,
    shared: &'c Shared,
    entry: TemplateId,
    name: &'c str,
    /// Has it the bounds of templates that are not trusted?
    is_bounded: bool,
}

impl<'c> Session<'c> {
    pub(crate) fn new(
        template: &'c Template,
        edition: Held<'c, Edition>,
        context: ContextRef<'c>,
        is_async: bool,
        request: Option<&'c RenderOptions>,
    ) -> Result<Self, Error> {
        let shared = template.shared();
        let is_bounded = shared.is_bounded.load(Ordering::Acquire);
        let options = &shared.options;
        let (registry, world, globals) = tables::parts(&edition);
        let env = Env {
            registry,
            world,
            meta: request.map(|request| &request.meta),
            fragment_per_template: options.fragment_per_template,
            globals: Value::Unset,
            statics: match &options.static_context {
                Some(tree) => Value::from_tree(tree),
                None => Value::Unset,
            },
            strict: options.strict_undefined,
            strict_none: options.strict_none,
            is_async,
        };
        let (limits, most_time) = shared.bounds();
        let limits = match request.and_then(|request| request.limits.as_ref()) {
            Some(own) => limits.lowered(own),
            None => limits,
        };
        let mut vm = Vm::reusing(env, limits, take_spare())
            .map_err(|fault| Error::from_fault(fault, None))?;
        if let Some(globals) = globals {
            let set = vm.set_globals(globals);
            set.map_err(|fault| Error::from_fault(fault, None))?;
        }
        let time = request.and_then(|request| request.max_time);
        let time = match (time, most_time) {
            (Some(own), Some(most)) => Some(own.min(most)),
            (own, most) => own.or(most),
        };
        if let Some(time) = time {
            let end = Instant::now().checked_add(time);
            let alarm = Box::new(move || end.is_some_and(|end| Instant::now() >= end));
            let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
            vm.heap().meter.set_alarm(alarm, milliseconds);
        }
        vm.heap().attributes = options.policy.attributes.as_ref();
        vm.heap().collect_always(options.probe.collect_always);
        vm.set_plain(options.probe.is_plain);
        vm.set_host(match context {
            ContextRef::Json(json @ Json::Object(_)) => Value::from_json(json),
            ContextRef::Json(Json::Null) => Value::Unset,
            ContextRef::Json(_) => {
                return Err(Error::new(
                    Code::Config,
                    "the context must be a map from names to values",
                ));
            }
            ContextRef::Tree(tree) => Value::from_tree(tree),
            ContextRef::Object(object) => Value::Object(object),
        });
        let entry = vm.add(Held::Borrowed(template.compiled()));
        Ok(Self {
            vm,
            shared,
            entry,
            name: &template.compiled().chunk.name,
            is_bounded,
        })
    }

    /// End, and leave the memory to the next render on this thread.
    pub(crate) fn end(self) {
        let spare = self.vm.into_spare();
        SPARE.with(|place| {
            if let Ok(mut place) = place.try_borrow_mut() {
                *place = Some(spare);
            }
        });
    }

    /// Begin the whole page, with some blocks replaced.
    pub(crate) fn start(&mut self, blocks: &[(String, String)]) -> Result<(), Error> {
        if !blocks.is_empty() {
            let chain = self.chain()?;
            let known = self.vm.block_names(&chain);
            for (name, _) in blocks {
                if !known.contains(name) {
                    return Err(self.unknown_block(name, &known));
                }
            }
        }
        let started = self.vm.start(self.entry, blocks);
        started.map_err(|fault| self.error(fault))
    }

    /// Run the setup of the chain and begin one block.
    pub(crate) fn start_block(&mut self, name: &str) -> Result<(), Error> {
        let chain = self.chain()?;
        for &id in &chain {
            let started = self.vm.start_setup(id);
            started.map_err(|fault| self.error(fault))?;
            self.run(&mut |_| Ok(()))?;
        }
        let started = self.vm.start_block(&chain, name);
        match started.map_err(|fault| self.error(fault))? {
            true => Ok(()),
            false => {
                let known = self.vm.block_names(&chain);
                Err(self.unknown_block(name, &known))
            }
        }
    }

    /// Run to the end and give all output, with the texts of some blocks.
    pub(crate) fn finish_capturing(
        &mut self,
        wanted: &[&str],
    ) -> Result<(String, Vec<(String, String)>), Error> {
        let wanted = wanted.iter().map(|&name| name.to_owned()).collect();
        self.vm.capture_blocks(wanted);
        let page = self.finish()?;
        Ok((page, self.vm.take_captured()))
    }

    /// Names of all blocks of the chain.
    pub(crate) fn block_names(&mut self) -> Result<Vec<String>, Error> {
        let chain = self.chain()?;
        Ok(self.vm.block_names(&chain))
    }

    fn unknown_block(&self, name: &str, known: &[String]) -> Error {
        let mut error = Error::new(Code::RunValue, format!("there is no block `{name}`"));
        if let Some(near) = nearest(name, known.iter().map(String::as_str)) {
            error = error.help(format!("did you mean `{near}`?"));
        }
        error.asked_of(Some(self.name).filter(|name| *name != UNNAMED))
    }

    /// The template and its parents, as far as they are named by literals.
    fn chain(&mut self) -> Result<Vec<TemplateId>, Error> {
        let mut chain = vec![self.entry];
        let mut at = self.entry;
        while let Some((owner, parent)) = self.vm.template(at).and_then(|compiled| {
            let parent = compiled.chunk.parent?;
            Some((
                compiled.chunk.name.clone(),
                compiled.chunk.symbol(parent).to_owned(),
            ))
        }) {
            let request = LoadRequest {
                owner: at,
                name: parent,
            };
            let id = match self.load(&request) {
                Ok(id) => id,
                Err(error) => {
                    let line = self.extends_line(at);
                    let site = gravure_value::Site {
                        template: owner,
                        line,
                        ..Default::default()
                    };
                    return Err(error.reached_from(&site, "extends"));
                }
            };
            let most = self.shared.bounds().0.extends_depth;
            let fault = if chain.contains(&id) {
                Some(Fault::new(Code::TplCycle, "templates extend each other"))
            } else if chain.len() > most as usize {
                let message = format!("parents are nested deeper than {most}");
                Some(Fault::new(Code::RunDepth, message))
            } else {
                None
            };
            if let Some(mut fault) = fault {
                let line = self.extends_line(at);
                fault.site = Some(Box::new(gravure_value::Site {
                    template: owner,
                    line,
                    ..Default::default()
                }));
                return Err(self.error(fault));
            }
            chain.push(id);
            at = id;
        }
        Ok(chain)
    }

    fn extends_line(&self, id: TemplateId) -> u32 {
        use gravure_bytecode::DependencyKind;
        let compiled = self.vm.template(id);
        let found = compiled.and_then(|compiled| {
            let mut all = compiled.chunk.dependencies.iter();
            all.find(|it| it.kind == DependencyKind::Extends)
        });
        found.map_or(1, |it| it.line)
    }

    /// Run to the end and give all output.
    pub(crate) fn finish(&mut self) -> Result<String, Error> {
        self.run(&mut |_| Ok(()))?;
        self.vm.take_output().map_err(|fault| self.error(fault))
    }

    /// Steps used so far.
    pub(crate) fn steps(&self) -> u64 {
        self.vm.steps()
    }

    /// Ask for pieces of about this size.
    pub(crate) fn set_watermark(&mut self, bytes: usize) {
        self.vm.set_watermark(bytes);
    }

    /// Run to the next piece or the end (`false`).
    pub(crate) fn next_piece(&mut self, watermark: usize) -> Result<(String, bool), Error> {
        loop {
            match self.turn()? {
                Ok(Stop::Done) => {
                    let rest = self.vm.take_output().map_err(|fault| self.error(fault))?;
                    return Ok((rest, false));
                }
                Ok(Stop::Piece) => {
                    let piece = self.vm.take_piece(watermark);
                    return Ok((piece.map_err(|fault| self.error(fault))?, true));
                }
                Ok(Stop::Load(request)) => self.answer(&request)?,
                Err(fault) => return Err(self.error(fault)),
            }
        }
    }

    /// Run until something must happen here. A panic, of an object of the host
    /// or of our own, ends this render and nothing else.
    fn turn(&mut self) -> Result<Result<Stop, Fault>, Error> {
        let vm = &mut self.vm;
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| vm.run()))
            .map_err(|payload| Error::from_panic(&*payload))
    }

    fn run(
        &mut self,
        piece: &mut dyn FnMut(&mut Vm<'c>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        loop {
            match self.turn()? {
                Ok(Stop::Done) => return Ok(()),
                Ok(Stop::Piece) => piece(&mut self.vm)?,
                Ok(Stop::Load(request)) => self.answer(&request)?,
                Err(fault) => return Err(self.error(fault)),
            }
        }
    }

    fn answer(&mut self, request: &LoadRequest) -> Result<(), Error> {
        match self.load(request) {
            Ok(id) => {
                self.vm.loaded(request, id);
                Ok(())
            }
            Err(error) => {
                let fault = Fault::new(error.code(), error.message()).caused_by(Box::new(error));
                let failed = self.vm.load_failed(fault);
                failed.map_err(|fault| self.error(fault))
            }
        }
    }

    /// Meet a template, unless the render has met it already.
    fn load(&mut self, request: &LoadRequest) -> Result<TemplateId, Error> {
        let owner = self.vm.template(request.owner);
        let owner = owner.map_or("", |owner| &*owner.chunk.name).to_owned();
        let caller = Some(&*owner).filter(|name| *name != UNNAMED);
        let options = &self.shared.options;
        if self.shared.can_find()
            && let Ok(name) =
                crate::names::normalize(&request.name, caller, &options.template_aliases)
        {
            let allowed = options.policy.check_template(&name);
            allowed.map_err(|fault| Error::from_fault(fault, None))?;
            if let Some(id) = self.vm.met(&name) {
                return Ok(id);
            }
        }
        let kept = self.shared.find(&request.name, caller)?;
        if kept.is_foreign && !self.is_bounded {
            // A bundle of a stranger came while this render was on its way.
            let message = "the template is not trusted, and this render has no bounds for that";
            return Err(Error::new(Code::RunValue, message).help("render again"));
        }
        Ok(self.vm.add(Held::Counted(kept.compiled.clone())))
    }

    fn error(&self, fault: Fault) -> Error {
        let template = fault.site.as_ref().map(|site| site.template.clone());
        let source = template
            .and_then(|name| self.vm.met(&name))
            .and_then(|id| self.vm.template(id))
            .and_then(|compiled| compiled.chunk.source.as_deref());
        Error::from_fault(fault, source)
    }
}
