"""Read the released TensorFlow wheels, without importing them: the first minor release of TensorFlow 2 that has each operator.

``python -m tools.tensorflow_ops`` writes ``deplint/data/tensorflow_ops.json``. A release offers its operators in ``tf.raw_ops``, but not
all of them: some were registered for years before Python could name them. So an operator counts as there, too, where its name is in one
of the release's libraries. Downloads about 5 GB through pip, one wheel at a time. TensorFlow Serving X.Y is built from TensorFlow X.Y.
"""

from __future__ import annotations

import re
import string
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

from tools.operators import write
from tools.tensorflow_history import RELEASES, _public, _wheel

_LETTERS = (string.ascii_letters + string.digits + "_>").encode()
_LONGEST = 100
_CHUNK = 1 << 24


def offered(wheel: ZipFile) -> set[str]:
    """The operators of ``tf.raw_ops``."""
    members = [member for member in wheel.namelist() if member.endswith("/_api/v2/raw_ops/__init__.py")]
    return set().union(*(_public(wheel.read(member).decode()) for member in members))


def named(wheel: ZipFile, wanted: set[str]) -> set[str]:
    """Those of `wanted` that a library holds as a string, or as the end of one: linkers let two strings share their end."""
    found = set()
    for member in wheel.namelist():
        if re.search(r"\.so(\.\d+)*$", member):
            for name in _names(wheel, member):
                found |= {name[at:] for at in range(len(name)) if name[at].isupper()} & wanted
    return found


def _names(wheel: ZipFile, member: str) -> Iterator[str]:
    """What an operator's name may be made of, in front of each zero byte."""
    with wheel.open(member) as library:
        rest = b""
        while chunk := library.read(_CHUNK):
            *strings, rest = (rest + chunk).split(b"\0")
            for text in {text[-_LONGEST:] for text in strings}:
                yield text[len(text.rstrip(_LETTERS)) :].decode()
            rest = rest[-_LONGEST:]


def main() -> None:
    first: dict[str, str] = {}
    minors = [minor for minor in RELEASES if minor.startswith("2.")]
    for minor in reversed(minors):
        package, version, python, _ = RELEASES[minor]
        with tempfile.TemporaryDirectory() as temporary, _wheel(Path(temporary), package, version, python) as wheel:
            ops = offered(wheel)
            wanted = set(first) or ops
            first |= dict.fromkeys(wanted & ops | named(wheel, wanted), minor)
        print(minor, len(ops), file=sys.stderr)
    meta = {
        "what": f"operators that TensorFlow {minors[0]} lacks and {minors[-1]} has; since = first minor release that has it",
        "source": "tf.raw_ops and the strings of the libraries in the released wheels, tools/tensorflow_ops.py",
        "versions": {"tensorflow": [RELEASES[minor][1] for minor in minors]},
    }
    write("tensorflow_ops", meta, ({"op": op, "since": minor} for op, minor in sorted(first.items()) if minor != minors[0]))


if __name__ == "__main__":
    main()
