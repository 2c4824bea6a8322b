"""The loop of every oracle: questions in, answers out, one JSON object a line. Imports nothing but the standard library."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

Answer = Callable[[str, str, bool], "Mapping[str, Any] | None"]
"""Given a path, a target, and whether to compare numbers: raises what the runtime raises; else what else there is to tell."""

LONGEST = 4000
"""Characters of an error that are passed on."""


def serve(answer: Answer) -> None:
    """Answer until there are no more questions. What the runtime prints goes to standard error, so that it does not mix with answers."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    _limit(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    for line in sys.stdin:
        question = json.loads(line)
        if question["numeric"]:
            comparing: Any = import_module("comparing")
            comparing.supplied = question.get("inputs", "")
        try:
            told = {"works": True, **(answer(question["path"], question["target"], question["numeric"]) or {})}
        except MemoryError:
            told = {"works": None, "error": "out of memory"}
        except BaseException as error:  # converters raise what is no Exception, and end the process
            told = {"works": False, "error": f"{type(error).__name__}: {error}"[:LONGEST]}
        print(json.dumps(told), file=answers, flush=True)


def _limit(memory: int) -> None:
    """Keep the process from taking the machine's memory, where the system can."""
    try:
        import resource
    except ImportError:
        return
    if memory:
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
