"""What the Python interpreter says of values and objects: a table of small programs, a question each, the three-valued answer.

The answers are written from the meaning of the program. `yes` and `no` must hold for every way it can run; `maybe` is right wherever code
that cannot be seen, or a value from outside, decides. Each program is linted as `main.py`; where there are several files, their names are
in the source as ``# file: name``.

Questions are asked where the program says: of what a ``TFLiteConverter`` is when its ``convert`` is called, of the model given to
``torch.onnx.export``, of the argument of ``torch.save`` (any value).
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deplint import code
from deplint.code.facts import UNKNOWN, Value
from deplint.code.python import PythonFile
from deplint.code.values import Truth
from deplint.project import File, Project

yes, maybe, no = Truth.yes, Truth.maybe, Truth.no

PRELUDE = """\
import tensorflow as tf
import torch
from torch import nn

class Net(nn.Module):
    def forward(self, x):
        return x
"""

Question = Callable[[PythonFile], Any]


def load(tmp_path: Path, source: str) -> PythonFile:
    """The facts of `main.py`."""
    parts = re.split(r"(?m)^# file: (\S+)\n", textwrap.dedent(source).lstrip("\n"))
    files = {"main.py": PRELUDE + parts[0]} if parts[0].strip() else {}
    files |= dict(zip(parts[1::2], parts[2::2], strict=True))
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    project = Project(tmp_path, [File(tmp_path / name, name) for name in files], code.READERS)
    [facts] = project.facts(project.by_path[tmp_path / "main.py"], PythonFile)
    assert not project.troubles
    assert isinstance(facts, PythonFile)
    return facts


def ask(values: list[Value], question: Callable[[Value], Any]) -> Any:
    """The answer, where the program gets there in several ways and the answer is always the same; else a list of them."""
    assert values, "the program never gets there"
    answers = [question(value) for value in values]
    return answers[0] if all(answer == answers[0] for answer in answers) else answers


def converter(file: PythonFile) -> list[Value]:
    return [call.receiver for call in file.calls("tensorflow.lite.TFLiteConverter.*().convert")]


def exported(file: PythonFile) -> list[Value]:
    return [call.argument("model", 0) for call in file.calls("torch.onnx.export")]


def saved(file: PythonFile) -> list[Value]:
    return [call.argument("obj", 0) for call in file.calls("torch.save")]


def set_(path: str) -> Question:
    return lambda file: ask(converter(file), lambda c: c.set(path))


def given(path: str) -> Question:
    """The value of a converter's attribute."""
    return lambda file: ask(converter(file), lambda c: c.value(path).python())


def holds(path: str, *patterns: str) -> Question:
    return lambda file: ask(converter(file), lambda c: c.value(path).contains(*patterns))


def called(method: str) -> Question:
    return lambda file: ask(exported(file), lambda m: m.called(method))


def training(file: PythonFile) -> Any:
    """True, False, or UNKNOWN: the mode of the exported model as far as the code sets it."""
    return ask(exported(file), lambda m: m.value("training").python())


def keyword(name: str, how: Callable[[Value], Any] = Value.python) -> Question:
    """An argument of ``torch.onnx.export``."""
    return lambda file: ask([call.argument(name) for call in file.calls("torch.onnx.export")], how)


def value(file: PythonFile) -> Any:
    return ask(saved(file), lambda v: v.python())


def defaulted(file: PythonFile) -> Any:
    """The value, where a default counts; and whether it is certain."""
    return ask(saved(file), lambda v: (v.python(default=True), v.certain))


def pieces(file: PythonFile) -> Any:
    return ask(saved(file), lambda v: v.pieces)


def texts(file: PythonFile) -> Any:
    return ask(saved(file), lambda v: sorted(v.texts))


def name(file: PythonFile) -> Any:
    return ask(saved(file), lambda v: v.name)


def is_(*patterns: str) -> Question:
    return lambda file: ask(saved(file), lambda v: v.is_(*patterns))


def missing(argument: str) -> Question:
    return keyword(argument, lambda v: v.missing)


def calls(pattern: str) -> Question:
    return lambda file: len(file.calls(pattern))


MAKE = "c = tf.lite.TFLiteConverter.from_saved_model('m')\n"

CASES: list[tuple[str, str, Question, Any]] = []


def case(title: str, question: Question, answer: Any, source: str) -> None:
    CASES.append((title, source, question, answer))


# -- names -----------------------------------------------------------------------------------------------------------------------

case("import as", name, "tensorflow.float16", "torch.save(tf.float16)")
case("from import as", name, "torch.nn.functional.relu", "from torch.nn import functional as F\ntorch.save(F.relu)")
case(
    "import of a submodule binds the top",
    name,
    "torch.ao.quantization.prepare",
    "import torch.ao.quantization\ntorch.save(torch.ao.quantization.prepare)",
)
case("import of a submodule as", name, "torch.ao.quantization.prepare", "import torch.ao.quantization as q\ntorch.save(q.prepare)")
case(
    "an alias by assignment",
    name,
    "tensorflow.lite.TFLiteConverter",
    "lite = tf.lite\nConverter = lite.TFLiteConverter\ntorch.save(Converter)",
)
case("star import of a library", name, "torch.nn.Linear", "from torch.nn import *\ntorch.save(Linear)")
case(
    "a name bound by nobody, under a star import of a library",
    name,
    "tensorflow.keras.layers.Dense",
    "from tensorflow.keras.layers import *\ntorch.save(Dense)",
)
case("a local name hides one of a star import", value, 3, "from torch.nn import *\nLinear = 3\ntorch.save(Linear)")
case(
    "two star imports: one of them", is_("torch.nn.Linear"), maybe, "from torch.nn import *\nfrom keras.layers import *\ntorch.save(Linear)"
)
case("re-assignment", value, 2, "x = 1\nx = 2\ntorch.save(x)")
case(
    "a name assigned in one branch is that of the other, too",
    is_("tensorflow.int8"),
    maybe,
    "import os\nt = tf.float32\nif os.path.exists('x'):\n    t = tf.int8\ntorch.save(t)",
)
case(
    "compat v2 is the library itself", name, "tensorflow.lite.Optimize", "import tensorflow.compat.v2 as tf2\ntorch.save(tf2.lite.Optimize)"
)
case("import in a function", name, "onnx.load", "def f():\n    from onnx import load\n    torch.save(load)\nf()")
case(
    "try import, fall back",
    lambda f: ask(saved(f), lambda v: sorted(v.names)),
    ["tensorflow.lite.Interpreter", "tflite_runtime.interpreter.Interpreter"],
    "try:\n    from tflite_runtime.interpreter import Interpreter\nexcept ImportError:\n    Interpreter = tf.lite.Interpreter\ntorch.save(Interpreter)",
)
case(
    "a module of the project hides nothing of a framework",
    name,
    "onnx.load",
    "# file: main.py\nimport torch, onnx\ntorch.save(onnx.load)\n# file: onnx.py\nload = 1\n",
)
case(
    "import of the project's module",
    value,
    5,
    "# file: main.py\nimport torch\nimport settings\ntorch.save(settings.SIZE)\n# file: settings.py\nSIZE = 5\n",
)
case(
    "from import of the project's module, with another name",
    value,
    5,
    "# file: main.py\nimport torch\nfrom settings import SIZE as S\ntorch.save(S)\n# file: settings.py\nSIZE = 5\n",
)
case(
    "star import of the project's module",
    value,
    5,
    "# file: main.py\nfrom settings import *\ntorch.save(SIZE)\n# file: settings.py\nimport torch\nSIZE = 5\n",
)
case(
    "star import heeds __all__",
    lambda f: [c.argument("obj", 0).python() for c in f.calls("torch.save")],
    [1, UNKNOWN],
    "# file: main.py\nimport torch\nfrom settings import *\ntorch.save(A)\ntorch.save(B)\n# file: settings.py\n__all__ = ['A']\nA = 1\nB = 2\n",
)
case(
    "a package's __init__ hands on a name",
    value,
    7,
    "# file: main.py\nimport torch\nfrom pkg import SIZE\ntorch.save(SIZE)\n# file: pkg/__init__.py\nfrom .inner import SIZE\n# file: pkg/inner.py\nSIZE = 7\n",
)
case(
    "a submodule through its package",
    value,
    7,
    "# file: main.py\nimport torch\nimport pkg.inner\ntorch.save(pkg.inner.SIZE)\n# file: pkg/__init__.py\n# file: pkg/inner.py\nSIZE = 7\n",
)
case("a relative import that leads nowhere is unknown", value, UNKNOWN, "from .nowhere import SIZE\ntorch.save(SIZE)")
case("an unknown module's name is its dotted name", name, "nowhere.SIZE", "from nowhere import SIZE\ntorch.save(SIZE)")
case("del", value, UNKNOWN, "x = 1\ndel x\ntorch.save(x)")

# -- values ----------------------------------------------------------------------------------------------------------------------

case("a tuple of constants", value, (1, 3, 224, 224), "torch.save((1, 3, 224, 224))")
case("arithmetic on constants", value, (224, 112), "S = 224\ntorch.save((S, S // 2))")
case("a set and negative numbers", value, [-1, 2], "torch.save({-1, 2})")
case("an f-string of constants", value, "model_v2.onnx", "v = 2\ntorch.save(f'model_v{v}.onnx')")
case("an f-string with a gap", pieces, (None, ".onnx"), "import sys\ntorch.save(f'{sys.argv[1]}.onnx')")
case("a formatted number is a gap, not its plain text", pieces, ("m_", None), "torch.save(f'm_{3.14159:.2f}')")
case("percent", value, "a-1.tflite", "torch.save('%s-%d.tflite' % ('a', 1))")
case("percent with a gap", pieces, ("a-", None, ".tflite"), "import sys\ntorch.save('%s-%d.tflite' % ('a', len(sys.argv)))")
case("percent of one value", value, "5%.bin", "torch.save('%s%%.bin' % 5)")
case("format", value, "net_a_3", "torch.save('{}_{name}_{}'.format('net', 3, name='a'))")
case("format with a gap", pieces, ("net_", None), "import sys\ntorch.save('net_{0}'.format(sys.argv[0]))")
case("string methods", value, "net.tflite", "torch.save('NET.h5'.lower().replace('.h5', '.tflite'))")
case("a slice of a string", value, "net.tflite", "p = 'net.h5'\ntorch.save(p[:-3] + '.tflite')")
case("os.path.join", value, "out/m.onnx", "import os\ntorch.save(os.path.join('out', 'm.onnx'))")
case("os.path.join with a gap", pieces, (None, "/m.onnx"), "import os, sys\ntorch.save(os.path.join(sys.argv[1], 'm.onnx'))")
case("os.path.splitext", value, "net.onnx", "import os\ntorch.save(os.path.splitext('net.pt')[0] + '.onnx')")
case("pathlib", value, "out/m.onnx", "from pathlib import Path\ntorch.save(Path('out') / 'm.onnx')")
case(
    "pathlib from something unknown",
    pieces,
    (None, "/m.onnx"),
    "import sys\nfrom pathlib import Path\ntorch.save(Path(sys.argv[1]) / 'm.onnx')",
)
case("pathlib with_suffix, as a string", value, "m.onnx", "from pathlib import Path\ntorch.save(str(Path('m.pt').with_suffix('.onnx')))")
case("with_suffix of something unknown", pieces, (None, ".onnx"), "def f(path):\n    torch.save(path.with_suffix('.onnx'))")
case("beside the file itself", value, "m.onnx", "from pathlib import Path\ntorch.save(Path(__file__).parent / 'm.onnx')")
case("a parameter's default where the call does not give it", value, 11, "def f(opset=11):\n    torch.save(opset)\nf()")
case("a parameter's default where callers are unknown", defaulted, (11, False), "def f(opset=11):\n    torch.save(opset)")
case("a parameter without a default", value, UNKNOWN, "def f(opset):\n    torch.save(opset)")
case("a module's constant in a function", value, 11, "def f():\n    torch.save(OPSET)\nOPSET = 11")
case("a module's constant is the one at the time of the call", value, 11, "OPSET = 11\ndef f():\n    torch.save(OPSET)\nf()\nOPSET = 12")
case(
    "argparse default",
    defaulted,
    (11, False),
    "import argparse\np = argparse.ArgumentParser()\np.add_argument('--opset', type=int, default=11)\nargs = p.parse_args()\ntorch.save(args.opset)",
)
case(
    "argparse default given as a string is converted",
    defaulted,
    (11, False),
    "import argparse\np = argparse.ArgumentParser()\np.add_argument('--opset', type=int, default='11')\ntorch.save(p.parse_args().opset)",
)
case(
    "argparse store_true",
    defaulted,
    (False, False),
    "import argparse\np = argparse.ArgumentParser()\np.add_argument('--int8', action='store_true')\ntorch.save(p.parse_args().int8)",
)
case(
    "argparse option in a group, with dest",
    defaulted,
    (4, False),
    "import argparse\np = argparse.ArgumentParser()\ng = p.add_argument_group('x')\ng.add_argument('-b', '--batch-size', dest='b', default=4)\ntorch.save(p.parse_args().b)",
)
case(
    "argparse required",
    value,
    UNKNOWN,
    "import argparse\np = argparse.ArgumentParser()\np.add_argument('--opset', required=True)\ntorch.save(p.parse_args().opset)",
)
case(
    "argparse parsed in a helper",
    defaulted,
    (11, False),
    "import argparse\ndef parse():\n    p = argparse.ArgumentParser()\n    p.add_argument('--opset', default=11)\n    return p.parse_args()\ndef main(opt):\n    torch.save(opt.opset)\nif __name__ == '__main__':\n    main(parse())",
)
case(
    "argparse handed on as **vars",
    defaulted,
    (11, False),
    "import argparse\np = argparse.ArgumentParser()\np.add_argument('--opset', default=11)\ndef run(opset=9):\n    torch.save(opset)\nrun(**vars(p.parse_args()))",
)
case(
    "argparse overwritten",
    value,
    13,
    "import argparse\np = argparse.ArgumentParser()\np.add_argument('--opset', default=11)\nargs = p.parse_args()\nargs.opset = 13\ntorch.save(args.opset)",
)
case("an environment variable's fallback", defaulted, ("m.onnx", False), "import os\ntorch.save(os.environ.get('MODEL', 'm.onnx'))")
case("an environment variable", value, UNKNOWN, "import os\ntorch.save(os.environ['MODEL'])")
case("**kwargs at the call", keyword("opset_version"), 11, "o = dict(opset_version=11)\ntorch.onnx.export(Net(), 1, 'a', **o)")
case(
    "**kwargs with one key only on one path",
    keyword("dynamic_axes", lambda v: v.missing or v.unknown or not v.certain),
    True,
    "import os\no = {'opset_version': 11}\nif os.path.exists('x'):\n    o['dynamic_axes'] = {}\ntorch.onnx.export(Net(), 1, 'a', **o)",
)
case("**kwargs built in two steps", keyword("opset_version"), 12, "o = {}\no['opset_version'] = 12\ntorch.onnx.export(Net(), 1, 'a', **o)")
case(
    "**kwargs of an unknown dictionary may hold anything",
    keyword("dynamic_axes", lambda v: v.unknown),
    True,
    "def f(o):\n    torch.onnx.export(Net(), 1, 'a', **o)",
)
case(
    "**kwargs handed through a wrapper",
    keyword("opset_version"),
    11,
    "def wrap(model, **kw):\n    torch.onnx.export(model, 1, 'a', **kw)\nwrap(Net(), opset_version=11)",
)
case(
    "what a wrapper was not given, the call is not given",
    missing("dynamic_axes"),
    True,
    "def wrap(model, **kw):\n    torch.onnx.export(model, 1, 'a', **kw)\nwrap(Net(), opset_version=11)",
)
case(
    "what callers of a wrapper give is unknown",
    missing("dynamic_axes"),
    False,
    "def wrap(model, **kw):\n    torch.onnx.export(model, 1, 'a', **kw)",
)
case(
    "*args handed through a wrapper",
    lambda f: ask([c.argument("f", 2) for c in f.calls("torch.onnx.export")], Value.python),
    "a.onnx",
    "def wrap(*args):\n    torch.onnx.export(*args)\nwrap(Net(), 1, 'a.onnx')",
)
case(
    "*args of unknown length hide positions",
    lambda f: ask([c.argument("f", 2) for c in f.calls("torch.onnx.export")], lambda v: v.unknown),
    True,
    "def f(rest):\n    torch.onnx.export(Net(), *rest)",
)
case("a conditional expression on something unknown", texts, ["a", "b"], "import sys\ntorch.save('a' if sys.argv else 'b')")
case("a conditional expression on a constant", value, "a", "INT8 = True\ntorch.save('a' if INT8 else 'b')")
case("or picks the first that is true", value, "m", "torch.save('' or None or 'm')")
case("or with something unknown", lambda f: ask(saved(f), lambda v: v.texts), ["m"], "import sys\ntorch.save(sys.argv[1] or 'm')")
case("walrus", value, 5, "if (n := 5) > 3:\n    torch.save(n)")
case("walrus in a comprehension", value, 2, "ys = [last := x for x in (1, 2)]\ntorch.save(last)")
case("unpacking", value, (2, 1), "a, b = 1, 2\na, b = b, a\ntorch.save((a, b))")
case("unpacking with a star", value, [1, [2, 3], 4], "a, *b, c = 1, 2, 3, 4\ntorch.save([a, b, c])")
case("unpacking something unknown", value, UNKNOWN, "def f(p):\n    a, b = p\n    torch.save(a)")
case("a dictionary's entry", value, 3, "d = {'a': {'b': 3}}\ntorch.save(d['a']['b'])")
case("a dictionary's entry by get", value, 4, "d = {'a': 3}\ntorch.save(d.get('b', 4))")
case("a dictionary's entry that is set twice", value, 2, "d = {**{'a': 1}, 'a': 2}\ntorch.save(d['a'])")
case("dictionaries added up", value, {"a": 1, "b": 3}, "d = {'a': 1, 'b': 2}\nd |= {'b': 3}\ntorch.save(d)")
case(
    "a dictionary's entry set on one path",
    lambda f: ask(saved(f), lambda v: sorted(o.python() for o in v.options)),
    [1, 2],
    "import sys\nd = {'a': 1}\nif sys.argv:\n    d['a'] = 2\ntorch.save(d['a'])",
)
case("a list that grows", value, [1, 2, 3, 4], "a = [1]\na.append(2)\na += [3]\na.extend((4,))\ntorch.save(a)")
case("a list changed through another name", value, [1, 2], "a = [1]\nb = a\nb.append(2)\ntorch.save(a)")
case("a list changed by a helper", value, [1, 2], "def add(xs):\n    xs.append(2)\na = [1]\nadd(a)\ntorch.save(a)")
case("insert, pop, remove", value, [0, 2], "a = [1, 2, 3]\na.insert(0, 0)\na.pop()\na.remove(1)\ntorch.save(a)")
case("a list that grows in a loop is not known", value, UNKNOWN, "import sys\na = []\nfor x in sys.argv:\n    a.append(1)\ntorch.save(a)")
case(
    "a list that grows in a loop over known elements",
    value,
    ["a.x", "b.x"],
    "r = []\nfor n in ('a', 'b'):\n    r.append(n + '.x')\ntorch.save(r)",
)
case("a tuple is not changed in place", value, (1,), "a = (1,)\nb = a\nb += (2,)\ntorch.save(a)")
case("sorted: the elements, not their order", value, UNKNOWN, "torch.save(sorted([3, 1]))")
case(
    "a comprehension over known elements",
    value,
    {"input": {0: "batch"}, "output": {0: "batch"}},
    "names = ['input', 'output']\ntorch.save({n: {0: 'batch'} for n in names})",
)
case("dict.fromkeys", value, {"a": {0: "b"}, "c": {0: "b"}}, "torch.save(dict.fromkeys(('a', 'c'), {0: 'b'}))")
case("dict of zip", value, {"a": 0, "b": 1}, "torch.save(dict(zip(['a', 'b'], range(2))))")
case("enumerate", value, [(0, "a"), (1, "b")], "torch.save([(i, n) for i, n in enumerate(['a', 'b'])])")
case(
    "a loop's variable",
    lambda f: sorted(v.python() for v in saved(f)),
    ["onnx", "tflite"],
    "for kind in ('onnx', 'tflite'):\n    torch.save(kind)",
)
case("a counter in a loop is not its first value", value, UNKNOWN, "import sys\ni = 0\nwhile sys.argv:\n    i += 1\n    torch.save(i)")
case(
    "a first-time flag in a loop",
    value,
    1,
    "import sys\nfirst = True\nfor x in sys.argv:\n    if first:\n        first = False\n    else:\n        torch.save(1)",
)
case(
    "division of what is not constant",
    lambda f: ask(saved(f), lambda v: v.operation and (v.operation[0], v.operation[2].python())),
    ("/", 255.0),
    "import numpy as np\nimg = np.load('x')\ntorch.save(img / 255.0)",
)
case("a lambda's value", value, 6, "double = lambda x: x * 2\ntorch.save(double(3))")
case(
    "a closure sees the variable as it is when it runs",
    value,
    2,
    "def outer():\n    x = 1\n    def inner():\n        return x\n    x = 2\n    torch.save(inner())\nouter()",
)
case("a closure that is returned", value, 5, "def make(n):\n    def get():\n        return n\n    return get\ntorch.save(make(5)())")
case(
    "nonlocal",
    lambda f: ask(saved(f), lambda v: sorted(o.python() for o in v.options)),
    [1, 2],
    "def outer():\n    x = 1\n    def inner():\n        nonlocal x\n        x = 2\n    inner()\n    torch.save(x)\nouter()",
)
case(
    "a global set by a function",
    lambda f: ask(saved(f), lambda v: sorted(map(str, (o.python() for o in v.options)))),
    ["2", "None"],
    "x = None\ndef init():\n    global x\n    x = 2\ndef use():\n    torch.save(x)",
)
case("functools.partial", value, (1, 2), "from functools import partial\ndef f(a, b):\n    torch.save((a, b))\ng = partial(f, 1)\ng(b=2)")
case("getattr by a constant name", value, 3, "class C:\n    x = 3\ntorch.save(getattr(C, 'x'))")
case("getattr of a library by an unknown name", is_("torch.nn.ReLU"), maybe, "import sys\ntorch.save(getattr(torch.nn, sys.argv[1]))")
case("setattr", value, 4, "class C: pass\nc = C()\nsetattr(c, 'x', 4)\ntorch.save(c.x)")
case("a loaded setting may be anything", is_("tensorflow.int8"), maybe, "import json\ncfg = json.load(open('c'))\ntorch.save(cfg['dtype'])")
case(
    "a loaded setting by get may be anything",
    is_("tensorflow.int8"),
    maybe,
    "import yaml\ncfg = yaml.safe_load(open('c'))\ntorch.save(cfg.get('dtype'))",
)
case("recursion ends", value, UNKNOWN, "import sys\ndef f(n):\n    return f(n - 1)\ntorch.save(f(len(sys.argv)))")
case("mutual recursion ends", calls("torch.save"), 1, "def f(n):\n    return g(n)\ndef g(n):\n    return f(n)\ntorch.save(f(1))")
case(
    "match on a constant",
    value,
    2,
    "kind = 'onnx'\nmatch kind:\n    case 'tflite':\n        n = 1\n    case 'onnx' | 'ort':\n        n = 2\n    case _:\n        n = 3\ntorch.save(n)",
)
case(
    "match on something unknown",
    lambda f: ask(saved(f), lambda v: sorted(o.python() for o in v.options)),
    [1, 2],
    "import sys\nmatch sys.argv[1]:\n    case 'a':\n        n = 1\n    case _:\n        n = 2\ntorch.save(n)",
)
case("isinstance of what is known", value, "a", "w = ['a']\ntorch.save(w[0] if isinstance(w, list) else w)")
case(
    "a sequence of branches on the same constant",
    value,
    "b",
    "F = 'onnx'\nif F == 'tflite':\n    n = 'a'\nelif F == 'onnx':\n    n = 'b'\nelse:\n    n = 'c'\ntorch.save(n)",
)
case("a default replaced when it is None", value, 3, "def f(x=None):\n    if x is None:\n        x = 3\n    torch.save(x)\nf()")
case(
    "a default replaced when it is None, by unknown callers",
    lambda f: ask(saved(f), lambda v: v.certain),
    False,
    "def f(x=None):\n    if x is None:\n        x = 3\n    torch.save(x)",
)
case(
    "inside a comparison to a constant the value is that constant",
    value,
    "int8",
    "def f(kind):\n    if kind == 'int8':\n        torch.save(kind)",
)

# -- classes ---------------------------------------------------------------------------------------------------------------------

case("a class's constant", value, 8, "class Config:\n    SIZE = 8\ntorch.save(Config.SIZE)")
case("a class's constant through an instance", value, 8, "class Config:\n    SIZE = 8\ntorch.save(Config().SIZE)")
case(
    "a class's constant inside the class's own method may be overridden by a derived class",
    lambda f: ask(saved(f), lambda v: (v.python(default=True), v.certain)),
    (8, False),
    "class Config:\n    SIZE = 8\n    def go(self):\n        torch.save(self.SIZE)",
)
case("a class's constant that is set later", value, 9, "class Config:\n    SIZE = 8\nConfig.SIZE = 9\ntorch.save(Config.SIZE)")
case("an inherited constant", value, 8, "class Base:\n    SIZE = 8\nclass Config(Base):\n    pass\ntorch.save(Config.SIZE)")
case("an overridden constant", value, 9, "class Base:\n    SIZE = 8\nclass Config(Base):\n    SIZE = 9\ntorch.save(Config().SIZE)")
case(
    "a data class's default",
    value,
    8,
    "from dataclasses import dataclass\n@dataclass\nclass Config:\n    size: int = 8\ntorch.save(Config().size)",
)
case(
    "a data class's argument",
    value,
    9,
    "from dataclasses import dataclass\n@dataclass\nclass Config:\n    name: str\n    size: int = 8\ntorch.save(Config('a', 9).size)",
)
case(
    "a data class's factory",
    value,
    [1],
    "from dataclasses import dataclass, field\n@dataclass\nclass Config:\n    sizes: list = field(default_factory=lambda: [1])\ntorch.save(Config().sizes)",
)
case(
    "an inherited data class's fields come first",
    value,
    2,
    "from dataclasses import dataclass\n@dataclass\nclass A:\n    a: int = 0\n@dataclass\nclass B(A):\n    b: int = 0\ntorch.save(B(1, 2).b)",
)
case("a named tuple", value, 2, "from typing import NamedTuple\nclass P(NamedTuple):\n    x: int\n    y: int = 2\ntorch.save(P(1).y)")
case(
    "settings that the environment may override",
    defaulted,
    (8, False),
    "from pydantic_settings import BaseSettings\nclass S(BaseSettings):\n    size: int = 8\ntorch.save(S().size)",
)
case("an attribute set in __init__", value, 8, "class C:\n    def __init__(self, n):\n        self.n = n * 2\ntorch.save(C(4).n)")
case(
    "an attribute set in another method that ran",
    value,
    8,
    "class C:\n    def load(self):\n        self.n = 8\nc = C()\nc.load()\ntorch.save(c.n)",
)
case(
    "an attribute set in __init__ and another method: either",
    lambda f: ask(saved(f), lambda v: sorted(o.python() for o in v.options)),
    [1, 2],
    "class C:\n    def __init__(self):\n        self.n = 1\n    def load(self):\n        self.n = 2\n    def go(self):\n        torch.save(self.n)",
)
case(
    "an attribute set in a base class's __init__",
    value,
    8,
    "class B:\n    def __init__(self):\n        self.n = 8\nclass C(B):\n    def __init__(self):\n        super().__init__()\n        self.m = 1\ntorch.save(C().n)",
)
case(
    "a base class's method that a derived class overrides",
    value,
    2,
    "class B:\n    def size(self):\n        return 1\n    def go(self):\n        torch.save(self.size())\nclass C(B):\n    def size(self):\n        return 2\nC().go()",
)
case(
    "a base class's method that a derived class overrides, on an unknown instance",
    value,
    UNKNOWN,
    "class B:\n    def size(self):\n        return 1\n    def go(self):\n        torch.save(self.size())\nclass C(B):\n    def size(self):\n        return 2",
)
case(
    "a hook is for derived classes to define",
    lambda f: ask([c.argument("model", 0) for c in f.calls("torch.onnx.export")], lambda v: v.unknown),
    True,
    "class B:\n    def build(self):\n        raise NotImplementedError\n    def go(self):\n        torch.onnx.export(self.build(), 1, 'a')",
)
case("a property", value, 16, "class C:\n    @property\n    def size(self):\n        return 16\ntorch.save(C().size)")
case(
    "a property with a setter",
    value,
    6,
    "class C:\n    def __init__(self):\n        self._n = 1\n    @property\n    def n(self):\n        return self._n\n    @n.setter\n    def n(self, value):\n        self._n = value * 2\nc = C()\nc.n = 3\ntorch.save(c.n)",
)
case(
    "a static method, a class method",
    value,
    (1, 5),
    "class C:\n    N = 5\n    @staticmethod\n    def a():\n        return 1\n    @classmethod\n    def b(cls):\n        return cls.N\ntorch.save((C.a(), C().b()))",
)
case("a callable instance", value, 3, "class C:\n    def __call__(self, x):\n        return x + 1\ntorch.save(C()(2))")
case("an enum's member", value, "tflite", "import enum\nclass Kind(str, enum.Enum):\n    TFLITE = 'tflite'\ntorch.save(Kind.TFLITE.value)")
case(
    "an instance of a class with an unknown base: attributes may be there that nobody sees set",
    lambda f: ask(saved(f), lambda v: v.set("n")),
    maybe,
    "from nowhere import Base\nclass C(Base):\n    pass\ntorch.save(C())",
)
case(
    "an instance of a known class: attributes are those that are set",
    lambda f: ask(saved(f), lambda v: v.set("n")),
    no,
    "class C:\n    pass\ntorch.save(C())",
)
case("an instance is one of its library's base class", is_("torch.nn.Module()"), yes, "torch.save(Net())")
case("an instance of a class of the project is nothing else", is_("torch.nn.Module()"), no, "class C:\n    pass\ntorch.save(C())")
case("an instance through two classes", is_("torch.nn.Module()"), yes, "class A(Net): pass\nclass B(A): pass\ntorch.save(B())")
case(
    "an instance of another library class may be one",
    is_("torch.nn.Module()"),
    maybe,
    "import torchvision\nclass R(torchvision.models.ResNet): pass\ntorch.save(R())",
)

# -- objects: a converter --------------------------------------------------------------------------------------------------------

case("set", set_("optimizations"), yes, MAKE + "c.optimizations = [tf.lite.Optimize.DEFAULT]\nc.convert()")
case("never set", set_("optimizations"), no, MAKE + "c.convert()")
case("set after", set_("optimizations"), no, MAKE + "c.convert()\nc.optimizations = [tf.lite.Optimize.DEFAULT]")
case(
    "set on one path",
    set_("representative_dataset"),
    maybe,
    "import sys\n" + MAKE + "if sys.argv:\n    c.representative_dataset = f\nc.convert()",
)
case(
    "set on both paths",
    set_("representative_dataset"),
    yes,
    "import sys\n" + MAKE + "if sys.argv:\n    c.representative_dataset = f\nelse:\n    c.representative_dataset = g\nc.convert()",
)
case(
    "set where a constant decides",
    set_("representative_dataset"),
    yes,
    "INT8 = True\n" + MAKE + "if INT8:\n    c.representative_dataset = f\nc.convert()",
)
case(
    "not set where a constant decides",
    set_("representative_dataset"),
    no,
    "INT8 = False\n" + MAKE + "if INT8:\n    c.representative_dataset = f\nc.convert()",
)
case(
    "correlated branches are kept apart",
    lambda f: sorted((c.set("optimizations").name, c.set("representative_dataset").name) for c in converter(f)),
    [("no", "no"), ("yes", "yes")],
    "def f(int8):\n    "
    + MAKE
    + "    if int8:\n        c.optimizations = [tf.lite.Optimize.DEFAULT]\n    c.allow_custom_ops = True\n    if int8:\n        c.representative_dataset = g\n    c.convert()",
)
case(
    "correlated branches on an attribute",
    lambda f: sorted((c.set("optimizations").name, c.set("representative_dataset").name) for c in converter(f)),
    [("no", "no"), ("yes", "yes")],
    "import argparse\np = argparse.ArgumentParser()\np.add_argument('--int8', action='store_true')\nargs = p.parse_args()\n"
    + MAKE
    + "if args.int8:\n    c.optimizations = [tf.lite.Optimize.DEFAULT]\nif args.int8:\n    c.representative_dataset = g\n    c.convert()\nelse:\n    c.convert()",
)
case(
    "a branch inside a branch on the same flag",
    set_("representative_dataset"),
    yes,
    "def f(int8):\n    if int8:\n        " + MAKE + "        if int8:\n            c.representative_dataset = g\n        c.convert()",
)
case(
    "a flag that changes between is not the same flag",
    set_("representative_dataset"),
    maybe,
    "import sys\ndef f(int8):\n    "
    + MAKE
    + "    if int8:\n        c.optimizations = []\n    int8 = sys.argv\n    if int8:\n        c.representative_dataset = g\n    c.convert()",
)
case(
    "after a loop that may not run",
    set_("optimizations"),
    maybe,
    "import sys\n" + MAKE + "for x in sys.argv:\n    c.optimizations = []\nc.convert()",
)
case("after a loop that runs", set_("optimizations"), yes, MAKE + "for x in (1, 2):\n    c.optimizations = []\nc.convert()")
case(
    "in a later iteration",
    set_("optimizations"),
    maybe,
    "import sys\n" + MAKE + "for x in sys.argv:\n    if x:\n        c.convert()\n    c.optimizations = []",
)
case(
    "in a while True with break",
    set_("optimizations"),
    yes,
    "import sys\n" + MAKE + "while True:\n    c.optimizations = []\n    if sys.argv:\n        break\nc.convert()",
)
case(
    "break before it is set",
    set_("optimizations"),
    maybe,
    "import sys\n" + MAKE + "for x in (1, 2):\n    if sys.argv:\n        break\n    c.optimizations = []\nc.convert()",
)
case(
    "loop with else",
    set_("optimizations"),
    yes,
    "import sys\n" + MAKE + "for x in sys.argv:\n    pass\nelse:\n    c.optimizations = []\nc.convert()",
)
case(
    "loop with break and else",
    set_("optimizations"),
    maybe,
    "import sys\n" + MAKE + "for x in sys.argv:\n    if x:\n        break\nelse:\n    c.optimizations = []\nc.convert()",
)
case(
    "continue",
    set_("optimizations"),
    maybe,
    "import sys\nfor x in sys.argv:\n    " + MAKE + "    if x:\n        c.optimizations = []\n    c.convert()",
)
case(
    "try: set before what may fail",
    set_("optimizations"),
    yes,
    "try:\n    " + MAKE + "    c.optimizations = []\n    g()\nexcept Exception:\n    raise\nc.convert()",
)
case(
    "try: the handler goes on",
    set_("optimizations"),
    maybe,
    MAKE + "try:\n    g()\n    c.optimizations = []\nexcept ValueError:\n    pass\nc.convert()",
)
case(
    "try: the handler leaves",
    set_("optimizations"),
    yes,
    MAKE + "import sys\ntry:\n    g()\n    c.optimizations = []\nexcept ValueError:\n    sys.exit(1)\nc.convert()",
)
case(
    "try: else",
    set_("optimizations"),
    maybe,
    MAKE + "try:\n    g()\nexcept ValueError:\n    pass\nelse:\n    c.optimizations = []\nc.convert()",
)
case("try: finally", set_("optimizations"), yes, MAKE + "try:\n    g()\nfinally:\n    c.optimizations = []\nc.convert()")
case(
    "suppress",
    set_("optimizations"),
    maybe,
    "import contextlib\n" + MAKE + "with contextlib.suppress(ValueError):\n    c.optimizations = []\nc.convert()",
)
case("with another context", set_("optimizations"), yes, MAKE + "with tf.device('/cpu:0'):\n    c.optimizations = []\nc.convert()")
case("assert says nothing of the rest", set_("optimizations"), no, MAKE + "assert c.optimizations\nc.convert()")
case(
    "a nested attribute",
    set_("target_spec.supported_ops"),
    yes,
    MAKE + "c.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]\nc.convert()",
)
case(
    "a nested attribute through a variable",
    set_("target_spec.supported_ops"),
    yes,
    MAKE + "spec = c.target_spec\nspec.supported_ops = []\nc.convert()",
)
case(
    "a nested attribute by the argument of what is assigned",
    set_("target_spec.supported_ops"),
    yes,
    MAKE + "c.target_spec = tf.lite.TargetSpec(supported_ops=[tf.lite.OpsSet.TFLITE_BUILTINS_INT8])\nc.convert()",
)
case(
    "its value",
    holds("target_spec.supported_ops", "tensorflow.lite.OpsSet.TFLITE_BUILTINS_INT8"),
    yes,
    MAKE + "c.target_spec = tf.lite.TargetSpec(supported_ops=[tf.lite.OpsSet.TFLITE_BUILTINS_INT8])\nc.convert()",
)
case(
    "what is assigned, set afterwards",
    holds("target_spec.supported_ops", "tensorflow.lite.OpsSet.SELECT_TF_OPS"),
    yes,
    MAKE
    + "c.target_spec = tf.lite.TargetSpec(supported_ops=[])\nc.target_spec.supported_ops = [tf.lite.OpsSet.SELECT_TF_OPS]\nc.convert()",
)
case(
    "a nested attribute is gone with what held it",
    set_("target_spec.supported_ops"),
    no,
    MAKE + "c.target_spec.supported_ops = []\nc.target_spec = tf.lite.TargetSpec()\nc.convert()",
)
case(
    "a list of the library's that is appended to: contains",
    holds("target_spec.supported_ops", "tensorflow.lite.OpsSet.SELECT_TF_OPS"),
    maybe,
    MAKE + "c.target_spec.supported_ops.append(tf.lite.OpsSet.SELECT_TF_OPS)\nc.convert()",
)
case(
    "a list of the library's that is appended to: what else",
    holds("target_spec.supported_ops", "tensorflow.lite.OpsSet.TFLITE_BUILTINS_INT8"),
    maybe,
    MAKE + "c.target_spec.supported_ops.append(tf.lite.OpsSet.SELECT_TF_OPS)\nc.convert()",
)
case(
    "a list of one's own that is appended to",
    holds("target_spec.supported_ops", "tensorflow.lite.OpsSet.SELECT_TF_OPS"),
    yes,
    MAKE
    + "c.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]\nc.target_spec.supported_ops.append(tf.lite.OpsSet.SELECT_TF_OPS)\nc.convert()",
)
case(
    "a list of one's own that is appended to on one path",
    holds("target_spec.supported_ops", "tensorflow.lite.OpsSet.SELECT_TF_OPS"),
    maybe,
    "import sys\n"
    + MAKE
    + "ops = [tf.lite.OpsSet.TFLITE_BUILTINS]\nif sys.argv:\n    ops.append(tf.lite.OpsSet.SELECT_TF_OPS)\nc.target_spec.supported_ops = ops\nc.convert()",
)
case(
    "a list of one's own does not hold what is not put there",
    holds("target_spec.supported_ops", "tensorflow.lite.OpsSet.SELECT_TF_OPS"),
    no,
    "import sys\n"
    + MAKE
    + "ops = [tf.lite.OpsSet.TFLITE_BUILTINS]\nif sys.argv:\n    ops.append(tf.lite.OpsSet.TFLITE_BUILTINS_INT8)\nc.target_spec.supported_ops = ops\nc.convert()",
)
case("+= on the library's list", set_("optimizations"), yes, MAKE + "c.optimizations += [tf.lite.Optimize.DEFAULT]\nc.convert()")
case(
    "+= on one's own",
    holds("optimizations", "tensorflow.lite.Optimize.DEFAULT"),
    yes,
    MAKE + "c.optimizations = []\nc.optimizations += [tf.lite.Optimize.DEFAULT]\nc.convert()",
)
case(
    "an ops set chosen elsewhere",
    holds("target_spec.supported_ops", "tensorflow.lite.OpsSet.SELECT_TF_OPS"),
    maybe,
    "from nowhere import OPS\n" + MAKE + "c.target_spec.supported_ops = [OPS]\nc.convert()",
)
case("setattr on it", set_("optimizations"), yes, MAKE + "setattr(c, 'optimizations', [])\nc.convert()")
case("setattr with an unknown name", set_("optimizations"), maybe, "import sys\n" + MAKE + "setattr(c, sys.argv[1], [])\nc.convert()")
case(
    "settings applied in a loop over a known dictionary",
    set_("optimizations"),
    yes,
    MAKE + "for k, v in {'optimizations': [], 'allow_custom_ops': True}.items():\n    setattr(c, k, v)\nc.convert()",
)
case("through another name", set_("optimizations"), yes, MAKE + "d = c\nd.optimizations = []\nc.convert()")
case(
    "through one of two names",
    set_("optimizations"),
    maybe,
    "import sys\n" + MAKE + "e = tf.lite.TFLiteConverter.from_keras_model(1)\nd = c if sys.argv else e\nd.optimizations = []\nc.convert()",
)
case("a helper sets it", set_("optimizations"), yes, "def setup(conv):\n    conv.optimizations = []\n" + MAKE + "setup(c)\nc.convert()")
case(
    "a helper sets it, given by keyword",
    set_("optimizations"),
    yes,
    "def setup(*, conv):\n    conv.optimizations = []\n" + MAKE + "setup(conv=c)\nc.convert()",
)
case(
    "a helper sets it on one path",
    set_("optimizations"),
    maybe,
    "def setup(conv, quantize):\n    if not quantize:\n        return\n    conv.optimizations = []\ndef go(q):\n    "
    + MAKE
    + "    setup(c, q)\n    c.convert()",
)
case(
    "a helper sets it, the flag is given",
    set_("optimizations"),
    yes,
    "def setup(conv, quantize=False):\n    if not quantize:\n        return\n    conv.optimizations = []\n"
    + MAKE
    + "setup(c, quantize=True)\nc.convert()",
)
case(
    "a helper makes it",
    set_("optimizations"),
    yes,
    "def make():\n    c = tf.lite.TFLiteConverter.from_saved_model('m')\n    c.optimizations = []\n    return c\nmake().convert()",
)
case(
    "a helper makes it, with an early return",
    set_("optimizations"),
    yes,
    "import sys\ndef make():\n    if not sys.argv:\n        return None\n    c = tf.lite.TFLiteConverter.from_saved_model('m')\n    c.optimizations = []\n    return c\nc = make()\nc.convert()",
)
case(
    "helpers within helpers",
    set_("optimizations"),
    yes,
    "def a(c):\n    b(c)\ndef b(c):\n    d(c)\ndef d(c):\n    c.optimizations = []\n" + MAKE + "a(c)\nc.convert()",
)
case(
    "a helper in another module",
    set_("optimizations"),
    yes,
    "# file: main.py\nimport tensorflow as tf\nfrom helpers import setup\nc = tf.lite.TFLiteConverter.from_saved_model('m')\nsetup(c)\nc.convert()\n# file: helpers.py\ndef setup(conv):\n    conv.optimizations = []\n",
)
case(
    "a helper in another module makes it",
    set_("optimizations"),
    yes,
    "# file: main.py\nimport helpers\nhelpers.make('m').convert()\n# file: helpers.py\nimport tensorflow as tf\ndef make(path):\n    c = tf.lite.TFLiteConverter.from_saved_model(path)\n    c.optimizations = []\n    return c\n",
)
case("an unseen helper", set_("optimizations"), maybe, "from nowhere import setup\n" + MAKE + "setup(c)\nc.convert()")
case(
    "an unseen helper, given a list that holds it",
    set_("optimizations"),
    maybe,
    "from nowhere import setup\n" + MAKE + "setup([c])\nc.convert()",
)
case(
    "an unseen helper after it is set",
    set_("optimizations"),
    yes,
    "from nowhere import setup\n" + MAKE + "c.optimizations = []\nsetup(c)\nc.convert()",
)
case(
    "an unseen helper may change what is set",
    given("allow_custom_ops"),
    UNKNOWN,
    "from nowhere import setup\n" + MAKE + "c.allow_custom_ops = True\nsetup(c)\nc.convert()",
)
case("an unseen method", set_("optimizations"), maybe, "from nowhere import Tool\n" + MAKE + "Tool().configure(c)\nc.convert()")
case("an unknown parameter's method", set_("optimizations"), maybe, "def go(tool):\n    " + MAKE + "    tool.configure(c)\n    c.convert()")
case("a callback that is called", set_("optimizations"), maybe, "def go(callback):\n    " + MAKE + "    callback(c)\n    c.convert()")
case(
    "a callback of the project's that is called",
    set_("optimizations"),
    yes,
    "def setup(c):\n    c.optimizations = []\ndef go(callback):\n    " + MAKE + "    callback(c)\n    c.convert()\ngo(setup)",
)
case("a library's function keeps its hands off", set_("optimizations"), no, MAKE + "print(c)\nc.convert()")
case(
    "a library's function that calls what it is given",
    set_("optimizations"),
    maybe,
    "import threading\ndef setup():\n    c.optimizations = []\n" + MAKE + "threading.Thread(target=setup).start()\nc.convert()",
)
case(
    "a plug-in registry",
    set_("optimizations"),
    maybe,
    "import importlib\n" + MAKE + "importlib.import_module('x' + str(id(c))).setup(c)\nc.convert()",
)
case("getattr by an unknown name", set_("optimizations"), maybe, "import sys\n" + MAKE + "getattr(c, sys.argv[1])()\nc.convert()")
case("held by a dictionary", set_("optimizations"), yes, MAKE + "d = {'c': c}\nd['c'].optimizations = []\nc.convert()")
case("held by a list", set_("optimizations"), yes, MAKE + "for x in [c]:\n    x.optimizations = []\nc.convert()")
case(
    "held by an attribute",
    set_("optimizations"),
    yes,
    "class Job:\n    def __init__(self):\n        self.c = tf.lite.TFLiteConverter.from_saved_model('m')\n    def setup(self):\n        self.c.optimizations = []\n    def run(self):\n        self.setup()\n        return self.c.convert()\n",
)
case(
    "held by an attribute, set in a method that may have been called",
    set_("optimizations"),
    maybe,
    "class Job:\n    def __init__(self):\n        self.c = tf.lite.TFLiteConverter.from_saved_model('m')\n    def setup(self):\n        self.c.optimizations = []\n    def run(self):\n        return self.c.convert()\n",
)
case(
    "held by an attribute, set in __init__",
    set_("optimizations"),
    yes,
    "class Job:\n    def __init__(self):\n        self.c = tf.lite.TFLiteConverter.from_saved_model('m')\n        self.c.optimizations = []\n    def run(self):\n        return self.c.convert()\n",
)
case(
    "held by an attribute, set by no method",
    set_("optimizations"),
    no,
    "class Job:\n    def __init__(self):\n        self.c = tf.lite.TFLiteConverter.from_saved_model('m')\n    def run(self):\n        return self.c.convert()\n",
)
case(
    "held by an attribute, set from outside",
    set_("optimizations"),
    yes,
    "class Job:\n    def __init__(self):\n        self.c = tf.lite.TFLiteConverter.from_saved_model('m')\n    def run(self):\n        return self.c.convert()\njob = Job()\njob.c.optimizations = []\njob.run()\n",
)
case(
    "a global",
    set_("optimizations"),
    yes,
    "c = None\ndef make():\n    global c\n    c = tf.lite.TFLiteConverter.from_saved_model('m')\n    c.optimizations = []\ndef go():\n    c.convert()\nmake()\ngo()",
)
case(
    "a deep copy is another object",
    set_("optimizations"),
    no,
    "import copy\n" + MAKE + "d = copy.deepcopy(c)\nd.optimizations = []\nc.convert()",
)
case(
    "a deep copy has what the first had",
    set_("optimizations"),
    yes,
    "import copy\n" + MAKE + "c.optimizations = []\nd = copy.deepcopy(c)\nd.convert()",
)
case(
    "a deep copy's list is another list",
    holds("optimizations", "tensorflow.lite.Optimize.DEFAULT"),
    no,
    "import copy\n" + MAKE + "c.optimizations = []\nd = copy.deepcopy(c)\nd.optimizations.append(tf.lite.Optimize.DEFAULT)\nc.convert()",
)
case("a function that is not called does nothing", set_("optimizations"), no, MAKE + "def later():\n    c.optimizations = []\nc.convert()")
case(
    "a generator's body may run or not",
    set_("optimizations"),
    maybe,
    "def gen(c):\n    c.optimizations = []\n    yield 1\n" + MAKE + "g = gen(c)\nc.convert()",
)
case(
    "a conditional expression's effect",
    set_("optimizations"),
    maybe,
    "import sys\ndef s(c):\n    c.optimizations = []\n" + MAKE + "s(c) if sys.argv else None\nc.convert()",
)
case(
    "an and's effect",
    set_("optimizations"),
    maybe,
    "import sys\ndef s(c):\n    c.optimizations = []\n" + MAKE + "sys.argv and s(c)\nc.convert()",
)
case(
    "a comprehension's effect",
    set_("optimizations"),
    yes,
    "def s(c):\n    c.optimizations = []\n" + MAKE + "[s(x) for x in [c]]\nc.convert()",
)
case(
    "a calibration set given on one path",
    set_("representative_dataset"),
    maybe,
    "import os\n"
    + MAKE
    + "c.optimizations = [tf.lite.Optimize.DEFAULT]\nif os.path.isdir('calibration'):\n    c.representative_dataset = lambda: []\nc.convert()",
)
case(
    "a calibration set that may be None",
    lambda f: ask(converter(f), lambda c: sorted(v.function is not None for v in c.values("representative_dataset"))),
    [False, True],
    "import os\ndef rep():\n    yield 1\n" + MAKE + "c.representative_dataset = rep if os.path.isdir('x') else None\nc.convert()",
)
case("the last value counts", given("allow_custom_ops"), False, MAKE + "c.allow_custom_ops = True\nc.allow_custom_ops = False\nc.convert()")
case(
    "two values on two paths",
    lambda f: ask(converter(f), lambda c: sorted(v.python() for v in c.values("allow_custom_ops"))),
    [False, True],
    "import sys\n" + MAKE + "c.allow_custom_ops = True\nif sys.argv:\n    c.allow_custom_ops = False\nc.convert()",
)
case("an exec tells nothing of what it does", set_("optimizations"), maybe, MAKE + "exec('c.optimizations = []')\nc.convert()")

# -- objects: a model ------------------------------------------------------------------------------------------------------------

case("eval", called("eval"), yes, "m = Net()\nm.eval()\ntorch.onnx.export(m, 1, 'a')")
case("no eval", called("eval"), no, "m = Net()\ntorch.onnx.export(m, 1, 'a')")
case("eval in a chain", called("eval"), yes, "m = Net().to('cpu').eval()\ntorch.onnx.export(m, 1, 'a')")
case("eval in the argument", called("eval"), yes, "m = Net()\ntorch.onnx.export(m.eval(), 1, 'a')")
case("to in between", called("eval"), yes, "m = Net()\nm.eval()\nm = m.to('cuda').half()\ntorch.onnx.export(m, 1, 'a')")
case("eval, then train", training, True, "m = Net()\nm.eval()\nm.train()\ntorch.onnx.export(m, 1, 'a')")
case("train, then eval", training, False, "m = Net()\nm.train()\nm.eval()\ntorch.onnx.export(m, 1, 'a')")
case("train(False)", training, False, "m = Net()\nm.train(False)\ntorch.onnx.export(m, 1, 'a')")
case(
    "train(mode) of something unknown",
    training,
    UNKNOWN,
    "def f(mode):\n    m = Net()\n    m.train(mode)\n    torch.onnx.export(m, 1, 'a')",
)
case("eval on one path", called("eval"), maybe, "import sys\nm = Net()\nif sys.argv:\n    m.eval()\ntorch.onnx.export(m, 1, 'a')")
case(
    "eval in a helper", called("eval"), yes, "def prepare(m):\n    m.eval()\n    return m\nm = prepare(Net())\ntorch.onnx.export(m, 1, 'a')"
)
case(
    "eval in a helper that loads",
    called("eval"),
    yes,
    "def load(path):\n    m = Net()\n    m.load_state_dict(torch.load(path))\n    return m.eval()\ntorch.onnx.export(load('x'), 1, 'a')",
)
case(
    "eval in a helper in another module",
    called("eval"),
    yes,
    "# file: main.py\nimport torch\nfrom util.load import load\ntorch.onnx.export(load('x'), 1, 'a')\n# file: util/__init__.py\n# file: util/load.py\nimport torch\ndef load(path):\n    m = torch.load(path)\n    m.eval()\n    return m\n",
)
case(
    "no eval in a helper in another module",
    called("eval"),
    no,
    "# file: main.py\nimport torch\nfrom util.load import load\ntorch.onnx.export(load('x'), 1, 'a')\n# file: util/__init__.py\n# file: util/load.py\nimport torch\ndef load(path):\n    return torch.load(path)\n",
)
case("an unseen loader may call it", called("eval"), maybe, "from nowhere import load\ntorch.onnx.export(load('x'), 1, 'a')")
case(
    "an unseen function may call it",
    called("eval"),
    maybe,
    "from nowhere import prepare\nm = Net()\nprepare(m)\ntorch.onnx.export(m, 1, 'a')",
)
case(
    "eval in a method of the model",
    called("eval"),
    yes,
    "class M(Net):\n    def deploy(self):\n        self.eval()\n        return self\ntorch.onnx.export(M().deploy(), 1, 'a')",
)
case(
    "eval in __init__",
    called("eval"),
    yes,
    "class M(Net):\n    def __init__(self):\n        super().__init__()\n        self.eval()\ntorch.onnx.export(M(), 1, 'a')",
)
case(
    "an overridden eval that hands on",
    training,
    False,
    "class M(Net):\n    def eval(self):\n        return super().eval()\nm = M()\nm.eval()\ntorch.onnx.export(m, 1, 'a')",
)
case(
    "eval of the whole reaches a part",
    training,
    False,
    "class M(Net):\n    def __init__(self):\n        self.body = Net()\nm = M()\nm.eval()\ntorch.onnx.export(m.body, 1, 'a')",
)
case(
    "eval of a part does not reach the whole",
    called("eval"),
    no,
    "class M(Net):\n    def __init__(self):\n        self.body = Net()\nm = M()\nm.body.eval()\ntorch.onnx.export(m, 1, 'a')",
)
case(
    "eval through DataParallel reaches the model",
    training,
    False,
    "m = Net()\np = nn.DataParallel(m)\np.eval()\ntorch.onnx.export(m, 1, 'a')",
)
case("the model inside DataParallel", training, False, "p = nn.DataParallel(Net())\np.module.eval()\ntorch.onnx.export(p.module, 1, 'a')")
case("eval in a with", training, False, "m = Net()\nwith torch.no_grad():\n    m.eval()\n    torch.onnx.export(m, 1, 'a')")
case(
    "train after the block, on every way out",
    lambda f: ask(exported(f), lambda m: m.value("training").python()),
    True,
    "def f(m):\n    m.eval()\n    try:\n        return m\n    finally:\n        m.train()\ntorch.onnx.export(f(Net()), 1, 'a')",
)
case(
    "a context manager of one's own",
    lambda f: ask(exported(f), lambda m: m.value("training").python()),
    UNKNOWN,
    "import contextlib\n@contextlib.contextmanager\ndef evaluating(m):\n    m.eval()\n    yield m\n    m.train()\nm = Net()\nwith evaluating(m) as n:\n    torch.onnx.export(n, 1, 'a')",
)
case(
    "what a context manager of one's own gives",
    is_("torch.nn.Module()"),
    yes,
    "import contextlib\n@contextlib.contextmanager\ndef opened():\n    yield Net()\nwith opened() as n:\n    torch.save(n)",
)
case(
    "a context manager class",
    training,
    False,
    "class Eval:\n    def __init__(self, m):\n        self.m = m\n    def __enter__(self):\n        self.m.eval()\n        return self.m\n    def __exit__(self, *args):\n        self.m.train()\nwith Eval(Net()) as m:\n    torch.onnx.export(m, 1, 'a')",
)
case(
    "after a context manager class",
    training,
    True,
    "class Eval:\n    def __init__(self, m):\n        self.m = m\n    def __enter__(self):\n        self.m.eval()\n        return self.m\n    def __exit__(self, *args):\n        self.m.train()\nwith Eval(Net()) as m:\n    pass\ntorch.onnx.export(m, 1, 'a')",
)
case(
    "phases of training",
    training,
    False,
    "m = Net()\nfor phase in ['train', 'val']:\n    if phase == 'train':\n        m.train()\n    else:\n        m.eval()\ntorch.onnx.export(m, 1, 'a')",
)
case(
    "epochs that end in eval",
    called("eval"),
    maybe,
    "import sys\nm = Net()\nfor epoch in sys.argv:\n    m.train()\n    m.eval()\ntorch.onnx.export(m, 1, 'a')",
)
case(
    "a model held by self, eval in the method",
    called("eval"),
    yes,
    "class Exporter:\n    def __init__(self, path):\n        self.model = torch.load(path)\n    def export(self):\n        self.model.eval()\n        torch.onnx.export(self.model, 1, 'a')\n",
)
case(
    "a model held by self, eval in __init__",
    called("eval"),
    yes,
    "class Exporter:\n    def __init__(self, path):\n        self.model = torch.load(path).eval()\n    def export(self):\n        torch.onnx.export(self.model, 1, 'a')\n",
)
case(
    "a model held by self, no eval anywhere",
    called("eval"),
    no,
    "class Exporter:\n    def __init__(self, path):\n        self.model = torch.load(path)\n    def export(self):\n        torch.onnx.export(self.model, 1, 'a')\n",
)
case(
    "a model held by self, eval in a base class",
    called("eval"),
    yes,
    "class Base:\n    def __init__(self):\n        self.model = Net()\n        self.model.eval()\nclass Exporter(Base):\n    def export(self):\n        torch.onnx.export(self.model, 1, 'a')\n",
)
case(
    "a model held by self, given by unknown callers",
    called("eval"),
    maybe,
    "class Exporter:\n    def __init__(self, model):\n        self.model = model\n    def export(self):\n        torch.onnx.export(self.model, 1, 'a')\n",
)
case(
    "a model held by self, given by the program",
    called("eval"),
    yes,
    "class Exporter:\n    def __init__(self, model):\n        self.model = model\n    def export(self):\n        torch.onnx.export(self.model, 1, 'a')\nm = Net()\nm.eval()\nExporter(m).export()",
)
case(
    "a model held by a class with an unknown base",
    called("eval"),
    maybe,
    "from nowhere import Base\nclass Exporter(Base):\n    def export(self):\n        torch.onnx.export(self.model, 1, 'a')\n",
)
case("a parameter is whatever callers give", called("eval"), maybe, "def export(model):\n    torch.onnx.export(model, 1, 'a')")
case(
    "a decorator of the project",
    called("eval"),
    yes,
    "def in_eval(f):\n    def wrapper(m, *a):\n        m.eval()\n        return f(m, *a)\n    return wrapper\n@in_eval\ndef export(m):\n    torch.onnx.export(m, 1, 'a')\nexport(Net())",
)
case(
    "a known decorator", called("eval"), yes, "@torch.no_grad()\ndef build():\n    return Net().eval()\ntorch.onnx.export(build(), 1, 'a')"
)
case(
    "an unknown decorator may do anything to what is given and returned",
    called("eval"),
    maybe,
    "from nowhere import magic\n@magic\ndef build():\n    return Net()\ntorch.onnx.export(build(), 1, 'a')",
)
case(
    "an unknown class decorator",
    lambda f: ask(exported(f), lambda m: m.called("eval")),
    maybe,
    "from nowhere import register\n@register\nclass M(Net):\n    pass\ntorch.onnx.export(M(), 1, 'a')",
)
case(
    "async",
    called("eval"),
    yes,
    "import asyncio\nasync def load():\n    return Net().eval()\nasync def main():\n    m = await load()\n    torch.onnx.export(m, 1, 'a')\nasyncio.run(main())",
)
case(
    "partial application of a helper",
    called("eval"),
    yes,
    "from functools import partial\ndef prepare(m, how):\n    m.eval()\n    return m\np = partial(prepare, how=1)\ntorch.onnx.export(p(Net()), 1, 'a')",
)
case(
    "models in a dictionary, by a constant name",
    called("eval"),
    no,
    "models = {'a': Net(), 'b': Net()}\nmodels['b'].eval()\ntorch.onnx.export(models['a'], 1, 'a')",
)
case(
    "models in a list, all",
    called("eval"),
    yes,
    "models = [Net(), Net()]\nfor m in models:\n    m.eval()\ntorch.onnx.export(models[0], 1, 'a')",
)
case(
    "one of two models",
    called("eval"),
    no,
    "import sys\nif sys.argv:\n    m = Net()\nelse:\n    m = torch.load('x')\ntorch.onnx.export(m, 1, 'a')",
)
case(
    "one of two models, one in eval mode",
    called("eval"),
    maybe,
    "import sys\nif sys.argv:\n    m = Net().eval()\nelse:\n    m = torch.load('x')\ntorch.onnx.export(m, 1, 'a')",
)
case(
    "a model of a library by an unknown name",
    called("eval"),
    no,
    "import sys, torchvision\nm = getattr(torchvision.models, sys.argv[1])(weights=None)\ntorch.onnx.export(m, 1, 'a')",
)
case(
    "lazily made",
    called("eval"),
    yes,
    "class E:\n    def __init__(self):\n        self.m = None\n    def load(self):\n        if self.m is None:\n            self.m = Net()\n            self.m.eval()\n        torch.onnx.export(self.m, 1, 'a')\nE().load()",
)
case("eval by apply", called("eval"), maybe, "m = Net()\nm.apply(lambda x: x.eval())\ntorch.onnx.export(m, 1, 'a')")

# -- arguments of an export --------------------------------------------------------------------------------------------------------

case(
    "dynamic axes in a variable",
    keyword("dynamic_axes"),
    {"x": {0: "batch"}},
    "axes = {'x': {0: 'batch'}}\ntorch.onnx.export(Net(), 1, 'a', dynamic_axes=axes)",
)
case(
    "dynamic axes built in a helper",
    keyword("dynamic_axes"),
    {"x": {0: "batch"}, "y": {0: "batch"}},
    "def axes(names):\n    return {n: {0: 'batch'} for n in names}\ntorch.onnx.export(Net(), 1, 'a', dynamic_axes=axes(['x', 'y']))",
)
case(
    "dynamic axes only if asked for",
    keyword("dynamic_axes", lambda v: (v.certain, v.missing, v.unknown)),
    (False, False, False),
    "def f(dynamic):\n    torch.onnx.export(Net(), 1, 'a', dynamic_axes={'x': {0: 'b'}} if dynamic else None)",
)
case(
    "dynamic axes on one path, None on the other",
    keyword("dynamic_axes", lambda v: len(v.options)),
    2,
    "def f(dynamic):\n    axes = None\n    if dynamic:\n        axes = {'x': {0: 'b'}}\n    torch.onnx.export(Net(), 1, 'a', dynamic_axes=axes)",
)
case(
    "dynamic axes filled in afterwards",
    keyword("dynamic_axes"),
    {"x": {0: "b"}, "y": {0: "b"}},
    "axes = {'x': {0: 'b'}}\naxes['y'] = {0: 'b'}\ntorch.onnx.export(Net(), 1, 'a', dynamic_axes=axes)",
)
case("no dynamic axes", missing("dynamic_axes"), True, "torch.onnx.export(Net(), 1, 'a')")
case(
    "names and sizes in a configuration class",
    keyword("input_names"),
    ["image"],
    "class Config:\n    INPUTS = ['image']\ntorch.onnx.export(Net(), 1, 'a', input_names=Config.INPUTS)",
)
case(
    "a flag that decides between two exports",
    lambda f: sorted({str(c.argument("opset_version").python()) for c in f.calls("torch.onnx.export")}),
    ["11", "13"],
    "def f(old=False):\n    if old:\n        torch.onnx.export(Net(), 1, 'a', opset_version=11)\n    else:\n        torch.onnx.export(Net(), 1, 'a', opset_version=13)\nf()",
)


@pytest.mark.parametrize(("source", "question", "answer"), [pytest.param(*c[1:], id=c[0]) for c in CASES])
def test_trace(tmp_path: Path, source: str, question: Question, answer: Any) -> None:
    assert question(load(tmp_path, source)) == answer


def test_there_are_enough() -> None:
    assert len(CASES) >= 90
    assert len({title for title, *_ in CASES}) == len(CASES)
