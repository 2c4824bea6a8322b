"""JavaScript and TypeScript, with JSX: from the kinds of their syntax trees to nodes."""

from __future__ import annotations

from deplint.code.source_nodes import (
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
    Module,
    Name,
    Node,
    Object,
    Other,
    Path,
    This,
)
from deplint.code.source_tree import (
    Grammar,
    Raw,
    array,
    assignment,
    awaited,
    binary,
    block,
    boolean,
    loop,
    name,
    null,
    number,
    other,
    pattern,
    returned,
    spread,
    statement,
    string,
    ternary,
    this,
    unary,
    unescape,
    update,
)

_FUNCTIONS = frozenset(
    {"function_declaration", "function_expression", "generator_function_declaration", "generator_function", "arrow_function",
     "method_definition"}
)  # fmt: skip


def _text(raw: Raw) -> Node:
    parts: list[str | Node] = []
    for kid in raw.kids:
        if kid.kind == "template_substitution":
            parts.append(kid.some())
        else:
            parts.append(unescape(kid.text) if kid.kind == "escape_sequence" else kid.text)
    return string(raw, parts)


def _key(raw: Raw) -> str | None:
    """The key of an entry or member, None if it is computed."""
    if isinstance(raw.node, Literal) and isinstance(raw.node.constant, str):
        return raw.node.constant
    return None if raw.kind == "computed_property_name" else raw.text


class _Awaited(Await):
    """``await (x).y()``, whose first part the grammar of JavaScript takes for a call of something called await."""

    __slots__ = ()


def _member(raw: Raw) -> Node:
    return _attribute(raw, raw.kids[0].some(), raw.kids[-1].text)


def _attribute(raw: Raw, object: Node, attribute: str) -> Node:
    if isinstance(object, _Awaited):
        return _Awaited(raw.syntax, Member(raw.syntax, object.operand, attribute))
    return Member(raw.syntax, object, attribute)


def _subscript(raw: Raw) -> Node:
    nodes = [kid.some() for kid in raw.kids if kid.kind != "optional_chain"]
    key = nodes[1]
    if isinstance(key, Literal) and isinstance(key.constant, str):
        return _attribute(raw, nodes[0], key.constant)
    return Index(raw.syntax, nodes)


def _arguments(raw: Raw | None) -> list[Argument]:
    if raw is None:
        return []
    return [Argument("", kid.some()) for kid in (raw.kids if raw.kind == "arguments" else [raw])]


def _call(raw: Raw) -> Node:
    callee = raw.kids[0]
    arguments = _arguments(raw.kids[-1])
    if callee.kind == "import" or (callee.kind == "identifier" and callee.text == "require"):
        first = arguments[0].value
        if isinstance(first, Literal) and isinstance(first.constant, str):
            return Module(raw.syntax, [first], first.constant, "dynamic" if callee.kind == "import" else "require")
    if callee.kind == "identifier" and callee.text == "await" and len(arguments) == 1:
        return _Awaited(raw.syntax, arguments[0].value)
    called = callee.some()
    if isinstance(called, _Awaited):
        return _Awaited(raw.syntax, Call(raw.syntax, called.operand, arguments))
    return Call(raw.syntax, called, arguments)


def _new(raw: Raw) -> Node:
    return Call(raw.syntax, raw.kids[0].some(), _arguments(raw.kid("arguments")), new=True)


def _declarator(raw: Raw) -> Node:
    target = raw.kids[0].some()
    kind = raw.kid("type_annotation")
    initial = raw.kids[-1].node if len(raw.kids) > (2 if kind else 1) else None
    declare = Declare(raw.syntax, target, initial, [target, initial] if initial else [target])
    declare.written_type = _type(kind)
    return declare


def _type(raw: Raw | None) -> str:
    return raw.text.lstrip(": ") if raw else ""


def _hoisted(raw: Raw) -> Node:
    for node in raw.nodes:
        if isinstance(node, Declare):
            node.kind = "var"
    return Other(raw.syntax, raw.nodes, raw.kind)


def _for_in(raw: Raw) -> Node:
    target, rest = raw.nodes[0], raw.nodes[1:]
    if {"const", "let", "var"} & set(raw.tokens):
        declare = Declare(raw.syntax, target, None, [target])
        declare.open = True
        return Loop(raw.syntax, [declare, *rest])
    return Loop(raw.syntax, [Assign(raw.syntax, target, None, [target]), *rest])


def _catch(raw: Raw) -> Node:
    if raw.kids and raw.kids[0].kind != "statement_block":
        target = raw.kids[0].some()
        return Block(raw.syntax, [Declare(raw.syntax, target, None, [target], "parameter"), *raw.nodes[1:]])
    return Block(raw.syntax, raw.nodes)


def _parameter(raw: Raw) -> Declare:
    """A parameter, in TypeScript's trees (with a node of their own) or JavaScript's."""
    kind = raw.kid("type_annotation")
    inner = raw
    if raw.kind in ("required_parameter", "optional_parameter"):
        inner = next((kid for kid in raw.kids if kid.kind not in ("accessibility_modifier", "override_modifier", "decorator")), raw)
    target = inner.kids[0].some() if inner.kind == "assignment_pattern" else inner.some()
    children = raw.nodes if raw is not inner or inner.kind == "assignment_pattern" else [target]
    declare = Declare(raw.syntax, target, None, children, "parameter")
    declare.written_type = _type(kind)
    return declare


def _function(raw: Raw) -> Node:
    tokens = raw.tokens
    body = raw.kids[-1]
    listed = raw.kid("formal_parameters")
    parameters = [_parameter(kid) for kid in listed.kids] if listed else []
    arrow = raw.kind == "arrow_function"
    if arrow and listed is None:
        parameters = [_parameter(raw.kids[0])]
    first = next((kid for kid in raw.kids if kid.kind not in ("accessibility_modifier", "override_modifier", "decorator")), raw.kids[0])
    id = ""
    if not arrow and first.kind in ("identifier", "property_identifier", "private_property_identifier", "string"):
        id = _key(first) or ""
    fields = [_field_of(kid, given) for kid, given in zip(listed.kids, parameters, strict=True) if _kept(kid)] if listed else []
    function = Function(raw.syntax, id, parameters, [*fields, body.some()], plain=not arrow, asynchronous="async" in tokens)
    function.generator = "*" in tokens or "get" in tokens or "set" in tokens
    if arrow and body.kind != "statement_block":
        function.results.append(body.some())
    return function


def _kept(raw: Raw) -> bool:
    """Whether a parameter of a constructor is a field as well: ``constructor(private readonly model: GraphModel)``."""
    return raw.kind == "required_parameter" and (raw.kid("accessibility_modifier") is not None or "readonly" in raw.tokens)


def _field_of(raw: Raw, given: Declare) -> Node:
    """The assignment that such a parameter stands for."""
    target = Member(raw.syntax, This(raw.syntax), given.target.text)
    assigned = Name(raw.syntax, given.target.text)
    return Assign(raw.syntax, target, assigned, [target, assigned])


def _class(raw: Raw) -> Node:
    first = raw.kids[0]
    id = first.text if first.kind in ("identifier", "type_identifier") else ""
    body = raw.kid("class_body", "enum_body")
    return Class(raw.syntax, id, body.nodes if body else [], raw.kid("class_heritage") is not None)


def _field(raw: Raw) -> Node | None:
    key = raw.kid("property_identifier", "private_property_identifier", "string")
    if key is None:
        return other(raw)
    after = raw.kids[raw.kids.index(key) + 1 :]
    kind = raw.kid("type_annotation")
    initial = after[-1].node if after and after[-1].kind != "type_annotation" else None
    target = Name(key.syntax, _key(key) or "")
    declare = Declare(raw.syntax, target, initial, [target, initial] if initial else [target], "field")
    declare.written_type = _type(kind)
    return declare


def _constant(raw: Raw) -> Node | None:
    """A member of an enumeration with a value."""
    target = Name(raw.kids[0].syntax, _key(raw.kids[0]) or "")
    initial = raw.kids[-1].some()
    return Declare(raw.syntax, target, initial, [target, initial], "field")


def _object(raw: Raw) -> Node:
    entries: list[tuple[str, Node]] = []
    exact = True
    for kid in raw.kids:
        key = None
        if kid.kind == "pair":
            key = _key(kid.kids[0])
            value = kid.kids[-1].some()
        elif kid.kind == "shorthand_property_identifier":
            key, value = kid.text, kid.some()
        elif isinstance(kid.node, Function) and kid.node.id:
            key, value = kid.node.id, kid.node
        if key is None:
            exact = False
        else:
            entries.append((key, value))
    return Object(raw.syntax, raw.nodes, entries, exact)


def _pair(raw: Raw) -> Node:
    """Its value; the key matters to the object around it."""
    key, value = raw.kids[0], raw.kids[-1].some()
    return value if key.kind != "computed_property_name" or key.node is None else Other(raw.syntax, [key.node, value], raw.kind)


def _object_pattern(raw: Raw) -> Node:
    parts: list[tuple[Node, Path | None]] = []
    for kid in raw.kids:
        if kid.kind == "shorthand_property_identifier_pattern":
            parts.append((kid.some(), (kid.text,)))
        elif kid.kind == "pair_pattern":
            key = _key(kid.kids[0])
            target, path = _target(kid.kids[-1], (key,) if key is not None else None)
            parts.append((target, path))
        else:  # a default or the rest: something, perhaps
            parts.append((_target(kid, None)[0], None))
    return pattern(raw, raw.nodes, parts)


def _array_pattern(raw: Raw) -> Node:
    parts: list[tuple[Node, Path | None]] = []
    kids = iter(raw.kids)
    position = 0
    for child in raw.syntax.children():
        if child.kind() == ",":
            position += 1
        elif child.is_named() and not child.kind().endswith("comment"):
            parts.append(_target(next(kids, raw), (position,)))
    return pattern(raw, raw.nodes, parts)


def _target(raw: Raw, path: Path | None) -> tuple[Node, Path | None]:
    """What is bound, and the path unless a default may stand in for it."""
    if raw.kind in ("assignment_pattern", "object_assignment_pattern"):
        return raw.kids[0].some(), None
    return raw.some(), None if raw.kind == "rest_pattern" else path


def _as_is(raw: Raw) -> Node | None:
    """The first of its parts: the rest is a type."""
    return raw.nodes[0] if raw.nodes else None


def _asserted(raw: Raw) -> Node | None:
    """``<Type> x``."""
    return raw.nodes[-1] if raw.nodes else None


def _import(raw: Raw) -> Node | None:
    source = raw.kid("string")
    clause = raw.kid("import_clause")
    bound: list[tuple[str, str]] = []
    if required := raw.kid("import_require_clause"):
        source = required.kid("string")
        bound.append(("*", required.kids[0].text))
    for kid in clause.kids if clause else ():
        if kid.kind == "identifier":
            bound.append(("default", kid.text))
        elif kid.kind == "namespace_import":
            bound.append(("*", kid.kids[0].text))
        else:
            bound += [(_key(s.kids[0]) or "", s.kids[-1].text) for s in kid.kids if s.kids]
    return _imported(raw, source, bound, "import")


def _export(raw: Raw) -> Node | None:
    source = raw.kid("string")
    if source is not None:
        return _imported(raw, source, [], "export")
    return Other(raw.syntax, raw.nodes, EXPORT)


def _imported(raw: Raw, source: Raw | None, bound: list[tuple[str, str]], kind: str) -> Node | None:
    if source is None or not isinstance(source.node, Literal):
        return other(raw)
    return Importing(raw.syntax, str(source.node.constant), bound, kind)


EXPORT = "export_statement"
"""The kind of an `Other` whose names other modules see."""

_BUILD = {
    **dict.fromkeys(("identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern", "super"), name),
    **dict.fromkeys(("statement_block", "program", "switch_body", "class_static_block"), block),
    **dict.fromkeys(("for_statement", "while_statement", "do_statement"), loop),
    **dict.fromkeys(_FUNCTIONS, _function),
    **dict.fromkeys(("class_declaration", "class", "abstract_class_declaration", "enum_declaration"), _class),
    **dict.fromkeys(("field_definition", "public_field_definition"), _field),
    **dict.fromkeys(("as_expression", "satisfies_expression", "non_null_expression"), _as_is),
    **dict.fromkeys(("string", "template_string"), _text),
    **dict.fromkeys(("null", "undefined"), null),
    **dict.fromkeys(("true", "false"), boolean),
    **dict.fromkeys(("assignment_expression", "augmented_assignment_expression"), assignment),
    "array": array,
    "array_pattern": _array_pattern,
    "await_expression": awaited,
    "binary_expression": binary,
    "call_expression": _call,
    "catch_clause": _catch,
    "enum_assignment": _constant,
    "export_statement": _export,
    "expression_statement": statement,
    "for_in_statement": _for_in,
    "import_statement": _import,
    "member_expression": _member,
    "new_expression": _new,
    "number": number,
    "object": _object,
    "object_pattern": _object_pattern,
    "pair": _pair,
    "return_statement": returned,
    "spread_element": spread,
    "subscript_expression": _subscript,
    "ternary_expression": ternary,
    "this": this,
    "type_assertion": _asserted,
    "unary_expression": unary,
    "update_expression": update,
    "variable_declaration": _hoisted,
    "variable_declarator": _declarator,
}

_THROUGH = frozenset({"parenthesized_expression", "template_substitution", "pair_pattern", "jsx_expression"})

_SKIP = frozenset(
    {"type_annotation", "type_arguments", "type_parameters", "interface_declaration", "type_alias_declaration", "ambient_declaration",
     "asserts_annotation", "type_predicate_annotation", "implements_clause", "regex", "property_signature", "jsx_closing_element",
     "function_signature", "method_signature", "abstract_method_signature", "index_signature", "meta_property"}
)  # fmt: skip

JAVASCRIPT = Grammar("javascript", _BUILD, _THROUGH, _SKIP)
TYPESCRIPT = Grammar("typescript", _BUILD, _THROUGH, _SKIP)
TSX = Grammar("tsx", _BUILD, _THROUGH, _SKIP)
