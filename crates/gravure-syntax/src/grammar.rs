//! The grammar, and what its rules are called when people are spoken to.

// The derive writes an enum without doc comments for its generated rules.
#![allow(missing_docs)]

use pest_derive::Parser;

/// The recognizer made from `gravure.pest`.
#[derive(Parser)]
#[grammar = "gravure.pest"]
pub(crate) struct Recognizer;

/// How a reader would call what a rule stands for; none if naming it would not
/// help. Exhaustive, so that a new rule without a name does not compile.
pub(crate) fn human_name(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::output
        | Rule::condition_tag
        | Rule::for_tag
        | Rule::match_tag
        | Rule::case_tag
        | Rule::set_tag
        | Rule::export_tag
        | Rule::capture_tag
        | Rule::with_tag
        | Rule::def_tag
        | Rule::call_tag
        | Rule::slot_tag
        | Rule::yield_tag
        | Rule::import_tag
        | Rule::from_tag
        | Rule::extends_tag
        | Rule::block_tag
        | Rule::fragment_tag
        | Rule::include_tag
        | Rule::embed_tag
        | Rule::template_tag
        | Rule::provide_tag
        | Rule::list_tag
        | Rule::fallback_tag
        | Rule::cache_tag
        | Rule::filter_tag
        | Rule::trans_tag
        | Rule::bare_tag => return None,
        Rule::assignments | Rule::assignment | Rule::binding => "`name = value`",
        Rule::assign => "`=`",
        Rule::unpacking | Rule::targets | Rule::for_targets | Rule::inner_targets => "a name",
        Rule::target | Rule::target_name | Rule::slot_name | Rule::hyphenated_name => "a name",
        Rule::target_group => "`(`",
        Rule::tuple | Rule::pattern | Rule::expression | Rule::expr0 | Rule::or_expr => "a value",
        Rule::conditional | Rule::comparison | Rule::operand | Rule::primary => "a value",
        Rule::sign | Rule::NOT => return None,
        Rule::parameter_list => "`(`",
        Rule::slot_binding => "`let:name`",
        Rule::from_item => "a name",
        Rule::with_context => "`with context`",
        Rule::context_choice => "`with context` or `without context`",
        Rule::ignore_missing => "`ignore missing`",
        Rule::modifier => "`key=value`",
        Rule::modifier_value => "a literal",
        Rule::declaration => "`name: type`",
        Rule::list_name => "a text literal",
        Rule::applied_filter | Rule::filter_name => "the name of a filter",
        Rule::attribute => "`.name`",
        Rule::attribute_name => "the name of an attribute",
        Rule::subscript => "`[`",
        Rule::call => "`(`",
        Rule::filter => "a filter",
        Rule::test | Rule::test_name => "a test",
        Rule::operator | Rule::joint | Rule::not_in | Rule::identity => "an operator",
        Rule::parens | Rule::list | Rule::dict | Rule::dict_entry | Rule::subscripts => "a value",
        Rule::arguments | Rule::argument | Rule::argument_name => "a value",
        Rule::comprehension | Rule::FOR => "`for`",
        Rule::parameters | Rule::parameter | Rule::parameter_name => "the name of a parameter",
        Rule::annotation => "`: type`",
        Rule::annotated_type | Rule::type_name | Rule::types => "the name of a type",
        Rule::type_arguments => "`[`",
        Rule::EOI => return None,
        Rule::ASSIGN => "`=`",
        Rule::COMMA => "`,`",
        Rule::COLON => "`:`",
        Rule::PIPE | Rule::PIPE_TOKEN | Rule::PIPELINE | Rule::SAFE_PIPE | Rule::SAFE_PIPELINE => {
            "`|`"
        }
        Rule::COALESCE => "`??`",
        Rule::IN | Rule::IN_TOKEN => "`in`",
        Rule::IF => "`if`",
        Rule::ELSE => "`else`",
        Rule::AS => "`as`",
        Rule::IMPORT => "`import`",
        Rule::CONTEXT => "`context`",
        Rule::MISSING => "`missing`",
        Rule::LET => "`let`",
        Rule::WORD => "a name",
        Rule::CONSTANT | Rule::STRING | Rule::NUMBER => "a literal",
        Rule::ROUND => "`(`",
        Rule::SQUARE | Rule::QUESTION_SQUARE => "`[`",
        Rule::CURLY => "`{`",
        // Tokens that no finding ever misses: they begin what they belong to.
        Rule::COALESCE_ASSIGN
        | Rule::IS
        | Rule::AWAIT
        | Rule::QUESTION_DOT
        | Rule::POWER
        | Rule::FLOOR
        | Rule::EQUAL
        | Rule::DIFFERENT
        | Rule::LESS_EQUAL
        | Rule::GREATER_EQUAL
        | Rule::DOTS
        | Rule::ELLIPSIS
        | Rule::AND
        | Rule::OR
        | Rule::BY
        | Rule::WITH
        | Rule::WITHOUT
        | Rule::IGNORE
        | Rule::ELIF
        | Rule::UNLESS
        | Rule::WHILE
        | Rule::ASYNC
        | Rule::MATCH
        | Rule::CASE
        | Rule::SET
        | Rule::EXPORT
        | Rule::CAPTURE
        | Rule::DEF
        | Rule::REGION
        | Rule::CALL
        | Rule::SLOT
        | Rule::YIELD
        | Rule::FROM
        | Rule::EXTENDS
        | Rule::BLOCK
        | Rule::FRAGMENT
        | Rule::INCLUDE
        | Rule::EMBED
        | Rule::TEMPLATE
        | Rule::PROVIDE
        | Rule::ONTO
        | Rule::STACK
        | Rule::FALLBACK
        | Rule::CACHE
        | Rule::FILTER
        | Rule::TRANS
        | Rule::BARE => return None,
    })
}
