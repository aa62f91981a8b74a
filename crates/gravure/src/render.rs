//! One render from outside: what the machine asks for is fetched here.

use crate::{
    ContextRef, Error, RenderOptions, Template,
    environment::{Shared, asked},
    error::UNNAMED,
    tables::{self, Edition},
};
use gravure_source::{Code, similar::nearest};
use gravure_value::{Fault, Held, Json, TemplateId, Value};
use gravure_vm::{Env, LoadRequest, Running, Spare, Stop};
use std::{
    cell::Cell,
    future::poll_fn,
    sync::atomic::Ordering,
    task::{self, Poll, ready},
    time::{Duration, Instant},
};

const _: fn() = || {
    fn moves<T: Send>() {}
    moves::<Session<'static>>();
};

thread_local! {
    /// The memory of the last render that ended on this thread.
    static SPARE: Cell<Spare> = const { Cell::new(Spare::NONE) };
}

/// Steps after which an asynchronous render lets others run.
const TURN: u64 = 1 << 12;

/// A render on its way.
pub(crate) struct Session<'c> {
    vm: Running<'c>,
    shared: &'c Shared,
    entry: TemplateId,
    template: &'c Template,
    is_async: bool,
    /// Has it the bounds of templates that are not trusted?
    is_bounded: bool,
    /// The block that is asked for, until it has begun.
    plan: Option<Box<Plan>>,
    /// Bytes that a piece should have.
    watermark: usize,
    /// Has the last turn ended at something that is not there?
    is_waiting: bool,
}

/// One block to be rendered: the setup of its chain goes before it.
struct Plan {
    block: String,
    chain: Vec<TemplateId>,
    /// How many of the chain were set up.
    n_done: usize,
}

/// Why a turn has ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Turn {
    /// All is done.
    Done,
    /// There is output that can be sent.
    Piece,
    /// Something is awaited.
    Waiting,
    /// Its steps are used up.
    Over,
}

impl<'c> Session<'c> {
    /// A render that is still to be prepared. A session is large: made in
    /// place, it need not be moved.
    #[inline(always)]
    pub(crate) fn new(
        template: &'c Template,
        edition: &Held<'c, Edition>,
        is_async: bool,
        request: Option<&'c RenderOptions>,
    ) -> Self {
        let shared = template.shared();
        let is_bounded = shared.is_bounded.load(Ordering::Acquire);
        let options = &shared.options;
        let own = request.and_then(|request| request.limits.as_ref());
        let lowered;
        let limits = match (is_bounded, own) {
            (false, None) => (&options.limits, shared.rules.number),
            _ => {
                let all = shared.bounds(is_bounded).0;
                lowered = own.map_or_else(|| all.clone(), |own| all.lowered(own));
                (&lowered, 0)
            }
        };
        let spare = SPARE.try_with(Cell::take).unwrap_or_default();
        let env = || {
            let (registry, world) = tables::parts(edition);
            Env {
                registry,
                world,
                meta: request.map(|request| &request.meta),
                cached: request.and_then(|request| request.cached_blocks.as_deref()),
                globals: Value::Unset,
                rules: &shared.rules,
                has_statics: shared.rules.statics.is_some(),
                is_async,
            }
        };
        Self {
            vm: Running::new(limits, spare, env),
            shared,
            entry: TemplateId(0),
            template,
            is_async,
            plan: None,
            watermark: usize::MAX,
            is_waiting: false,
            is_bounded,
        }
    }

    /// Take what the template, the host and the environment give.
    ///
    /// # Errors
    /// What is wrong with that.
    #[inline(never)]
    pub(crate) fn prepare(
        &mut self,
        template: &'c Template,
        edition: &Held<'c, Edition>,
        context: ContextRef<'c>,
        request: Option<&'c RenderOptions>,
    ) -> Result<(), Error> {
        self.prepare_here(template, edition, context, request)
    }

    #[inline(always)]
    pub(crate) fn prepare_here(
        &mut self,
        template: &'c Template,
        edition: &Held<'c, Edition>,
        context: ContextRef<'c>,
        request: Option<&'c RenderOptions>,
    ) -> Result<(), Error> {
        let shared = self.shared;
        if !self.is_async && !shared.is_sync(template.kept()) {
            return Err(shared.refuse_async(template.kept()));
        }
        if let Some(globals) = tables::globals(edition) {
            let set = self.vm.set_globals(globals);
            set.map_err(|fault| Error::from_fault(fault, None))?;
        }
        if shared.is_odd || self.is_bounded || request.is_some() {
            self.prepare_more(request);
        }
        let host = match context {
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
        };
        let set = self.vm.set_host(host);
        set.map_err(|fault| Error::from_fault(fault, None))?;
        self.entry = self.vm.add_entry(template.compiled());
        Ok(())
    }

    /// Tell it what most renders are not told.
    #[inline(never)]
    fn prepare_more(&mut self, request: Option<&'c RenderOptions>) {
        let shared = self.shared;
        let options = &shared.options;
        let most = match self.is_bounded {
            true => shared.bounds(true).1,
            false => options.max_time,
        };
        let time = match (request.and_then(|request| request.max_time), most) {
            (Some(own), Some(most)) => Some(own.min(most)),
            (own, most) => own.or(most),
        };
        if let Some(time) = time {
            self.ends_after(time);
        }
        let heap = self.vm.heap();
        heap.attributes = options.policy.attributes.as_ref();
        if options.probe.collect_always {
            heap.collect_always(true);
        }
        self.vm.set_plain(options.probe.is_plain);
    }

    /// Let it fail when so much time has passed.
    #[cold]
    fn ends_after(&mut self, time: Duration) {
        let end = Instant::now().checked_add(time);
        let alarm = Box::new(move || end.is_some_and(|end| Instant::now() >= end));
        let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.vm.heap().meter.set_alarm(alarm, milliseconds);
    }

    /// End, and leave the memory to the next render on this thread.
    #[inline(always)]
    pub(crate) fn end(self) {
        Self::leave(self.vm);
    }

    #[inline(never)]
    fn leave(vm: Running<'c>) {
        let spare = vm.into_spare();
        // A thread that ends keeps nothing.
        let _ = SPARE.try_with(|place| place.set(spare));
    }

    /// The whole page, from its beginning to its end.
    #[inline(always)]
    pub(crate) fn whole(&mut self) -> Result<String, Error> {
        let (entry, compiled) = (self.entry, self.template.compiled());
        let vm = &mut *self.vm;
        match asked(|| vm.run_entry(entry, compiled)) {
            Ok(Ok(Stop::Done)) => {}
            stop => self.finish_from(stop?)?,
        }
        self.vm.take_output().map_err(|fault| self.error(fault))
    }

    #[inline(never)]
    fn finish_from(&mut self, stop: Result<Stop, Fault>) -> Result<(), Error> {
        let mut turn = self.after(stop)?;
        while turn != Some(Turn::Done) {
            if turn.is_some() {
                self.must_not_wait()?;
            }
            let stop = self.run()?;
            turn = self.after(stop)?;
        }
        Ok(())
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

    /// Begin one block, the setup of the chain before it.
    pub(crate) fn start_block(&mut self, name: &str) -> Result<(), Error> {
        // Texts of before are for whole pages.
        self.vm.drop_cached_blocks();
        self.plan = Some(Box::new(Plan {
            block: name.to_owned(),
            chain: self.chain()?,
            n_done: 0,
        }));
        self.go_on().map(|_| ())
    }

    /// Begin what the plan says next; false if there is nothing.
    fn go_on(&mut self) -> Result<bool, Error> {
        let Some(plan) = &mut self.plan else {
            return Ok(false);
        };
        if let Some(&id) = plan.chain.get(plan.n_done) {
            plan.n_done += 1;
            let started = self.vm.start_setup(id);
            started.map_err(|fault| self.error(fault))?;
            return Ok(true);
        }
        let Some(plan) = self.plan.take() else {
            return Ok(false);
        };
        let Plan { block, chain, .. } = *plan;
        let started = self.vm.start_block(&chain, &block);
        if !started.map_err(|fault| self.error(fault))? {
            let known = self.vm.block_names(&chain);
            return Err(self.unknown_block(&block, &known));
        }
        self.vm.set_watermark(self.watermark);
        Ok(true)
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
        error.asked_of(self.template.name())
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
                constant: None,
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
            let most = self.shared.bounds(self.is_bounded).0.extends_depth;
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
        while self.turn()? != Turn::Done {
            self.must_not_wait()?;
        }
        self.vm.take_output().map_err(|fault| self.error(fault))
    }

    /// Steps used so far.
    pub(crate) fn steps(&self) -> u64 {
        self.vm.steps()
    }

    /// Ask for pieces of about this size.
    pub(crate) fn set_watermark(&mut self, bytes: usize) {
        self.watermark = bytes;
        // What a setup writes is dropped.
        if self.plan.is_none() {
            self.vm.set_watermark(bytes);
        }
    }

    /// Run to the next piece or the end (`false`).
    pub(crate) fn next_piece(&mut self) -> Result<(String, bool), Error> {
        loop {
            match self.turn()? {
                Turn::Done => return Ok((self.rest()?, false)),
                Turn::Piece => return Ok((self.piece()?, true)),
                Turn::Waiting | Turn::Over => self.must_not_wait()?,
            }
        }
    }

    /// What can be sent, of a render that goes on.
    pub(crate) fn piece(&mut self) -> Result<String, Error> {
        let piece = self.vm.take_piece(self.watermark);
        piece.map_err(|fault| self.error(fault))
    }

    /// What is left at the end.
    pub(crate) fn rest(&mut self) -> Result<String, Error> {
        self.vm.take_output().map_err(|fault| self.error(fault))
    }

    /// Only asynchronous renders wait: others are refused at their start.
    fn must_not_wait(&self) -> Result<(), Error> {
        match self.is_waiting {
            false => Ok(()),
            true => Err(self.error(gravure_vm::async_in_sync(
                &self.template.compiled().chunk.name,
            ))),
        }
    }

    /// Run until something must happen outside.
    pub(crate) fn turn(&mut self) -> Result<Turn, Error> {
        loop {
            let stop = self.run()?;
            if let Some(turn) = self.after(stop)? {
                return Ok(turn);
            }
        }
    }

    /// Do what a stop asks for; `None` if the render is to go on at once.
    fn after(&mut self, stop: Result<Stop, Fault>) -> Result<Option<Turn>, Error> {
        match stop {
            Ok(Stop::Done) => match self.plan.is_some() && self.go_on()? {
                true => Ok(None),
                false => Ok(Some(Turn::Done)),
            },
            Ok(Stop::Piece) => Ok(Some(Turn::Piece)),
            Ok(Stop::Load(request)) => self.answer(&request).map(|()| None),
            Ok(Stop::Await) => {
                self.is_waiting = true;
                Ok(Some(Turn::Waiting))
            }
            Ok(Stop::Quantum) => Ok(Some(Turn::Over)),
            Err(fault) => Err(self.error(fault)),
        }
    }

    /// Let the render stop after so many steps.
    pub(crate) fn begin_turn(&mut self, steps: u64) {
        self.vm.begin_turn(steps);
    }

    /// Begin the turns of an asynchronous render.
    pub(crate) fn begin_turns(&mut self) {
        self.begin_turn(TURN);
    }

    /// Is there what the last turn has ended at?
    pub(crate) fn poll_wait(&mut self, cx: &mut task::Context<'_>) -> Poll<()> {
        if self.is_waiting {
            ready!(self.vm.poll_wait(cx));
            self.is_waiting = false;
        }
        Poll::Ready(())
    }

    /// May what is out be sent while the render waits?
    pub(crate) fn can_send(&mut self) -> bool {
        self.plan.is_none() && self.vm.can_send()
    }

    /// Run to a piece or the end, waiting where it must. Others run now and
    /// then even if nothing is ever waited for: the turns go on from call to
    /// call, since whoever takes pieces may never let go either.
    pub(crate) fn poll_turn(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<Turn, Error>> {
        loop {
            ready!(self.poll_wait(cx));
            match self.turn() {
                Ok(Turn::Waiting) => {}
                Ok(Turn::Over) => {
                    self.begin_turn(TURN);
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                ended => return Poll::Ready(ended),
            }
        }
    }

    /// [`Session::finish`], waiting where it must.
    pub(crate) async fn finish_async(&mut self) -> Result<String, Error> {
        self.begin_turns();
        while poll_fn(|cx| self.poll_turn(cx)).await? != Turn::Done {}
        self.rest()
    }

    /// [`Session::next_piece`], waiting where it must; what is out is not held
    /// back meanwhile.
    pub(crate) fn poll_piece(
        &mut self,
        cx: &mut task::Context<'_>,
    ) -> Poll<Result<(String, bool), Error>> {
        match self.poll_turn(cx) {
            Poll::Ready(Ok(Turn::Done)) => Poll::Ready(self.rest().map(|rest| (rest, false))),
            Poll::Ready(Ok(_)) => Poll::Ready(self.piece().map(|piece| (piece, true))),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending if self.is_waiting && self.can_send() => {
                Poll::Ready(self.piece().map(|piece| (piece, true)))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    /// Run until something must happen here. A panic, of an object of the host
    /// or of our own, ends this render and nothing else.
    fn run(&mut self) -> Result<Result<Stop, Fault>, Error> {
        let vm = &mut *self.vm;
        asked(|| vm.run())
    }

    fn answer(&mut self, request: &LoadRequest) -> Result<(), Error> {
        match self.load(request) {
            Ok(id) => {
                self.vm.loaded(request, id);
                Ok(())
            }
            Err(error) => {
                let fault = match error.code() {
                    Code::RunAsync => gravure_vm::async_in_sync(&request.name),
                    code => Fault::new(code, error.message()).caused_by(Box::new(error)),
                };
                let failed = self.vm.load_failed(fault);
                failed.map_err(|fault| self.error(fault))
            }
        }
    }

    /// Meet a template, unless the render has met it already.
    fn load(&mut self, request: &LoadRequest) -> Result<TemplateId, Error> {
        let owner = self.vm.template(request.owner);
        let owner = owner.map_or("", |owner| &*owner.chunk.name);
        let caller = Some(owner).filter(|name| *name != UNNAMED);
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
        // Of one that waits itself the machine knows.
        if !self.is_async
            && kept.compiled.chunk.first_async.is_none()
            && !self.shared.is_sync(&kept)
        {
            return Err(self.shared.refuse_async(&kept));
        }
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
