"""Wildcard patterns for dotted names, shared by the facts of every language.

Names look like ``tensorflow.lite.TFLiteConverter.from_saved_model().convert`` or ``@tensorflow/tfjs.loadLayersModel``. In a pattern

* ``*`` is a run of characters within one segment (never a dot or a parenthesis; at least one where it is the whole segment),
* ``**`` is any number of whole segments: ``**.convert`` also matches ``convert``, ``torch.**`` is everything below ``torch``,
* ``{a,b}`` is any of the alternatives, which may nest, be empty and hold wildcards,

and everything else, ``()`` included, stands for itself: ``*`` does not match ``from_saved_model()``, ``*()`` does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache

_TOKEN = re.compile(r"\*\*\.|\*\*|\*|[{},]|[^*{},]+")
_SPECIAL = re.compile(r"[*{}]")
_WORD = re.compile(r"[\w$]+")
_HEAD = re.compile(r"[^.()*{},]+")
"""The first word of a name."""


@lru_cache(maxsize=4096)
def matcher(*patterns: str) -> Callable[[str], bool]:
    """A function that says whether a name matches any of `patterns`.

    Raises:
        ValueError: a brace has no partner.
    """
    exact = frozenset(p for p in patterns if not _SPECIAL.search(p))
    wild = [translate(p) for p in patterns if p not in exact]
    if not wild:
        return exact.__contains__
    # Most files have no name to ask about; the same names are asked for again in every other.
    search = cache(lambda: re.compile("|".join(wild)).fullmatch)
    return lru_cache(maxsize=4096)(lambda name: name in exact or search()(name) is not None)


@lru_cache(maxsize=4096)
def heads(*patterns: str) -> frozenset[str] | None:
    """The first words of the names that match any of `patterns`; None if they may begin with anything."""
    found: set[str] = set()
    for pattern in patterns:
        for start in _starts(pattern):
            word = _HEAD.match(start)
            if word is None or start[word.end() : word.end() + 1] in ("*", "{"):
                return None
            found.add(word[0])
    return frozenset(found)


def _starts(pattern: str) -> Iterator[str]:
    """`pattern` with the braces it begins with written out."""
    if not pattern.startswith("{"):
        yield pattern
        return
    depth, begin = 0, 1
    ends: list[str] = []
    for at, letter in enumerate(pattern):
        depth += (letter == "{") - (letter == "}")
        if (letter == "," and depth == 1) or depth == 0:
            ends.append(pattern[begin:at])
            begin = at + 1
        if depth == 0:
            break
    for option in ends:
        yield from _starts(option + pattern[begin:])


def translate(pattern: str) -> str:
    """The regular expression that fully matches the names `pattern` stands for."""
    out: list[str] = []
    depth = 0
    for match in _TOKEN.finditer(pattern):
        token = match[0]
        if token == "**.":
            out.append(r"(?:.*\.)?")
        elif token == "**":
            out.append(".*")
        elif token == "*":
            before, after = pattern[: match.start()][-1:], pattern[match.end() :][:1]
            out.append("[^.()]+" if before in ".{," and after in ".(},)" else "[^.()]*")
        elif token == "{":
            depth += 1
            out.append("(?:")
        elif token == "}":
            depth -= 1
            out.append(")")
        elif token == "," and depth:
            out.append("|")
        else:
            out.append(re.escape(token))
        if depth < 0:
            break
    if depth:
        raise ValueError(f"{pattern!r}: a brace has no partner")
    return "".join(out)


@lru_cache(maxsize=4096)
def words(*patterns: str) -> tuple[str, ...]:
    """Words of which at least one is written in any source text that uses a name matching `patterns`.

    The last segment of a called name is always written out where it is used or imported. So a file in whose text none of these words
    occurs needs no parsing. Empty if the patterns do not tell, as when one ends in ``*``.
    """
    found: set[str] = set()
    for pattern in patterns:
        for name in _alternatives(pattern):
            parts = _WORD.findall(name.rsplit(".", 1)[-1])
            if not parts:
                return ()
            found.add(max(parts, key=len))
    return tuple(sorted(found))


def _alternatives(pattern: str) -> Iterator[str]:
    """`pattern` with its innermost braces written out, one string per alternative."""
    match = re.search(r"\{([^{}]*)\}", pattern)
    if match is None:
        yield pattern
        return
    for option in match[1].split(","):
        yield from _alternatives(pattern[: match.start()] + option + pattern[match.end() :])
