"""One target under atheris: the process that `tests.fuzz` starts for each. ``child READER [--rules] -- LIBFUZZER_OPTIONS``."""

from __future__ import annotations

import pkgutil
import sys
import tempfile
from importlib import import_module
from pathlib import Path

import atheris

RESULTS = ("deplint.formats", "deplint.settings", "deplint.model")
"""Packages whose code is watched: the readers and what they give."""


def main() -> None:
    name, *arguments = sys.argv[1:]
    split = arguments.index("--")
    rules = "--rules" in arguments[:split]
    import yaml  # noqa: F401 - not watched

    with atheris.instrument_imports(include=[*RESULTS, "deplint.project", *(["deplint.rules"] if rules else [])]):
        for package in RESULTS:
            for module in pkgutil.iter_modules(import_module(package).__path__, package + "."):
                import_module(module.name)
        from tests.fuzz import targets

        if rules:
            targets.all_rules()
    from deplint.project import File
    from tests.fuzz.corpus import DATA, mutate_archive

    target = targets.TARGETS[name]
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        path = Path(folder, targets.name_for(target.reader))
        for relative, content in targets.surroundings(target, DATA):
            (path.parent / relative).parent.mkdir(parents=True, exist_ok=True)
            (path.parent / relative).write_bytes(content)

        def one(content: bytes) -> None:
            path.write_bytes(content)
            target.read(File(path), rules)

        one(b"")  # imports and tables are not the first file's fault
        atheris.Setup(
            [sys.argv[0], *arguments[split + 1 :]],
            one,
            custom_mutator=mutate_archive(lambda content, limit: atheris.Mutate(content, limit)),
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()
