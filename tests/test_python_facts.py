"""What a Python file says of itself: places, names, calls, attributes set, what guards them; files that cannot be read; hostile ones."""

from __future__ import annotations

import ast
import random
import string
import sys
import textwrap
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deplint import code
from deplint.code.facts import UNKNOWN, unique
from deplint.code.pipelines import files_naming
from deplint.code.python import Broken, PythonFile
from deplint.code.values import Truth
from deplint.finding import Place, Span
from deplint.model import Unreadable
from deplint.project import File, Project

SECONDS = 2.0


def project(folder: Path, files: dict[str, str | bytes]) -> Project:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else textwrap.dedent(content).encode())
    return Project(folder, [File(folder / name, name) for name in files], code.READERS)


def load(folder: Path, source: str | bytes, **others: str) -> PythonFile:
    names = {name.replace("__", "/") + ".py": text for name, text in others.items()}
    return file_of(project(folder, {"main.py": source, **names}), folder, "main.py")


def file_of(made: Project, folder: Path, name: str) -> PythonFile:
    [facts] = made.facts(made.by_path[folder / name])
    assert isinstance(facts, PythonFile)
    return facts


def trouble(folder: Path, source: str | bytes) -> Exception:
    made = project(folder, {"main.py": source})
    assert made.facts(made.by_path[folder / "main.py"]) == []
    [found] = made.troubles
    return found.error


def written(file: PythonFile, place: Place) -> str:
    """The text at a place on one line."""
    span = place.span
    assert span is not None and span.line == span.end_line
    return file.lines[span.line - 1][span.column - 1 : span.end_column - 1]


# -- places ----------------------------------------------------------------------------------------------------------------------


def test_columns_count_characters(tmp_path: Path) -> None:
    file = load(tmp_path, 'import torch\né = "日本"; torch.save("ü", f="ñandú")\n')
    [call] = file.calls("torch.save")
    assert call.place == Place("main.py", Span(2, 11, 2, 37))
    assert written(file, call.place) == 'torch.save("ü", f="ñandú")'
    assert written(file, call.head) == "torch.save"
    assert written(file, call.argument("f").place) == '"ñandú"'
    assert file.source(call.node) == 'torch.save("ü", f="ñandú")'


def test_a_tab_is_one_column(tmp_path: Path) -> None:
    file = load(tmp_path, "import torch\nif 1:\n\ttorch.save(1)\n")
    [call] = file.calls("torch.save")
    assert call.place.span == Span(3, 2, 3, 15)


def test_a_call_over_several_lines(tmp_path: Path) -> None:
    file = load(tmp_path, "import torch\ntorch.save(\n    'é',\n)\n")
    [call] = file.calls("torch.save")
    assert call.place.span == Span(2, 1, 4, 2)


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_line_ends(tmp_path: Path, end: str) -> None:
    file = load(tmp_path, end.join(["import torch", "# é", "torch.save(1)", ""]).encode())
    [call] = file.calls("torch.save")
    assert call.place.span == Span(3, 1, 3, 14)


def test_a_byte_order_mark_is_no_column(tmp_path: Path) -> None:
    file = load(tmp_path, b"\xef\xbb\xbfimport torch; torch.save(1)\n")
    [call] = file.calls("torch.save")
    assert call.place.span == Span(1, 15, 1, 28)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    file = load(tmp_path, "import torch\ntorch.save('é', 1)\n".encode(encoding))
    [call] = file.calls("torch.save")
    assert call.argument("obj", 0).text == "é"
    assert call.argument("f", 1).place.span == Span(2, 17, 2, 18)


def test_elements_know_where_they_are_written(tmp_path: Path) -> None:
    file = load(tmp_path, "import torch\nx = [1, 2]\ntorch.save([3, (4, 5)], x, {'a': 6})\n")
    [call] = file.calls("torch.save")
    three, pair = call.argument("obj", 0).items or []
    assert written(file, three.place) == "3" and three.written
    assert [written(file, v.place) for v in pair.items or []] == ["4", "5"]
    assert [(v.written, written(file, v.place)) for v in call.argument("f", 1).items or []] == [(False, "x")] * 2
    [(key, six)] = call.argument("g", 2).entries or []
    assert (written(file, key.place), written(file, six.place)) == ("'a'", "6")


def test_a_changed_list_is_not_written_in_its_display(tmp_path: Path) -> None:
    file = load(tmp_path, "import torch\nclass C: pass\nc = C()\nc.x = [1]\nc.x.append(2)\ntorch.save(c)\n")
    [call] = file.calls("torch.save")
    [value] = call.argument("obj", 0).values("x")
    assert value.python() == [1, 2]
    assert [v.written for v in value.items or []] == [False, False]


def test_an_argument_out_of_a_dictionary_is_not_written(tmp_path: Path) -> None:
    file = load(tmp_path, "import torch\nkw = {'f': 1}\ntorch.save(*[2], **kw)\n")
    [call] = file.calls("torch.save")
    assert (call.argument("f").python(), call.argument("f").written) == (1, False)
    assert (call.argument("obj", 0).python(), call.argument("obj", 0).written) == (2, False)


# -- names -----------------------------------------------------------------------------------------------------------------------


def test_names_are_the_longest_ones(tmp_path: Path) -> None:
    file = load(tmp_path, "import tensorflow as tf\nfrom tensorflow.contrib import lite\nx = tf.contrib.lite.Converter()\ny = lite.z\n")
    assert [(n.dotted, n.place.span and n.place.span.line) for n in file.names("tensorflow.contrib.**")] == [
        ("tensorflow.contrib.lite", 2),
        ("tensorflow.contrib.lite.Converter", 3),
        ("tensorflow.contrib.lite.z", 4),
    ]
    assert file.has("tensorflow") and not file.has("torch")


def test_a_name_is_reported_once_a_place(tmp_path: Path) -> None:
    file = load(tmp_path, "import torch\ndef f(x):\n    return torch.int8\nf(1), f(2)\n")
    assert len(file.names("torch.int8")) == 1


def test_names_in_annotations_and_decorators(tmp_path: Path) -> None:
    file = load(tmp_path, "import torch\n@torch.no_grad()\ndef f(x: torch.Tensor, *, y: torch.dtype = None) -> torch.Size: ...\n")
    assert {n.dotted for n in file.names("torch.*")} == {"torch.no_grad", "torch.Tensor", "torch.dtype", "torch.Size"}


def test_annotations_that_are_never_evaluated_use_nothing(tmp_path: Path) -> None:
    file = load(tmp_path, "from __future__ import annotations\nimport torch\ndef f(x: torch.Tensor): ...\n")
    assert file.names("torch.Tensor") == []


def test_names_in_functions_and_methods_nobody_calls(tmp_path: Path) -> None:
    file = load(
        tmp_path,
        """
        import torch
        def f():
            def g():
                return torch.one
            return lambda: torch.two
        class A:
            def m(self):
                return torch.three
            class B:
                def n(self):
                    return torch.four
        if False:
            torch.five
        """,
    )
    assert {n.dotted for n in file.names("torch.{one,two,three,four}")} == {"torch.one", "torch.two", "torch.three", "torch.four"}


def test_a_branch_that_an_argument_rules_out_is_seen(tmp_path: Path) -> None:
    file = load(tmp_path, "import torch\ndef f(old=False):\n    if not old:\n        return torch.new\n    return torch.old\nf()\n")
    assert {n.dotted for n in file.names("torch.{old,new}")} == {"torch.old", "torch.new"}


# -- calls -----------------------------------------------------------------------------------------------------------------------


def test_calls_by_pattern(tmp_path: Path) -> None:
    file = load(
        tmp_path,
        """
        import tensorflow as tf
        c = tf.lite.TFLiteConverter.from_saved_model("m")
        c.target_spec.supported_ops.append(1)
        c.convert()
        tf.lite.Interpreter("x").get_input_details()[0]["index"].foo()
        """,
    )
    assert [c.name for c in file.calls("**.TFLiteConverter.*")] == ["tensorflow.lite.TFLiteConverter.from_saved_model"]
    assert len(file.calls("tensorflow.lite.TFLiteConverter.*().convert")) == 1
    assert [c.name for c in file.calls("**[].*")] == ["tensorflow.lite.Interpreter().get_input_details()[][].foo"]
    assert file.calls("tensorflow.lite.TFLiteConverter.convert") == []
    assert {c.name for c in file.calls("tensorflow.lite.{Interpreter,TFLiteConverter.from_saved_model}")} == {
        "tensorflow.lite.Interpreter",
        "tensorflow.lite.TFLiteConverter.from_saved_model",
    }


def test_a_function_entered_twice_gives_two_calls_at_one_place(tmp_path: Path) -> None:
    file = load(tmp_path, "import torch\ndef f(x):\n    torch.save(x)\nf(1)\nf(2)\n")
    calls = file.calls("torch.save")
    assert [c.argument("obj", 0).python() for c in calls] == [1, 2]
    assert len(unique(iter(calls))) == 1


def test_what_a_call_is_given(tmp_path: Path) -> None:
    file = load(tmp_path, "import torch\ndef f(*a, **k):\n    torch.save(1, *a, g=2, **k)\n")
    [call] = file.calls("torch.save")
    assert call.argument("obj", 0).python() == 1
    assert call.argument("f", 1).unknown and call.argument("h").unknown and not call.argument("h").missing
    assert call.argument("g").python() == 2
    assert call.open


def test_origin_and_identity(tmp_path: Path) -> None:
    file = load(tmp_path, "import torch\nm = torch.load('a.pt')\nn = m\ntorch.save(m)\ntorch.save(n)\ntorch.save(torch.load('a.pt'))\n")
    first, second, third = [c.argument("obj", 0) for c in file.calls("torch.save")]
    assert first.origin is not None and first.origin.argument("f", 0).text == "a.pt"
    assert first.identity == second.identity != third.identity


def test_results_and_calls_of_a_method(tmp_path: Path) -> None:
    file = load(
        tmp_path, "import onnxruntime as ort\ns = ort.InferenceSession('a')\ns.run(None, {})\ns.run(['y'], {})\ns.end_profiling()\n"
    )
    [call] = file.calls("**.end_profiling")
    runs = call.receiver.calls_of("run")
    assert [r.argument("output_names", 0).python() for r in runs] == [None, ["y"]]
    assert call.receiver.called("run") is Truth.yes and call.receiver.called("end_profiling") is Truth.no
    assert runs[0].result.name == "onnxruntime.InferenceSession().run()"


def test_inside(tmp_path: Path) -> None:
    file = load(
        tmp_path,
        """
        import torch
        from torch import nn
        class Net(nn.Module):
            def forward(self, x):
                x = self.helper(x)
                if self.training:
                    x = torch.dropout(x)
                for _ in range(2):
                    x = torch.relu(x)
                return x.kthvalue(2)
            def helper(self, x):
                return torch.sigmoid(x)
        torch.onnx.export(Net(), 1, "a")
        """,
    )
    [call] = file.calls("torch.onnx.export")
    inside = call.argument("model", 0).inside("forward")
    assert {(c.name, c.certain) for c in inside} == {
        ("torch.sigmoid", True),
        ("torch.dropout", False),
        ("torch.relu", True),
        ("torch.relu().kthvalue", True),
    }


def test_body_of_a_function(tmp_path: Path) -> None:
    file = load(
        tmp_path,
        """
        import tensorflow as tf
        @tf.function
        def f(x):
            return tf.nn.relu(x.numpy())
        c = f.get_concrete_function(1)
        tf.lite.TFLiteConverter.from_concrete_functions([c])
        """,
    )
    [call] = file.calls("tensorflow.function.get_concrete_function")
    assert {c.name for c in call.receiver.body()} == {"<parameter>.numpy", "tensorflow.nn.relu"}
    [made] = file.calls("**.from_concrete_functions")
    [function] = made.argument("funcs", 0).items or []
    assert function.origin is not None and function.origin.name == call.name


# -- attributes set --------------------------------------------------------------------------------------------------------------


def test_sets(tmp_path: Path) -> None:
    file = load(
        tmp_path,
        """
        import tensorflow as tf
        c = tf.lite.TFLiteConverter.from_saved_model("m")
        c.optimizations = [tf.lite.Optimize.DEFAULT]
        c.target_spec.supported_ops = []
        c.optimizations += [1]
        class Mine:
            def __init__(self):
                self.optimizations = 1
        Mine()
        """,
    )
    found = file.sets("tensorflow.lite.TFLiteConverter.*()")
    assert [a.path for a in found] == ["optimizations", "target_spec.supported_ops", "optimizations"]
    assert found[0].value.items is not None and found[0].value.items[0].name == "tensorflow.lite.Optimize.DEFAULT"
    assert written(file, found[0].place) == "c.optimizations"
    assert written(file, found[0].value.place) == "[tf.lite.Optimize.DEFAULT]"
    assert found[1].target.certainly("optimizations")
    assert not found[2].value.written


# -- guards and contexts -----------------------------------------------------------------------------------------------------------

GUARDED = {
    "if tf.__version__.startswith('1'):\n    tf.gone()": True,
    "if tf.executing_eagerly():\n    tf.gone()": False,
    "if hasattr(tf, 'gone'):\n    tf.gone()": True,
    "x = tf.gone() if hasattr(tf, 'gone') else None": True,
    "hasattr(tf, 'gone') and tf.gone()": True,
    "try:\n    tf.gone()\nexcept AttributeError:\n    pass": True,
    "try:\n    x = 1\nexcept AttributeError:\n    tf.gone()": True,
    "try:\n    tf.gone()\nexcept KeyError:\n    pass": False,
    "try:\n    tf.gone()\nexcept:\n    pass": True,
    "if HAS_TF:\n    tf.gone()": True,
    "import contextlib\nwith contextlib.suppress(AttributeError):\n    tf.gone()": True,
    "from packaging.version import Version\nif Version(tf.__version__) >= Version('2'):\n    raise SystemExit\ntf.gone()": True,
    "def f():\n    if tf.__version__ > '2':\n        return\n    tf.gone()": True,
    "def f():\n    if tf.__version__ > '2':\n        return\ntf.gone()": False,
    "if tf.__version__ > '2':\n    def f():\n        pass\nelse:\n    def f():\n        tf.gone()": True,
    "@check_tf_max_version('1.15')\ndef f():\n    tf.gone()": True,
    "@unittest.skipIf(is_tf2(), 'no')\ndef f():\n    tf.gone()": True,
    "f = lambda: tf.gone() if _has_compat() else 1": True,
    "conversion = 1\nif conversion:\n    tf.gone()": False,
    "def is_tf2():\n    return tf.__version__ > '2'\nif not is_tf2():\n    tf.gone()": True,
    "assert tf.__version__ < '2'\ntf.gone()": True,
    "modern = int(tf.__version__.split('.')[0]) >= 2\nif not modern:\n    tf.gone()": True,
    "class A:\n    def __init__(self):\n        self.modern = hasattr(tf, 'keras')\n    def f(self):\n        self.modern or tf.gone()": True,
    "modern = tf.flag()\nif not modern:\n    tf.gone()": False,
    "while tf.__version__ < '2':\n    tf.gone()": True,
}


@pytest.mark.parametrize("source", GUARDED)
def test_guards(tmp_path: Path, source: str) -> None:
    file = load(tmp_path, "import tensorflow as tf\nimport unittest\n" + source + "\n")
    guarded = {call.guarded for call in file.calls("tensorflow.gone")} | {name.guarded for name in file.names("tensorflow.gone")}
    assert guarded == {GUARDED[source]}


def test_a_name_with_an_alternative_is_guarded(tmp_path: Path) -> None:
    file = load(tmp_path, "try:\n    from tensorflow.contrib import gone\nexcept ImportError:\n    gone = None\ngone.go()\n")
    assert {n.dotted: n.guarded for n in file.names("tensorflow.contrib.**")} == {
        "tensorflow.contrib.gone": True,
        "tensorflow.contrib.gone.go": True,
    }


def test_contexts(tmp_path: Path) -> None:
    file = load(
        tmp_path,
        """
        import torch
        from flask import Flask
        app = Flask(__name__)
        def inner():
            torch.a()
        with torch.no_grad(), torch.autocast("cuda"):
            torch.b()
            inner()
        torch.c()
        @app.route("/predict")
        @torch.inference_mode()
        def handler():
            torch.d()
        """,
    )
    [a], [b], [c], [d] = (file.calls(f"torch.{name}") for name in "abcd")
    assert a.contexts == b.contexts == ("torch.no_grad()", "torch.autocast()")
    assert c.contexts == ()
    assert set(d.contexts) == {"torch.inference_mode()", "flask.Flask().route()"}
    assert [f.name for f in a.functions] == ["inner"]


def test_importers_and_what_they_say(tmp_path: Path) -> None:
    files = {
        "start.py": "import os\nimport app.main\nos.environ['TF_USE_LEGACY_KERAS'] = '1'\n",
        "app/__init__.py": "",
        "app/main.py": "from app import paths\nfrom .net import load\nload(paths.MODEL)\n",
        "app/net.py": "import torch\nfrom . import main\ndef load(path):\n    return torch.load(path)\n",
        "app/paths.py": "MODEL = 'nets/flowers.pt'\n",
        "other/net.py": "import torch\n",
        "other/use.py": "import net\n",
    }
    made = project(tmp_path, dict(files))
    net = file_of(made, tmp_path, "app/net.py")
    assert {file.path for file in net.importers} == {"app/main.py", "start.py"}
    assert not net.mentions("LEGACY") and net.mentions("LEGACY", importers=True)
    assert not net.mentions("flowers") and file_of(made, tmp_path, "app/main.py").mentions(r"flowers\.pt")
    assert [file.path for file in files_naming(made, "flowers.pt")] == ["app/paths.py", "app/main.py", "start.py", "app/net.py"]
    assert files_naming(made, "flowers.pt", tmp_path / "other") == []


def test_contexts_reach_other_modules(tmp_path: Path) -> None:
    file = load(
        tmp_path,
        "import torch\nfrom helper import f\nwith torch.no_grad():\n    f()\n",
        helper="import torch\ndef f():\n    torch.a()\n",
    )
    [call] = file.calls("torch.a")
    assert call.contexts == ("torch.no_grad()",)
    assert (call.place.path, call.place.span) == ("helper.py", Span(3, 5, 3, 14))


# -- across modules --------------------------------------------------------------------------------------------------------------


def test_a_call_in_another_module_has_its_own_place(tmp_path: Path) -> None:
    made = project(
        tmp_path,
        {
            "a.py": "import torch\nfrom b import export\nmodel = torch.load('x').eval()\nexport(model)\n",
            "b.py": "import torch\n\ndef export(model):\n    torch.onnx.export(model, 1, 'é.onnx')\n",
        },
    )
    [seen] = file_of(made, tmp_path, "a.py").calls("torch.onnx.export")
    assert (seen.file.path, seen.place) == ("b.py", Place("b.py", Span(4, 5, 4, 42)))
    assert seen.argument("model", 0).called("eval") is Truth.yes
    assert (seen.argument("f", 2).place, seen.argument("model", 0).place.path) == (Place("b.py", Span(4, 33, 4, 41)), "b.py")
    # Linted alone, the module says nothing of what it is given.
    [alone] = file_of(made, tmp_path, "b.py").calls("torch.onnx.export")
    assert alone.argument("model", 0).unknown and alone.argument("model", 0).called("eval") is Truth.maybe


def test_one_caller_does_what_another_does_not(tmp_path: Path) -> None:
    helper = "import tensorflow as tf\ndef convert(path, rep=None):\n    c = tf.lite.TFLiteConverter.from_saved_model(path)\n    c.optimizations = [1]\n    if rep is not None:\n        c.representative_dataset = rep\n    return c.convert()\n"
    made = project(
        tmp_path,
        {
            "good.py": "from h import convert\nimport tensorflow\nconvert('m', lambda: [])\n",
            "bad.py": "from h import convert\nimport tensorflow\nconvert('m')\n",
            "h.py": helper,
        },
    )
    answers = {
        name: {call.receiver.set("representative_dataset") for call in file_of(made, tmp_path, name).calls("**.convert")}
        for name in ("good.py", "bad.py", "h.py")
    }
    assert answers == {"good.py": {Truth.yes}, "bad.py": {Truth.no}, "h.py": {Truth.maybe}}


def test_modules_do_not_change_under_each_other(tmp_path: Path) -> None:
    """What a file's run does to another module's variables is not seen by the next file, in whatever order they are linted."""
    files: dict[str, str | bytes] = {
        "config.py": "import torch\nSIZE = 1\nclass C:\n    size = 1\ndef grow():\n    global SIZE\n    SIZE = 2\n",
        "a.py": "import torch, config\nconfig.SIZE = 3\nconfig.C.size = 3\nconfig.grow()\ntorch.save((config.SIZE, config.C.size))\n",
        "b.py": "import torch, config\ntorch.save((config.SIZE, config.C.size))\n",
    }
    for order in (("a.py", "b.py"), ("b.py", "a.py")):
        made = project(tmp_path, files)
        found = {name: [c.argument("obj", 0).python() for c in file_of(made, tmp_path, name).calls("torch.save")] for name in order}
        assert found["b.py"] == [(1, 1)]
        assert found["a.py"] == [(3, 3)] or found["a.py"] == [UNKNOWN]


@pytest.mark.parametrize("order", [("a.py", "b.py"), ("b.py", "a.py")])
def test_imports_in_a_circle(tmp_path: Path, order: tuple[str, str]) -> None:
    made = project(
        tmp_path,
        {
            "a.py": "import torch\nfrom b import g\nX = 1\ndef f():\n    torch.save(g())\n",
            "b.py": "import torch\nfrom a import X\nimport a\ndef g():\n    return X + a.X\ntorch.save(g)\n",
        },
    )
    for name in order:
        assert file_of(made, tmp_path, name).calls("torch.save")
    [call] = file_of(made, tmp_path, "a.py").calls("torch.save")
    assert call.argument("obj", 0).python() == 2


def test_star_imports_in_a_circle_end(tmp_path: Path) -> None:
    made = project(tmp_path, {"a.py": "from b import *\nimport torch\n", "b.py": "from a import *\nimport torch\n"})
    assert file_of(made, tmp_path, "a.py").names("torch")


def test_a_long_chain_of_imports(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"m{n}.py": f"import torch\nfrom m{n + 1} import X\nclass C(X): pass\nX = C\n" for n in range(120)}
    made = project(tmp_path, {**files, "m120.py": "X = 1\n"})
    file_of(made, tmp_path, "m0.py").calls("torch.save")
    assert not made.troubles


def test_a_broken_module_is_unknown_to_those_who_import_it(tmp_path: Path) -> None:
    file = load(tmp_path, "import torch\nfrom helper import f\nm = torch.load('x')\nf(m)\ntorch.save(m)\n", helper="def f(:\n")
    [call] = file.calls("torch.save")
    assert call.argument("obj", 0).called("eval") is Truth.maybe


def test_a_module_named_like_one_of_the_standard_library(tmp_path: Path) -> None:
    made = project(
        tmp_path,
        {
            "pkg/__init__.py": "",
            "pkg/logging.py": "import logging\nimport torch\ntorch.save(logging.INFO)\n",
            "pkg/main.py": "import torch\nimport logging\ntorch.save(logging.INFO)\n",
        },
    )
    for name in ("pkg/main.py", "pkg/logging.py"):
        [call] = file_of(made, tmp_path, name).calls("torch.save")
        assert call.argument("obj", 0).name == "logging.INFO"


# -- files that cannot be read ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["import ##NAME##_libs", "x = {{ cookiecutter.name }}.y z", "{% if a %}", "@name@ = 1", "x = ${name}"])
def test_templates_are_passed_over(tmp_path: Path, line: str) -> None:
    made = project(tmp_path, {"main.py": f"import torch\n{line}\ntorch.save(1)\n"})
    file = file_of(made, tmp_path, "main.py")
    assert not made.troubles and not list(file.calls("torch.save"))


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python reads it")
@pytest.mark.parametrize("source", ["type Box = list[int]\n", "def first[T](x: list[T]) -> T: ...\n", "print(f'{loss['train']:.3f}')\n"])
def test_newer_python_is_told_apart(tmp_path: Path, source: str) -> None:
    assert "Python 3.12" in str(trouble(tmp_path, source))


def test_a_notebook_saved_as_a_script_is_read(tmp_path: Path) -> None:
    made = project(tmp_path, {"main.py": "import torch\n!pip install -q onnx\nif True:\n    %cd x\n    torch.save(1)\n"})
    file = file_of(made, tmp_path, "main.py")
    assert not made.troubles and [call.place.span for call in file.calls("torch.save")] == [Span(5, 5, 5, 18)]


@pytest.mark.parametrize("source", ["print 'hello'\n", "import os\ntry:\n    f()\nexcept OSError, e:\n    pass\n"])
def test_python_2_without_models_is_passed_over(tmp_path: Path, source: str) -> None:
    assert not project(tmp_path, {"main.py": source}).troubles


@pytest.mark.parametrize(
    ("source", "words", "line", "column"),
    [
        ("print 'hello'  # torch\n", "Python 2", 1, 1),
        ("import cv2\ntry:\n    f()\nexcept OSError, e:\n    pass\n", "Python 2", 4, 8),
        ("x = 1\ny = = 2\n", "invalid syntax", 2, 5),
        ("def f(:\n", "invalid syntax", 1, 7),
        ("é = 'ü' +\n", "invalid syntax", 1, 10),
        ("x = '\n", "unterminated string", 1, 5),
        ("if x:\npass\n", "expected an indented block", 2, 1),
        ("x = (\n", "'(' was never closed", 1, 5),
    ],
)
def test_broken(tmp_path: Path, source: str, words: str, line: int, column: int) -> None:
    error = trouble(tmp_path, source)
    assert isinstance(error, Broken) and words in str(error)
    assert error.place.path == "main.py" and error.place.span is not None
    assert (error.place.span.line, error.place.span.column) == (line, column)


@pytest.mark.parametrize(
    "source",
    [
        b"x = 1\0\n",
        b"\xff\xfe\x00",
        b"x = '" + b"\\N{" * 3 + b"'\n",
        ("(" * 5000 + ")" * 5000).encode(),
        ("x = " + "-" * 100_000 + "1").encode(),
        ("[" * 150 + "]" * 150).encode(),
        b"def f():\n" + b"".join(b" " * n + b"if x:\n" for n in range(1, 150)),
        b"import torch\nx = 1" + b" + 1" * 20_000 + b"\ntorch.save(x)\n",
        b"import torch\nx = torch" + b".y" * 20_000 + b"\n",
    ],
    ids=["null byte", "half a character", "bad escape", "parentheses", "minus signs", "brackets", "indents", "a sum", "attributes"],
)
def test_hostile_text(tmp_path: Path, source: bytes) -> None:
    started = time.process_time()
    made = project(tmp_path, {"main.py": source})
    made.facts(made.by_path[tmp_path / "main.py"])
    assert all(isinstance(t.error, Unreadable) for t in made.troubles)
    assert time.process_time() - started < SECONDS


# -- a bounded amount of work ----------------------------------------------------------------------------------------------------


def many(count: int, text: str) -> str:
    return "".join(text.replace("@", str(n)) for n in range(count))


PATHOLOGICAL = {
    "5,000 functions": "import torch\n" + many(5000, "def f@(x):\n    y = torch.load(x)\n    return f@(y)\n"),
    "5,000 functions that call each other": "import torch\n" + many(5000, "def f@(x):\n    return f@1(x) + f@2(torch.load(x))\n"),
    "2,000 branches in a row": "import torch, sys\n" + many(2000, "if sys.argv[@]:\n    x@ = torch.load('@')\n    x@.eval()\n"),
    "2,000 branches on one flag": "import torch\ndef f(a):\n    m = torch.load('x')\n" + many(2000, "    if a:\n        m.eval()\n"),
    "branches on many flags": "import torch\ndef f("
    + ", ".join(f"a{n}" for n in range(60))
    + "):\n    m = torch.load('x')\n"
    + many(2, many(60, "    if a@:\n        m.x@ = 1\n").replace("%", "")),
    "nested ifs": "import torch, sys\n" + "".join("    " * n + f"if sys.argv[{n}]:\n" for n in range(90)) + "    " * 90 + "torch.save(1)\n",
    "nested loops": "import torch, sys\n"
    + "".join(" " * n + f"for x{n} in sys.argv:\n" for n in range(18))
    + " " * 18
    + "torch.save(x1).y = x2\n",
    "nested known loops": "import torch\n"
    + "".join(" " * n + f"for x{n} in (1, 2, 3):\n" for n in range(18))
    + " " * 18
    + "torch.save(x1).y = x2\n",
    "mutual recursion": "import torch\n" + many(8, "def f@(x):\n" + "".join(f"    f{n}(torch.load(x))\n" for n in range(8))) + "f0(1)\n",
    "calls that double": "import torch\ndef f0(x): return torch.load(x)\n"
    + "".join(f"def f{n}(x): return f{n - 1}(f{n - 1}(x))\n" for n in range(1, 40)),
    "a giant dictionary": "import torch\nd = {" + many(50_000, "'k@': [@, @], ") + "}\ntorch.save(d)\n",
    "a giant list": "import torch\nd = [" + "1, " * 100_000 + "]\ntorch.save(d)\n",
    "a dictionary that grows": "import torch\nd = {}\n" + many(5000, "d['k@'] = torch.load('@')\n"),
    "a list that grows": "import torch\nd = []\n" + many(5000, "d.append(torch.load('@'))\n"),
    "a list that doubles": "import torch\nd = [1]\n" + "d += d\n" * 100,
    "a string that doubles": "import torch\nd = 'x'\n" + "d += d\nd = d * 10\nd = '%s%s' % (d, d)\n" * 40 + "torch.save(d)\n",
    "numbers that explode": "import torch\nx = 9\n" + "x = x ** x\nx = x << x\nx = x * x\n" * 50 + "torch.save(x)\n",
    "an attribute chain": "import torch\nx = torch" + ".y" * 2000 + "\n",
    "a call chain": "import torch\nx = torch" + ".y()" * 400 + "\n",
    "an object that is set a thousand times": "import torch\nc = torch.load('x')\n" + many(3000, "c.x@ = @\n") + "torch.save(c)\n",
    "joins of an object": "import torch, sys\nc = torch.load('x')\n" + many(600, "if sys.argv[@]:\n    c.x@ = @\n") + "torch.save(c)\n",
    "one name with many values": "import torch, sys\nx = 0\n" + many(2000, "if sys.argv[@]:\n    x = @\n") + "torch.save(x)\n",
    "a long sum": "import torch\nx = " + " + ".join(["'a'"] * 300) + "\ntorch.save(x)\n",
    "tries": "import torch\n"
    + "".join(" " * n + "try:\n" for n in range(20))
    + " " * 20
    + "torch.save(1)\n"
    + "".join(" " * n + "except ValueError:\n" + " " * n + " torch.save(2)\n" for n in range(19, -1, -1)),
    "finallies": "import torch\n"
    + "".join(" " * n + "try:\n" for n in range(14))
    + " " * 14
    + "torch.save(1)\n"
    + "".join(" " * n + "finally:\n" + " " * n + " torch.save(2)\n" for n in range(13, -1, -1)),
    "classes in a line": "import torch\nclass C0: pass\n"
    + "".join(f"class C{n}(C{n - 1}):\n    def f(self): return super().f()\n" for n in range(1, 400))
    + "C399().f()\n",
    "comprehensions in comprehensions": "import torch\nx = " + "[" * 40 + "torch.load(1)" + " for _ in range(5)]" * 40 + "\n",
    "lambdas in lambdas": "import torch\nf = " + "lambda: " * 80 + "torch.load(1)\nf" + "()" * 80 + "\n",
    "decorators": "import torch\ndef d(f): return lambda *a: f(*a) or f(*a)\n" + "@d\n" * 60 + "def f(x): return torch.load(x)\nf(1)\n",
    "either of either": "import torch, sys\n" + "x = torch.a if sys.argv else torch.b\n" + "x = x.c if sys.argv else x.d\n" * 60 + "x()\n",
    "a tuple of itself": "import torch\nx = ()\n" + "x = (x, x)\n" * 60 + "torch.save(x)\n",
}


@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_time_is_bounded(tmp_path: Path, name: str) -> None:
    file = load(tmp_path, PATHOLOGICAL[name].encode())
    started = time.process_time()
    for call in file.calls("torch.save"):
        for value in call.arguments:
            value.python(), value.texts, value.contains("x"), value.attributes()
    assert time.process_time() - started < SECONDS


# -- any text --------------------------------------------------------------------------------------------------------------------

SEEDS = [
    """
import tensorflow as tf
c = tf.lite.TFLiteConverter.from_saved_model('m')
c.optimizations = [tf.lite.Optimize.DEFAULT]
def rep():
    for x in data:
        yield [x]
c.representative_dataset = rep
open('m.tflite', 'wb').write(c.convert())
""",
    """
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self, n=3):
        super().__init__()
        self.f = nn.Linear(n, n)
    def forward(self, x):
        return self.f(x) if self.training else x
m = Net().eval()
with torch.no_grad():
    torch.onnx.export(m, torch.zeros(1, 3), f'{m}.onnx', **{'opset_version': 11})
""",
    """
import argparse, onnx
def main(args):
    try:
        model = onnx.load(args.path)
    except (OSError, ValueError) as e:
        raise SystemExit(1) from e
    finally:
        print('done')
    match args.kind:
        case 'a' | 'b':
            pass
        case {'x': [1, *rest]} if rest:
            del model.graph
if __name__ == '__main__':
    p = argparse.ArgumentParser()
    p.add_argument('--path', default='m')
    main(p.parse_args())
""",
]


def use(file: PythonFile) -> None:
    """Ask of a file whatever a rule may ask."""
    for call in file.calls("**"):
        assert call.place.span is not None and call.head.path
        for value in (call.receiver, call.result, *call.arguments, *call.keywords.values()):
            value.python(default=True), value.texts, value.pieces, value.names, value.items, value.entries, value.attributes()
            (
                value.contains("x"),
                value.is_("torch.**"),
                value.set("a.b"),
                value.value("a"),
                value.called("eval"),
                value.operation,
                value.ends(".x"),
            )
            assert value.place.path
    for assignment in file.sets("**"):
        assignment.target.set(assignment.path), assignment.value.python()
    for name in file.names("**"):
        assert name.place.span is not None


def read(folder: Path, source: str | bytes) -> None:
    made = project(folder, {"main.py": source if isinstance(source, bytes) else source.encode("utf-8", "surrogatepass")})
    for facts in made.facts(made.by_path[folder / "main.py"]):
        use(facts)
    for found in made.troubles:
        assert isinstance(found.error, Unreadable)


FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@FUZZ
@given(st.one_of(st.text(), st.binary()))
def test_any_text(tmp_path: Path, source: str | bytes) -> None:
    read(tmp_path, source)


@FUZZ
@given(st.sampled_from(SEEDS), st.randoms(use_true_random=False))
def test_mutated_code(tmp_path: Path, source: str, random: random.Random) -> None:
    """Code with lines and characters dropped, doubled and swapped."""
    lines = source.split("\n")
    for _ in range(random.randint(1, 4)):
        n = random.randrange(len(lines))
        what = random.randrange(5)
        if what == 0:
            del lines[n]
            lines = lines or [""]
        elif what == 1:
            lines.insert(n, random.choice(lines))
        elif what == 2:
            lines[n] = "    " + lines[n]
        elif what == 3 and lines[n]:
            at = random.randrange(len(lines[n]))
            lines[n] = lines[n][:at] + random.choice(string.printable) + lines[n][at + 1 :]
        else:
            m = random.randrange(len(lines))
            lines[n], lines[m] = lines[m], lines[n]
    read(tmp_path, "\n".join(lines))


@FUZZ
@given(st.sampled_from(SEEDS), st.randoms(use_true_random=False))
def test_mutated_trees(tmp_path: Path, source: str, random: random.Random) -> None:
    """Valid code in which expressions and statements have changed places: nothing of it is unreadable."""
    tree = ast.parse(source)
    nodes = [n for n in ast.walk(tree) if isinstance(n, ast.expr) and not isinstance(getattr(n, "ctx", None), (ast.Store, ast.Del))]
    for _ in range(6):
        one, other = random.choice(nodes), random.choice(nodes)
        for parent in ast.walk(tree):
            for field, value in ast.iter_fields(parent):
                if value is one and isinstance(parent, (ast.Call, ast.Attribute, ast.BinOp, ast.Return, ast.Expr, ast.keyword, ast.Assign)):
                    setattr(
                        parent,
                        field,
                        ast.parse(ast.unparse(other), mode="eval").body if not isinstance(other, (ast.Starred, ast.Slice)) else one,
                    )
    try:
        text = ast.unparse(tree)
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, AttributeError):
        return
    read(tmp_path, text)


def test_a_file_that_is_too_large_says_so(tmp_path: Path) -> None:
    assert load(tmp_path, ("import torch\n" + "x = 1\n" * 100_000).encode()).truncated
    assert not load(tmp_path, b"import torch\n").truncated
