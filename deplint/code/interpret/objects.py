"""Objects on the heap: how they are made and copied, and the elements of containers."""

from __future__ import annotations

from collections.abc import Sequence

from deplint.code.heap import EMPTY, Cell, Slot
from deplint.code.interpret.recorded import CallFact
from deplint.code.interpret.state import State
from deplint.code.library import ITEMS_LIMIT, LISTS, NAME_LIMIT, canonical, dotted_of
from deplint.code.values import UNKNOWN, Class, Const, Either, Item, Name, Operation, Part, Raw, Ref, Truth, either, numbers


def made(name: str, cell: Cell, state: State) -> Ref:
    number = next(numbers)
    state.heap[number] = cell
    return Ref(number, name)


def fresh(name: str, state: State, cls: Class | None = None, call: CallFact | None = None, derived: bool = False) -> Ref:
    """A new object that exists on this path."""
    number = next(numbers)
    state.heap[number] = EMPTY
    return Ref(number, name, cls, call, derived)


def copied(raw: Raw, deep: bool, state: State, done: dict[int, Ref] | None = None) -> Raw:
    """A copy of an object; a deep one copies what it holds, too."""
    if not isinstance(raw, Ref):
        return raw
    done = {} if done is None else done
    if raw.number in done:
        return done[raw.number]
    new = done[raw.number] = fresh(raw.name, state, raw.cls, raw.call, raw.derived)
    cell = state.cell(raw)
    if deep and len(done) < ITEMS_LIMIT:
        items = tuple(copied(item, deep, state, done) for item in cell.items) if cell.items is not None else None
        attrs = {
            name: Slot(tuple(copied(value, deep, state, done) for value in slot.values), slot.certain, slot.nodes)
            for name, slot in cell.attrs.items()
        }
        cell = Cell(attrs, cell.called, cell.escaped, items, cell.keys, cell.exact, cell.open)
    state.put(new, cell)
    return new


def held(slot: Slot, owner: Ref, state: State, fallback: Raw = UNKNOWN) -> Raw:
    value = either(*slot.values) if slot.certain else either(*slot.values, fallback)
    return value if state.cell(owner).escaped is Truth.no else either(value, UNKNOWN)


def listed(value: Raw) -> Raw:
    """The list that a library's list was made from; anything else as it is."""
    if isinstance(value, Ref) and value.name in LISTS and value.call is not None and len(value.call.args) == 1:
        inner = value.call.args[0][0]
        return inner if isinstance(inner, Ref) and inner.name in ("[]", "()") else value
    return value


def get_item(value: Raw, key: Raw, state: State) -> Raw:
    """``value[key]``"""
    value = listed(value)
    if isinstance(value, Ref):
        cell = state.cell(value)
        if cell.items is None:
            slot = cell.attrs.get(f"[{key.value}]") if isinstance(key, Const) and isinstance(key.value, (str, int)) else None
            return held(slot, value, state) if slot is not None else piece_of(value, key)
        if cell.keys is not None:
            found = [item for known, item in zip(cell.keys, cell.items, strict=True) if known == key]
            if found and cell.exact and isinstance(key, (Const, Name)):
                return found[0]
            return either(*found, UNKNOWN) if found else UNKNOWN
        if isinstance(key, Const) and isinstance(key.value, int) and cell.exact and -len(cell.items) <= key.value < len(cell.items):
            return cell.items[key.value]
        return either(*cell.items) if cell.items and not cell.open and not isinstance(key, Const) else UNKNOWN
    if isinstance(value, Part):
        slot = state.cell(value.owner).attrs.get(f"{value.path}[{key.value}]") if isinstance(key, Const) else None
        return held(slot, value.owner, state) if slot is not None else piece_of(value, key)
    if isinstance(value, Const) and isinstance(value.value, (str, bytes)) and isinstance(key, Const):
        try:
            return Const(value.value[key.value])
        except (IndexError, TypeError):
            return UNKNOWN
    return piece_of(value, key)


def element_of(value: Raw, state: State) -> Raw:
    """One element of an iterable."""
    value = listed(value)
    if isinstance(value, Ref):
        cell = state.cell(value)
        if cell.items is not None:
            pool = cell.keys if cell.keys is not None else cell.items
            return either(*pool) if pool and not cell.open else UNKNOWN
        return piece_of(value, UNKNOWN)
    if isinstance(value, Either):
        return either(*[element_of(option, state) for option in value.options])
    return piece_of(value, UNKNOWN)


def piece_of(value: Raw, key: Raw) -> Raw:
    """An element of what is no container of the project's."""
    dotted = dotted_of(value)
    if dotted:
        return Item(canonical(dotted + "[]"), value, key) if len(dotted) < NAME_LIMIT else UNKNOWN
    return Operation("[]", value, key) if isinstance(value, Operation) else UNKNOWN


def unpacked(value: Raw, count: int, star: int | None, state: State) -> Sequence[Raw]:
    """What unpacking gives to each of `count` targets, of which number `star` takes the rest."""
    if isinstance(value, Ref):
        cell = state.cell(value)
        pool = cell.keys if cell.keys is not None else cell.items
        if pool is not None and cell.exact and (len(pool) == count if star is None else len(pool) >= count - 1):
            if star is None:
                return pool
            end = len(pool) - (count - 1 - star)
            rest = made("[]", Cell(items=pool[star:end]), state)
            return [*pool[:star], rest, *pool[end:]]
    item = element_of(value, state)
    return [UNKNOWN if n == star else item for n in range(count)]


def set_item(ref: Ref, key: Raw, value: Raw, state: State) -> None:
    """``container[key] = value``. An object that is no known container has an attribute ``[key]``."""
    cell = state.cell(ref)
    items = cell.items
    if items is None:
        if isinstance(key, Const) and isinstance(key.value, (str, int)):
            state.put(ref, cell.with_attr(f"[{key.value}]", value))
    elif cell.keys is not None:
        if key in cell.keys:
            at = cell.keys.index(key)
            state.put(ref, cell.with_items((*items[:at], value, *items[at + 1 :]), cell.keys))
        elif len(items) < ITEMS_LIMIT:
            plain = isinstance(key, (Const, Name)) and not (isinstance(key, Name) and key.derived)
            state.put(ref, cell.with_items((*items, value), (*cell.keys, key), exact=plain, open=not plain))
        else:
            state.put(ref, cell.vague())
    elif isinstance(key, Const) and isinstance(key.value, int) and cell.exact and -len(items) <= key.value < len(items):
        changed = list(items)
        changed[key.value] = value
        state.put(ref, cell.with_items(tuple(changed)))
    else:
        state.put(ref, cell.with_items((*items, value)[:ITEMS_LIMIT], exact=False, open=True))


def extend(ref: Ref, more: Raw, state: State) -> None:
    """``container += more`` (or ``|=``)."""
    cell = state.cell(ref)
    other = state.cell(more) if isinstance(more, Ref) else EMPTY
    if other.items is None or len(other.items) + len(cell.items or ()) > ITEMS_LIMIT:
        state.put(ref, cell.vague())
    elif cell.keys is not None and other.keys is not None:
        for key, item in zip(other.keys, other.items, strict=True):
            set_item(ref, key, item if other.exact else either(item, get_item(ref, key, state)), state)
        if not other.exact:
            state.put(ref, state.cell(ref).vague(open=other.open))
    elif cell.keys is None:
        pool = other.keys if other.keys is not None else other.items
        state.put(ref, cell.with_items((cell.items or ()) + pool, exact=other.exact, open=other.open))
    else:
        state.put(ref, cell.vague())


def blur(ref: Ref, state: State) -> None:
    """The container is about to be changed, or not."""
    state.put(ref, state.cell(ref).vague(open=False))


def distinct(keys: Sequence[Raw], items: Sequence[Raw]) -> tuple[tuple[Raw, ...], tuple[Raw, ...]]:
    """Keys and values of a dictionary in which later ones replace earlier ones."""
    merged: dict[Raw, Raw] = {}
    for key, item in zip(keys, items, strict=False):
        merged[key if isinstance(key, (Const, Name)) else Part(Ref(-1, ""), str(len(merged)))] = item
    if len(merged) == len(keys):
        return tuple(keys), tuple(items)
    found = {key: key for key in keys}
    return tuple(found.get(k, UNKNOWN) for k in merged), tuple(merged.values())
