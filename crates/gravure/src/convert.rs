//! Host closures as filters, tests and functions.
//!
//! A closure's arguments are converted from the language's values by
//! [`Argument`], its answer by [`IntoAnswer`]; an error names the argument.

use crate::RenderContext;
use gravure_source::Code;
use gravure_value::{
    Args, BigInt, Call, Cost, Data, Fault, HostFn, Identity, Native, Param, ParamKind, Params,
    Quick, Run, Value, guarded,
};
use std::{borrow::Cow, error::Error as StdError, sync::Arc};

/// Why a value is no argument: what would be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgumentError {
    /// What was wanted, such as "a str".
    pub wanted: &'static str,
}

/// A type that a closure can take.
///
/// `Out<'a>` is the type for one lifetime: `&'a str` for every `&str`.
pub trait Argument {
    /// The type with its borrow.
    type Out<'a>;
    /// May the argument be left out?
    const OPTIONAL: bool = false;
    /// Convert; `None` means that nothing was given.
    ///
    /// # Errors
    /// What would do instead.
    fn convert<'a>(data: Option<&'a Data<'static>>) -> Result<Self::Out<'a>, ArgumentError>;
}

macro_rules! arguments {
    ($($type:ty, $wanted:literal, $pattern:pat => $value:expr;)*) => {$(
        impl Argument for $type {
            type Out<'a> = $type;
            fn convert(data: Option<&Data<'static>>) -> Result<$type, ArgumentError> {
                match data {
                    Some($pattern) => $value,
                    _ => None,
                }
                .ok_or(ArgumentError { wanted: $wanted })
            }
        }
    )*};
}

arguments! {
    bool, "a bool", Data::Bool(it) => Some(*it);
    i64, "an int of 64 bits", Data::Int(it) => Some(*it);
    i32, "an int of 32 bits", Data::Int(it) => i32::try_from(*it).ok();
    u32, "an int of 32 bits, not negative", Data::Int(it) => u32::try_from(*it).ok();
    u64, "an int, not negative", Data::Int(it) => u64::try_from(*it).ok();
    usize, "an int, not negative", Data::Int(it) => usize::try_from(*it).ok();
    String, "a str", Data::Str(it) | Data::Safe(it) => Some(it.clone().into_owned());
}

impl Argument for f64 {
    type Out<'a> = f64;
    fn convert(data: Option<&Data<'static>>) -> Result<f64, ArgumentError> {
        match data {
            Some(Data::Float(it)) => Ok(*it),
            Some(Data::Int(it)) => Ok(*it as f64),
            _ => Err(ArgumentError { wanted: "a number" }),
        }
    }
}

impl Argument for BigInt {
    type Out<'a> = BigInt;
    fn convert(data: Option<&Data<'static>>) -> Result<BigInt, ArgumentError> {
        match data {
            Some(Data::Int(it)) => Ok(BigInt::from(*it)),
            Some(Data::Big(it)) => Ok(it.clone()),
            _ => Err(ArgumentError { wanted: "an int" }),
        }
    }
}

impl Argument for &str {
    type Out<'a> = &'a str;
    fn convert<'a>(data: Option<&'a Data<'static>>) -> Result<&'a str, ArgumentError> {
        match data {
            Some(Data::Str(it) | Data::Safe(it)) => Ok(it),
            _ => Err(ArgumentError { wanted: "a str" }),
        }
    }
}

impl Argument for Data<'static> {
    type Out<'a> = Data<'static>;
    fn convert(data: Option<&Data<'static>>) -> Result<Data<'static>, ArgumentError> {
        data.cloned().ok_or(ArgumentError { wanted: "a value" })
    }
}

impl<T: Argument> Argument for Vec<T> {
    type Out<'a> = Vec<T::Out<'a>>;
    fn convert<'a>(data: Option<&'a Data<'static>>) -> Result<Self::Out<'a>, ArgumentError> {
        match data {
            Some(Data::List(items) | Data::Tuple(items)) => {
                items.iter().map(|item| T::convert(Some(item))).collect()
            }
            _ => Err(ArgumentError { wanted: "a list" }),
        }
    }
}

impl<T: Argument> Argument for Option<T> {
    type Out<'a> = Option<T::Out<'a>>;
    const OPTIONAL: bool = true;
    fn convert<'a>(data: Option<&'a Data<'static>>) -> Result<Self::Out<'a>, ArgumentError> {
        match data {
            None | Some(Data::None | Data::Undefined) => Ok(None),
            given => T::convert(given).map(Some),
        }
    }
}

/// What a closure can answer.
pub trait IntoAnswer {
    /// As data, or as the host's own error.
    ///
    /// # Errors
    /// The host's own error.
    fn into_answer(self) -> Result<Data<'static>, Box<dyn StdError + Send + Sync>>;
}

macro_rules! answers {
    ($($type:ty, $it:ident => $data:expr;)*) => {$(
        impl IntoAnswer for $type {
            fn into_answer(self) -> Result<Data<'static>, Box<dyn StdError + Send + Sync>> {
                let $it = self;
                Ok($data)
            }
        }
    )*};
}

answers! {
    (), _it => Data::None;
    bool, it => Data::Bool(it);
    i64, it => Data::Int(it);
    i32, it => Data::Int(it.into());
    u32, it => Data::Int(it.into());
    u64, it => Data::Big(it.into());
    usize, it => Data::Big(it.into());
    f64, it => Data::Float(it);
    BigInt, it => Data::Big(it);
    String, it => Data::Str(it.into());
    &'static str, it => Data::Str(it.into());
    Cow<'static, str>, it => Data::Str(it);
    Data<'static>, it => it;
}

impl<T: IntoAnswer> IntoAnswer for Option<T> {
    fn into_answer(self) -> Result<Data<'static>, Box<dyn StdError + Send + Sync>> {
        self.map_or(Ok(Data::None), T::into_answer)
    }
}

impl<T: IntoAnswer> IntoAnswer for Vec<T> {
    fn into_answer(self) -> Result<Data<'static>, Box<dyn StdError + Send + Sync>> {
        let items: Result<Vec<_>, _> = self.into_iter().map(T::into_answer).collect();
        items.map(Data::List)
    }
}

impl<T: IntoAnswer, E: Into<Box<dyn StdError + Send + Sync>>> IntoAnswer for Result<T, E> {
    fn into_answer(self) -> Result<Data<'static>, Box<dyn StdError + Send + Sync>> {
        self.map_err(Into::into)?.into_answer()
    }
}

/// A closure that templates can call. `Args` is the tuple of its arguments;
/// one that asks for a [`RenderContext`] gets it before them.
pub trait HostFunction<Args>: Send + Sync + 'static {
    /// Which arguments may be left out.
    #[doc(hidden)]
    fn optional() -> &'static [bool];
    /// Convert, call, convert.
    #[doc(hidden)]
    fn answer(
        &self,
        render: &RenderContext<'_>,
        args: &[Option<Data<'static>>],
    ) -> Result<Data<'static>, HostError>;
}

/// The arguments of a closure that asks for the render first.
#[doc(hidden)]
pub struct WithRender<Args>(std::marker::PhantomData<fn(Args)>);

/// Why a call of a closure gave no answer.
#[doc(hidden)]
pub enum HostError {
    /// The argument at this place is not what the closure takes.
    Argument(usize, ArgumentError),
    /// The closure's own error.
    Own(Box<dyn StdError + Send + Sync>),
}

macro_rules! closures {
    ($($arg:ident $at:tt),*) => {
        #[allow(non_snake_case)]
        impl<F, R, $($arg),*> HostFunction<($($arg,)*)> for F
        where
            F: Fn($($arg),*) -> R + for<'a> Fn($($arg::Out<'a>),*) -> R + Send + Sync + 'static,
            $($arg: Argument,)*
            R: IntoAnswer,
        {
            fn optional() -> &'static [bool] {
                const { &[$($arg::OPTIONAL),*] }
            }

            fn answer(
                &self,
                _: &RenderContext<'_>,
                args: &[Option<Data<'static>>],
            ) -> Result<Data<'static>, HostError> {
                $(let $arg = $arg::convert(args.get($at).and_then(Option::as_ref))
                    .map_err(|error| HostError::Argument($at, error))?;)*
                let _ = args;
                (self)($($arg),*).into_answer().map_err(HostError::Own)
            }
        }

        #[allow(non_snake_case)]
        impl<F, R, $($arg),*> HostFunction<WithRender<($($arg,)*)>> for F
        where
            F: Fn(&RenderContext<'_>, $($arg),*) -> R
                + for<'a> Fn(&RenderContext<'_>, $($arg::Out<'a>),*) -> R
                + Send
                + Sync
                + 'static,
            $($arg: Argument,)*
            R: IntoAnswer,
        {
            fn optional() -> &'static [bool] {
                const { &[$($arg::OPTIONAL),*] }
            }

            fn answer(
                &self,
                render: &RenderContext<'_>,
                args: &[Option<Data<'static>>],
            ) -> Result<Data<'static>, HostError> {
                $(let $arg = $arg::convert(args.get($at).and_then(Option::as_ref))
                    .map_err(|error| HostError::Argument($at, error))?;)*
                let _ = args;
                (self)(render, $($arg),*).into_answer().map_err(HostError::Own)
            }
        }
    };
}

closures!();
closures!(A 0);
closures!(A 0, B 1);
closures!(A 0, B 1, C 2);
closures!(A 0, B 1, C 2, D 3);
closures!(A 0, B 1, C 2, D 3, E 4);

/// What a closure is offered as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    Filter,
    Test,
    Function,
}

impl Role {
    /// The code of the closure's own errors.
    fn code(self) -> Code {
        match self {
            Role::Filter => Code::RunFilter,
            Role::Test => Code::RunTest,
            Role::Function => Code::RunValue,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Role::Filter => "filter",
            Role::Test => "test",
            Role::Function => "function",
        }
    }
}

struct Closure<F, Args> {
    name: Box<str>,
    role: Role,
    run: F,
    args: std::marker::PhantomData<fn(Args)>,
}

/// A closure as a native.
pub(crate) fn host_native<F, Args>(name: &str, role: Role, run: F) -> Native
where
    F: HostFunction<Args>,
    Args: 'static,
{
    let list: Vec<Param> = F::optional()
        .iter()
        .map(|&optional| Param {
            name: "",
            kind: match optional {
                true => ParamKind::OptionalPositional,
                false => ParamKind::Positional,
            },
        })
        .collect();
    Native {
        name: name.to_owned().into(),
        identity: Identity::Unversioned,
        params: Params {
            list: Cow::Owned(list),
            rest: false,
            named_rest: false,
        },
        cost: Cost::Input,
        run: Run::Host(Arc::new(Closure::<F, Args> {
            name: name.into(),
            role,
            run,
            args: std::marker::PhantomData,
        })),
        write: None,
        quick: Quick::None,
    }
}

impl<F, A> HostFn for Closure<F, A>
where
    F: HostFunction<A>,
    A: 'static,
{
    fn run<'c>(&self, call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
        let mut data = Vec::with_capacity(args.values.len());
        for &value in args.values {
            data.push(match value {
                Value::Unset => None,
                value => Some(call.heap().export(value)?),
            });
        }
        let (word, name) = (self.role.word(), &self.name);
        let render = RenderContext::new(call);
        let answer = match guarded(|| self.run.answer(&render, &data)) {
            Ok(answer) => answer,
            Err(_) => return Err(Fault::value(format!("{word} `{name}` panicked"))),
        };
        match answer {
            Ok(data) => call.heap().import(data),
            Err(HostError::Argument(at, error)) => Err(Fault::kind(format!(
                "argument {} of {word} `{name}` must be {}",
                at + 1,
                error.wanted
            ))),
            Err(HostError::Own(error)) => {
                let message = format!("{word} `{name}` failed: {error}");
                Err(Fault::new(self.role.code(), message).caused_by(error))
            }
        }
    }
}
