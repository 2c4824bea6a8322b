"""Dart: from the kinds of its syntax tree to nodes.

An import is named after its package: what ``import 'package:tflite_flutter/tflite_flutter.dart' as tfl`` brings is
``tflite_flutter.Interpreter``. Without a prefix the names of a library are just there, and a call is only known by what is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
    Object,
    Operation,
    Other,
    Path,
    This,
)
from deplint.code.source_tree import (
    Build,
    Grammar,
    Raw,
    array,
    assignment,
    awaited,
    binary,
    block,
    boolean,
    dotted,
    last,
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
    unescape,
    update,
)


def _string(raw: Raw) -> Node:
    """Adjacent strings are one."""
    parts: list[str | Node] = []
    for quoted in raw.kids:
        for kid in quoted.kids:
            if kid.kind == "template_substitution":
                parts.append(kid.some())
            else:
                parts.append(unescape(kid.text) if kid.kind == "escape_sequence" else kid.text)
    return string(raw, parts)


def _member(raw: Raw) -> Node:
    """``a.b``; `this` and `super` in front are no nodes of the tree."""
    if len(raw.kids) == 1:
        return Member(raw.syntax, This(raw.syntax), raw.kids[0].text)
    return Member(raw.syntax, raw.kids[0].some(), raw.kids[-1].text)


def _assignable(raw: Raw) -> Node | None:
    tokens = raw.tokens
    if "[" in tokens or "?[" in tokens:
        return Index(raw.syntax, raw.nodes)
    if "." in tokens or "?." in tokens:
        return _member(raw)
    return last(raw)


def _index(raw: Raw) -> Node:
    return Index(raw.syntax, raw.nodes)


def _first(raw: Raw) -> Node | None:
    return raw.kids[0].node if raw.kids else None


def _arguments(raw: Raw | None) -> list[Argument]:
    found: list[Argument] = []
    for kid in raw.kids if raw else ():
        if kid.kind == "named_argument" and len(kid.kids) == 2:
            found.append(Argument(kid.kids[0].kids[0].text if kid.kids[0].kids else "", kid.kids[1].some()))
        else:
            found.append(Argument("", kid.some()))
    return found


def _call(raw: Raw) -> Node:
    """A call, perhaps with a cascade behind it."""
    call = Call(raw.syntax, raw.kids[0].some(), _arguments(raw.kid("arguments")))
    return _cascade(raw, call, raw.kids[2:])


def _made(raw: Raw) -> Node:
    """``new X(...)``, ``const X(...)``."""
    kind, made = raw.kid("type"), raw.kid("identifier")
    callee = dotted(raw, kind.text if kind else "")
    if made is not None:
        callee = Member(raw.syntax, callee, made.text)
    return Call(raw.syntax, callee, _arguments(raw.kid("arguments")), new=True)


def _cascade(raw: Raw, receiver: Node, sections: Sequence[Raw]) -> Node:
    """An expression after whose value calls and assignments are made on it; its value stays what it was."""
    steps = [step for section in sections if section.kind == "cascade_section" for step in [_step(section, receiver)] if step]
    return Choice(raw.syntax, [receiver, *steps], [receiver]) if steps else receiver


def _step(section: Raw, receiver: Node) -> Node | None:
    """``..f(x)`` or ``..a = x`` as if written out with the receiver, which is no part of the code a second time."""
    called, target = section.kid("cascade_call_expression"), section.kid("cascade_selector")
    it = Choice(section.syntax, (), [receiver])
    if called is not None and called.kids and called.kids[0].kind == "identifier":
        call = Call(called.syntax, Member(called.syntax, it, called.kids[0].text), _arguments(called.kid("arguments")))
        return Other(section.syntax, [call], STATEMENT)
    if target is not None and target.kids and "=" in section.tokens and "[" not in target.tokens:
        member = Member(target.syntax, it, target.kids[0].text)
        assigned = section.kids[-1].some()
        return Assign(section.syntax, member, assigned, [member, assigned])
    return Other(section.syntax, section.nodes, section.kind) if section.nodes else None


_LOOSE = {"conditional_expression", "additive_expression", "multiplicative_expression", "shift_expression", "bitwise_and_expression",
          "bitwise_or_expression", "bitwise_xor_expression", "logical_and_expression", "logical_or_expression", "if_null_expression",
          "relational_expression", "equality_expression", "unary_expression", "await_expression", "assignment_expression",
          "throw_expression", "function_expression", "function_expression_body"}  # fmt: skip
"""What binds its last part less than a call or a member does."""


def _rightly(build: Build) -> Build:
    """The grammar reads ``(x) => f(x).y`` as a member of a call of ``(x) => f``. What follows an arrow's body belongs to the body's end."""

    def attach(raw: Raw) -> Node | None:
        arrow = raw.kids[0] if raw.kids else raw
        body = arrow.kid("function_expression_body")
        if arrow.kind != "function_expression" or body is None or "=>" not in body.tokens or not body.kids:
            return build(raw)
        around = [arrow, body]
        while around[-1].kids and around[-1].kids[-1].kind in _LOOSE:
            around.append(around[-1].kids[-1])
        if not around[-1].kids:
            return build(raw)
        whole = Raw(raw.syntax, raw.kind, raw.depth)
        whole.kids = [around[-1].kids[-1], *raw.kids[1:]]
        whole.node = build(whole)
        around[-1].kids[-1] = whole
        for each in reversed(around):
            again = DART.build.get(each.kind)
            each.node = again(each) if again else other(each)
        raw.kind, raw.kids = arrow.kind, arrow.kids
        return arrow.node

    return attach


def _chain(raw: Raw) -> Node | None:
    """Operands of one precedence, which the grammar lists side by side."""
    if len(raw.kids) == 2:
        return binary(raw)
    signs = [token for token in raw.tokens if token in _SIGNS]
    if len(signs) != len(raw.kids) - 1 or not signs:
        return other(raw)
    node = raw.kids[0].some()
    for sign, kid in zip(signs, raw.kids[1:], strict=True):
        node = Operation(raw.syntax, sign, [node, kid.some()])
    return node


_SIGNS = {"+", "-", "*", "/", "~/", "%", "<<", ">>", "&", "|", "^"}


def _either(raw: Raw) -> Node | None:
    """``a ?? b ?? c``"""
    nodes = [kid.some() for kid in raw.kids]
    return Choice(raw.syntax, nodes, nodes) if nodes else None


def _folded(build: Build) -> Build:
    """Cascades stand beside what they are made on, whatever that is a part of; `build` sees the two as one."""

    def fold(raw: Raw) -> Node | None:
        kept: list[Raw] = []
        sections: list[Raw] = []
        for kid in reversed(raw.kids):
            if kid.kind == "cascade_section":
                sections.insert(0, kid)
                continue
            if sections:
                kid.node = _cascade(kid, kid.some(), sections)
                sections = []
            kept.insert(0, kid)
        raw.kids = kept
        return build(raw)

    return fold


def _unary(raw: Raw) -> Node | None:
    sign = raw.kid("prefix_operator")
    node = last(raw)
    if node is None or sign is None:
        return node
    return Operation(raw.syntax, sign.text, [node])


def _map(raw: Raw) -> Node:
    """A map or a set; only keys that are strings are entries."""
    entries: list[tuple[str, Node]] = []
    kids = [kid for kid in raw.kids if kid.kind != "type_arguments"]
    pairs = [kid for kid in kids if kid.kind == "pair" and len(kid.kids) == 2]
    for pair in pairs:
        key = pair.kids[0].node
        if isinstance(key, Literal) and isinstance(key.constant, str):
            entries.append((key.constant, pair.kids[1].some()))
    return Object(raw.syntax, [kid.some() for kid in kids], entries, len(entries) == len(kids))


def _list(raw: Raw) -> Node:
    kids = [kid for kid in raw.kids if kid.kind != "type_arguments"]
    raw.kids = kids
    return array(raw)


def _initialized(raw: Raw) -> Declare:
    """``x = value``, or just ``x``."""
    id = next((kid for kid in raw.kids if kid.kind == "identifier"), raw)
    rest = raw.kids[raw.kids.index(id) + 1 :] if id in raw.kids else []
    value = rest[0].some() if rest and "=" in raw.tokens else None
    target = Name(id.syntax, id.text)
    kind = raw.kid("type")
    declare = Declare(raw.syntax, target, value, [target, *([value] if value else [])])
    declare.written_type = kind.text if kind else ""
    declare.private = target.id.startswith("_")
    tokens = set(raw.tokens)
    declare.closed = declare.private or bool({"final", "const"} & tokens)
    return declare


def _variables(raw: Raw) -> Node:
    """The variables of one declaration: of a file, a class or a block."""
    tokens = set(raw.tokens)
    kind = raw.kid("type")
    fixed = bool({"final", "const"} & tokens)
    listed = raw.kid("static_final_declaration_list", "initialized_identifier_list", "identifier_list")
    declared: list[Node] = []
    for kid in listed.kids if listed else ():
        if isinstance(kid.node, Declare):
            kid.node.written_type = kid.node.written_type or (kind.text if kind else "")
            kid.node.closed = kid.node.private or (fixed and (kid.node.initial is not None or "late" not in tokens))
            declared.append(kid.node)
        elif kid.kind == "identifier":
            declare = Declare(kid.syntax, kid.some(), None, [kid.some()])
            declare.written_type = kind.text if kind else ""
            declared.append(declare)
    if not declared:
        return Other(raw.syntax, raw.nodes, raw.kind)
    return declared[0] if len(declared) == 1 else Other(raw.syntax, declared, raw.kind)


def _destructured(raw: Raw) -> Node | None:
    """``var (a, b) = pair``."""
    names = raw.kids[0].kids if raw.kids and raw.kids[0].kind == "record_pattern" else []
    parts: list[tuple[Node, Path | None]] = [(last(kid) or kid.some(), (i,)) for i, kid in enumerate(names)]
    if not parts or len(raw.kids) < 2:
        return other(raw)
    target = pattern(raw.kids[0], [node for node, _ in parts], parts)
    value = raw.kids[-1].some()
    return Declare(raw.syntax, target, value, [target, value])


def _record(raw: Raw) -> Node:
    exact = not any(kid.kid("label") for kid in raw.kids)
    return array(raw) if exact else Other(raw.syntax, raw.nodes, raw.kind)


_SIGNATURES = ("function_signature", "getter_signature", "setter_signature", "constructor_signature", "constant_constructor_signature",
               "factory_constructor_signature", "operator_signature")  # fmt: skip


def _function(raw: Raw) -> Node:
    """A function, method, getter or constructor with its body."""
    around = raw.kid("method_signature") or raw
    signature = around.kid(*_SIGNATURES)
    body = raw.kid("function_body", "function_expression_body")
    named = [kid for kid in signature.kids if kid.kind == "identifier"] if signature else []
    listed = (signature or raw).kid("formal_parameter_list")
    inside = [node for kid in around.kids if kid.kind == "initializers" for node in kid.nodes]
    inside += body.nodes if body else []
    constructor = signature is not None and signature.kind.endswith("constructor_signature")
    id = named[-1].text if len(named) > constructor else ""
    function = Function(raw.syntax, id, _parameters(listed), inside, plain=raw.kind != "function_expression")
    tokens = set(body.tokens) if body else set()
    function.asynchronous = bool(tokens & {"async", "async*"})
    function.generator = bool(tokens & {"sync*", "async*", "*"}) or (signature is not None and signature.kind == "getter_signature")
    if body is not None and "=>" in tokens:
        function.results += body.nodes[-1:]
    return function


def _parameters(listed: Raw | None) -> list[Declare]:
    found: list[Declare] = []
    for kid in listed.kids if listed else ():
        if kid.kind == "optional_formal_parameters":
            found += [_parameter(inner) for inner in kid.kids if inner.kind == "formal_parameter"]
        elif kid.kind == "formal_parameter":
            found.append(_parameter(kid))
    return found


def _parameter(raw: Raw) -> Declare:
    """A parameter; ``this.x`` is one that also assigns a field."""
    field = raw.kid("constructor_param")
    inner = field or raw.kid("super_formal_parameter") or raw
    id = inner.kid("identifier")
    target = Name(id.syntax, id.text) if id else Name(raw.syntax, "")
    declare = Declare(raw.syntax, target, None, [target], "parameter")
    if field is not None and id is not None:
        member = Member(field.syntax, This(field.syntax), id.text)
        declare = Declare(raw.syntax, target, None, [target, Assign(field.syntax, member, None, [member])], "parameter")
    kind = inner.kid("type")
    declare.written_type = kind.text if kind else ""
    return declare


def _field(raw: Raw) -> Node | None:
    """``: x = value`` of a constructor."""
    id = raw.kid("identifier")
    if id is None or len(raw.kids) < 2:
        return other(raw)
    member, value = Member(id.syntax, This(id.syntax), id.text), raw.kids[-1].some()
    return Assign(raw.syntax, member, value, [member, value])


def _class(raw: Raw) -> Node:
    id = raw.kid("identifier")
    body = raw.kid("class_body", "enum_body", "extension_body")
    members = body.nodes if body else []
    for node in members:
        for declare in node.children if isinstance(node, Other) else [node]:
            if isinstance(declare, Declare):
                declare.kind = "field"
    derived = raw.kid("superclass", "mixins", "interfaces", "type") is not None
    return Class(raw.syntax, id.text if id else "", members, derived)


def _for(raw: Raw) -> Node:
    nodes = raw.nodes
    if "in" in raw.tokens and nodes and isinstance(nodes[0], Name):
        declare = Declare(nodes[0].syntax, nodes[0], None, [nodes[0]])
        declare.open = True
        nodes[0] = declare
    return Loop(raw.syntax, nodes)


def _bound(raw: Raw) -> Node:
    """Names that a `catch` or a pattern binds."""
    nodes: list[Node] = []
    for node in raw.nodes:
        if isinstance(node, Name):
            declare = Declare(node.syntax, node, None, [node])
            declare.open = True
            nodes.append(declare)
        else:
            nodes.append(node)
    return Other(raw.syntax, nodes, raw.kind)


def _try(raw: Raw) -> Node:
    """The names of each `catch` hold in the block behind it."""
    nodes: list[Node] = []
    caught: Node | None = None
    for kid in raw.kids:
        if kid.kind == "catch_clause":
            caught = kid.node
        elif kid.kind == "block" and caught is not None:
            nodes.append(Block(kid.syntax, [caught, kid.some()]))
            caught = None
        elif kid.node is not None:
            nodes.append(kid.node)
    return Other(raw.syntax, nodes, raw.kind)


def _import(raw: Raw) -> Node | None:
    """`module` is the package, or the path of a file of this one."""
    written = raw.kid("configurable_uri")
    prefix = raw.kid("identifier")
    if written is None:
        return None
    uri = written.text.strip("'\"")
    module = uri[8:].partition("/")[0] if uri.startswith("package:") else uri
    return Importing(raw.syntax, module, [("*", prefix.text)] if prefix else [])


_PARTS: Mapping[str, Build] = {
    **dict.fromkeys(("identifier", "identifier_dollar_escaped", "qualified"), name),
    **dict.fromkeys(("new_expression", "const_object_expression"), _made),
    **dict.fromkeys(("type_cast_expression", "instantiation_expression"), _first),
    **dict.fromkeys(("decimal_integer_literal", "hex_integer_literal", "decimal_floating_point_literal"), number),
    **dict.fromkeys(("true", "false"), boolean),
    **dict.fromkeys(("additive_expression", "shift_expression", "bitwise_and_expression", "bitwise_or_expression", "bitwise_xor_expression",
                     "multiplicative_expression"), _chain),
    **dict.fromkeys(("initialized_variable_definition", "initialized_identifier", "static_final_declaration"), _initialized),
    **dict.fromkeys(("top_level_variable_declaration", "declaration"), _variables),
    **dict.fromkeys(("method_declaration", "function_declaration", "local_function_declaration", "getter_declaration",
                     "setter_declaration", "function_expression"), _function),
    **dict.fromkeys(("class_declaration", "enum_declaration", "mixin_declaration", "extension_declaration",
                     "extension_type_declaration"), _class),
    **dict.fromkeys(("block", "source_file", "switch_statement_case", "switch_statement_default"), block),
    **dict.fromkeys(("while_statement", "do_statement"), loop),
    **dict.fromkeys(("arguments", "named_argument", "function_body", "function_expression_body", "pair", "constant_pattern"), other),
    **dict.fromkeys(("spread_element", "if_element", "for_element"), spread),
    **dict.fromkeys(("catch_clause", "variable_pattern"), _bound),
    "assignable_expression": _assignable,
    "assignment_expression": assignment,
    "await_expression": awaited,
    "conditional_expression": ternary,
    "expression_statement": statement,
    "field_initializer": _field,
    "for_statement": _for,
    "if_null_expression": _either,
    "if_statement": block,
    "import_specification": _import,
    "list_literal": _list,
    "null_literal": null,
    "pattern_variable_declaration": _destructured,
    "postfix_expression": update,
    "record_literal": _record,
    "return_statement": returned,
    "set_or_map_literal": _map,
    "string_literal": _string,
    "super": name,
    "this": this,
    "try_statement": _try,
    "unary_expression": _unary,
}  # fmt: skip

_TRAILING: Mapping[str, Build] = {
    "call_expression": _call,
    "index_expression": _index,
    "member_expression": _member,
    "null_assertion_expression": _first,
    "null_aware_index_expression": _index,
    "null_aware_member_expression": _member,
}

DART = Grammar(
    "dart",
    {
        **{kind: _folded(build) for kind, build in _PARTS.items()},
        **{kind: _rightly(build) for kind, build in _TRAILING.items()},
    },
    through=frozenset({"parenthesized_expression", "class_member", "local_variable_declaration", "import_or_export", "library_import",
                       "template_substitution", "record_field", "initializer_list_entry", "annotated_declaration"}),
    skip=frozenset({"type", "type_arguments", "type_parameters", "annotation", "formal_parameter_type", "library_export", "library_name",
                    "type_alias", "prefix_operator", "label_statement", "part_directive", "part_of_directive", "type_test"}),
)  # fmt: skip
