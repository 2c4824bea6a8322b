"""The command ``deplint``, also as ``python -m deplint``."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__" and sys.path[:1] == [os.getcwd()]:
    # Put there by `python -m`. It holds what is linted: nothing in it may pass for a library, or for a plugin.
    del sys.path[0]

import atexit
import gc
import io


def main() -> int:
    """Run the command line and return its exit code."""
    from deplint.cli import run

    # Facts are many small objects, and most of them live to the end: looking for cycles every 700 of them took half of the time.
    gc.set_threshold(50_000, 20, 20)
    # The last look, when Python ends, took a fifth: what is frozen is not looked at.
    atexit.register(gc.freeze)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # names of files hold any bytes, and terminals do not take any character
            stream.reconfigure(errors="backslashreplace")
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
