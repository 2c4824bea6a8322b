"""Methods of lists, sets and dictionaries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deplint.code.heap import Cell
from deplint.code.interpret.objects import extend, get_item, made, set_item
from deplint.code.interpret.state import Arguments, State
from deplint.code.library import ITEMS_LIMIT
from deplint.code.values import NONE, UNKNOWN, Const, Name, Raw, Ref, either

if TYPE_CHECKING:
    pass


def call_dict(ref: Ref, method: str, given: Arguments, state: State) -> Raw | None:
    """A method of a dictionary; None for one that is not known."""
    cell = state.cell(ref)
    keys, items = cell.keys or (), cell.items or ()
    first = given.get("", 0)
    second = given.get("default", 1)
    if method in ("get", "setdefault", "pop") and first is not None:
        found = get_item(ref, first, state)
        absent = cell.exact and isinstance(first, Const) and first not in keys and all(isinstance(k, (Const, Name)) for k in keys)
        if method == "get":
            return (second or NONE) if absent else found if cell.exact else either(found, second or NONE)
        if method == "setdefault":
            if absent:
                set_item(ref, first, second or NONE, state)
            return second or NONE if absent else found
        kept = [(k, v) for k, v in zip(keys, items, strict=True) if k != first]
        state.put(ref, cell.with_items(tuple(v for _, v in kept), tuple(k for k, _ in kept), exact=isinstance(first, Const)))
        return second or UNKNOWN if absent else found
    if method == "update":
        if given.open or (first is not None and not (isinstance(first, Ref) and state.cell(first).keys is not None)):
            state.put(ref, cell.vague())
        elif isinstance(first, Ref):
            other = state.cell(first)
            for key, item in zip(other.keys or (), other.items or (), strict=True):
                set_item(ref, key, item if other.exact else either(item, get_item(ref, key, state)), state)
            if not other.exact:
                state.put(ref, state.cell(ref).vague(open=other.open))
        for name, (raw, _) in given.kwargs.items():
            set_item(ref, Const(name), raw, state)
        return NONE
    if method == "copy":
        return made("{}", cell.with_items(items, keys), state)
    if method in ("keys", "values", "items"):
        pool = keys if method == "keys" else items
        if method == "items":
            pool = tuple(made("()", Cell(items=pair), state) for pair in zip(keys, items, strict=True))
        return made("[]", Cell(items=pool, exact=cell.exact, open=cell.open), state)
    if method == "clear":
        state.put(ref, Cell(items=(), keys=(), escaped=cell.escaped, exact=True))
        return NONE
    if method == "popitem":
        state.put(ref, cell.vague(open=False))
        return UNKNOWN
    return None


def call_list(ref: Ref, method: str, given: Arguments, state: State) -> Raw | None:
    """A method of a list or set; None for one that is not known."""
    cell = state.cell(ref)
    items = cell.items or ()
    first = given.get("", 0)
    if method in ("append", "add") and first is not None:
        state.put(ref, cell.with_items((*items, first)) if len(items) < ITEMS_LIMIT else cell.vague())
        return NONE
    if method in ("extend", "update") and first is not None:
        extend(ref, first, state)
        return NONE
    if method == "insert" and len(given.args) == 2:
        at = first.value if isinstance(first, Const) and isinstance(first.value, int) else None
        at_or_end = len(items) if at is None else at
        state.put(ref, cell.with_items((*items[:at_or_end], given.args[1][0], *items[at_or_end:]), exact=at is not None))
        return NONE
    if method == "copy":
        return made(ref.name, cell.with_items(items), state)
    if method == "clear":
        state.put(ref, Cell(items=(), escaped=cell.escaped))
        return NONE
    if method == "reverse":
        state.put(ref, cell.with_items(items[::-1]))
        return NONE
    if method == "pop":
        at = first.value if isinstance(first, Const) and isinstance(first.value, int) else -1 if first is None else None
        if at is not None and cell.exact and -len(items) <= at < len(items):
            kept = list(items)
            gone = kept.pop(at)
            state.put(ref, cell.with_items(tuple(kept)))
            return gone
        state.put(ref, cell.vague(open=False))
        return UNKNOWN
    if method in ("remove", "discard") and first is not None:
        if cell.exact and first in items and all(isinstance(i, (Const, Name)) for i in items):
            at = items.index(first)
            state.put(ref, cell.with_items(items[:at] + items[at + 1 :]))
        else:
            state.put(ref, cell.vague(open=False))
        return NONE
    if method == "sort":
        state.put(ref, cell.vague(open=False))
        return NONE
    if method in ("index", "count", "union", "intersection", "difference", "isdisjoint", "issubset", "issuperset"):
        return UNKNOWN
    return None
