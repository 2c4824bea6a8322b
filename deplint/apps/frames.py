"""Code that runs again and again: for each frame that is drawn, for each frame of a video, at an interval."""

from __future__ import annotations

import re
from functools import lru_cache

from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Choice, Function, Loop, Node, Other

_WORDS = re.compile(r"\b(?:requestAnimationFrame|requestVideoFrameCallback|setInterval|setTimeout|nextFrame)\b")


@lru_cache(maxsize=64)
def starts(file: SourceFile) -> tuple[tuple[Call, Function | None], ...]:
    """The calls that ask for code to be run later, and the function of the file that is given to them."""
    if not file.web or not file.mentions(_WORDS.pattern):
        return ()
    asked = file.calls("**.{requestAnimationFrame,requestVideoFrameCallback,requestIdleCallback,setInterval,setTimeout}")
    found = tuple((call, _callback(call.arguments[0].value)) for call in asked if call.arguments)
    return found if len(found) <= STARTS else ()


@lru_cache(maxsize=64)
def again(file: SourceFile) -> dict[Function, list[Call]]:
    """The functions that ask for their own next turn, each with where they do."""
    found: dict[Function, list[Call]] = {}
    for call, called in starts(file):
        function = call.function
        if call.method != "setInterval" and called is not None and function is not None and function in {called, *reached(called)}:
            found.setdefault(function, []).append(call)
    return found


def each_turn(node: Node) -> bool:
    """Whether code runs each time its function does: under no condition of it."""
    for around in node.ancestors:
        if isinstance(around, Function):
            return True
        if isinstance(around, Choice) or (isinstance(around, Other) and around.kind in _CONDITIONS):
            return False
    return True


_CONDITIONS = frozenset({"if_statement", "switch_statement", "switch_body", "catch_clause", "while_statement"})


@lru_cache(maxsize=64)
def frames(file: SourceFile, always: bool = False, quick: bool = False) -> frozenset[Node]:
    """The functions and loops that run for each frame, those that they call included; with `always` only those they call each time.

    A function given to `setInterval` does, with `quick` only if it runs more than twice a second; one that asks for its own next frame; and
    a loop that waits for `tf.nextFrame()`.
    """
    if not file.web or not file.mentions(_WORDS.pattern):
        return frozenset()
    found: set[Node] = set()
    for call, called in starts(file):
        if called is not None:
            repeats = {called, *reached(called, always)}
            if call.method == "setInterval" and quick and _seldom(call):
                continue
            if call.method == "setInterval" or any(around in repeats for around in call.ancestors):
                found |= repeats
    for call in file.calls("**.nextFrame"):
        loop = next((around for around in call.ancestors if isinstance(around, (Loop, Function))), None)
        if isinstance(loop, Loop):
            found |= {loop, *reached(loop, always)}
    return frozenset(found)


def _seldom(call: Call) -> bool:
    """Whether an interval is so long that nobody takes its turns for frames, in milliseconds."""
    delay = call.argument(None, 1)
    return delay is not None and isinstance(delay.value, (int, float)) and delay.value >= 500


def in_frame(node: Node) -> bool:
    """Whether a piece of code certainly runs for each frame."""
    loops = frames(node.file, quick=True)
    return any(around in loops for around in node.ancestors) if loops else False


def _callback(node: Node) -> Function | None:
    """The function that is given: by name, as it is, or bound."""
    if isinstance(node, Call) and node.method == "bind" and node.receiver is not None:
        node = node.receiver
    return node.file.meaning.local(node)


STARTS = 100
"""Calls that ask for code to be run later, beyond which no person wrote the file."""


def reached(start: Node, always: bool = False) -> set[Function]:
    """The functions of the file that a function or loop calls (each time, with `always`), and they in turn."""
    edges = _edges(start.file)
    found: set[Function] = set()
    waiting = [start]
    while waiting:
        for called, certain in edges.get(waiting.pop(), ()):
            if called not in found and (certain or not always):
                found.add(called)
                waiting.append(called)
    return found


@lru_cache(maxsize=16)
def _edges(file: SourceFile) -> dict[Node, list[tuple[Function, bool]]]:
    """The functions that each function and loop calls, also in those it gives to others (``tf.tidy(() => ...)``), and whether it does so
    each time."""
    found: dict[Node, list[tuple[Function, bool]]] = {}
    for node in file.meaning.nodes:
        called = file.meaning.local(node.callee) if isinstance(node, Call) else None
        if called is not None:
            certain = each_turn(node)
            for around in node.ancestors:
                if isinstance(around, (Function, Loop)):
                    found.setdefault(around, []).append((called, certain))
    return found
