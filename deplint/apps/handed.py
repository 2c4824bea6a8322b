"""Where a value of an app's Java and Kotlin comes from, through parameters, and methods of other files.

    for made in makers(call.receiver, project):
        if made.name == "android.graphics.ImageDecoder.decodeBitmap" ...

Nothing is left out on purpose: a value is any of what it may be. Where a parameter's method may be called from code nobody sees, or a
method is not found, the search ends there.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from deplint import Project
from deplint.apps.android import JVM, arguments, gradle, sources
from deplint.code.source_nodes import Assign, Await, Call, Choice, Convert, Function, Member, Name, Node

STEPS = 60
"""Expressions looked at for one value."""


def makers(node: Node | None, project: Project, same: Callable[[Call], Node | None] = lambda call: None) -> list[Call]:
    """The calls that may have made a value, of methods whose code is not there. `same` gives, for a call whose result is like one of the
    things it is given, that thing."""
    found: list[Call] = []
    todo = [node] if node is not None else []
    seen: set[Node] = set()
    while todo and len(seen) < STEPS:
        each = todo.pop()
        if each in seen:
            continue
        seen.add(each)
        if isinstance(each, Call):
            like, function = same(each), function_of(each, project)
            if like is not None:
                todo.append(like)
            elif function is not None and function.results:
                todo += function.results
            elif (block := _block(each)) is not None:
                todo += block
            else:
                found.append(each)
        else:
            todo += before(each, project)
    return found


def before(node: Node, project: Project) -> list[Node]:
    """What a value may be one step back: what a variable is assigned, or a parameter given."""
    if isinstance(node, Choice):
        return list(node.options)
    if isinstance(node, (Await, Convert)):
        return [node.operand]
    if isinstance(node, Assign):
        return [node.assigned] if node.assigned is not None else []
    if not isinstance(node, (Name, Member)):
        return []
    variable = node.file.meaning.variable(node)
    written = [write.source for write in variable.writes if write.source is not None and write.path == ()] if variable is not None else []
    return written or arguments(node, project)


def _block(call: Call) -> list[Node] | None:
    """What the lambda of a scope function gives, or the thing it is called on."""
    last = call.arguments[-1].value if call.arguments else None
    if not isinstance(last, Function):
        return None
    if call.method in ("also", "apply") and isinstance(call.callee, Member):
        return [call.callee.object]
    return last.results if call.method in ("let", "run", "use", "with", "withContext", "runBlocking", "synchronized", "lazy") else None


def function_of(call: Call, project: Project) -> Function | None:
    """The function of the app that is certainly called: of this file, of the class that the receiver is an object of, or a Kotlin function
    of that name that belongs to no class, if there is just one."""
    if call.new or call.file.language not in JVM:
        return None
    local = call.file.meaning.local(call.callee)
    if local is not None:
        return local
    if not re.fullmatch(r"[a-z_]\w*", call.method):
        return None
    here = gradle(project, call.file.place)
    near = (file for file in sources(project) if file.mentions(rf"\b{call.method}\s*\(") and gradle(project, file.place) is here)
    named = [each for file in near for each in file.functions if each.id == call.method]
    owner = (call.receiver.type or call.receiver.name.removesuffix("()")).rpartition(".")[2] if call.receiver is not None else ""
    found = [each for each in named if each.owner and each.owner == owner] or [each for each in named if _free(each)]
    found = [each for each in found if len(each.parameters) >= len(call.arguments)]
    return found[0] if len(found) == 1 else None


def _free(function: Function) -> bool:
    return function.file.language == "kotlin" and not function.owner
