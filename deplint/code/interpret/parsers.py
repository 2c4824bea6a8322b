"""`argparse`: what the parsed arguments hold by default."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from deplint.code.heap import Cell
from deplint.code.interpret.objects import made
from deplint.code.interpret.state import Arguments, State
from deplint.code.values import NONE, UNKNOWN, Const, Default, Name, Raw, Ref

if TYPE_CHECKING:
    pass

PARSERS = tuple(f"argparse.ArgumentParser(){group}" for group in ("", ".add_argument_group()", ".add_mutually_exclusive_group()"))


def call_parser(parser: Ref, method: str, given: Arguments, state: State) -> Raw | None:
    """`argparse`: what the parsed arguments hold by default. Options are attributes ``@name`` of the parser."""
    root = parser
    while root.call is not None and isinstance(outer := root.call.receiver, Ref) and outer.name in PARSERS:
        root = outer
    if method == "add_argument":
        name, value = _option(given)
        if name:
            state.put(root, state.cell(root).with_attr(f"@{name}", value))
        return UNKNOWN
    if method == "set_defaults":
        for name, (raw, _) in given.kwargs.items():
            state.put(root, state.cell(root).with_attr(f"@{name}", Default(raw)))
        return NONE
    if method in ("parse_args", "parse_known_args", "parse_intermixed_args"):
        attrs = {n[1:]: s for n, s in state.cell(root).attrs.items() if n.startswith("@")}
        result = made("argparse.Namespace()", Cell(attrs=attrs), state)
        return made("()", Cell(items=(result, UNKNOWN)), state) if method == "parse_known_args" else result
    return None


def _option(given: Arguments) -> tuple[str, Raw]:
    """Name and default of ``add_argument``."""

    def text(name: str) -> Any:
        raw = given.kwargs[name][0] if name in given.kwargs else None
        return raw.value if isinstance(raw, Const) else None

    flags = [raw.value for raw, _ in given.args if isinstance(raw, Const) and isinstance(raw.value, str)]
    long = next((f for f in flags if f.startswith("--")), flags[0] if flags else "")
    name = str(text("dest") or long.lstrip("-").replace("-", "_"))
    value: Raw
    if "default" in given.kwargs:
        value = given.kwargs["default"][0]
    elif text("action") in ("store_true", "store_false"):
        value = Const(text("action") == "store_false")
    elif given.open or not long.startswith("-"):
        value = UNKNOWN
    else:
        value = UNKNOWN if "required" in given.kwargs else NONE
    kind = given.kwargs.get("type")
    if isinstance(value, Const) and isinstance(value.value, str) and kind is not None and isinstance(kind[0], Name):
        convert = {"int": int, "float": float, "pathlib.Path": PurePosixPath}.get(kind[0].dotted)
        try:
            value = value if convert is None else Const(convert(value.value))
        except ValueError:
            value = UNKNOWN
    elif kind is not None and isinstance(value, Const) and isinstance(value.value, str) and kind[0] != Name("str"):
        value = UNKNOWN
    return name, value if value is UNKNOWN else Default(value)
