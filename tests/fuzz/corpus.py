"""Seeds for the fuzzer: real files of the test data that a reader claims, files built for this, and words of the reader's own source.

Mutating a compressed archive breaks its checksum and nothing else, so archives are also given with their members stored, and the
mutator (`mutate_archive`) changes one member and packs the archive anew.
"""

from __future__ import annotations

import ast
import hashlib
import io
import random
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from deplint.project import File
from tests.fuzz.samples import SAMPLES, built
from tests.fuzz.targets import SEED_LIMIT, Target

DATA = Path(__file__).parents[1] / "data" / "models"


def seeds(target: Target, folders: Iterable[Path] = (DATA,)) -> Iterator[bytes]:
    """Contents the reader claims: small files below `folders`, and those built here, archives also unpacked and packed anew."""
    for content in _found(target, folders):
        yield content
        yield from _stored(content)
    yield from built(target.name)
    if sample := SAMPLES.get(target.name):
        yield sample.encode()


def _found(target: Target, folders: Iterable[Path]) -> Iterator[bytes]:
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.stat().st_size <= SEED_LIMIT and target.reader.claims(File(path)):
                yield path.read_bytes()


def _stored(content: bytes) -> Iterator[bytes]:
    """The archive that the content is, without compression."""
    if content.startswith(b"PK") and (members := unpack(content)):
        yield pack(members)


def build(target: Target, folder: Path, folders: Iterable[Path] = (DATA,)) -> int:
    """Write the seeds into `folder`, each by its hash; how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    names = set()
    for content in seeds(target, folders):
        name = hashlib.sha256(content).hexdigest()[:16]
        (folder / name).write_bytes(content)
        names.add(name)
    return len(names)


def words(target: Target) -> list[bytes]:
    """Short texts that the reader's source names: keys, magic bytes, names of members."""
    found: set[bytes] = set()
    for module in target.modules:
        path = sys.modules[module].__file__
        assert path is not None
        for node in ast.walk(ast.parse(Path(path).read_bytes())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
                word = node.value.encode() if isinstance(node.value, str) else node.value
                if 2 <= len(word) <= 32 and b"\n" not in word and b" " not in word:
                    found.add(word)
    return sorted(found)


def dictionary(target: Target) -> str:
    """`words` as libFuzzer's ``-dict`` takes them."""
    return "".join('"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n' for word in words(target))


def unpack(content: bytes) -> list[tuple[str, bytes]]:
    """The members of a small archive that can be read; none if it is damaged."""
    members = []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                if info.file_size <= SEED_LIMIT:
                    members.append((info.filename, archive.read(info)))
    except Exception:  # whatever is wrong with it: it is no archive to be changed by its members
        return []
    return members


def pack(members: Iterable[tuple[str, bytes]]) -> bytes:
    """An archive of these members, stored."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content)
    return stream.getvalue()


def mutate_archive(mutate: Callable[[bytes, int], bytes]) -> Callable[[bytes, int, int], bytes]:
    """A mutator of whole files: three times in four it changes one member of what is an archive, else any bytes."""

    def changed(content: bytes, limit: int, seed: int) -> bytes:
        chance = random.Random(seed)
        members = unpack(content) if content[:2] == b"PK" and chance.random() < 0.75 else []
        if not members:
            return bytes(mutate(content, limit))
        # The shortest matter most: versions and configurations beside weights.
        index = min(chance.randrange(len(members)), chance.randrange(len(members)), key=lambda i: len(members[i][1]))
        name, inner = members[index]
        members[index] = name, changed(inner, SEED_LIMIT, chance.getrandbits(31)) if inner else bytes(mutate(b"\0", 64))
        return pack(members)[:limit]

    return changed
