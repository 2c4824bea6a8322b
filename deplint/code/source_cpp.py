"""C++: from the kinds of its syntax tree to nodes. Objective-C is read as C++ too, see `deplint.code.source_objc`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from deplint.code.source_nodes import (
    Argument,
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
)
from deplint.code.source_objc_text import rewrite
from deplint.code.source_tree import (
    Build,
    Grammar,
    Raw,
    array,
    assignment,
    binary,
    block,
    boolean,
    dotted,
    last,
    loop,
    name,
    nothing,
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

_SPECIFIERS = frozenset({"storage_class_specifier", "type_qualifier", "attribute_specifier", "attribute_declaration", "virtual",
                         "explicit_function_specifier", "ms_declspec_modifier", "alignas_qualifier", "virtual_specifier"})  # fmt: skip
"""What may stand around a type."""

_TYPES = ("type_identifier", "primitive_type", "sized_type_specifier", "template_type", "placeholder_type_specifier", "decltype",
          "type_descriptor", "dependent_type")  # fmt: skip

_DECLARATORS = ("pointer_declarator", "reference_declarator", "array_declarator", "function_declarator", "parenthesized_declarator",
                "attributed_declarator", "variadic_declarator")  # fmt: skip

_REAL = frozenset({"float", "double", "CGFloat", "Float32", "Float64"})
_WHOLE = frozenset({"int", "long", "size_t", "NSInteger", "NSUInteger", "int32_t", "int64_t", "uint32_t", "uint64_t", "unsigned int"})


def _string(raw: Raw) -> Node:
    parts: list[str | Node] = []
    for quoted in raw.kids if raw.kind == "concatenated_string" else [raw]:
        if quoted.kind == "raw_string_literal":
            parts += [kid.text for kid in quoted.kids if kid.kind == "raw_string_content"]
        parts += [unescape(kid.text) if kid.kind == "escape_sequence" else kid.text for kid in quoted.kids if kid.kind in _QUOTED]
    return string(raw, parts)


_QUOTED = ("string_content", "escape_sequence")


def _leaf(raw: Raw) -> Raw:
    """The last identifier in a node, without template arguments."""
    while raw.kids and raw.kind != "type_identifier":
        raw = (
            raw.kids[0]
            if raw.kind in ("template_function", "template_method", "template_type", "array_declarator", "function_declarator")
            else raw.kids[-1]
        )
    return raw


def plain(raw: Raw) -> str:
    """What a node is called."""
    return _leaf(raw).text


def _qualified(raw: Raw) -> Node:
    """``torch::jit::load``."""
    return dotted(raw, raw.text.replace("::", ".").lstrip("."))


def _template(raw: Raw) -> Node:
    return Name(raw.syntax, plain(raw))


def _member(raw: Raw) -> Node:
    return Member(raw.syntax, raw.kids[0].some(), plain(raw.kids[-1]))


def _index(raw: Raw) -> Node:
    return Index(raw.syntax, [raw.kids[0].some(), *(node for kid in raw.kids[1:] for node in kid.nodes)])


def arguments(raw: Raw | None) -> list[Node]:
    return [kid.some() for kid in raw.kids] if raw else []


def _call(raw: Raw) -> Node:
    return Call(raw.syntax, raw.kids[0].some(), [Argument("", node) for node in arguments(raw.kid("argument_list"))])


def _made(raw: Raw) -> Node:
    """``new T(...)``."""
    listed = raw.kid("argument_list", "initializer_list")
    return Call(raw.syntax, _named(raw, raw.kids[0]), [Argument("", node) for node in arguments(listed)], new=True)


def _named(raw: Raw, kind: Raw) -> Node:
    return dotted(raw, kind.text.replace("::", "."))


def _cast(raw: Raw) -> Node:
    kind, operand = raw.kids[0].text, raw.kids[-1].some()
    if kind in _REAL or kind in _WHOLE:
        return Convert(raw.syntax, "float" if kind in _REAL else "int", operand)
    return operand


def _written(raw: Raw) -> list[Raw]:
    """The type of a declaration and what it declares."""
    return [kid for kid in raw.kids if kid.kind not in _SPECIFIERS]


def _declaration(raw: Raw) -> Node | None:
    """The variables of one declaration: of a file, a class or a block."""
    parts = _written(raw)
    if not parts:
        return other(raw)
    kind, *declared = parts
    words = {kid.text for kid in raw.kids if kid.kind in _SPECIFIERS}
    nodes = [kind.node] if kind.node is not None and kind.kind not in ("qualified_identifier", *_TYPES) else []
    for kid in declared:
        given = _given(kid)
        if kid.kind == "bitfield_clause" or (given is None and _declares_function(kid)):
            continue
        declare = kid.node if isinstance(kid.node, Declare) else _declare(kid, None)
        if given is not None:  # T x(a, b)
            made = Call(kid.syntax, _named(kid, kind), [Argument("", node) for node in given], new=True)
            declare = Declare(kid.syntax, declare.target, made, [declare.target, made])
        declare.written_type = "" if kind.text == "auto" else kind.text.replace("::", ".")
        declare.closed = bool({"static", "const", "constexpr"} & words) or "const" in kid.text.partition("=")[0].split("*")[-1]
        nodes.append(declare)
    if len(nodes) == 1:
        return nodes[0]
    return Other(raw.syntax, nodes, raw.kind) if nodes else None


def _given(raw: Raw) -> list[Node] | None:
    """What ``T x(a, b)`` makes the object of. What the grammar takes for the types of a function's parameters are names of variables if
    they are written like such."""
    if raw.kind == "init_declarator" and raw.kids and raw.kids[-1].kind == "argument_list":
        return arguments(raw.kids[-1])
    listed = raw.kid("parameter_list") if raw.kind == "function_declarator" else None
    if listed is None or not listed.kids or not all(_VARIABLE.fullmatch(kid.text) for kid in listed.kids):
        return None
    return [Name(kid.syntax, kid.text) for kid in listed.kids]


_VARIABLE = re.compile(r"[a-z]\w*(?<!_t)(?<!_type)")


def _declares_function(raw: Raw) -> bool:
    while raw.kind in ("pointer_declarator", "reference_declarator") and raw.kids:
        raw = raw.kids[-1]
    return raw.kind == "function_declarator"


def _declare(target: Raw, value: Raw | None) -> Declare:
    leaf = _leaf(target)
    declared = Name(leaf.syntax, leaf.text)
    initial = value.some() if value is not None else None
    return Declare(target.syntax, declared, initial, [declared, initial] if initial else [declared])


def _initialized(raw: Raw) -> Node:
    return _declare(raw.kids[0], raw.kids[-1])


def _parameter(raw: Raw) -> Declare:
    kind, *rest = [*_written(raw), raw]
    leaf = _leaf(rest[0]) if len(rest) > 1 else None
    target = Name(leaf.syntax, leaf.text) if leaf else Name(raw.syntax, "")
    declare = Declare(raw.syntax, target, None, [target], "parameter")
    declare.written_type = kind.text.replace("::", ".") if kind is not raw else ""
    return declare


def _function(raw: Raw) -> Node:
    """A function, method, constructor or lambda."""
    around = raw.kid("function_declarator", "abstract_function_declarator", "pointer_declarator", "reference_declarator")
    while around is not None and around.kind in ("pointer_declarator", "reference_declarator"):
        around = around.kid("function_declarator", "pointer_declarator", "reference_declarator")
    listed = around.kid("parameter_list") if around else None
    parameters = [kid.node for kid in listed.kids if isinstance(kid.node, Declare)] if listed else []
    body = [kid.node for kid in raw.kids if kid.kind in ("compound_statement", "field_initializer_list", "try_statement") and kid.node]
    id = plain(around.kids[0]) if around and raw.kind == "function_definition" else ""
    return Function(raw.syntax, id, parameters, body, plain=raw.kind == "function_definition")


def _class(raw: Raw) -> Node | None:
    id, body = raw.kid("type_identifier", "template_type", "qualified_identifier"), raw.kid("field_declaration_list")
    if body is None:
        return None
    for node in body.nodes:
        for declare in node.children if isinstance(node, Other) else [node]:
            if isinstance(declare, Declare):
                declare.kind = "field"
    return Class(raw.syntax, plain(id) if id else "", body.nodes, raw.kid("base_class_clause") is not None)


def _for_each(raw: Raw) -> Node:
    parts = _written(raw)
    if len(parts) < 4:
        return loop(raw)
    declare = _declare(parts[1], None)
    declare.open = True
    return Loop(raw.syntax, [declare, *(kid.node for kid in parts[2:] if kid.node)])


def _caught(raw: Raw) -> Node:
    for node in raw.nodes:
        for declare in node.children:
            if isinstance(declare, Declare):
                declare.open = True
    return block(raw)


def _import(raw: Raw) -> Node | None:
    path = raw.kid("system_lib_string", "string_literal")
    return Importing(raw.syntax, path.text.strip('<>"')) if path else None


BUILD: Mapping[str, Build] = {
    **dict.fromkeys(("identifier", "field_identifier"), name),
    **dict.fromkeys((*_TYPES, "storage_class_specifier", "type_qualifier", "access_specifier", "base_class_clause", "using_declaration",
                     "alias_declaration", "type_definition", "lambda_capture_specifier"), nothing),
    **dict.fromkeys(_DECLARATORS, last),
    **dict.fromkeys(("translation_unit", "compound_statement", "if_statement", "switch_statement", "case_statement",
                     "else_clause"), block),
    **dict.fromkeys(("declaration", "field_declaration"), _declaration),
    **dict.fromkeys(("parameter_declaration", "optional_parameter_declaration"), _parameter),
    **dict.fromkeys(("function_definition", "lambda_expression"), _function),
    **dict.fromkeys(("class_specifier", "struct_specifier"), _class),
    **dict.fromkeys(("string_literal", "concatenated_string", "raw_string_literal"), _string),
    **dict.fromkeys(("true", "false"), boolean),
    **dict.fromkeys(("while_statement", "do_statement", "for_statement"), loop),
    "assignment_expression": assignment,
    "binary_expression": binary,
    "call_expression": _call,
    "cast_expression": _cast,
    "catch_clause": _caught,
    "conditional_expression": ternary,
    "expression_statement": statement,
    "field_expression": _member,
    "for_range_loop": _for_each,
    "init_declarator": _initialized,
    "initializer_list": array,
    "new_expression": _made,
    "null": null,
    "number_literal": number,
    "preproc_include": _import,
    "qualified_identifier": _qualified,
    "return_statement": returned,
    "subscript_expression": _index,
    "template_function": _template,
    "this": this,
    "unary_expression": unary,
    "update_expression": update,
}  # fmt: skip

THROUGH = frozenset({"parenthesized_expression", "condition_clause", "pointer_expression", "template_declaration"})
SKIP = frozenset({*_TYPES, "template_argument_list", "template_parameter_list", "base_class_clause", "lambda_capture_specifier"}) - {
    "type_identifier",
}

CPP = Grammar("cpp", BUILD, THROUGH, SKIP, rewrite=rewrite)
"""Rewritten are the directives of the preprocessor: all branches of a condition are read."""
