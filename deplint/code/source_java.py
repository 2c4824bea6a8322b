"""Java: from the kinds of its syntax tree to nodes."""

from __future__ import annotations

from deplint.code.source_nodes import (
    Argument,
    Block,
    Call,
    Class,
    Convert,
    Declare,
    Function,
    Importing,
    Index,
    Loop,
    Member,
    Name,
    Node,
    Other,
    This,
)
from deplint.code.source_tree import (
    Grammar,
    Raw,
    array,
    assignment,
    binary,
    block,
    boolean,
    dotted,
    loop,
    name,
    null,
    number,
    other,
    returned,
    statement,
    string,
    ternary,
    this,
    unary,
    unescape,
    update,
)

_TYPES = frozenset(
    {"type_identifier", "scoped_type_identifier", "generic_type", "array_type", "integral_type", "floating_point_type", "boolean_type",
     "void_type", "annotated_type"}
)  # fmt: skip


def _string(raw: Raw) -> Node:
    text = "".join(unescape(kid.text) if kid.kind == "escape_sequence" else kid.text for kid in raw.kids)
    return string(raw, [text])


def _arguments(raw: Raw | None) -> list[Argument]:
    return [Argument("", kid.some()) for kid in raw.kids] if raw else []


def _invocation(raw: Raw) -> Node:
    method = raw.kids[-2]
    if raw.kids[0] is method:
        callee: Node = Name(method.syntax, method.text)
    else:
        callee = Member(raw.syntax, raw.kids[0].some(), method.text)
    return Call(raw.syntax, callee, _arguments(raw.kids[-1]))


def _creation(raw: Raw) -> Node:
    kind = raw.kid(*_TYPES)
    call = Call(raw.syntax, dotted(raw, kind.text if kind else ""), _arguments(raw.kid("argument_list")), new=True)
    body = raw.kid("class_body")
    if body is None:
        return call
    return Other(raw.syntax, [call, Class(body.syntax, "", body.nodes, True)], raw.kind)


def _new_array(raw: Raw) -> Node:
    """``new float[1][10]`` is a call of ``float[][]`` with the sizes, of ``float[1][]`` with one; with the elements given, an array."""
    elements = raw.kid("array_initializer")
    if elements is not None:
        return elements.some()
    sizes = [kid for kid in raw.kids if kid.kind == "dimensions_expr"]
    rank = len(sizes) + sum(kid.text.count("[") for kid in raw.kids if kid.kind == "dimensions")
    return Call(raw.syntax, Name(raw.syntax, raw.kids[0].text + "[]" * rank), [Argument("", s.some()) for s in sizes], new=True)


def _cast(raw: Raw) -> Node:
    kind, operand = raw.kids[0].text, raw.kids[-1].some()
    if kind in ("float", "double", "int", "long"):
        return Convert(raw.syntax, "float" if kind in ("float", "double") else "int", operand)
    return operand if raw.kids[0].kind not in ("integral_type", "boolean_type") else Other(raw.syntax, [operand], raw.kind)


def _access(raw: Raw) -> Node:
    if raw.kids[-1].kind == "this":
        return This(raw.syntax)
    return Member(raw.syntax, raw.kids[0].some(), raw.kids[-1].text)


def _index(raw: Raw) -> Node:
    return Index(raw.syntax, raw.nodes)


def _declarator(raw: Raw) -> Node:
    target = Name(raw.kids[0].syntax, raw.kids[0].text)
    initial = raw.kids[-1].node if len(raw.kids) > 1 else None
    return Declare(raw.syntax, target, initial, [target, initial] if initial else [target])


def _declaration(raw: Raw) -> Node:
    """The declarators, with what is written before them."""
    modifiers = raw.kid("modifiers")
    words = set(modifiers.text.split()) if modifiers else set()
    kind = raw.kid(*_TYPES)
    for node in raw.nodes:
        if isinstance(node, Declare):
            node.written_type = kind.text if kind and kind.text != "var" else ""
            if raw.kind != "local_variable_declaration":
                node.kind = "field"
                node.private = "private" in words
                node.closed = raw.kind == "constant_declaration" or not words.isdisjoint({"final", "private"})
    return Other(raw.syntax, raw.nodes, raw.kind)


def _resource(raw: Raw) -> Node | None:
    if len(raw.kids) < 3:
        return other(raw)
    target, initial = Name(raw.kids[-2].syntax, raw.kids[-2].text), raw.kids[-1].some()
    declare = Declare(raw.syntax, target, initial, [target, initial])
    declare.written_type = raw.kids[-3].text
    return declare


def _parameter(raw: Raw) -> Declare:
    """A parameter of a method, a lambda or a `catch`."""
    target = Name(raw.kids[-1].syntax, raw.kids[-1].text) if raw.kids else Name(raw.syntax, raw.text)
    declare = Declare(raw.syntax, target, None, [target], "parameter")
    kind = raw.kid(*_TYPES)
    declare.written_type = kind.text if kind else ""
    return declare


def _function(raw: Raw) -> Node:
    id = raw.kid("identifier")
    listed = raw.kid("formal_parameters")
    body = raw.kid("block", "constructor_body")
    parameters = [_parameter(kid) for kid in listed.kids if kid.kind == "formal_parameter"] if listed else []
    return Function(raw.syntax, id.text if id else "", parameters, [body.some()] if body else [], plain=True)


def _lambda(raw: Raw) -> Node:
    listed, body = raw.kids[0], raw.kids[-1]
    parameters = [_parameter(listed)] if listed.kind == "identifier" else [_parameter(kid) for kid in listed.kids]
    function = Function(raw.syntax, "", parameters, [body.some()], plain=False)
    if body.kind != "block":
        function.results.append(body.some())
    return function


def _class(raw: Raw) -> Node:
    id = raw.kid("identifier")
    derived = raw.kid("superclass", "super_interfaces", "extends_interfaces") is not None
    body = raw.kids[-1]
    nodes = [n for kid in body.kids for n in (kid.nodes if kid.kind == "enum_body_declarations" else [kid.node]) if n is not None]
    return Class(raw.syntax, id.text if id else "", nodes, derived)


def _for_each(raw: Raw) -> Node | None:
    at = next((i for i, kid in enumerate(raw.kids) if kid.kind == "identifier"), None)
    if at is None:
        return other(raw)
    target = raw.kids[at].some()
    declare = Declare(raw.syntax, target, None, [target])
    declare.open = True
    declare.written_type = raw.kids[at - 1].text
    return Loop(raw.syntax, [declare, *(kid.node for kid in raw.kids[at + 1 :] if kid.node)])


def _catch(raw: Raw) -> Node:
    parameter = raw.kid("catch_formal_parameter")
    caught = [_parameter(parameter)] if parameter else []
    return Block(raw.syntax, [*caught, *(kid.node for kid in raw.kids if kid is not parameter and kid.node)])


def _import(raw: Raw) -> Node | None:
    path = raw.kid("scoped_identifier", "identifier")
    if path is None:
        return None
    local = "" if raw.kid("asterisk") else path.text.rsplit(".", 1)[-1]
    return Importing(raw.syntax, path.text, [("*", local)] if local else [])


_BUILD = {
    **dict.fromkeys(("identifier", "super"), name),
    **dict.fromkeys(("program", "block", "constructor_body", "switch_block"), block),
    **dict.fromkeys(("for_statement", "while_statement", "do_statement"), loop),
    **dict.fromkeys(("method_declaration", "constructor_declaration", "compact_constructor_declaration"), _function),
    **dict.fromkeys(("class_declaration", "interface_declaration", "enum_declaration", "record_declaration"), _class),
    **dict.fromkeys(("local_variable_declaration", "field_declaration", "constant_declaration"), _declaration),
    **dict.fromkeys(("decimal_integer_literal", "hex_integer_literal", "binary_integer_literal", "decimal_floating_point_literal"), number),
    **dict.fromkeys(("true", "false"), boolean),
    "array_access": _index,
    "array_creation_expression": _new_array,
    "array_initializer": array,
    "assignment_expression": assignment,
    "binary_expression": binary,
    "cast_expression": _cast,
    "catch_clause": _catch,
    "enhanced_for_statement": _for_each,
    "expression_statement": statement,
    "field_access": _access,
    "import_declaration": _import,
    "lambda_expression": _lambda,
    "method_invocation": _invocation,
    "null_literal": null,
    "object_creation_expression": _creation,
    "resource": _resource,
    "return_statement": returned,
    "scoped_identifier": _access,
    "string_literal": _string,
    "ternary_expression": ternary,
    "this": this,
    "unary_expression": unary,
    "update_expression": update,
    "variable_declarator": _declarator,
}

JAVA = Grammar(
    "java",
    _BUILD,
    through=frozenset({"parenthesized_expression", "dimensions_expr"}),
    skip=_TYPES | {"type_arguments", "type_parameters", "modifiers", "package_declaration", "throws", "superclass", "super_interfaces"},
)
