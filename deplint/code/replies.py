"""What the handlers of a project's services answer, by the values that their functions return.

for reply in replies(route):
    print(reply.keys, reply.place)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from deplint.code.facts import Value
from deplint.code.patterns import matcher
from deplint.code.requests import keys
from deplint.code.services import Route
from deplint.finding import Place

_WRAPPED = matcher("flask.{jsonify,make_response}", "{fastapi,starlette}.responses.{JSONResponse,ORJSONResponse}")


@dataclass(frozen=True)
class Reply:
    """`keys` of the JSON object that one ``return`` makes; None if they are not known. `plain` says that the handler returns a dictionary
    itself, not a response made of it."""

    keys: frozenset[str] | None
    plain: bool
    place: Place


def replies(route: Route) -> Iterator[Reply]:
    """Nothing for a handler that returns nothing anybody can see."""
    for given in route.file.returns():
        if given.functions and given.functions[-1].node is route.node:
            known, plain = _keys(given.value)
            yield Reply(frozenset(known) if known is not None else None, plain, given.place)


def _keys(value: Value, depth: int = 0) -> tuple[set[str] | None, bool]:
    made = value.origin
    if made is not None and _WRAPPED(made.name) and depth < 3:
        if made.name == "flask.jsonify" and not made.arguments:
            return (set(made.keywords) if not made.open else None), False
        content = made.argument("content", 0)
        return (_keys(content, depth + 1)[0] if not content.missing else None), False
    if value.items is not None and value.entries is None and value.name == "()" and value.items:
        return _keys(value.items[0], depth + 1)  # with a status
    return keys(value), True
