"""Arithmetic and strings as the languages other than Python compute them, on values of which parts may be `UNKNOWN`."""

from __future__ import annotations

from typing import Any

from deplint.code.source_nodes import UNKNOWN, Text

STRING_LIMIT = 10_000
"""Characters beyond which a string is not put together."""

ITEMS_LIMIT = 1_000
"""Items beyond which a list or dictionary is not."""

_NATIVE = frozenset({"java", "kotlin", "swift", "objc", "cpp"})


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def convert(value: Any, to: type[int] | type[float]) -> Any:
    if not _number(value) or value in (float("inf"), float("-inf")) or value != value:
        return UNKNOWN
    return to(value) if abs(value) < 2**63 else UNKNOWN


def operate(operator: str, values: list[Any], language: str) -> Any:
    """Arithmetic as the language does it: whole numbers divide to whole numbers except in JavaScript."""
    if len(values) == 1:
        (value,) = values
        if operator == "!" and isinstance(value, bool):
            return not value
        if not _number(value):
            return UNKNOWN
        return {"-": -value, "+": value}.get(operator, UNKNOWN)
    left, right = values
    if operator == "+" and (isinstance(left, (str, Text)) or isinstance(right, (str, Text))):
        return text([left, right])
    if not _number(left) or not _number(right):
        return UNKNOWN
    whole = isinstance(left, int) and isinstance(right, int)
    result: Any = UNKNOWN
    if operator == "+":
        result = left + right
    elif operator == "-":
        result = left - right
    elif operator == "*":
        result = left * right
    elif operator == "/" and right:
        result = left / right
        if whole and (language in _NATIVE or left % right == 0):
            result = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
    elif whole and operator == "~/" and right:  # Dart
        result = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
    elif whole and operator == "%" and right:
        result = abs(left) % abs(right) * (-1 if left < 0 else 1)
    elif whole and operator in ("<<", ">>") and 0 <= right < 32:
        result = left << right if operator == "<<" else left >> right
    elif whole and operator in ("&", "|", "^"):
        result = left & right if operator == "&" else left | right if operator == "|" else left ^ right
    limit = 2**31 if whole and language in ("java", "kotlin") else 2**63
    return result if result is UNKNOWN or -limit <= result < limit else UNKNOWN


def text(parts: list[Any]) -> Any:
    """A string from its parts; a `Text` if not all are known; unknown if none is."""
    joined: list[str | None] = []
    for part in parts:
        for piece in part.parts if isinstance(part, Text) else [part]:
            if isinstance(piece, int) and not isinstance(piece, bool):
                piece = str(piece)
            known = piece if isinstance(piece, str) else None
            if known == "":
                continue
            if joined and (joined[-1] is None) == (known is None):
                joined[-1] = None if known is None else (joined[-1] or "") + known
            else:
                joined.append(known)
    if sum(len(piece or "") for piece in joined) > STRING_LIMIT:
        return UNKNOWN
    if not joined or joined == [None]:
        return UNKNOWN if joined else ""
    return joined[0] if len(joined) == 1 else Text(tuple(joined))


def bounded(value: Any) -> Any:
    """`value`, unless it holds more than a rule would look at."""
    stack, count = [value], 0
    while stack:
        item = stack.pop()
        count += 1
        if count > ITEMS_LIMIT:
            return UNKNOWN
        if isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, dict):
            stack.extend(item.values())
    return value
