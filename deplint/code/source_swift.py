"""Swift: from the kinds of its syntax tree to nodes."""

from __future__ import annotations

from deplint.code.source_nodes import (
    STATEMENT,
    Argument,
    Assign,
    Await,
    Block,
    Call,
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
    Object,
    Operation,
    Other,
    Path,
    Return,
)
from deplint.code.source_tree import (
    Grammar,
    Raw,
    array,
    awaited,
    binary,
    block,
    boolean,
    last,
    name,
    number,
    operator,
    other,
    pattern,
    string,
    ternary,
    this,
    unescape,
)


def _string(raw: Raw) -> Node:
    parts: list[str | Node] = []
    for kid in raw.kids:
        if kid.kind == "interpolated_expression":
            parts.append(kid.some())
        else:
            parts.append(unescape(kid.text) if kid.kind == "str_escaped_char" else kid.text)
    return string(raw, parts)


def _raw_string(raw: Raw) -> Node | None:
    if len(raw.kids) != 1:
        return other(raw)
    return string(raw, [raw.text.strip("#")[1:-1]])


def _navigation(raw: Raw) -> Node:
    return Member(raw.syntax, raw.kids[0].some(), raw.kids[-1].kids[-1].text)


def _argument(raw: Raw) -> Argument:
    label = raw.kid("value_argument_label")
    value = raw.kids[-1] if raw.kids and raw.kids[-1] is not label else None
    return Argument(label.text if label else "", value.some() if value else Literal(raw.syntax, None))


def _call(raw: Raw) -> Node:
    """A call; `x[0]` is written as one, and a closure behind a call is its last argument."""
    callee, suffix = raw.kids[0], raw.kids[1]
    listed = suffix.kid("value_arguments")
    if listed is not None and "[" in listed.tokens:
        return Index(raw.syntax, [callee.some(), *(_argument(kid).value for kid in listed.kids)])
    arguments = [_argument(kid) for kid in listed.kids] if listed else []
    label = ""
    for kid in suffix.kids:
        if kid.kind == "simple_identifier":
            label = kid.text
        elif kid.kind == "lambda_literal":
            arguments.append(Argument(label, kid.some()))
    if listed is None and isinstance(callee.node, Call) and callee.kind == "call_expression":
        return Call(raw.syntax, callee.node.callee, [*callee.node.arguments, *arguments])
    if callee.kind in ("array_literal", "dictionary_literal"):
        return Call(raw.syntax, Name(callee.syntax, callee.text), arguments)
    return Call(raw.syntax, callee.some(), arguments)


def _prefix(raw: Raw) -> Node | None:
    """``-x``, ``!x``, ``&x`` (x itself), ``.case`` (a member of a type that is not written)."""
    sign = operator(raw)
    if sign == ".":
        return Name(raw.syntax, "".join(raw.text.split()))
    node = last(raw)
    if node is None or sign == "&":
        return node
    return Operation(raw.syntax, "!" if raw.kid("bang") else sign, [node])


def _postfix(raw: Raw) -> Node | None:
    return raw.kids[0].node if raw.kid("bang") else other(raw)


def _as_is(raw: Raw) -> Node | None:
    return raw.kids[0].node


def _tuple(raw: Raw) -> Node | None:
    """A tuple without its labels; one expression in parentheses is just that."""
    tokens = raw.tokens
    labels = {i for i, token in enumerate(tokens[1:]) if token == ":"}
    named = [i for i, child in enumerate(raw.syntax.children()) if child.is_named() and not child.kind().endswith("comment")]
    raw.kids = [kid for i, kid in zip(named, raw.kids, strict=False) if i not in labels]
    return raw.kids[0].node if len(raw.kids) == 1 else array(raw)


def _dictionary(raw: Raw) -> Node:
    entries: list[tuple[str, Node]] = []
    exact = len(raw.kids) % 2 == 0
    for key, value in zip(raw.kids[::2], raw.kids[1::2], strict=False):
        if isinstance(key.node, Literal) and isinstance(key.node.constant, str):
            entries.append((key.node.constant, value.some()))
        else:
            exact = False
    return Object(raw.syntax, raw.nodes, entries, exact)


def _assignment(raw: Raw) -> Node:
    target = raw.kids[0].some()
    assigned = raw.kids[1].some() if len(raw.kids) > 1 else Literal(raw.syntax, None)
    return Assign(raw.syntax, target, assigned if "=" in raw.tokens else None, [target, assigned])


def _pattern(raw: Raw) -> Node | None:
    """A name, or a tuple of patterns."""
    inner = [kid for kid in raw.kids if kid.kind == "pattern"]
    if not inner:
        id = raw.kid("simple_identifier")
        return id.node if id else None
    parts: list[tuple[Node, Path | None]] = [(kid.some(), (i,)) for i, kid in enumerate(inner)]
    return pattern(raw, [kid.some() for kid in inner], parts)


def _property(raw: Raw) -> Node:
    """The variables declared, each with its type and initial value."""
    modifiers, binding = raw.kid("modifiers"), raw.kid("value_binding_pattern")
    words = set(modifiers.text.split()) if modifiers else set()
    private = not words.isdisjoint({"private", "fileprivate"})
    closed = private or "private(set)" in words or (binding is not None and binding.text == "let")
    declared: list[Node] = []
    kids = [kid for kid in raw.kids if kid not in (modifiers, binding)]
    for i, kid in enumerate(kids):
        if kid.kind != "pattern":
            continue
        end = next((j for j in range(i + 1, len(kids)) if kids[j].kind == "pattern"), len(kids))
        rest = kids[i + 1 : end]
        target = kid.some()
        initial = next((k.node for k in rest if k.node and k.kind not in ("computed_property", "willset_didset_block")), None)
        declare = Declare(raw.syntax, target, initial, [target, *(k.node for k in rest if k.node)])
        declare.written_type = next((k.text.lstrip(": ") for k in rest if k.kind == "type_annotation"), "")
        declare.open = any(k.kind == "computed_property" for k in rest)
        declare.closed, declare.private = closed, private
        declared.append(declare)
    return declared[0] if len(declared) == 1 else Other(raw.syntax, declared, raw.kind)


def _bound(raw: Raw) -> list[Node]:
    """What is in a statement with conditions, names bound by ``let x = y`` and ``let x`` declared."""
    nodes: list[Node] = []
    kids = iter(raw.kids)
    binding = False
    pending: Raw | None = None
    written = ""
    for child in raw.syntax.children():
        if child.kind() == "=":
            continue
        if not child.is_named() or child.kind().endswith("comment"):
            if pending is not None:
                nodes.append(_unwrapped(pending, pending))
                pending = None
            continue
        kid = next(kids, None)
        if kid is None:
            break
        if kid.kind == "value_binding_pattern":
            binding = True
        elif binding:
            binding, pending = False, kid
        elif pending is not None and kid.kind == "type_annotation":
            written = kid.text.lstrip(": ")
        elif pending is not None:
            bound = _unwrapped(pending, pending if kid.kind == "statements" else kid)
            bound.written_type, written = written, ""
            nodes.append(bound)
            nodes += [kid.node] if kid.kind == "statements" and kid.node else []
            pending = None
        elif kid.node is not None:
            nodes.append(kid.node)
    return nodes


def _unwrapped(target: Raw, value: Raw) -> Declare:
    """``let target = value``; without a value the name is that of a variable around it, of which nothing is followed."""
    initial = value.node if value is not target else None
    declare = Declare(target.syntax, target.some(), initial, [target.some(), *([initial] if initial else [])])
    declare.open = initial is None
    return declare


def _if(raw: Raw) -> Node:
    return Block(raw.syntax, _bound(raw))


def _guard(raw: Raw) -> Node:
    return Other(raw.syntax, _bound(raw), raw.kind)


def _while(raw: Raw) -> Node:
    return Loop(raw.syntax, _bound(raw))


def _for(raw: Raw) -> Node:
    target = raw.kids[0].some()
    declare = Declare(raw.syntax, target, None, [target])
    declare.open = True
    return Loop(raw.syntax, [declare, *(kid.node for kid in raw.kids[1:] if kid.node)])


def _case(raw: Raw) -> Node:
    """A `catch` or `case` with the names its pattern binds."""
    nodes: list[Node] = []
    for node in raw.nodes:
        if isinstance(node, Name):
            declare = Declare(node.syntax, node, None, [node])
            declare.open = True
            nodes.append(declare)
        else:
            nodes.append(node)
    return Block(raw.syntax, nodes)


def _function(raw: Raw) -> Node:
    id = raw.kid("simple_identifier")
    parameters = [_parameter(kid) for kid in raw.kids if kid.kind == "parameter"]
    body = raw.kid("function_body", "computed_property", "statements")
    function = Function(raw.syntax, id.text if id else "", parameters, [body.some()] if body else [], plain=True)
    if body is not None:
        function.results += _single(body.kid("statements"))
    return function


def _parameter(raw: Raw) -> Declare:
    names = [kid for kid in raw.kids if kid.kind == "simple_identifier"]
    target = Name(names[-1].syntax, names[-1].text) if names else Name(raw.syntax, "")
    declare = Declare(raw.syntax, target, None, [target], "parameter")
    declare.written_type = raw.kids[-1].text if raw.kids and raw.kids[-1].kind.endswith("type") else ""
    return declare


def _lambda(raw: Raw) -> Node:
    kind, body = raw.kid("lambda_function_type"), raw.kid("statements")
    listed = kind.kid("lambda_function_type_parameters") if kind else None
    parameters = [_parameter(kid) for kid in listed.kids] if listed else []
    function = Function(raw.syntax, "", parameters, [body.node] if body and body.node else [], plain=False)
    function.results += _single(body)
    return function


def _single(statements: Raw | None) -> list[Node]:
    """What a body of one expression returns without saying so."""
    if statements is None or len(statements.kids) != 1:
        return []
    node = statements.kids[0].node
    return [node] if node is not None and not isinstance(node, (Assign, Declare, Return, Block, Other)) else []


def _class(raw: Raw) -> Node:
    id = raw.kid("type_identifier", "user_type")
    body = raw.kid("class_body", "enum_class_body", "protocol_body")
    for node in body.nodes if body else ():
        for declare in node.children if isinstance(node, Other) else [node]:
            if isinstance(declare, Declare):
                declare.kind = "field"
    return Class(raw.syntax, id.text if id else "", body.nodes if body else [], raw.kid("inheritance_specifier") is not None)


def _statements(raw: Raw) -> Node:
    """Calls are marked as statements, tried or awaited or not, except a body's only one: that may be its value."""
    nodes: list[Node] = []
    for kid in raw.kids:
        call = kid.node.operand if isinstance(kid.node, Await) else kid.node
        if isinstance(call, Call) and kid.node is call and len(raw.kids) > 1:
            nodes.append(Other(kid.syntax, [call], STATEMENT))
        elif kid.node is not None:
            nodes.append(kid.node)
    return Other(raw.syntax, nodes, raw.kind)


def _transfer(raw: Raw) -> Node | None:
    return Return(raw.syntax, raw.nodes) if raw.text.startswith("return") else other(raw)


def _import(raw: Raw) -> Node | None:
    path = raw.kid("identifier")
    return Importing(raw.syntax, path.text) if path else None


_BUILD = {
    **dict.fromkeys(("simple_identifier", "super_expression"), name),
    **dict.fromkeys(("source_file", "function_body", "do_statement"), block),
    **dict.fromkeys(("while_statement", "repeat_while_statement"), _while),
    **dict.fromkeys(("function_declaration", "init_declaration", "deinit_declaration", "subscript_declaration", "computed_getter",
                     "computed_setter"), _function),
    **dict.fromkeys(("class_declaration", "protocol_declaration"), _class),
    **dict.fromkeys(("integer_literal", "hex_literal", "bin_literal", "oct_literal", "real_literal"), number),
    **dict.fromkeys(("additive_expression", "multiplicative_expression", "conjunction_expression", "disjunction_expression",
                     "nil_coalescing_expression"), binary),
    **dict.fromkeys(("line_string_literal", "multi_line_string_literal"), _string),
    **dict.fromkeys(("catch_block", "switch_entry"), _case),
    "array_literal": array,
    "as_expression": _as_is,
    "assignment": _assignment,
    "await_expression": awaited,
    "boolean_literal": boolean,
    "call_expression": _call,
    "computed_property": block,
    "control_transfer_statement": _transfer,
    "dictionary_literal": _dictionary,
    "for_statement": _for,
    "guard_statement": _guard,
    "if_statement": _if,
    "import_declaration": _import,
    "lambda_literal": _lambda,
    "navigation_expression": _navigation,
    "pattern": _pattern,
    "postfix_expression": _postfix,
    "prefix_expression": _prefix,
    "property_declaration": _property,
    "raw_string_literal": _raw_string,
    "self_expression": this,
    "statements": _statements,
    "ternary_expression": ternary,
    "tuple_expression": _tuple,
}  # fmt: skip

SWIFT = Grammar(
    "swift",
    _BUILD,
    through=frozenset({"try_expression", "directly_assignable_expression", "interpolated_expression", "switch_pattern"}),
    skip=frozenset(
        {"type_annotation", "user_type", "type_arguments", "type_parameters", "modifiers", "typealias_declaration", "directive",
         "inheritance_specifier", "capture_list", "function_type", "optional_type", "array_type", "tuple_type", "enum_entry",
         "protocol_property_declaration", "dictionary_type"}
    ),
)  # fmt: skip
