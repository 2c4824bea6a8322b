"""Write the file of a new rule, with its cases in the docstring: `pytest` and `deplint test` run them as they stand."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from pathlib import Path

from deplint import plugins
from deplint.cli import Exit, UsageError
from deplint.names import Names

TEMPLATE = '''"""{summary}.

What goes wrong, when, and the error message that people see.

```python bad
import tensorflow as tf

tf.example_of_the_fault()  # <- say why
```

```python good
import tensorflow as tf

tf.example_without_it()
```
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.python import PythonFile


@rule("{id}", severity="warning", leaves=[], see=[])
def {function}(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls("tensorflow.example_of_the_fault"):
        yield Finding(call, "what is wrong, and what it leads to", help="what to do instead")
'''


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="a free id, as in DPL999")
    parser.add_argument("name", metavar="NAME", help="the rule's name, as in int8-without-calibration")
    parser.add_argument("--category", default="", help="the folder below `rules/`, as in export")
    parser.add_argument("--into", type=Path, default=Path("rules"), metavar="FOLDER", help="the package of rules; default: rules")


def main(args: Namespace) -> int:
    if not re.fullmatch(r"[A-Z]{2,10}[0-9]{3,4}", args.id):
        raise UsageError(f"{args.id!r} is not a rule id: capital letters and three digits, as in DPL999")
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", args.name):
        raise UsageError(f"{args.name!r} is not a rule name: words in lower case with hyphens, as in int8-without-calibration")
    known = Names(plugins.load().rules).rules
    for rule in known.values():
        if rule.id == args.id or rule.name == args.name:
            raise UsageError(f"{rule.id} {rule.name} exists already, in {rule.check.__module__}")
    if not args.into.is_dir():
        raise UsageError(f"no folder {args.into}: run this where your rules are, or name their folder with --into")
    folder = args.into / args.category
    function = args.name.replace("-", "_")
    path = folder / f"{function}.py"
    if path.exists():
        raise UsageError(f"{path} exists already")
    if not folder.is_dir():
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text(f'"""Rules about {args.category}."""\n', "utf-8")
    words = args.name.replace("-", " ")
    path.write_text(TEMPLATE.format(id=args.id, function=function, summary=words[0].upper() + words[1:]), "utf-8")
    print(f"{path}: now say what it finds; `deplint test {args.id}` runs its cases")
    return Exit.clean
