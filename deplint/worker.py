"""Libraries that damaged files crash or keep busy for ever, asked in an isolated process with limits of time and memory.

A `Worker` starts its process when it is first asked, and the process answers all that follows. Whatever a file does to the library ends
that process alone: the next question starts another.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any

WALL_SECONDS = 120
"""Time an answer may take where processor time cannot be limited, or a machine is very busy."""

Answer = Callable[[Any], Any]

_START = "import sys; sys.path[:] = sys.argv[3:]; from deplint.worker import serve; serve(sys.argv[1], int(sys.argv[2]))"


class NoAnswer(Exception):
    """A worker gave no answer, for a reason that lies with deplint or the machine: the message says which."""


class Refused(NoAnswer):
    """What was asked raised an exception: the message is that of the exception."""


class Crashed(NoAnswer):
    """The process died of a signal: the message is its number."""


class Endless(NoAnswer):
    """The answer took more than its time."""


class Worker:
    """A process that answers questions: whatever JSON can say, and so are the answers."""

    def __init__(self, answering: str, memory: int) -> None:
        """`answering` is ``"module:function"`` in the process: called once, it imports what is needed and returns what answers.
        `memory` is how many bytes the answers may take beyond that."""
        self._answering, self._memory = answering, memory
        self._process: subprocess.Popen[str] | None = None

    def ask(self, question: Any, seconds: float) -> Any:
        """The answer, which may take so many seconds of the processor.

        Raises:
            NoAnswer: or one of its kinds.
        """
        process = self._process or self._start()
        assert process.stdin and process.stdout
        too_late = threading.Event()

        def stop() -> None:
            too_late.set()
            process.kill()

        timer = threading.Timer(max(WALL_SECONDS, seconds), stop)
        timer.start()
        try:
            process.stdin.write(json.dumps({"question": question, "seconds": seconds}) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:  # it is gone
            line = ""
        finally:
            timer.cancel()
        if not line.endswith("\n"):
            code = self.close()
            if too_late.is_set() or code == -getattr(signal, "SIGPROF", 0) != 0:
                raise Endless
            raise Crashed(str(-code)) if code < 0 else NoAnswer(f"it ended with {code}")
        told = json.loads(line)
        if "answer" in told:
            return told["answer"]
        self.close()  # what failed may have left the library in a state of its own
        raise Refused(told["refused"]) if "refused" in told else NoAnswer(told["failed"])

    def close(self) -> int:
        """End the process; what it ended with."""
        process, self._process = self._process, None
        if process is None:
            return 0
        atexit.unregister(self.close)
        with process:
            assert process.stdin
            try:
                process.stdin.close()  # it waits for a question, and leaves when none can come
            except OSError:
                process.kill()
        return process.returncode

    def _start(self) -> subprocess.Popen[str]:
        # Isolated, lest a module of the linted folder be imported; with this process's own import path, but for the working folder.
        path = [entry for entry in sys.path if os.path.isabs(entry) and os.path.realpath(entry) != os.path.realpath(os.curdir)]
        command = [sys.executable, "-I", "-c", _START, self._answering, str(self._memory), *path]
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(
                command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, encoding="utf-8", errors="replace"
            )
        except OSError as error:
            raise NoAnswer(error.strerror or str(error)) from None
        atexit.register(self.close)
        return self._process


def serve(answering: str, memory: int) -> None:
    """The process: a line of JSON for each question on standard input, one for each answer on standard output."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # for libraries that print
    module, _, function = answering.partition(":")

    def tell(**told: Any) -> None:
        print(json.dumps(told), file=channel, flush=True)

    try:
        answer: Answer = getattr(import_module(module), function)()
    except Exception as error:
        sys.stdin.readline()
        tell(failed=f"{type(error).__name__}: {error}")
        return
    _limit_memory(memory)
    for line in sys.stdin:
        asked = json.loads(line)
        _limit_time(asked["seconds"])
        try:
            found = answer(asked["question"])
        except Exception as error:
            tell(refused=str(error) or type(error).__name__)
            return
        _limit_time(0)
        tell(answer=found)


def _limit_memory(more: int) -> None:
    """Refuses this process more than so many bytes beyond what it has, where that can be done. Files that are mapped do not count."""
    try:
        import resource

        with open("/proc/self/statm") as stream:
            data = int(stream.read().split()[5]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_DATA, (data + more, data + more))
    except (ImportError, OSError, ValueError):
        return


def _limit_time(seconds: float) -> None:
    """Ends this process when it has used so many seconds more of the processor (0: no limit), where that can be done."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)  # nothing handles SIGPROF: it ends the process
