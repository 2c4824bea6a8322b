"""Runs deplint under an audit hook: ``python -I audited.py REPORT FORBIDDEN -- ARGUMENTS``, in the folder to be linted.

What a linter has no business doing is written to the file REPORT, one line each: running code of the folder, starting a process that is
not deplint's own worker, opening what lies neither in the folder nor in an installation of Python, writing, connecting, unpickling.
FORBIDDEN is a text that planted code contains and nothing else. The worker is started through this file, too, and audited likewise.
"""

from __future__ import annotations

import os
import sys
from types import CodeType, SimpleNamespace
from typing import Any

EVENTS = (
    "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "os.startfile", "pty.spawn", "ctypes.", "socket.",
    "urllib.", "http.", "ftplib.", "smtplib.", "webbrowser.", "pickle.find_class", "os.remove", "os.rename", "os.rmdir", "os.mkdir",
    "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown", "os.utime", "os.setxattr", "os.removexattr", "shutil.", "tempfile.",
    "code.__new__", "code.interact", "sys.addaudithook",
)  # fmt: skip
"""Events of which none is to happen, or none that begins so."""

WORKER = "import sys; sys.path[:] = sys.argv[3:]; from deplint.worker import serve; serve(sys.argv[1], int(sys.argv[2]))"


def mentions(code: CodeType, text: str) -> bool:
    return any(text in each if isinstance(each, str) else isinstance(each, CodeType) and mentions(each, text) for each in code.co_consts)


def install(report: str, forbidden: str, folder: str) -> None:
    """Watch this process from now on; `folder` is what is linted."""
    sys.dont_write_bytecode = True
    out = os.open(report, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    places = {sys.prefix, sys.base_prefix, os.path.dirname(os.path.dirname(__file__)), "/usr/share/zoneinfo", folder}
    allowed = tuple(os.path.join(os.path.realpath(place), "") for place in places)
    started = [sys.executable, "-I", __file__, report, forbidden, "--worker", folder]

    def say(*words: object) -> None:
        os.write(out, (" ".join(map(str, words)) + "\n").encode("utf-8", "backslashreplace"))

    def within(path: str) -> bool:
        return os.path.exists(path) and os.path.realpath(path).startswith(os.path.join(folder, ""))

    def opened(path: Any, mode: Any, flags: int) -> None:
        if isinstance(path, int):
            return
        real = os.path.realpath(os.fsdecode(path))
        if real != os.devnull and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND):
            say("writes", real)
        elif real != os.devnull and not real.startswith((*allowed, "/proc/self/", f"/proc/{os.getpid()}/")):
            say("opens", real)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            opened(*arguments)
        elif event == "subprocess.Popen":
            command = list(arguments[1])
            if command[: len(started)] != started and command != ["uname", "-p"]:  # the latter is Python's own `platform`
                say("starts", command)
        elif event == "exec":
            (code,) = arguments
            if isinstance(code, CodeType) and (mentions(code, forbidden) or within(code.co_filename)):
                say("runs", code.co_filename, code.co_name)
        elif event == "marshal.loads":
            if isinstance(arguments[0], bytes) and forbidden.encode() in arguments[0]:
                say("unmarshals planted code")
        elif event == "import":
            if arguments[1] and within(arguments[1]):
                say("imports", arguments[1])
        elif event.startswith(EVENTS) and (event, arguments) != ("ctypes.dlopen", (None,)):  # NumPy, of itself
            say(event, arguments)

    sys.addaudithook(hook)


def main() -> int:
    report, forbidden, mode, *arguments = sys.argv[1:]
    if mode == "--worker":  # FOLDER MODULE:FUNCTION MEMORY PATH...
        folder, *rest = arguments
        sys.argv = ["-c", *rest]
        install(report, forbidden, folder)
        exec(WORKER)
        return 0
    from deplint import worker
    from deplint.__main__ import main as deplint

    assert worker._START == WORKER
    own = [sys.executable, "-I", __file__, report, forbidden, "--worker", os.path.realpath(os.curdir)]
    start = worker.subprocess.Popen

    def audited(command: list[str], *args: Any, **kwargs: Any) -> Any:
        assert command[:4] == [sys.executable, "-I", "-c", WORKER], command
        return start([*own, *command[4:]], *args, **kwargs)

    worker.subprocess = SimpleNamespace(**{**vars(worker.subprocess), "Popen": audited})
    install(report, forbidden, os.path.realpath(os.curdir))
    sys.argv = ["deplint", *arguments]
    code = deplint()
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(os.path.realpath(os.curdir) + os.sep):
            with open(report, "a") as stream:
                print("imports", name, file=stream)
    return code


if __name__ == "__main__":
    sys.exit(main())
