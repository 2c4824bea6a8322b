"""Kotlin: from the kinds of its syntax tree to nodes."""

from __future__ import annotations

from deplint.code.source_nodes import (
    STATEMENT,
    Argument,
    Assign,
    Block,
    Call,
    Choice,
    Class,
    Declare,
    Function,
    Importing,
    Index,
    Literal,
    Loop,
    Member,
    Name,
    Node,
    Operation,
    Other,
    Return,
)
from deplint.code.source_tree import (
    Grammar,
    Raw,
    binary,
    block,
    boolean,
    dotted,
    loop,
    name,
    null,
    number,
    numeral,
    other,
    pattern,
    spread,
    string,
    this,
    unary,
    unescape,
)

_INFIX = {"shl": "<<", "shr": ">>", "and": "&", "or": "|", "xor": "^"}


def _string(raw: Raw) -> Node:
    """The parser names the interpolations but not all of the text between them."""
    text, start = raw.text, raw.syntax.range().start.index
    quotes = 3 if text.startswith('"""') else 1
    parts: list[str | Node] = []
    position = quotes
    for kid in raw.kids:
        extent = kid.syntax.range()
        if kid.kind.endswith("_start"):
            parts.append(text[position : extent.start.index - start])
        elif kid.kind in ("interpolated_expression", "interpolated_identifier"):
            parts.append(kid.some())
        if kid.kind != "string_content":
            position = extent.end.index - start
    parts.append(text[position : max(len(text) - quotes, position)])
    return string(raw, parts if quotes == 3 else [unescape(p) if isinstance(p, str) else p for p in parts])


def _long(raw: Raw) -> Node:
    return Literal(raw.syntax, numeral(raw.text))


def _navigation(raw: Raw) -> Node:
    return _suffixed(raw, raw.kids[0].some(), raw.kids[1])


def _suffixed(raw: Raw, object: Node, suffix: Raw) -> Node:
    if suffix.kind == "navigation_suffix":
        return Member(raw.syntax, object, suffix.kids[-1].text)
    return Index(raw.syntax, [object, *suffix.nodes])


def _assignable(raw: Raw) -> Node:
    return _suffixed(raw, raw.kids[0].some(), raw.kids[1]) if len(raw.kids) == 2 else raw.kids[0].some()


def _argument(raw: Raw) -> Argument:
    named = len(raw.kids) == 2 and "=" in raw.tokens
    return Argument(raw.kids[0].text if named else "", raw.kids[-1].some())


def _call(raw: Raw) -> Node:
    arguments: list[Argument] = []
    for kid in raw.kids[1].kids:
        if kid.kind == "value_arguments":
            arguments += [_argument(a) for a in kid.kids if a.kind == "value_argument"]
        elif kid.kind == "annotated_lambda":
            arguments.append(Argument("", kid.kids[-1].some()))
    return Call(raw.syntax, raw.kids[0].some(), arguments)


def _infix(raw: Raw) -> Node | None:
    sign = _INFIX.get(raw.kids[1].text)
    operands = [raw.kids[0].some(), raw.kids[-1].some()]
    return Operation(raw.syntax, sign, operands) if sign else Other(raw.syntax, operands, raw.kind)


def _postfix(raw: Raw) -> Node | None:
    return _step(raw) if {"++", "--"} & set(raw.tokens) else raw.kids[0].node


def _prefix(raw: Raw) -> Node | None:
    return _step(raw) if {"++", "--"} & set(raw.tokens) else unary(raw)


def _step(raw: Raw) -> Node:
    target = raw.nodes[0]
    return Assign(raw.syntax, target, None, [target])


def _assignment(raw: Raw) -> Node:
    target, assigned = raw.kids[0].some(), raw.kids[-1].some()
    return Assign(raw.syntax, target, assigned if "=" in raw.tokens else None, [target, assigned])


def _as_is(raw: Raw) -> Node | None:
    return raw.kids[0].node


def _variable(raw: Raw) -> Node:
    return Name(raw.kids[0].syntax, raw.kids[0].text)


def _variables(raw: Raw) -> Node:
    return pattern(raw, raw.nodes, [(kid.some(), (i,)) for i, kid in enumerate(raw.kids)])


def _type(raw: Raw | None) -> str:
    """The type written after a name."""
    return raw.kids[-1].text if raw is not None and len(raw.kids) > 1 else ""


def _property(raw: Raw) -> Node | None:
    variable = raw.kid("variable_declaration", "multi_variable_declaration")
    if variable is None:
        return other(raw)
    modifiers = raw.kid("modifiers")
    target, rest = variable.some(), raw.kids[raw.kids.index(variable) + 1 :]
    initial = next((kid.node for kid in rest if kid.node and kid.kind not in ("getter", "setter", "property_delegate")), None)
    declare = Declare(raw.syntax, target, initial, [target, *(kid.node for kid in rest if kid.node)])
    delegate = raw.kid("property_delegate")
    if delegate is not None:
        declare.open = True
        made = delegate.node
        if isinstance(made, Call) and made.method == "lazy" and isinstance(made.arguments[-1].value, Function):
            results = made.arguments[-1].value.results
            declare.initial, declare.open = (results[0] if results else None), not results
    declare.open = declare.open or raw.kid("getter") is not None
    binding = raw.kid("binding_pattern_kind")
    words = set(modifiers.text.split()) if modifiers else set()
    declare.private = "private" in words
    declare.closed = (binding is not None and binding.text == "val") or declare.private
    declare.written_type = _type(variable)
    return declare


def _body(raw: Raw) -> Node:
    """The members of a class. What a getter on a line of its own computes is not what the property was declared as."""
    before: Node | None = None
    for kid in raw.kids:
        if isinstance(before, Declare) and kid.kind == "getter":
            before.open = True
        if isinstance(before, Declare) and kid.kind == "setter" and "private" in kid.text.split():
            before.closed = True
        before = kid.node if kid.kind == "property_declaration" else before
    return Other(raw.syntax, raw.nodes, raw.kind)


def _class(raw: Raw) -> Node:
    id = raw.kid("type_identifier")
    nodes: list[Node] = []
    for kid in raw.kids:
        if kid.kind == "primary_constructor":
            nodes += [_parameter(p) for p in kid.kids if p.kind == "class_parameter"]
        elif kid.node is not None:
            nodes.append(kid.node)
    for node in (n for body in nodes if isinstance(body, Other) for n in body.children):
        if isinstance(node, Declare):
            node.kind = "field"
    return Class(raw.syntax, id.text if id else "", nodes, raw.kid("delegation_specifier") is not None)


def _parameter(raw: Raw) -> Declare:
    id = raw.kid("simple_identifier") or raw
    target = Name(id.syntax, id.text)
    declare = Declare(raw.syntax, target, None, [target, *(k.node for k in raw.kids if k is not id and k.node)], "parameter")
    at = raw.kids.index(id) + 1 if id is not raw else 0
    declare.written_type = raw.kids[at].text if at < len(raw.kids) else ""
    return declare


def _function(raw: Raw) -> Node:
    id = raw.kid("simple_identifier")
    listed, body = raw.kid("function_value_parameters"), raw.kid("function_body", "statements")
    parameters = [_parameter(kid) for kid in listed.kids if kid.kind == "parameter"] if listed else []
    plain = raw.kind != "anonymous_function"
    function = Function(raw.syntax, id.text if id else "", parameters, [body.some()] if body else [], plain=plain)
    if body and "=" in body.tokens and body.node is not None:
        function.results.append(body.node.children[-1])
    return function


def _lambda(raw: Raw) -> Node:
    listed, body = raw.kid("lambda_parameters"), raw.kid("statements")
    if listed is not None:
        parameters = [Declare(kid.syntax, kid.some(), None, [kid.some()], "parameter") for kid in listed.kids]
    else:
        parameters = [Declare(raw.syntax, Name(raw.syntax, "it"), None, (), "parameter")]
    function = Function(raw.syntax, "", parameters, [body.node] if body and body.node else [], plain=False)
    function.results += _last(body)
    return function


def _last(raw: Raw | None) -> list[Node]:
    """The expression that ends a block, as far as it is one."""
    while raw is not None and raw.kids and raw.kind in ("statements", "control_structure_body"):
        raw = raw.kids[-1]
    if raw is None or raw.node is None or isinstance(raw.node, (Assign, Declare, Return, Loop)):
        return []
    return [raw.node]


def _statements(raw: Raw) -> Node:
    """Calls are marked as statements; the last may be a value, which is for the lambda around it to say."""
    nodes: list[Node] = []
    for kid in raw.kids:
        if isinstance(kid.node, Call) and kid is not raw.kids[-1]:
            nodes.append(Other(kid.syntax, [kid.node], STATEMENT))
        elif kid.node is not None:
            nodes.append(kid.node)
    return Other(raw.syntax, nodes, raw.kind)


def _branches(raw: Raw) -> Node:
    """``if`` or ``when``: one of the values its branches end with."""
    bodies = [kid for kid in raw.kids if kid.kind == "control_structure_body"]
    bodies += [kid.kids[-1] for kid in raw.kids if kid.kind == "when_entry"]
    return Choice(raw.syntax, raw.nodes, [node for body in bodies for node in _last(body)])


def _for(raw: Raw) -> Node:
    target = raw.kids[0].some()
    declare = Declare(raw.syntax, target, None, [target])
    declare.open = True
    return Loop(raw.syntax, [declare, *raw.nodes[1:]])


def _catch(raw: Raw) -> Node:
    id = raw.kid("simple_identifier")
    if id is None:
        return block(raw)
    target = id.some()
    return Block(raw.syntax, [Declare(raw.syntax, target, None, [target], "parameter"), *(n for n in raw.nodes if n is not target)])


def _jump(raw: Raw) -> Node | None:
    return Return(raw.syntax, raw.nodes) if raw.text.startswith("return") else other(raw)


def _import(raw: Raw) -> Node | None:
    path, alias = raw.kid("identifier"), raw.kid("import_alias")
    if path is None:
        return None
    module = "".join(path.text.split())
    local = alias.kids[-1].text if alias else module.rsplit(".", 1)[-1]
    return Importing(raw.syntax, module, [] if raw.kid("wildcard_import") else [("*", local)])


def _reference(raw: Raw) -> Node | None:
    """``A::class`` and ``a::b``."""
    return dotted(raw, raw.kids[0].text) if raw.kids else None


_BUILD = {
    **dict.fromkeys(("simple_identifier", "interpolated_identifier", "super_expression"), name),
    **dict.fromkeys(("source_file", "function_body", "control_structure_body", "anonymous_initializer"), block),
    **dict.fromkeys(("while_statement", "do_while_statement"), loop),
    **dict.fromkeys(("function_declaration", "secondary_constructor", "anonymous_function", "getter", "setter"), _function),
    **dict.fromkeys(("class_declaration", "object_declaration", "object_literal"), _class),
    **dict.fromkeys(("class_body", "enum_class_body"), _body),
    **dict.fromkeys(("integer_literal", "hex_literal", "bin_literal", "real_literal"), number),
    **dict.fromkeys(("long_literal", "unsigned_literal"), _long),
    **dict.fromkeys(("additive_expression", "multiplicative_expression", "elvis_expression", "conjunction_expression",
                     "disjunction_expression"), binary),
    **dict.fromkeys(("if_expression", "when_expression"), _branches),
    **dict.fromkeys(("navigation_expression", "indexing_expression"), _navigation),
    "as_expression": _as_is,
    "assignment": _assignment,
    "boolean_literal": boolean,
    "call_expression": _call,
    "callable_reference": _reference,
    "catch_block": _catch,
    "directly_assignable_expression": _assignable,
    "for_statement": _for,
    "import_header": _import,
    "infix_expression": _infix,
    "jump_expression": _jump,
    "lambda_literal": _lambda,
    "multi_variable_declaration": _variables,
    "null_literal": null,
    "postfix_expression": _postfix,
    "prefix_expression": _prefix,
    "property_declaration": _property,
    "spread_expression": spread,
    "statements": _statements,
    "string_literal": _string,
    "this_expression": this,
    "variable_declaration": _variable,
}  # fmt: skip

KOTLIN = Grammar(
    "kotlin",
    _BUILD,
    through=frozenset({"parenthesized_expression", "interpolated_expression", "annotated_lambda", "property_delegate"}),
    skip=frozenset(
        {"user_type", "nullable_type", "function_type", "type_arguments", "type_parameters", "modifiers", "package_header", "type_alias",
         "receiver_type", "delegation_specifier", "type_test", "parameter_modifiers", "not_nullable_type", "parenthesized_type"}
    ),
    nested="${",
)  # fmt: skip
