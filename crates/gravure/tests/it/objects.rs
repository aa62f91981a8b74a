//! Objects of the host: derived ones, ones written by hand, and contexts that
//! are made of them.

use gravure::{
    AsData, Bindings, ContextRef, Data, Environment, Error, Object, SharedObject, context,
    loader::MapLoader,
};
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

#[derive(Object)]
struct Shop<'s> {
    title: &'s str,
    orders: Vec<Order>,
    owner: Option<Box<Person>>,
    rates: BTreeMap<String, f64>,
    stock: HashMap<&'static str, u64>,
    extra: serde_json::Value,
    #[object(rename = "class")]
    kind: Cow<'s, str>,
    #[object(skip)]
    #[allow(dead_code, reason = "it is here to be skipped")]
    secret: NotForTemplates,
}

struct NotForTemplates;

#[derive(Object)]
struct Order {
    id: u32,
    buyer: Arc<Person>,
    items: Vec<Item>,
    note: Option<String>,
    r#type: char,
}

#[derive(Object)]
#[object(rename = "Human")]
struct Person {
    name: String,
    age: Option<u8>,
}

#[derive(Object)]
struct Item {
    label: &'static str,
    price: f64,
    is_gift: bool,
}

/// Lists that are read in place, of all sorts.
#[derive(Object)]
struct Lists {
    table: Vec<Vec<i64>>,
    words: VecDeque<String>,
    pair: [Option<&'static str>; 2],
    halves: Vec<f64>,
    wide: Vec<u64>,
    people: Vec<Arc<Person>>,
    json: Vec<serde_json::Value>,
    none: Vec<bool>,
    #[object(optional)]
    missing: Option<String>,
    #[object(optional)]
    given: Option<Vec<i64>>,
    null: Option<String>,
}

fn lists() -> Lists {
    let person = |name: &str| {
        Arc::new(Person {
            name: name.to_owned(),
            age: None,
        })
    };
    Lists {
        table: vec![vec![3, 1], vec![], vec![2]],
        words: ["b", "a<", "c"].map(str::to_owned).into(),
        pair: [Some("x"), None],
        halves: vec![0.5, -1.5],
        wide: vec![1, u64::MAX],
        people: vec![person("Ada"), person("Bob"), person("Cy")],
        json: vec![serde_json::json!({"n": 1}), serde_json::json!(null)],
        none: Vec::new(),
        missing: None,
        given: Some(vec![1, 2]),
        null: None,
    }
}

#[derive(Object)]
struct Page<T, const N: usize> {
    parts: [T; N],
}

fn shop() -> Shop<'static> {
    let person = |name: &str, age| Person {
        name: name.to_owned(),
        age,
    };
    let item = |label, price, is_gift| Item {
        label,
        price,
        is_gift,
    };
    let ada = Arc::new(person("Ada <3", Some(36)));
    Shop {
        title: "Ink & Paper",
        orders: vec![
            Order {
                id: 7,
                buyer: ada.clone(),
                items: vec![item("ink", 2.5, false), item("pen", 10.0, true)],
                note: Some("soon".to_owned()),
                r#type: 'a',
            },
            Order {
                id: 9,
                buyer: ada,
                items: Vec::new(),
                note: None,
                r#type: 'b',
            },
        ],
        owner: Some(Box::new(person("Bob", None))),
        rates: BTreeMap::from([("b".to_owned(), 0.5), ("a".to_owned(), 1.0)]),
        stock: HashMap::from([("pen", 3), ("ink", u64::MAX), ("box", 0)]),
        extra: serde_json::json!({"deep": [{"n": 1}]}),
        kind: Cow::Borrowed("corner"),
        secret: NotForTemplates,
    }
}

fn render<'a>(template: &str, context: impl Into<ContextRef<'a>>) -> Result<String, Error> {
    Environment::new().from_string(template)?.render(context)
}

/// A template over the shop.
#[track_caller]
fn check(template: &str, expected: &str) {
    let page = render(template, &shop()).unwrap_or_else(|error| panic!("{template}\n{error:#}"));
    assert_eq!(page, expected, "{template}");
}

/// A template over the shop that fails: code and suggestion.
#[track_caller]
fn check_error(template: &str, code: &str, suggestion: Option<&str>) {
    let error = render(template, &shop()).unwrap_err();
    let found = (error.code().as_str(), error.suggestion());
    assert_eq!(
        (found.0, found.1.as_deref()),
        (code, suggestion),
        "{error:#}"
    );
}

#[test]
fn lists_in_place_are_lists() {
    for (template, expected) in [
        (
            "{% for row in table %}<{% for cell in row %}[{{ cell }}]{% end %}>{% end %}",
            "<[3][1]><><[2]>",
        ),
        (
            "{% for word in words %}{{ loop.index }}/{{ loop.length }}{{ loop.previtem }}{{ word }}\
             {{ loop.nextitem }}{% if loop.last %}.{% end %} {% end %}",
            "1/3ba&lt; 2/3ba&lt;c 3/3a&lt;c. ",
        ),
        (
            "{{ table }} {{ words }} {{ pair }}",
            "[[3, 1], [], [2]] [&#39;b&#39;, &#39;a&lt;&#39;, &#39;c&#39;] [&#39;x&#39;, None]",
        ),
        (
            "{{ halves | sum }} {{ halves | join('|') }}",
            "-1.0 0.5|-1.5",
        ),
        (
            "{{ wide[1] }} {{ wide | length }}",
            "18446744073709551615 2",
        ),
        (
            "{{ people[-1].name }} {{ people[1:] | map(attribute='name') | join(' ') }}",
            "Cy Bob Cy",
        ),
        (
            "{% for p in people | reverse %}{{ p.name }} {% end %}",
            "Cy Bob Ada ",
        ),
        ("{{ json[0].n }} {{ json[1] is none }}", "1 True"),
        (
            "{{ 'b' in words }} {{ 'z' in words }} {{ [3, 1] in table }}",
            "True False True",
        ),
        (
            "{{ table[0] == [3, 1] }} {{ table[0] < table[2] }} {{ (table[0] + [9]) | length }}",
            "True False 3",
        ),
        (
            "{{ table[0] | sort }} {{ words | first }} {{ words | last }}",
            "[1, 3] b c",
        ),
        (
            "{{ table is sequence }} {{ table is mapping }} {{ table | typeof }}",
            "True False list",
        ),
        (
            "{% if none %}some{% else %}nothing{% end %} {{ none | length }}",
            "nothing 0",
        ),
        ("{% for a, b in [table[0]] %}{{ a }}{{ b }}{% end %}", "31"),
        ("{{ table | tojson }}", "[[3, 1], [], [2]]"),
        ("{{ table is sameas(table) }}", "True"),
        (
            "{% set c = table.copy() %}{% set _ = c.append([1]) %}{{ c | length }} {{ table | length }}",
            "4 3",
        ),
    ] {
        let page = render(template, &lists());
        let page = page.unwrap_or_else(|error| panic!("{template}\n{error:#}"));
        assert_eq!(page, expected, "{template}");
    }
    for (template, code) in [
        ("{{ table[7] }}", "K-RUN-007"),
        ("{{ words.nope }}", "K-RUN-001"),
        ("{% set _ = table.append([1]) %}", "K-RUN-021"),
    ] {
        let error = render(template, &lists()).unwrap_err();
        assert_eq!(error.code().as_str(), code, "{template}\n{error:#}");
    }
}

#[test]
fn a_field_may_be_optional() {
    for (template, expected) in [
        ("{{ missing | default('-') }} {{ missing ?? '-' }}", "- -"),
        (
            "{{ missing is defined }} {{ given is defined }}",
            "False True",
        ),
        ("{{ given | last }} {{ given is defined }}", "2 True"),
    ] {
        let lists = lists();
        assert_eq!(render(template, &lists).unwrap(), expected, "{template}");
        let context = Bindings::new().lend("it", &lists);
        let template = template
            .replace("missing", "it.missing")
            .replace("given", "it.given");
        assert_eq!(render(&template, &context).unwrap(), expected, "{template}");
    }
    assert_eq!(render("{{ null | default('-') }}", &lists()).unwrap(), "-");
    let error = render("{{ missing }}", &lists()).unwrap_err();
    assert_eq!(error.code().as_str(), "K-RUN-001");
    let lists = lists();
    let context = Bindings::new().lend("it", &lists);
    assert_eq!(render("[{{ it.null }}]", &context).unwrap(), "[]");
    let error = render("{{ it.missing }}", &context).unwrap_err();
    assert_eq!(error.code().as_str(), "K-RUN-001");
}

#[test]
fn fields_are_attributes_however_deep() {
    check("{{ title }} {{ class }}", "Ink &amp; Paper corner");
    check(
        "{% for o in orders %}{{ loop.index }}:{{ o.id }}/{{ o.type }} {{ o.buyer.name }}\
         {% for i in o.items %} {{ i.label }}={{ i.price }}{% if i.is_gift %}*{% end %}\
         {% empty %} nothing{% end %};{% end %}",
        "1:7/a Ada &lt;3 ink=2.5 pen=10.0*;2:9/b Ada &lt;3 nothing;",
    );
    check(
        "{{ orders[0].items[-1].label }} {{ orders | length }}",
        "pen 2",
    );
    check(
        "{{ orders[0].items | map(attribute='label') | join(',') }}",
        "ink,pen",
    );
    check(
        "{{ orders | sort(attribute='id', reverse=true) | map(attribute='id') | list }}",
        "[9, 7]",
    );
    check("{{ owner.name }} {{ extra.deep[0].n }}", "Bob 1");
}

#[test]
fn maps_are_dicts_in_the_order_of_their_keys() {
    check(
        "{% for k, v in rates.items() %}{{ k }}{{ v }} {% end %}",
        "a1.0 b0.5 ",
    );
    check(
        "{{ stock }}",
        "{&#39;box&#39;: 0, &#39;ink&#39;: 18446744073709551615, &#39;pen&#39;: 3}",
    );
    check(
        "{{ stock.pen }} {{ stock['box'] }} {{ 'ink' in stock }}",
        "3 0 True",
    );
}

#[test]
fn absent_options_print_nothing() {
    check("[{{ orders[1].note }}]", "[]");
    check("[{{ owner.age }}][{{ orders[0].buyer.age }}]", "[][36]");
    check(
        "{{ orders[1].note ?? 'none' }}|{% if orders[1].note %}yes{% else %}no{% end %}",
        "|no",
    );
    let nobody = Shop {
        owner: None,
        ..shop()
    };
    assert_eq!(
        render("[{{ owner }}][{{ owner?.name }}]", &nobody).unwrap(),
        "[None][]"
    );
}

#[test]
fn an_object_says_what_it_is() {
    check("{{ owner }} {{ owner | typeof }}", "&lt;Human&gt; Human");
    check(
        "{{ orders[0] is defined }} {{ 'x' if orders[0] else 'y' }}",
        "True x",
    );
    check("{{ orders[0].buyer is sameas(orders[1].buyer) }}", "True");
}

#[test]
fn a_missing_attribute_is_told_with_what_was_meant() {
    check_error("{{ owner.nam }}", "K-RUN-001", Some("name"));
    check_error("{{ orders[0].buyer.agee }}", "K-RUN-001", Some("age"));
    check_error("{{ owner.zzzzzz }}", "K-RUN-001", None);
    check_error("{{ orders[0].buyers }}", "K-RUN-001", Some("buyer"));
    check_error("{{ orders[0].buyer.secret }}", "K-RUN-001", None);
    check(
        "{{ owner.zzz is defined }} {{ owner.zzz ?? 'x' }}",
        "False x",
    );
}

#[test]
fn what_an_object_cannot_do_is_an_error() {
    check_error("{{ owner['name'] }}", "K-RUN-009", None);
    check_error("{% for x in owner %}{% end %}", "K-RUN-012", None);
    check_error("{{ owner.rename() }}", "K-RUN-001", Some("name"));
    check_error("{% set _ = orders.append(1) %}", "K-RUN-021", None);
}

#[test]
fn a_struct_may_be_generic() {
    let page = Page {
        parts: [Some(shop().orders), None],
    };
    assert_eq!(
        render("{{ parts[0][1].id }}{{ parts[1] }}", &page).unwrap(),
        "9None"
    );
}

#[test]
fn every_way_of_rendering_takes_objects() {
    let shop = shop();
    let environment = Environment::with_loader(MapLoader::from([
        (
            "base.html",
            "<{% block body %}{% end %}>{% include 'part.html' %}",
        ),
        (
            "page.html",
            "{% extends 'base.html' %}{% block body %}{{ title }}{% end %}",
        ),
        ("part.html", "{{ orders[0].id }}"),
    ]));
    let page = environment.get_template("page.html").unwrap();
    let expected = "<Ink &amp; Paper>7";
    let object: &dyn Object = &shop;
    assert_eq!(page.render(&shop).unwrap(), expected);
    assert_eq!(page.render(object).unwrap(), expected);
    assert_eq!(page.render(ContextRef::from(object)).unwrap(), expected);
    let pieces: Result<String, _> = page.render_stream(&shop).collect();
    assert_eq!(pieces.unwrap(), expected);
    assert_eq!(page.render_block("body", &shop).unwrap(), "Ink &amp; Paper");
}

/// Counts what is asked of it.
#[derive(Default)]
struct Counting {
    calls: AtomicUsize,
}

impl Counting {
    fn count(&self) -> i64 {
        self.calls.fetch_add(1, Ordering::Relaxed) as i64 + 1
    }
}

impl Object for Counting {
    fn attr<'a>(&'a self, name: &str) -> Option<Data<'a>> {
        match name {
            "slow" => {
                self.count();
                Some("done".as_data())
            }
            "quick" => Some(Data::Int(1)),
            _ => None,
        }
    }

    fn attrs(&self) -> Vec<&str> {
        vec!["slow", "quick"]
    }

    fn items<'a>(&'a self) -> Option<Vec<Data<'a>>> {
        Some(vec![Data::from("a"), Data::Object(self)])
    }

    fn item<'a>(&'a self, key: &Data<'_>) -> Option<Data<'a>> {
        match key {
            Data::Int(at) => Some(Data::from(at * 2)),
            Data::Str(name) => self.attr(name),
            _ => None,
        }
    }

    fn call<'a>(
        &'a self,
        name: &str,
        args: &[Data<'_>],
    ) -> Option<Result<Data<'a>, gravure::Fault>> {
        match (name, args) {
            ("next", []) => Some(Ok(self.count().into())),
            ("add", [Data::Int(lhs), Data::Int(rhs)]) => Some(Ok((lhs + rhs).into())),
            ("add", _) => Some(Err(gravure::Fault::value("add takes two ints"))),
            _ => None,
        }
    }

    fn print(&self) -> String {
        "a <counter>".to_owned()
    }

    fn is_truthy(&self) -> bool {
        false
    }
}

impl AsData for Counting {
    fn as_data(&self) -> Data<'_> {
        Data::Object(self)
    }
}

/// A template over a counter `c`: the page, and how often it was counted.
#[track_caller]
fn check_counted(template: &str, expected: &str, n_calls: usize) {
    let counter = Counting::default();
    let page = render(template, &Bindings::new().lend("c", &counter));
    let page = page.unwrap_or_else(|error| panic!("{template}\n{error:#}"));
    assert_eq!(page, expected, "{template}");
    assert_eq!(counter.calls.load(Ordering::Relaxed), n_calls, "{template}");
}

#[test]
fn attributes_are_computed_only_when_they_are_read() {
    check_counted("{{ c.quick }}", "1", 0);
    check_counted("{{ c.slow }}", "done", 1);
    check_counted(
        "{% if false %}{{ c.slow }}{% end %}{{ c }}",
        "a &lt;counter&gt;",
        0,
    );
    check_counted("{% let s = c.slow %}{{ s }}{{ s }}", "donedone", 1);
    check_counted("{{ c.quick or c.slow }}", "1", 0);
}

#[test]
fn an_object_decides_about_items_and_truth() {
    check_counted(
        "{% for x in c %}{{ x }},{% end %}",
        "a,a &lt;counter&gt;,",
        0,
    );
    check_counted("{{ c[21] }} {{ c['quick'] }} {{ c | length }}", "42 1 2", 0);
    check_counted(
        "{{ 'yes' if c else 'no' }} {{ 'a' in c }} {{ 'b' in c }}",
        "no True False",
        0,
    );
}

#[test]
fn methods_are_called_with_data() {
    check_counted("{{ c.next() }}{{ c.next() }}", "12", 2);
    check_counted("{{ c.add(2, 40) }}", "42", 0);
    let counter = Counting::default();
    let context = Bindings::new().lend("c", &counter);
    let error = render("\n{{ c.add('x') }}", &context).unwrap_err();
    assert_eq!(
        (error.code().as_str(), error.line()),
        ("K-RUN-007", Some(2))
    );
    let error = render("{{ c.nothing() }}", &context).unwrap_err();
    assert_eq!(error.code().as_str(), "K-RUN-001");
    let error = render("{{ c.add(lhs=1, rhs=2) }}", &context).unwrap_err();
    assert_eq!(error.code().as_str(), "K-RUN-012");
}

/// A session that a host function hands out.
#[derive(Debug)]
struct Session {
    user: String,
}

impl SharedObject for Session {
    fn attr(&self, name: &str) -> Option<Data<'static>> {
        (name == "user").then(|| Data::from(self.user.clone()))
    }

    fn items(&self) -> Option<Vec<Data<'static>>> {
        Some(vec![Data::from(1), Data::from(2)])
    }

    fn call(&self, name: &str, args: &[Data<'_>]) -> Option<Result<Data<'static>, gravure::Fault>> {
        (name == "allows").then(|| Ok(Data::Bool(matches!(args, [Data::Str(it)] if it == "read"))))
    }

    fn type_name(&self) -> &str {
        "session"
    }
}

#[test]
fn a_host_function_hands_out_objects() {
    let mut environment = Environment::new();
    environment.add_function("session", |user: &str| {
        Data::from(Arc::new(Session {
            user: user.to_owned(),
        }))
    });
    for (template, expected) in [
        ("{{ session('<Ada>').user }}", "&lt;Ada&gt;"),
        (
            "{% let s = session('Ada') %}{{ s.user }} {{ s.allows('read') }} {{ s.allows('write') }}",
            "Ada True False",
        ),
        (
            "{{ session('Ada') }} {{ session('Ada') | typeof }}",
            "&lt;session&gt; session",
        ),
        ("{% for x in session('Ada') %}{{ x }}{% end %}", "12"),
        ("{{ [session('Ada')][0].user }}", "Ada"),
    ] {
        let page = environment.from_string(template).unwrap();
        assert_eq!(page.render(&context! {}).unwrap(), expected, "{template}");
    }
    let page = environment.from_string("{{ session('Ada').usr }}").unwrap();
    let error = page.render(&context! {}).unwrap_err();
    assert_eq!(error.code().as_str(), "K-RUN-001");
}

#[test]
fn bindings_lend_and_give() {
    let shop = shop();
    let json = serde_json::json!({"theme": "dark"});
    let list = vec!["a", "b"];
    let text = String::from("<lent>");
    let context = Bindings::new()
        .lend("shop", &shop)
        .lend("settings", &json)
        .lend("list", &list)
        .lend("text", &text)
        .give("n", 1)
        .give("n", 2)
        .give("made", format!("{}!", "<made>"))
        .give("safe", Data::Safe("<b>".into()))
        .give("any", Data::Object(&shop.orders[0]))
        .give("session", Arc::new(Session { user: "Ada".into() }));
    for (template, expected) in [
        ("{{ shop.orders[0].id }} {{ any.id }}", "7 7"),
        (
            "{{ settings.theme }} {{ list | join }} {{ text }}",
            "dark ab &lt;lent&gt;",
        ),
        ("{{ n }} {{ made }} {{ safe }}", "2 &lt;made&gt;! <b>"),
        ("{{ session.user }}", "Ada"),
        ("{{ other is defined }} {{ other ?? 'x' }}", "False x"),
        ("{% set n = n + 1 %}{{ n }}", "3"),
    ] {
        assert_eq!(render(template, &context).unwrap(), expected, "{template}");
    }
    assert!(format!("{context:?}").starts_with("Bindings{\"shop\", \"settings\""));
    let outer = Bindings::new().lend("inner", &context);
    assert_eq!(
        render("{{ inner.shop.title }}", &outer).unwrap(),
        "Ink &amp; Paper"
    );
}

#[test]
fn a_context_that_is_an_object_is_asked_by_name() {
    let counter = Counting::default();
    let object: &dyn Object = &counter;
    assert_eq!(
        render("{{ quick }}{% if false %}{{ slow }}{% end %}", object).unwrap(),
        "1"
    );
    assert_eq!(counter.calls.load(Ordering::Relaxed), 0);
    assert_eq!(render("{{ slow }}", object).unwrap(), "done");
    // Whether there is such a name, and what it is, may be two questions.
    let n_calls = counter.calls.load(Ordering::Relaxed);
    assert!((1..=2).contains(&n_calls), "{n_calls}");
    assert_eq!(render("{{ range(2) | list }}", object).unwrap(), "[0, 1]");
    let error = render("{{ slwo }}", object).unwrap_err();
    assert_eq!(error.code().as_str(), "K-RUN-001");
}

#[test]
fn embedded_templates_are_found_by_their_names() {
    let loader = gravure::embed_templates!("tests/embedded");
    let environment = Environment::with_loader(loader);
    assert_eq!(
        environment.list_templates().unwrap(),
        ["mail/hello.txt", "page.html"]
    );
    assert_eq!(
        environment.render("page.html", &shop()).unwrap(),
        "<h1>Ink &amp; Paper</h1>\nHello Bob\n"
    );
    assert_eq!(
        environment
            .get_template("../it/main.rs")
            .unwrap_err()
            .code()
            .as_str(),
        "K-TPL-001"
    );
}

struct Launch;

impl gravure::Object for Launch {
    fn attr<'a>(&'a self, _: &str) -> Option<gravure::Data<'a>> {
        None
    }

    fn moment(&self) -> Option<gravure::Moment> {
        Some(gravure::Moment {
            unix_seconds: 1_718_452_800,
            offset: Some(7_200),
            zone: "CEST".to_owned(),
            ..gravure::Moment::default()
        })
    }
}

#[test]
fn an_object_that_is_a_moment_is_shown_by_date() {
    let environment = gravure::Environment::new();
    let source = "{{ at | date }} {{ at | date('%H:%M %Z %z') }} {{ 'no date' | date }}.";
    let template = environment.from_string(source).unwrap();
    let data = gravure::Bindings::new().give("at", gravure::Data::Object(&Launch));
    let page = template.render(&data as &dyn gravure::Object).unwrap();
    assert_eq!(page, "2024-06-15 14:00 CEST +0200 .");
}

#[test]
fn a_caught_error_of_the_host_has_the_type_that_the_host_sees() {
    let mut environment = gravure::Environment::new();
    environment.add_function("fails", || Err::<i64, _>(std::io::Error::other("no luck")));
    let source = "{% try %}{{ fails() }}{% fallback e %}{{ e.type }} {{ e.code }}{% end %}";
    let caught = environment.from_string(source).unwrap();
    let page = caught.render(&gravure::context! {}).unwrap();
    let bare = environment.from_string("{{ fails() }}").unwrap();
    let error = bare.render(&gravure::context! {}).unwrap_err();
    assert_eq!(page, format!("{} {}", error.type_name(), error.code()));
    assert_eq!(page, "TemplateRuntimeError K-RUN-007");
}

#[test]
fn large_maps_among_names_and_values_keep_their_keys() {
    let large: BTreeMap<String, usize> = (0..40).map(|n| (format!("k{n}"), n)).collect();
    let by_hand = context! { first => 1, large => &large, second => &large };
    let page = render(
        "{{ large.k7 }} {{ second.k39 }} {{ second['k0'] }} {{ 'k8' in large }}",
        &by_hand,
    );
    assert_eq!(page.unwrap(), "7 39 0 True");
}
