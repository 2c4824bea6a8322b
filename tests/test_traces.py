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


CASES: list[tuple[str, str, Question, Any]] = []


def case(title: str, question: Question, answer: Any, source: str) -> None:
    CASES.append((title, source, question, answer))


# fmt: off
# -- names -----------------------------------------------------------------------------------------------------------------------

case("import as", name, "tensorflow.float16", "torch.save(tf.float16)")
case("from import as", name, "torch.nn.functional.relu", """
from torch.nn import functional as F
torch.save(F.relu)
""")
case("import of a submodule binds the top", name, "torch.ao.quantization.prepare", """
import torch.ao.quantization
torch.save(torch.ao.quantization.prepare)
""")
case("import of a submodule as", name, "torch.ao.quantization.prepare", """
import torch.ao.quantization as q
torch.save(q.prepare)
""")
case("an alias by assignment", name, "tensorflow.lite.TFLiteConverter", """
lite = tf.lite
Converter = lite.TFLiteConverter
torch.save(Converter)
""")
case("star import of a library", name, "torch.nn.Linear", """
from torch.nn import *
torch.save(Linear)
""")
case("a name bound by nobody, under a star import of a library", name, "tensorflow.keras.layers.Dense", """
from tensorflow.keras.layers import *
torch.save(Dense)
""")
case("a local name hides one of a star import", value, 3, """
from torch.nn import *
Linear = 3
torch.save(Linear)
""")
case("two star imports: one of them", is_("torch.nn.Linear"), maybe, """
from torch.nn import *
from keras.layers import *
torch.save(Linear)
""")
case("re-assignment", value, 2, """
x = 1
x = 2
torch.save(x)
""")
case("a name assigned in one branch is that of the other, too", is_("tensorflow.int8"), maybe, """
import os
t = tf.float32
if os.path.exists('x'):
    t = tf.int8
torch.save(t)
""")
case("compat v2 is the library itself", name, "tensorflow.lite.Optimize", """
import tensorflow.compat.v2 as tf2
torch.save(tf2.lite.Optimize)
""")
case("import in a function", name, "onnx.load", """
def f():
    from onnx import load
    torch.save(load)
f()
""")
case("try import, fall back", lambda f: ask(saved(f), lambda v: sorted(v.names)), ["tensorflow.lite.Interpreter", "tflite_runtime.interpreter.Interpreter"], """
try:
    from tflite_runtime.interpreter import Interpreter
except ImportError:
    Interpreter = tf.lite.Interpreter
torch.save(Interpreter)
""")
case("a module of the project hides nothing of a framework", name, "onnx.load", """
# file: main.py
import torch, onnx
torch.save(onnx.load)
# file: onnx.py
load = 1
""")
case("import of the project's module", value, 5, """
# file: main.py
import torch
import settings
torch.save(settings.SIZE)
# file: settings.py
SIZE = 5
""")
case("from import of the project's module, with another name", value, 5, """
# file: main.py
import torch
from settings import SIZE as S
torch.save(S)
# file: settings.py
SIZE = 5
""")
case("star import of the project's module", value, 5, """
# file: main.py
from settings import *
torch.save(SIZE)
# file: settings.py
import torch
SIZE = 5
""")
case("star import heeds __all__", lambda f: [c.argument("obj", 0).python() for c in f.calls("torch.save")], [1, UNKNOWN], """
# file: main.py
import torch
from settings import *
torch.save(A)
torch.save(B)
# file: settings.py
__all__ = ['A']
A = 1
B = 2
""")
case("a package's __init__ hands on a name", value, 7, """
# file: main.py
import torch
from pkg import SIZE
torch.save(SIZE)
# file: pkg/__init__.py
from .inner import SIZE
# file: pkg/inner.py
SIZE = 7
""")
case("a submodule through its package", value, 7, """
# file: main.py
import torch
import pkg.inner
torch.save(pkg.inner.SIZE)
# file: pkg/__init__.py
# file: pkg/inner.py
SIZE = 7
""")
case("a relative import that leads nowhere is unknown", value, UNKNOWN, """
from .nowhere import SIZE
torch.save(SIZE)
""")
case("an unknown module's name is its dotted name", name, "nowhere.SIZE", """
from nowhere import SIZE
torch.save(SIZE)
""")
case("del", value, UNKNOWN, """
x = 1
del x
torch.save(x)
""")

# -- values ----------------------------------------------------------------------------------------------------------------------

case("a tuple of constants", value, (1, 3, 224, 224), "torch.save((1, 3, 224, 224))")
case("arithmetic on constants", value, (224, 112), """
S = 224
torch.save((S, S // 2))
""")
case("a set and negative numbers", value, [-1, 2], "torch.save({-1, 2})")
case("an f-string of constants", value, "model_v2.onnx", """
v = 2
torch.save(f'model_v{v}.onnx')
""")
case("an f-string with a gap", pieces, (None, ".onnx"), """
import sys
torch.save(f'{sys.argv[1]}.onnx')
""")
case("a formatted number is a gap, not its plain text", pieces, ("m_", None), "torch.save(f'm_{3.14159:.2f}')")
case("percent", value, "a-1.tflite", "torch.save('%s-%d.tflite' % ('a', 1))")
case("percent with a gap", pieces, ("a-", None, ".tflite"), """
import sys
torch.save('%s-%d.tflite' % ('a', len(sys.argv)))
""")
case("percent of one value", value, "5%.bin", "torch.save('%s%%.bin' % 5)")
case("format", value, "net_a_3", "torch.save('{}_{name}_{}'.format('net', 3, name='a'))")
case("format with a gap", pieces, ("net_", None), """
import sys
torch.save('net_{0}'.format(sys.argv[0]))
""")
case("string methods", value, "net.tflite", "torch.save('NET.h5'.lower().replace('.h5', '.tflite'))")
case("a slice of a string", value, "net.tflite", """
p = 'net.h5'
torch.save(p[:-3] + '.tflite')
""")
case("os.path.join", value, "out/m.onnx", """
import os
torch.save(os.path.join('out', 'm.onnx'))
""")
case("os.path.join with a gap", pieces, (None, "/m.onnx"), """
import os, sys
torch.save(os.path.join(sys.argv[1], 'm.onnx'))
""")
case("os.path.splitext", value, "net.onnx", """
import os
torch.save(os.path.splitext('net.pt')[0] + '.onnx')
""")
case("pathlib", value, "out/m.onnx", """
from pathlib import Path
torch.save(Path('out') / 'm.onnx')
""")
case("pathlib from something unknown", pieces, (None, "/m.onnx"), """
import sys
from pathlib import Path
torch.save(Path(sys.argv[1]) / 'm.onnx')
""")
case("pathlib with_suffix, as a string", value, "m.onnx", """
from pathlib import Path
torch.save(str(Path('m.pt').with_suffix('.onnx')))
""")
case("with_suffix of something unknown", pieces, (None, ".onnx"), """
def f(path):
    torch.save(path.with_suffix('.onnx'))
""")
case("beside the file itself", value, "m.onnx", """
from pathlib import Path
torch.save(Path(__file__).parent / 'm.onnx')
""")
case("a parameter's default where the call does not give it", value, 11, """
def f(opset=11):
    torch.save(opset)
f()
""")
case("a parameter's default where callers are unknown", defaulted, (11, False), """
def f(opset=11):
    torch.save(opset)
""")
case("a parameter without a default", value, UNKNOWN, """
def f(opset):
    torch.save(opset)
""")
case("a module's constant in a function", value, 11, """
def f():
    torch.save(OPSET)
OPSET = 11
""")
case("a module's constant is the one at the time of the call", value, 11, """
OPSET = 11
def f():
    torch.save(OPSET)
f()
OPSET = 12
""")
case("argparse default", defaulted, (11, False), """
import argparse
p = argparse.ArgumentParser()
p.add_argument('--opset', type=int, default=11)
args = p.parse_args()
torch.save(args.opset)
""")
case("argparse default given as a string is converted", defaulted, (11, False), """
import argparse
p = argparse.ArgumentParser()
p.add_argument('--opset', type=int, default='11')
torch.save(p.parse_args().opset)
""")
case("argparse store_true", defaulted, (False, False), """
import argparse
p = argparse.ArgumentParser()
p.add_argument('--int8', action='store_true')
torch.save(p.parse_args().int8)
""")
case("argparse option in a group, with dest", defaulted, (4, False), """
import argparse
p = argparse.ArgumentParser()
g = p.add_argument_group('x')
g.add_argument('-b', '--batch-size', dest='b', default=4)
torch.save(p.parse_args().b)
""")
case("argparse required", value, UNKNOWN, """
import argparse
p = argparse.ArgumentParser()
p.add_argument('--opset', required=True)
torch.save(p.parse_args().opset)
""")
case("argparse parsed in a helper", defaulted, (11, False), """
import argparse
def parse():
    p = argparse.ArgumentParser()
    p.add_argument('--opset', default=11)
    return p.parse_args()
def main(opt):
    torch.save(opt.opset)
if __name__ == '__main__':
    main(parse())
""")
case("argparse handed on as **vars", defaulted, (11, False), """
import argparse
p = argparse.ArgumentParser()
p.add_argument('--opset', default=11)
def run(opset=9):
    torch.save(opset)
run(**vars(p.parse_args()))
""")
case("argparse overwritten", value, 13, """
import argparse
p = argparse.ArgumentParser()
p.add_argument('--opset', default=11)
args = p.parse_args()
args.opset = 13
torch.save(args.opset)
""")
case("an environment variable's fallback", defaulted, ("m.onnx", False), """
import os
torch.save(os.environ.get('MODEL', 'm.onnx'))
""")
case("an environment variable", value, UNKNOWN, """
import os
torch.save(os.environ['MODEL'])
""")
case("**kwargs at the call", keyword("opset_version"), 11, """
o = dict(opset_version=11)
torch.onnx.export(Net(), 1, 'a', **o)
""")
case("**kwargs with one key only on one path", keyword("dynamic_axes", lambda v: v.missing or v.unknown or not v.certain), True, """
import os
o = {'opset_version': 11}
if os.path.exists('x'):
    o['dynamic_axes'] = {}
torch.onnx.export(Net(), 1, 'a', **o)
""")
case("**kwargs built in two steps", keyword("opset_version"), 12, """
o = {}
o['opset_version'] = 12
torch.onnx.export(Net(), 1, 'a', **o)
""")
case("**kwargs of an unknown dictionary may hold anything", keyword("dynamic_axes", lambda v: v.unknown), True, """
def f(o):
    torch.onnx.export(Net(), 1, 'a', **o)
""")
case("**kwargs handed through a wrapper", keyword("opset_version"), 11, """
def wrap(model, **kw):
    torch.onnx.export(model, 1, 'a', **kw)
wrap(Net(), opset_version=11)
""")
case("what a wrapper was not given, the call is not given", missing("dynamic_axes"), True, """
def wrap(model, **kw):
    torch.onnx.export(model, 1, 'a', **kw)
wrap(Net(), opset_version=11)
""")
case("what callers of a wrapper give is unknown", missing("dynamic_axes"), False, """
def wrap(model, **kw):
    torch.onnx.export(model, 1, 'a', **kw)
""")
case("*args handed through a wrapper", lambda f: ask([c.argument("f", 2) for c in f.calls("torch.onnx.export")], Value.python), "a.onnx", """
def wrap(*args):
    torch.onnx.export(*args)
wrap(Net(), 1, 'a.onnx')
""")
case("*args of unknown length hide positions", lambda f: ask([c.argument("f", 2) for c in f.calls("torch.onnx.export")], lambda v: v.unknown), True, """
def f(rest):
    torch.onnx.export(Net(), *rest)
""")
case("a conditional expression on something unknown", texts, ["a", "b"], """
import sys
torch.save('a' if sys.argv else 'b')
""")
case("a conditional expression on a constant", value, "a", """
INT8 = True
torch.save('a' if INT8 else 'b')
""")
case("or picks the first that is true", value, "m", "torch.save('' or None or 'm')")
case("or with something unknown", lambda f: ask(saved(f), lambda v: v.texts), ["m"], """
import sys
torch.save(sys.argv[1] or 'm')
""")
case("walrus", value, 5, """
if (n := 5) > 3:
    torch.save(n)
""")
case("walrus in a comprehension", value, 2, """
ys = [last := x for x in (1, 2)]
torch.save(last)
""")
case("unpacking", value, (2, 1), """
a, b = 1, 2
a, b = b, a
torch.save((a, b))
""")
case("unpacking with a star", value, [1, [2, 3], 4], """
a, *b, c = 1, 2, 3, 4
torch.save([a, b, c])
""")
case("unpacking something unknown", value, UNKNOWN, """
def f(p):
    a, b = p
    torch.save(a)
""")
case("a dictionary's entry", value, 3, """
d = {'a': {'b': 3}}
torch.save(d['a']['b'])
""")
case("a dictionary's entry by get", value, 4, """
d = {'a': 3}
torch.save(d.get('b', 4))
""")
case("a dictionary's entry that is set twice", value, 2, """
d = {**{'a': 1}, 'a': 2}
torch.save(d['a'])
""")
case("dictionaries added up", value, {"a": 1, "b": 3}, """
d = {'a': 1, 'b': 2}
d |= {'b': 3}
torch.save(d)
""")
case("a dictionary's entry set on one path", lambda f: ask(saved(f), lambda v: sorted(o.python() for o in v.options)), [1, 2], """
import sys
d = {'a': 1}
if sys.argv:
    d['a'] = 2
torch.save(d['a'])
""")
case("a list that grows", value, [1, 2, 3, 4], """
a = [1]
a.append(2)
a += [3]
a.extend((4,))
torch.save(a)
""")
case("a list changed through another name", value, [1, 2], """
a = [1]
b = a
b.append(2)
torch.save(a)
""")
case("a list changed by a helper", value, [1, 2], """
def add(xs):
    xs.append(2)
a = [1]
add(a)
torch.save(a)
""")
case("insert, pop, remove", value, [0, 2], """
a = [1, 2, 3]
a.insert(0, 0)
a.pop()
a.remove(1)
torch.save(a)
""")
case("a list that grows in a loop is not known", value, UNKNOWN, """
import sys
a = []
for x in sys.argv:
    a.append(1)
torch.save(a)
""")
case("a list that grows in a loop over known elements", value, ["a.x", "b.x"], """
r = []
for n in ('a', 'b'):
    r.append(n + '.x')
torch.save(r)
""")
case("a tuple is not changed in place", value, (1,), """
a = (1,)
b = a
b += (2,)
torch.save(a)
""")
case("sorted: the elements, not their order", value, UNKNOWN, "torch.save(sorted([3, 1]))")
case("a comprehension over known elements", value, {"input": {0: "batch"}, "output": {0: "batch"}}, """
names = ['input', 'output']
torch.save({n: {0: 'batch'} for n in names})
""")
case("dict.fromkeys", value, {"a": {0: "b"}, "c": {0: "b"}}, "torch.save(dict.fromkeys(('a', 'c'), {0: 'b'}))")
case("dict of zip", value, {"a": 0, "b": 1}, "torch.save(dict(zip(['a', 'b'], range(2))))")
case("enumerate", value, [(0, "a"), (1, "b")], "torch.save([(i, n) for i, n in enumerate(['a', 'b'])])")
case("a loop's variable", lambda f: sorted(v.python() for v in saved(f)), ["onnx", "tflite"], """
for kind in ('onnx', 'tflite'):
    torch.save(kind)
""")
case("a counter in a loop is not its first value", value, UNKNOWN, """
import sys
i = 0
while sys.argv:
    i += 1
    torch.save(i)
""")
case("a first-time flag in a loop", value, 1, """
import sys
first = True
for x in sys.argv:
    if first:
        first = False
    else:
        torch.save(1)
""")
case("division of what is not constant", lambda f: ask(saved(f), lambda v: v.operation and (v.operation[0], v.operation[2].python())), ("/", 255.0), """
import numpy as np
img = np.load('x')
torch.save(img / 255.0)
""")
case("a lambda's value", value, 6, """
double = lambda x: x * 2
torch.save(double(3))
""")
case("a closure sees the variable as it is when it runs", value, 2, """
def outer():
    x = 1
    def inner():
        return x
    x = 2
    torch.save(inner())
outer()
""")
case("a closure that is returned", value, 5, """
def make(n):
    def get():
        return n
    return get
torch.save(make(5)())
""")
case("nonlocal", lambda f: ask(saved(f), lambda v: sorted(o.python() for o in v.options)), [1, 2], """
def outer():
    x = 1
    def inner():
        nonlocal x
        x = 2
    inner()
    torch.save(x)
outer()
""")
case("a global set by a function", lambda f: ask(saved(f), lambda v: sorted(map(str, (o.python() for o in v.options)))), ["2", "None"], """
x = None
def init():
    global x
    x = 2
def use():
    torch.save(x)
""")
case("functools.partial", value, (1, 2), """
from functools import partial
def f(a, b):
    torch.save((a, b))
g = partial(f, 1)
g(b=2)
""")
case("getattr by a constant name", value, 3, """
class C:
    x = 3
torch.save(getattr(C, 'x'))
""")
case("getattr of a library by an unknown name", is_("torch.nn.ReLU"), maybe, """
import sys
torch.save(getattr(torch.nn, sys.argv[1]))
""")
case("setattr", value, 4, """
class C: pass
c = C()
setattr(c, 'x', 4)
torch.save(c.x)
""")
case("a loaded setting may be anything", is_("tensorflow.int8"), maybe, """
import json
cfg = json.load(open('c'))
torch.save(cfg['dtype'])
""")
case("a loaded setting by get may be anything", is_("tensorflow.int8"), maybe, """
import yaml
cfg = yaml.safe_load(open('c'))
torch.save(cfg.get('dtype'))
""")
case("recursion ends", value, UNKNOWN, """
import sys
def f(n):
    return f(n - 1)
torch.save(f(len(sys.argv)))
""")
case("mutual recursion ends", calls("torch.save"), 1, """
def f(n):
    return g(n)
def g(n):
    return f(n)
torch.save(f(1))
""")
case("match on a constant", value, 2, """
kind = 'onnx'
match kind:
    case 'tflite':
        n = 1
    case 'onnx' | 'ort':
        n = 2
    case _:
        n = 3
torch.save(n)
""")
case("match on something unknown", lambda f: ask(saved(f), lambda v: sorted(o.python() for o in v.options)), [1, 2], """
import sys
match sys.argv[1]:
    case 'a':
        n = 1
    case _:
        n = 2
torch.save(n)
""")
case("isinstance of what is known", value, "a", """
w = ['a']
torch.save(w[0] if isinstance(w, list) else w)
""")
case("a sequence of branches on the same constant", value, "b", """
F = 'onnx'
if F == 'tflite':
    n = 'a'
elif F == 'onnx':
    n = 'b'
else:
    n = 'c'
torch.save(n)
""")
case("a default replaced when it is None", value, 3, """
def f(x=None):
    if x is None:
        x = 3
    torch.save(x)
f()
""")
case("a default replaced when it is None, by unknown callers", lambda f: ask(saved(f), lambda v: v.certain), False, """
def f(x=None):
    if x is None:
        x = 3
    torch.save(x)
""")
case("inside a comparison to a constant the value is that constant", value, "int8", """
def f(kind):
    if kind == 'int8':
        torch.save(kind)
""")

# -- classes ---------------------------------------------------------------------------------------------------------------------

case("a class's constant", value, 8, """
class Config:
    SIZE = 8
torch.save(Config.SIZE)
""")
case("a class's constant through an instance", value, 8, """
class Config:
    SIZE = 8
torch.save(Config().SIZE)
""")
case("a class's constant inside the class's own method may be overridden by a derived class", lambda f: ask(saved(f), lambda v: (v.python(default=True), v.certain)), (8, False), """
class Config:
    SIZE = 8
    def go(self):
        torch.save(self.SIZE)
""")
case("a class's constant that is set later", value, 9, """
class Config:
    SIZE = 8
Config.SIZE = 9
torch.save(Config.SIZE)
""")
case("an inherited constant", value, 8, """
class Base:
    SIZE = 8
class Config(Base):
    pass
torch.save(Config.SIZE)
""")
case("an overridden constant", value, 9, """
class Base:
    SIZE = 8
class Config(Base):
    SIZE = 9
torch.save(Config().SIZE)
""")
case("a data class's default", value, 8, """
from dataclasses import dataclass
@dataclass
class Config:
    size: int = 8
torch.save(Config().size)
""")
case("a data class's argument", value, 9, """
from dataclasses import dataclass
@dataclass
class Config:
    name: str
    size: int = 8
torch.save(Config('a', 9).size)
""")
case("a data class's factory", value, [1], """
from dataclasses import dataclass, field
@dataclass
class Config:
    sizes: list = field(default_factory=lambda: [1])
torch.save(Config().sizes)
""")
case("an inherited data class's fields come first", value, 2, """
from dataclasses import dataclass
@dataclass
class A:
    a: int = 0
@dataclass
class B(A):
    b: int = 0
torch.save(B(1, 2).b)
""")
case("a named tuple", value, 2, """
from typing import NamedTuple
class P(NamedTuple):
    x: int
    y: int = 2
torch.save(P(1).y)
""")
case("settings that the environment may override", defaulted, (8, False), """
from pydantic_settings import BaseSettings
class S(BaseSettings):
    size: int = 8
torch.save(S().size)
""")
case("an attribute set in __init__", value, 8, """
class C:
    def __init__(self, n):
        self.n = n * 2
torch.save(C(4).n)
""")
case("an attribute set in another method that ran", value, 8, """
class C:
    def load(self):
        self.n = 8
c = C()
c.load()
torch.save(c.n)
""")
case("an attribute set in __init__ and another method: either", lambda f: ask(saved(f), lambda v: sorted(o.python() for o in v.options)), [1, 2], """
class C:
    def __init__(self):
        self.n = 1
    def load(self):
        self.n = 2
    def go(self):
        torch.save(self.n)
""")
case("an attribute set in a base class's __init__", value, 8, """
class B:
    def __init__(self):
        self.n = 8
class C(B):
    def __init__(self):
        super().__init__()
        self.m = 1
torch.save(C().n)
""")
case("a base class's method that a derived class overrides", value, 2, """
class B:
    def size(self):
        return 1
    def go(self):
        torch.save(self.size())
class C(B):
    def size(self):
        return 2
C().go()
""")
case("a base class's method that a derived class overrides, on an unknown instance", value, UNKNOWN, """
class B:
    def size(self):
        return 1
    def go(self):
        torch.save(self.size())
class C(B):
    def size(self):
        return 2
""")
case("a hook is for derived classes to define", lambda f: ask([c.argument("model", 0) for c in f.calls("torch.onnx.export")], lambda v: v.unknown), True, """
class B:
    def build(self):
        raise NotImplementedError
    def go(self):
        torch.onnx.export(self.build(), 1, 'a')
""")
case("a property", value, 16, """
class C:
    @property
    def size(self):
        return 16
torch.save(C().size)
""")
case("a property with a setter", value, 6, """
class C:
    def __init__(self):
        self._n = 1
    @property
    def n(self):
        return self._n
    @n.setter
    def n(self, value):
        self._n = value * 2
c = C()
c.n = 3
torch.save(c.n)
""")
case("a static method, a class method", value, (1, 5), """
class C:
    N = 5
    @staticmethod
    def a():
        return 1
    @classmethod
    def b(cls):
        return cls.N
torch.save((C.a(), C().b()))
""")
case("a callable instance", value, 3, """
class C:
    def __call__(self, x):
        return x + 1
torch.save(C()(2))
""")
case("an enum's member", value, "tflite", """
import enum
class Kind(str, enum.Enum):
    TFLITE = 'tflite'
torch.save(Kind.TFLITE.value)
""")
case("an instance of a class with an unknown base: attributes may be there that nobody sees set", lambda f: ask(saved(f), lambda v: v.set("n")), maybe, """
from nowhere import Base
class C(Base):
    pass
torch.save(C())
""")
case("an instance of a known class: attributes are those that are set", lambda f: ask(saved(f), lambda v: v.set("n")), no, """
class C:
    pass
torch.save(C())
""")
case("an instance is one of its library's base class", is_("torch.nn.Module()"), yes, "torch.save(Net())")
case("an instance of a class of the project is nothing else", is_("torch.nn.Module()"), no, """
class C:
    pass
torch.save(C())
""")
case("an instance through two classes", is_("torch.nn.Module()"), yes, """
class A(Net): pass
class B(A): pass
torch.save(B())
""")
case("an instance of another library class may be one", is_("torch.nn.Module()"), maybe, """
import torchvision
class R(torchvision.models.ResNet): pass
torch.save(R())
""")

# -- objects: a converter --------------------------------------------------------------------------------------------------------

case("set", set_("optimizations"), yes, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
c.optimizations = [tf.lite.Optimize.DEFAULT]
c.convert()
""")
case("never set", set_("optimizations"), no, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
c.convert()
""")
case("set after", set_("optimizations"), no, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
c.convert()
c.optimizations = [tf.lite.Optimize.DEFAULT]
""")
case("set on one path", set_("representative_dataset"), maybe, """
import sys
c = tf.lite.TFLiteConverter.from_saved_model('m')
if sys.argv:
    c.representative_dataset = f
c.convert()
""")
case("set on both paths", set_("representative_dataset"), yes, """
import sys
c = tf.lite.TFLiteConverter.from_saved_model('m')
if sys.argv:
    c.representative_dataset = f
else:
    c.representative_dataset = g
c.convert()
""")
case("set where a constant decides", set_("representative_dataset"), yes, """
INT8 = True
c = tf.lite.TFLiteConverter.from_saved_model('m')
if INT8:
    c.representative_dataset = f
c.convert()
""")
case("not set where a constant decides", set_("representative_dataset"), no, """
INT8 = False
c = tf.lite.TFLiteConverter.from_saved_model('m')
if INT8:
    c.representative_dataset = f
c.convert()
""")
case("correlated branches are kept apart", lambda f: sorted((c.set("optimizations").name, c.set("representative_dataset").name) for c in converter(f)), [("no", "no"), ("yes", "yes")], """
def f(int8):
    c = tf.lite.TFLiteConverter.from_saved_model('m')
    if int8:
        c.optimizations = [tf.lite.Optimize.DEFAULT]
    c.allow_custom_ops = True
    if int8:
        c.representative_dataset = g
    c.convert()
""")
case("correlated branches on an attribute", lambda f: sorted((c.set("optimizations").name, c.set("representative_dataset").name) for c in converter(f)), [("no", "no"), ("yes", "yes")], """
import argparse
p = argparse.ArgumentParser()
p.add_argument('--int8', action='store_true')
args = p.parse_args()
c = tf.lite.TFLiteConverter.from_saved_model('m')
if args.int8:
    c.optimizations = [tf.lite.Optimize.DEFAULT]
if args.int8:
    c.representative_dataset = g
    c.convert()
else:
    c.convert()
""")
case("a branch inside a branch on the same flag", set_("representative_dataset"), yes, """
def f(int8):
    if int8:
        c = tf.lite.TFLiteConverter.from_saved_model('m')
        if int8:
            c.representative_dataset = g
        c.convert()
""")
case("a flag that changes between is not the same flag", set_("representative_dataset"), maybe, """
import sys
def f(int8):
    c = tf.lite.TFLiteConverter.from_saved_model('m')
    if int8:
        c.optimizations = []
    int8 = sys.argv
    if int8:
        c.representative_dataset = g
    c.convert()
""")
case("after a loop that may not run", set_("optimizations"), maybe, """
import sys
c = tf.lite.TFLiteConverter.from_saved_model('m')
for x in sys.argv:
    c.optimizations = []
c.convert()
""")
case("after a loop that runs", set_("optimizations"), yes, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
for x in (1, 2):
    c.optimizations = []
c.convert()
""")
case("in a later iteration", set_("optimizations"), maybe, """
import sys
c = tf.lite.TFLiteConverter.from_saved_model('m')
for x in sys.argv:
    if x:
        c.convert()
    c.optimizations = []
""")
case("in a while True with break", set_("optimizations"), yes, """
import sys
c = tf.lite.TFLiteConverter.from_saved_model('m')
while True:
    c.optimizations = []
    if sys.argv:
        break
c.convert()
""")
case("break before it is set", set_("optimizations"), maybe, """
import sys
c = tf.lite.TFLiteConverter.from_saved_model('m')
for x in (1, 2):
    if sys.argv:
        break
    c.optimizations = []
c.convert()
""")
case("loop with else", set_("optimizations"), yes, """
import sys
c = tf.lite.TFLiteConverter.from_saved_model('m')
for x in sys.argv:
    pass
else:
    c.optimizations = []
c.convert()
""")
case("loop with break and else", set_("optimizations"), maybe, """
import sys
c = tf.lite.TFLiteConverter.from_saved_model('m')
for x in sys.argv:
    if x:
        break
else:
    c.optimizations = []
c.convert()
""")
case("continue", set_("optimizations"), maybe, """
import sys
for x in sys.argv:
    c = tf.lite.TFLiteConverter.from_saved_model('m')
    if x:
        c.optimizations = []
    c.convert()
""")
case("try: set before what may fail", set_("optimizations"), yes, """
try:
    c = tf.lite.TFLiteConverter.from_saved_model('m')
    c.optimizations = []
    g()
except Exception:
    raise
c.convert()
""")
case("try: the handler goes on", set_("optimizations"), maybe, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
try:
    g()
    c.optimizations = []
except ValueError:
    pass
c.convert()
""")
case("try: the handler leaves", set_("optimizations"), yes, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
import sys
try:
    g()
    c.optimizations = []
except ValueError:
    sys.exit(1)
c.convert()
""")
case("try: else", set_("optimizations"), maybe, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
try:
    g()
except ValueError:
    pass
else:
    c.optimizations = []
c.convert()
""")
case("try: finally", set_("optimizations"), yes, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
try:
    g()
finally:
    c.optimizations = []
c.convert()
""")
case("suppress", set_("optimizations"), maybe, """
import contextlib
c = tf.lite.TFLiteConverter.from_saved_model('m')
with contextlib.suppress(ValueError):
    c.optimizations = []
c.convert()
""")
case("with another context", set_("optimizations"), yes, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
with tf.device('/cpu:0'):
    c.optimizations = []
c.convert()
""")
case("assert says nothing of the rest", set_("optimizations"), no, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
assert c.optimizations
c.convert()
""")
case("a nested attribute", set_("target_spec.supported_ops"), yes, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
c.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
c.convert()
""")
case("a nested attribute through a variable", set_("target_spec.supported_ops"), yes, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
spec = c.target_spec
spec.supported_ops = []
c.convert()
""")
case("a nested attribute by the argument of what is assigned", set_("target_spec.supported_ops"), yes, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
c.target_spec = tf.lite.TargetSpec(supported_ops=[tf.lite.OpsSet.TFLITE_BUILTINS_INT8])
c.convert()
""")
case("its value", holds("target_spec.supported_ops", "tensorflow.lite.OpsSet.TFLITE_BUILTINS_INT8"), yes, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
c.target_spec = tf.lite.TargetSpec(supported_ops=[tf.lite.OpsSet.TFLITE_BUILTINS_INT8])
c.convert()
""")
case("what is assigned, set afterwards", holds("target_spec.supported_ops", "tensorflow.lite.OpsSet.SELECT_TF_OPS"), yes, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
c.target_spec = tf.lite.TargetSpec(supported_ops=[])
c.target_spec.supported_ops = [tf.lite.OpsSet.SELECT_TF_OPS]
c.convert()
""")
case("a nested attribute is gone with what held it", set_("target_spec.supported_ops"), no, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
c.target_spec.supported_ops = []
c.target_spec = tf.lite.TargetSpec()
c.convert()
""")
case("a list of the library's that is appended to: contains", holds("target_spec.supported_ops", "tensorflow.lite.OpsSet.SELECT_TF_OPS"), maybe, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
c.target_spec.supported_ops.append(tf.lite.OpsSet.SELECT_TF_OPS)
c.convert()
""")
case("a list of the library's that is appended to: what else", holds("target_spec.supported_ops", "tensorflow.lite.OpsSet.TFLITE_BUILTINS_INT8"), maybe, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
c.target_spec.supported_ops.append(tf.lite.OpsSet.SELECT_TF_OPS)
c.convert()
""")
case("a list of one's own that is appended to", holds("target_spec.supported_ops", "tensorflow.lite.OpsSet.SELECT_TF_OPS"), yes, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
c.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
c.target_spec.supported_ops.append(tf.lite.OpsSet.SELECT_TF_OPS)
c.convert()
""")
case("a list of one's own that is appended to on one path", holds("target_spec.supported_ops", "tensorflow.lite.OpsSet.SELECT_TF_OPS"), maybe, """
import sys
c = tf.lite.TFLiteConverter.from_saved_model('m')
ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
if sys.argv:
    ops.append(tf.lite.OpsSet.SELECT_TF_OPS)
c.target_spec.supported_ops = ops
c.convert()
""")
case("a list of one's own does not hold what is not put there", holds("target_spec.supported_ops", "tensorflow.lite.OpsSet.SELECT_TF_OPS"), no, """
import sys
c = tf.lite.TFLiteConverter.from_saved_model('m')
ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
if sys.argv:
    ops.append(tf.lite.OpsSet.TFLITE_BUILTINS_INT8)
c.target_spec.supported_ops = ops
c.convert()
""")
case("+= on the library's list", set_("optimizations"), yes, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
c.optimizations += [tf.lite.Optimize.DEFAULT]
c.convert()
""")
case("+= on one's own", holds("optimizations", "tensorflow.lite.Optimize.DEFAULT"), yes, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
c.optimizations = []
c.optimizations += [tf.lite.Optimize.DEFAULT]
c.convert()
""")
case("an ops set chosen elsewhere", holds("target_spec.supported_ops", "tensorflow.lite.OpsSet.SELECT_TF_OPS"), maybe, """
from nowhere import OPS
c = tf.lite.TFLiteConverter.from_saved_model('m')
c.target_spec.supported_ops = [OPS]
c.convert()
""")
case("setattr on it", set_("optimizations"), yes, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
setattr(c, 'optimizations', [])
c.convert()
""")
case("setattr with an unknown name", set_("optimizations"), maybe, """
import sys
c = tf.lite.TFLiteConverter.from_saved_model('m')
setattr(c, sys.argv[1], [])
c.convert()
""")
case("settings applied in a loop over a known dictionary", set_("optimizations"), yes, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
for k, v in {'optimizations': [], 'allow_custom_ops': True}.items():
    setattr(c, k, v)
c.convert()
""")
case("through another name", set_("optimizations"), yes, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
d = c
d.optimizations = []
c.convert()
""")
case("through one of two names", set_("optimizations"), maybe, """
import sys
c = tf.lite.TFLiteConverter.from_saved_model('m')
e = tf.lite.TFLiteConverter.from_keras_model(1)
d = c if sys.argv else e
d.optimizations = []
c.convert()
""")
case("a helper sets it", set_("optimizations"), yes, """
def setup(conv):
    conv.optimizations = []
c = tf.lite.TFLiteConverter.from_saved_model('m')
setup(c)
c.convert()
""")
case("a helper sets it, given by keyword", set_("optimizations"), yes, """
def setup(*, conv):
    conv.optimizations = []
c = tf.lite.TFLiteConverter.from_saved_model('m')
setup(conv=c)
c.convert()
""")
case("a helper sets it on one path", set_("optimizations"), maybe, """
def setup(conv, quantize):
    if not quantize:
        return
    conv.optimizations = []
def go(q):
    c = tf.lite.TFLiteConverter.from_saved_model('m')
    setup(c, q)
    c.convert()
""")
case("a helper sets it, the flag is given", set_("optimizations"), yes, """
def setup(conv, quantize=False):
    if not quantize:
        return
    conv.optimizations = []
c = tf.lite.TFLiteConverter.from_saved_model('m')
setup(c, quantize=True)
c.convert()
""")
case("a helper makes it", set_("optimizations"), yes, """
def make():
    c = tf.lite.TFLiteConverter.from_saved_model('m')
    c.optimizations = []
    return c
make().convert()
""")
case("a helper makes it, with an early return", set_("optimizations"), yes, """
import sys
def make():
    if not sys.argv:
        return None
    c = tf.lite.TFLiteConverter.from_saved_model('m')
    c.optimizations = []
    return c
c = make()
c.convert()
""")
case("helpers within helpers", set_("optimizations"), yes, """
def a(c):
    b(c)
def b(c):
    d(c)
def d(c):
    c.optimizations = []
c = tf.lite.TFLiteConverter.from_saved_model('m')
a(c)
c.convert()
""")
case("a helper in another module", set_("optimizations"), yes, """
# file: main.py
import tensorflow as tf
from helpers import setup
c = tf.lite.TFLiteConverter.from_saved_model('m')
setup(c)
c.convert()
# file: helpers.py
def setup(conv):
    conv.optimizations = []
""")
case("a helper in another module makes it", set_("optimizations"), yes, """
# file: main.py
import helpers
helpers.make('m').convert()
# file: helpers.py
import tensorflow as tf
def make(path):
    c = tf.lite.TFLiteConverter.from_saved_model(path)
    c.optimizations = []
    return c
""")
case("an unseen helper", set_("optimizations"), maybe, """
from nowhere import setup
c = tf.lite.TFLiteConverter.from_saved_model('m')
setup(c)
c.convert()
""")
case("an unseen helper, given a list that holds it", set_("optimizations"), maybe, """
from nowhere import setup
c = tf.lite.TFLiteConverter.from_saved_model('m')
setup([c])
c.convert()
""")
case("an unseen helper after it is set", set_("optimizations"), yes, """
from nowhere import setup
c = tf.lite.TFLiteConverter.from_saved_model('m')
c.optimizations = []
setup(c)
c.convert()
""")
case("an unseen helper may change what is set", given("allow_custom_ops"), UNKNOWN, """
from nowhere import setup
c = tf.lite.TFLiteConverter.from_saved_model('m')
c.allow_custom_ops = True
setup(c)
c.convert()
""")
case("an unseen method", set_("optimizations"), maybe, """
from nowhere import Tool
c = tf.lite.TFLiteConverter.from_saved_model('m')
Tool().configure(c)
c.convert()
""")
case("an unknown parameter's method", set_("optimizations"), maybe, """
def go(tool):
    c = tf.lite.TFLiteConverter.from_saved_model('m')
    tool.configure(c)
    c.convert()
""")
case("a callback that is called", set_("optimizations"), maybe, """
def go(callback):
    c = tf.lite.TFLiteConverter.from_saved_model('m')
    callback(c)
    c.convert()
""")
case("a callback of the project's that is called", set_("optimizations"), yes, """
def setup(c):
    c.optimizations = []
def go(callback):
    c = tf.lite.TFLiteConverter.from_saved_model('m')
    callback(c)
    c.convert()
go(setup)
""")
case("a library's function keeps its hands off", set_("optimizations"), no, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
print(c)
c.convert()
""")
case("a library's function that calls what it is given", set_("optimizations"), maybe, """
import threading
def setup():
    c.optimizations = []
c = tf.lite.TFLiteConverter.from_saved_model('m')
threading.Thread(target=setup).start()
c.convert()
""")
case("a plug-in registry", set_("optimizations"), maybe, """
import importlib
c = tf.lite.TFLiteConverter.from_saved_model('m')
importlib.import_module('x' + str(id(c))).setup(c)
c.convert()
""")
case("getattr by an unknown name", set_("optimizations"), maybe, """
import sys
c = tf.lite.TFLiteConverter.from_saved_model('m')
getattr(c, sys.argv[1])()
c.convert()
""")
case("held by a dictionary", set_("optimizations"), yes, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
d = {'c': c}
d['c'].optimizations = []
c.convert()
""")
case("held by a list", set_("optimizations"), yes, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
for x in [c]:
    x.optimizations = []
c.convert()
""")
case("held by an attribute", set_("optimizations"), yes, """
class Job:
    def __init__(self):
        self.c = tf.lite.TFLiteConverter.from_saved_model('m')
    def setup(self):
        self.c.optimizations = []
    def run(self):
        self.setup()
        return self.c.convert()
""")
case("held by an attribute, set in a method that may have been called", set_("optimizations"), maybe, """
class Job:
    def __init__(self):
        self.c = tf.lite.TFLiteConverter.from_saved_model('m')
    def setup(self):
        self.c.optimizations = []
    def run(self):
        return self.c.convert()
""")
case("held by an attribute, set in __init__", set_("optimizations"), yes, """
class Job:
    def __init__(self):
        self.c = tf.lite.TFLiteConverter.from_saved_model('m')
        self.c.optimizations = []
    def run(self):
        return self.c.convert()
""")
case("held by an attribute, set by no method", set_("optimizations"), no, """
class Job:
    def __init__(self):
        self.c = tf.lite.TFLiteConverter.from_saved_model('m')
    def run(self):
        return self.c.convert()
""")
case("held by an attribute, set from outside", set_("optimizations"), yes, """
class Job:
    def __init__(self):
        self.c = tf.lite.TFLiteConverter.from_saved_model('m')
    def run(self):
        return self.c.convert()
job = Job()
job.c.optimizations = []
job.run()
""")
case("a global", set_("optimizations"), yes, """
c = None
def make():
    global c
    c = tf.lite.TFLiteConverter.from_saved_model('m')
    c.optimizations = []
def go():
    c.convert()
make()
go()
""")
case("a deep copy is another object", set_("optimizations"), no, """
import copy
c = tf.lite.TFLiteConverter.from_saved_model('m')
d = copy.deepcopy(c)
d.optimizations = []
c.convert()
""")
case("a deep copy has what the first had", set_("optimizations"), yes, """
import copy
c = tf.lite.TFLiteConverter.from_saved_model('m')
c.optimizations = []
d = copy.deepcopy(c)
d.convert()
""")
case("a deep copy's list is another list", holds("optimizations", "tensorflow.lite.Optimize.DEFAULT"), no, """
import copy
c = tf.lite.TFLiteConverter.from_saved_model('m')
c.optimizations = []
d = copy.deepcopy(c)
d.optimizations.append(tf.lite.Optimize.DEFAULT)
c.convert()
""")
case("a function that is not called does nothing", set_("optimizations"), no, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
def later():
    c.optimizations = []
c.convert()
""")
case("a generator's body may run or not", set_("optimizations"), maybe, """
def gen(c):
    c.optimizations = []
    yield 1
c = tf.lite.TFLiteConverter.from_saved_model('m')
g = gen(c)
c.convert()
""")
case("a conditional expression's effect", set_("optimizations"), maybe, """
import sys
def s(c):
    c.optimizations = []
c = tf.lite.TFLiteConverter.from_saved_model('m')
s(c) if sys.argv else None
c.convert()
""")
case("an and's effect", set_("optimizations"), maybe, """
import sys
def s(c):
    c.optimizations = []
c = tf.lite.TFLiteConverter.from_saved_model('m')
sys.argv and s(c)
c.convert()
""")
case("a comprehension's effect", set_("optimizations"), yes, """
def s(c):
    c.optimizations = []
c = tf.lite.TFLiteConverter.from_saved_model('m')
[s(x) for x in [c]]
c.convert()
""")
case("a calibration set given on one path", set_("representative_dataset"), maybe, """
import os
c = tf.lite.TFLiteConverter.from_saved_model('m')
c.optimizations = [tf.lite.Optimize.DEFAULT]
if os.path.isdir('calibration'):
    c.representative_dataset = lambda: []
c.convert()
""")
case("a calibration set that may be None", lambda f: ask(converter(f), lambda c: sorted(v.function is not None for v in c.values("representative_dataset"))), [False, True], """
import os
def rep():
    yield 1
c = tf.lite.TFLiteConverter.from_saved_model('m')
c.representative_dataset = rep if os.path.isdir('x') else None
c.convert()
""")
case("the last value counts", given("allow_custom_ops"), False, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
c.allow_custom_ops = True
c.allow_custom_ops = False
c.convert()
""")
case("two values on two paths", lambda f: ask(converter(f), lambda c: sorted(v.python() for v in c.values("allow_custom_ops"))), [False, True], """
import sys
c = tf.lite.TFLiteConverter.from_saved_model('m')
c.allow_custom_ops = True
if sys.argv:
    c.allow_custom_ops = False
c.convert()
""")
case("an exec tells nothing of what it does", set_("optimizations"), maybe, """
c = tf.lite.TFLiteConverter.from_saved_model('m')
exec('c.optimizations = []')
c.convert()
""")

# -- objects: a model ------------------------------------------------------------------------------------------------------------

case("eval", called("eval"), yes, """
m = Net()
m.eval()
torch.onnx.export(m, 1, 'a')
""")
case("no eval", called("eval"), no, """
m = Net()
torch.onnx.export(m, 1, 'a')
""")
case("eval in a chain", called("eval"), yes, """
m = Net().to('cpu').eval()
torch.onnx.export(m, 1, 'a')
""")
case("eval in the argument", called("eval"), yes, """
m = Net()
torch.onnx.export(m.eval(), 1, 'a')
""")
case("to in between", called("eval"), yes, """
m = Net()
m.eval()
m = m.to('cuda').half()
torch.onnx.export(m, 1, 'a')
""")
case("eval, then train", training, True, """
m = Net()
m.eval()
m.train()
torch.onnx.export(m, 1, 'a')
""")
case("train, then eval", training, False, """
m = Net()
m.train()
m.eval()
torch.onnx.export(m, 1, 'a')
""")
case("train(False)", training, False, """
m = Net()
m.train(False)
torch.onnx.export(m, 1, 'a')
""")
case("train(mode) of something unknown", training, UNKNOWN, """
def f(mode):
    m = Net()
    m.train(mode)
    torch.onnx.export(m, 1, 'a')
""")
case("eval on one path", called("eval"), maybe, """
import sys
m = Net()
if sys.argv:
    m.eval()
torch.onnx.export(m, 1, 'a')
""")
case("eval in a helper", called("eval"), yes, """
def prepare(m):
    m.eval()
    return m
m = prepare(Net())
torch.onnx.export(m, 1, 'a')
""")
case("eval in a helper that loads", called("eval"), yes, """
def load(path):
    m = Net()
    m.load_state_dict(torch.load(path))
    return m.eval()
torch.onnx.export(load('x'), 1, 'a')
""")
case("eval in a helper in another module", called("eval"), yes, """
# file: main.py
import torch
from util.load import load
torch.onnx.export(load('x'), 1, 'a')
# file: util/__init__.py
# file: util/load.py
import torch
def load(path):
    m = torch.load(path)
    m.eval()
    return m
""")
case("no eval in a helper in another module", called("eval"), no, """
# file: main.py
import torch
from util.load import load
torch.onnx.export(load('x'), 1, 'a')
# file: util/__init__.py
# file: util/load.py
import torch
def load(path):
    return torch.load(path)
""")
case("an unseen loader may call it", called("eval"), maybe, """
from nowhere import load
torch.onnx.export(load('x'), 1, 'a')
""")
case("an unseen function may call it", called("eval"), maybe, """
from nowhere import prepare
m = Net()
prepare(m)
torch.onnx.export(m, 1, 'a')
""")
case("eval in a method of the model", called("eval"), yes, """
class M(Net):
    def deploy(self):
        self.eval()
        return self
torch.onnx.export(M().deploy(), 1, 'a')
""")
case("eval in __init__", called("eval"), yes, """
class M(Net):
    def __init__(self):
        super().__init__()
        self.eval()
torch.onnx.export(M(), 1, 'a')
""")
case("an overridden eval that hands on", training, False, """
class M(Net):
    def eval(self):
        return super().eval()
m = M()
m.eval()
torch.onnx.export(m, 1, 'a')
""")
case("eval of the whole reaches a part", training, False, """
class M(Net):
    def __init__(self):
        self.body = Net()
m = M()
m.eval()
torch.onnx.export(m.body, 1, 'a')
""")
case("eval of a part does not reach the whole", called("eval"), no, """
class M(Net):
    def __init__(self):
        self.body = Net()
m = M()
m.body.eval()
torch.onnx.export(m, 1, 'a')
""")
case("eval through DataParallel reaches the model", training, False, """
m = Net()
p = nn.DataParallel(m)
p.eval()
torch.onnx.export(m, 1, 'a')
""")
case("the model inside DataParallel", training, False, """
p = nn.DataParallel(Net())
p.module.eval()
torch.onnx.export(p.module, 1, 'a')
""")
case("eval in a with", training, False, """
m = Net()
with torch.no_grad():
    m.eval()
    torch.onnx.export(m, 1, 'a')
""")
case("train after the block, on every way out", lambda f: ask(exported(f), lambda m: m.value("training").python()), True, """
def f(m):
    m.eval()
    try:
        return m
    finally:
        m.train()
torch.onnx.export(f(Net()), 1, 'a')
""")
case("a function that remembers gives the same object", training, False, """
from functools import lru_cache
@lru_cache(maxsize=None)
def net():
    return Net()
net().eval()
def export():
    torch.onnx.export(net(), 1, 'a')
""")
case("a function that remembers, per argument", training, UNKNOWN, """
from functools import cache
@cache
def net(kind):
    return Net()
net('a').eval()
def export():
    torch.onnx.export(net('b'), 1, 'a')
""")
case("what a function remembers may be changed by whoever asks for it", called("eval"), maybe, """
from functools import lru_cache
@lru_cache
def net():
    return Net()
def start():
    net().eval()
def export():
    torch.onnx.export(net(), 1, 'a')
""")
case("a function that remembers, first asked on one path", called("cuda"), maybe, """
from functools import lru_cache
@lru_cache(1)
def net():
    return Net()
if torch.cuda.is_available():
    net().cuda()
torch.onnx.export(net(), 1, 'a')
""")
case("an object of another module, first used on one path", called("cuda"), maybe, """
from nets import net
if torch.cuda.is_available():
    net.cuda()
torch.onnx.export(net, 1, 'a')
# file: nets.py
from torch import nn
net = nn.Linear(1, 1)
""")
case("a setting of another module, changed on one path", value, UNKNOWN, """
import settings
if len(settings.NAMES) > number:
    settings.PATH = 'b.pt'
torch.save(settings.PATH)
# file: settings.py
NAMES = ['x']
PATH = 'a.pt'
""")
case("a setting of a class, changed on one path", value, UNKNOWN, """
class Config:
    PATH = 'a.pt'
if number:
    Config.PATH = 'b.pt'
torch.save(Config.PATH)
""")
case("a function that streamlit remembers", is_("torch.nn.Module()"), yes, """
import streamlit as st
@st.cache_resource(show_spinner=False)
def net():
    return Net()
torch.save(net())
""")
case("a context manager of one's own", lambda f: ask(exported(f), lambda m: m.value("training").python()), UNKNOWN, """
import contextlib
@contextlib.contextmanager
def evaluating(m):
    m.eval()
    yield m
    m.train()
m = Net()
with evaluating(m) as n:
    torch.onnx.export(n, 1, 'a')
""")
case("what a context manager of one's own gives", is_("torch.nn.Module()"), yes, """
import contextlib
@contextlib.contextmanager
def opened():
    yield Net()
with opened() as n:
    torch.save(n)
""")
case("a context manager class", training, False, """
class Eval:
    def __init__(self, m):
        self.m = m
    def __enter__(self):
        self.m.eval()
        return self.m
    def __exit__(self, *args):
        self.m.train()
with Eval(Net()) as m:
    torch.onnx.export(m, 1, 'a')
""")
case("after a context manager class", training, True, """
class Eval:
    def __init__(self, m):
        self.m = m
    def __enter__(self):
        self.m.eval()
        return self.m
    def __exit__(self, *args):
        self.m.train()
with Eval(Net()) as m:
    pass
torch.onnx.export(m, 1, 'a')
""")
case("phases of training", training, False, """
m = Net()
for phase in ['train', 'val']:
    if phase == 'train':
        m.train()
    else:
        m.eval()
torch.onnx.export(m, 1, 'a')
""")
case("epochs that end in eval", called("eval"), maybe, """
import sys
m = Net()
for epoch in sys.argv:
    m.train()
    m.eval()
torch.onnx.export(m, 1, 'a')
""")
case("a model held by self, eval in the method", called("eval"), yes, """
class Exporter:
    def __init__(self, path):
        self.model = torch.load(path)
    def export(self):
        self.model.eval()
        torch.onnx.export(self.model, 1, 'a')
""")
case("a model held by self, eval in __init__", called("eval"), yes, """
class Exporter:
    def __init__(self, path):
        self.model = torch.load(path).eval()
    def export(self):
        torch.onnx.export(self.model, 1, 'a')
""")
case("a model held by self, no eval anywhere", called("eval"), no, """
class Exporter:
    def __init__(self, path):
        self.model = torch.load(path)
    def export(self):
        torch.onnx.export(self.model, 1, 'a')
""")
case("a model held by self, eval in a base class", called("eval"), yes, """
class Base:
    def __init__(self):
        self.model = Net()
        self.model.eval()
class Exporter(Base):
    def export(self):
        torch.onnx.export(self.model, 1, 'a')
""")
case("a model held by self, given by unknown callers", called("eval"), maybe, """
class Exporter:
    def __init__(self, model):
        self.model = model
    def export(self):
        torch.onnx.export(self.model, 1, 'a')
""")
case("a model held by self, given by the program", called("eval"), yes, """
class Exporter:
    def __init__(self, model):
        self.model = model
    def export(self):
        torch.onnx.export(self.model, 1, 'a')
m = Net()
m.eval()
Exporter(m).export()
""")
case("a model held by a class with an unknown base", called("eval"), maybe, """
from nowhere import Base
class Exporter(Base):
    def export(self):
        torch.onnx.export(self.model, 1, 'a')
""")
case("a parameter is whatever callers give", called("eval"), maybe, """
def export(model):
    torch.onnx.export(model, 1, 'a')
""")
case("a decorator of the project", called("eval"), yes, """
def in_eval(f):
    def wrapper(m, *a):
        m.eval()
        return f(m, *a)
    return wrapper
@in_eval
def export(m):
    torch.onnx.export(m, 1, 'a')
export(Net())
""")
case("a known decorator", called("eval"), yes, """
@torch.no_grad()
def build():
    return Net().eval()
torch.onnx.export(build(), 1, 'a')
""")
case("an unknown decorator may do anything to what is given and returned", called("eval"), maybe, """
from nowhere import magic
@magic
def build():
    return Net()
torch.onnx.export(build(), 1, 'a')
""")
case("an unknown class decorator", lambda f: ask(exported(f), lambda m: m.called("eval")), maybe, """
from nowhere import register
@register
class M(Net):
    pass
torch.onnx.export(M(), 1, 'a')
""")
case("async", called("eval"), yes, """
import asyncio
async def load():
    return Net().eval()
async def main():
    m = await load()
    torch.onnx.export(m, 1, 'a')
asyncio.run(main())
""")
case("partial application of a helper", called("eval"), yes, """
from functools import partial
def prepare(m, how):
    m.eval()
    return m
p = partial(prepare, how=1)
torch.onnx.export(p(Net()), 1, 'a')
""")
case("models in a dictionary, by a constant name", called("eval"), no, """
models = {'a': Net(), 'b': Net()}
models['b'].eval()
torch.onnx.export(models['a'], 1, 'a')
""")
case("models in a list, all", called("eval"), yes, """
models = [Net(), Net()]
for m in models:
    m.eval()
torch.onnx.export(models[0], 1, 'a')
""")
case("models in a module list", called("eval"), yes, """
class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.parts = nn.ModuleList([Net(), Net()])
for part in M().parts:
    part.eval()
    torch.onnx.export(part, 1, 'a')
""")
case("one of two models", called("eval"), no, """
import sys
if sys.argv:
    m = Net()
else:
    m = torch.load('x')
torch.onnx.export(m, 1, 'a')
""")
case("one of two models, one in eval mode", called("eval"), maybe, """
import sys
if sys.argv:
    m = Net().eval()
else:
    m = torch.load('x')
torch.onnx.export(m, 1, 'a')
""")
case("a model of a library by an unknown name", called("eval"), no, """
import sys, torchvision
m = getattr(torchvision.models, sys.argv[1])(weights=None)
torch.onnx.export(m, 1, 'a')
""")
case("lazily made", called("eval"), yes, """
class E:
    def __init__(self):
        self.m = None
    def load(self):
        if self.m is None:
            self.m = Net()
            self.m.eval()
        torch.onnx.export(self.m, 1, 'a')
E().load()
""")
case("eval by apply", called("eval"), maybe, """
m = Net()
m.apply(lambda x: x.eval())
torch.onnx.export(m, 1, 'a')
""")

# -- arguments of an export --------------------------------------------------------------------------------------------------------

case("dynamic axes in a variable", keyword("dynamic_axes"), {"x": {0: "batch"}}, """
axes = {'x': {0: 'batch'}}
torch.onnx.export(Net(), 1, 'a', dynamic_axes=axes)
""")
case("dynamic axes built in a helper", keyword("dynamic_axes"), {"x": {0: "batch"}, "y": {0: "batch"}}, """
def axes(names):
    return {n: {0: 'batch'} for n in names}
torch.onnx.export(Net(), 1, 'a', dynamic_axes=axes(['x', 'y']))
""")
case("dynamic axes only if asked for", keyword("dynamic_axes", lambda v: (v.certain, v.missing, v.unknown)), (False, False, False), """
def f(dynamic):
    torch.onnx.export(Net(), 1, 'a', dynamic_axes={'x': {0: 'b'}} if dynamic else None)
""")
case("dynamic axes on one path, None on the other", keyword("dynamic_axes", lambda v: len(v.options)), 2, """
def f(dynamic):
    axes = None
    if dynamic:
        axes = {'x': {0: 'b'}}
    torch.onnx.export(Net(), 1, 'a', dynamic_axes=axes)
""")
case("dynamic axes filled in afterwards", keyword("dynamic_axes"), {"x": {0: "b"}, "y": {0: "b"}}, """
axes = {'x': {0: 'b'}}
axes['y'] = {0: 'b'}
torch.onnx.export(Net(), 1, 'a', dynamic_axes=axes)
""")
case("no dynamic axes", missing("dynamic_axes"), True, "torch.onnx.export(Net(), 1, 'a')")
case("names and sizes in a configuration class", keyword("input_names"), ["image"], """
class Config:
    INPUTS = ['image']
torch.onnx.export(Net(), 1, 'a', input_names=Config.INPUTS)
""")
case("a flag that decides between two exports", lambda f: sorted({str(c.argument("opset_version").python()) for c in f.calls("torch.onnx.export")}), ["11", "13"], """
def f(old=False):
    if old:
        torch.onnx.export(Net(), 1, 'a', opset_version=11)
    else:
        torch.onnx.export(Net(), 1, 'a', opset_version=13)
f()
""")
# fmt: on


@pytest.mark.parametrize(("source", "question", "answer"), [pytest.param(*c[1:], id=c[0]) for c in CASES])
def test_trace(tmp_path: Path, source: str, question: Question, answer: Any) -> None:
    assert question(load(tmp_path, source)) == answer


def test_there_are_enough() -> None:
    assert len(CASES) >= 90
    assert len({title for title, *_ in CASES}) == len(CASES)
