"""What an HDF5 file holds, told by h5py in a process of its own.

The HDF5 library trusts what it reads: about one file in a hundred with a few flipped bytes keeps it busy for ever (measured on files that
Keras wrote). So it runs under a limit of processor time, and `listing` returns whatever happens to it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from deplint.model import Unreadable
from deplint.project import File

SECONDS, BYTES_A_SECOND = 2, 100 << 20
"""Processor time the library gets once it is loaded: a base, and a second more for each so many bytes of the file."""

MEMORY = 256 << 20
"""Bytes the library gets."""

WALL_SECONDS = 120
"""Time that reading may take where processor time cannot be limited, or a machine is very busy."""

MEMBERS_LIMIT = 20_000
"""Groups and data sets beyond which a file is not read."""

DEPTH_LIMIT = 64
"""Groups within groups."""

_WORKER = "import sys; sys.path[:] = sys.argv[3:]; from deplint.formats.hdf5 import main; main(sys.argv[1], float(sys.argv[2]))"

_ENDLESS = "the HDF5 library does not come to an end on it: the file is damaged"
_NO_WORKER = "the process that reads HDF5 files failed"


def listing(file: File, attributes: tuple[str, ...]) -> dict[str, Any]:
    """The text of the file's `attributes` (under ``attributes``, those it has), and its data sets (under ``datasets``) in the order of
    their paths: ``[path, dtype, kind, big-endian?, shape, offset or None, bytes]``, kind being NumPy's letter.

    Raises:
        Unreadable: the library cannot open the file, does not come to an end, or finds too much.
    """
    seconds = SECONDS + file.size / BYTES_A_SECOND
    # Isolated, lest a module of the linted folder be imported; with this process's own import path, but for the working folder.
    path = [entry for entry in sys.path if os.path.isabs(entry) and os.path.realpath(entry) != os.path.realpath(os.curdir)]
    command = [sys.executable, "-I", "-c", _WORKER, str(file.path), str(seconds), *path]
    try:
        done = subprocess.run(
            command, input=json.dumps(attributes), capture_output=True, encoding="utf-8", errors="replace", timeout=WALL_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise Unreadable(_ENDLESS) from None
    except OSError as error:
        raise Unreadable(f"{_NO_WORKER}: {error.strerror}") from None
    if done.returncode == -getattr(signal, "SIGPROF", 0) != 0:
        raise Unreadable(_ENDLESS)
    if done.returncode < 0:
        raise Unreadable(f"the HDF5 library crashes on it (signal {-done.returncode}): the file is damaged")
    if done.returncode:
        raise Unreadable(f"{_NO_WORKER}: {done.stderr.strip().rpartition(chr(10))[2]}")
    found = json.loads(done.stdout)
    if "error" in found:
        raise Unreadable(f"not a readable HDF5 file: {found['error']}")
    return dict(found)


def main(path: str, seconds: float) -> None:
    """The worker: reads names of attributes from standard input, writes `listing`'s result, or ``{"error": ...}``, as JSON."""
    import h5py

    _limit(seconds)
    result: Mapping[str, Any]
    try:
        with h5py.File(path, "r") as h5:
            texts = {name: _text(h5.attrs[name]) for name in json.load(sys.stdin) if name in h5.attrs}
            result = {"attributes": texts, "datasets": list(_datasets(h5, h5py))}
    except Exception as error:  # OSError, RuntimeError, KeyError, ValueError, TypeError, MemoryError and more, on damaged files
        result = {"error": str(error)}
    json.dump(result, sys.stdout)


def _limit(seconds: float) -> None:
    """Ends this process when it has used `seconds` more of processor time, and refuses it more than `MEMORY`, where that can be done."""
    try:
        import resource

        signal.setitimer(signal.ITIMER_PROF, seconds)  # nothing handles SIGPROF: it ends the process
        with open("/proc/self/statm") as stream:
            limit = int(stream.read().split()[0]) * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    except (ImportError, AttributeError, OSError, ValueError):
        return


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else ""


def _datasets(h5: Any, h5py: Any) -> Iterator[list[Any]]:
    """The data sets. Links are not followed, since they may lead to other files; a group reached twice is read once."""
    stack, seen, found = [("", h5)], set(), 0
    while stack:
        path, group = stack.pop()
        address = h5py.h5o.get_info(group.id).addr
        if address in seen:
            continue
        seen.add(address)
        for name in group:
            found += 1
            if found > MEMBERS_LIMIT:
                raise Unreadable(f"it holds more than {MEMBERS_LIMIT:,} groups and data sets")
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                continue
            item = group[name]
            if isinstance(item, h5py.Group) and path.count("/") < DEPTH_LIMIT:
                stack.append((f"{path}{name}/", item))
            elif isinstance(item, h5py.Dataset):
                dtype = item.dtype
                shape = [int(size) for size in item.shape or ()]
                place = item.id.get_offset(), int(item.id.get_storage_size())
                yield [path + name, dtype.name, dtype.kind, dtype.byteorder == ">", shape, *place]
