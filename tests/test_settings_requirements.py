"""Files that list Python packages, against the lines they hold and against `packaging`."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from settings_help import one, project, read, shown

from deplint.finding import Place
from deplint.settings.pins import Pin, Requirements
from deplint.settings.requirements import requirement

LINES = [
    "tensorflow",
    "tensorflow==2.13.0",
    "tensorflow == 2.13.0",
    "tensorflow>=2.0,<3",
    "tensorflow[and-cuda]~=2.15.0",
    "Scikit_Learn!=1.0,>=0.24; python_version >= '3.8' and sys_platform == 'linux'",
    "torch @ https://download.pytorch.org/whl/cu118/torch-2.1.0%2Bcu118-cp311-cp311-linux_x86_64.whl",
    "my.package===1.0.post1",
    "a[b, c]==1.*",
    "numpy (>=1.2)",
]


@pytest.mark.parametrize("line", LINES)
def test_a_requirement_as_packaging_reads_it(line: str) -> None:
    theirs, ours = Requirement(line), requirement(line, Place("r"))
    assert ours is not None
    assert ours.name == canonicalize_name(theirs.name)
    assert set(ours.extras) == theirs.extras
    assert bool(ours.marker) == (theirs.marker is not None)
    if theirs.url is None:
        assert ours.specifier is not None
        assert set(ours.specifier.replace(" ", "").split(",")) == set(str(theirs.specifier).split(","))


@pytest.mark.parametrize("line", ["", "-x", "a b c", "tensorflow=2.13", "see the notes below", "===", "a" * 3000, "http://x/y"])
def test_no_requirement(line: str) -> None:
    assert requirement(line, Place("r")) is None


@pytest.mark.parametrize(
    ("line", "name", "exact"),
    [
        ("https://x.org/tensorflow_cpu-2.13.0-cp311-cp311-manylinux_2_17_x86_64.whl", "tensorflow-cpu", "2.13.0"),
        ("./wheels/torch-1.9.0%2Bcu111-cp38-cp38-linux_x86_64.whl", "torch", "1.9.0"),
        ("https://x.org/onnx-1.14.0.tar.gz#sha256=0", "onnx", "1.14.0"),
        ("git+https://github.com/a/b.git@main#egg=my_pkg", "my-pkg", None),
        ("torch @ https://x.org/torch-2.1.0-cp311-none-any.whl", "torch", "2.1.0"),
        ("torch @ git+https://github.com/pytorch/pytorch", "torch", None),
    ],
)
def test_urls(line: str, name: str, exact: str | None) -> None:
    pin = requirement(line, Place("r"))
    assert pin is not None
    assert (pin.name, pin.exact) == (name, exact)
    if exact is None:
        assert pin.range is None
    assert pin.url


TEXT = """\
# tensorflow==1.0
--index-url https://pypi.org/simple
-r base.txt
-c ../constraints.txt
tensorflow==2.13.0 \\
    --hash=sha256:aaaa \\
    --hash=sha256:bbbb
  numpy>=1.2,<2   # comment
-e git+https://github.com/a/b#egg=thing
-e .
torch==${TORCH}
weird line here
onnx==1.14.0 ; python_version < "3.9"
protobuf \\
  <4
"""


def test_requirements_txt(tmp_path: Path) -> None:
    facts = one(tmp_path, "requirements.txt", TEXT, Requirements)
    assert [(p.name, p.specifier, p.marker) for p in facts.pins] == [
        ("tensorflow", "==2.13.0", ""),
        ("numpy", ">=1.2,<2", ""),
        ("thing", None, ""),
        ("torch", None, ""),
        ("onnx", "==1.14.0", 'python_version < "3.9"'),
        ("protobuf", "<4", ""),
    ]
    assert [shown(p.place, TEXT) for p in facts.pins] == [
        "tensorflow==2.13.0",
        "numpy>=1.2,<2",
        "-e git+https://github.com/a/b#egg=thing",
        "torch==${TORCH}",
        'onnx==1.14.0 ; python_version < "3.9"',
        "protobuf",
    ]
    assert [(i.path, i.constraint) for i in facts.includes] == [("base.txt", False), ("../constraints.txt", True)]
    assert facts.named("tensorflow-gpu")[0].exact == "2.13.0"


@pytest.mark.parametrize(
    ("name", "kind", "group"),
    [
        ("requirements.txt", "requirements", ""),
        ("requirements-dev.txt", "requirements", "dev"),
        ("dev-requirements.txt", "requirements", "dev"),
        ("requirements_test.in", "requirements", "test"),
        ("requirements/prod.txt", "requirements", ""),
        ("requirements/gpu.txt", "requirements", "gpu"),
        ("constraints.txt", "constraints", ""),
    ],
)
def test_names_of_requirements(tmp_path: Path, name: str, kind: str, group: str) -> None:
    facts = one(tmp_path, name, "tensorflow", Requirements)
    assert (facts.kind, facts.pins[0].group) == (kind, group)


def test_other_text_files_are_not_requirements(tmp_path: Path) -> None:
    assert read(tmp_path, "notes.txt", "tensorflow==1.0") == []


def test_utf16_as_powershell_writes_it(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_bytes("tensorflow==2.13.0\r\nnumpy\r\n".encode("utf-16"))
    made = project(tmp_path, {})
    (facts,) = made.facts(made.by_path[tmp_path / "requirements.txt"])
    assert [(p.name, p.exact, p.place.span.line) for p in facts.pins] == [("tensorflow", "2.13.0", 1), ("numpy", None, 2)]


def listed(pins: list[Pin]) -> list[tuple[str, str | None, str]]:
    return [(pin.name, pin.specifier, pin.group) for pin in pins]


PYPROJECT = """\
[build-system]
requires = ["tensorflow==0.1"]
[project]
name = "x"
requires-python = ">=3.9"
dependencies = [
  "numpy",  # same as below
  "tensorflow>=2.0; sys_platform == 'linux'",
]
[project.optional-dependencies]
gpu = ["tensorflow-gpu==2.10.0", 'numpy']
[dependency-groups]
test = ["pytest>7", {include-group = "x"}]
[tool.uv]
dev-dependencies = ["ruff==0.1"]
[tool.pdm.dev-dependencies]
lint = ["black"]
"""


def test_pyproject(tmp_path: Path) -> None:
    facts = one(tmp_path, "pyproject.toml", PYPROJECT, Requirements)
    assert listed(facts.pins) == [
        ("python", ">=3.9", ""),
        ("numpy", "", ""),
        ("tensorflow", ">=2.0", ""),
        ("tensorflow-gpu", "==2.10.0", "gpu"),
        ("numpy", "", "gpu"),
        ("pytest", ">7", "test"),
        ("black", "", "lint"),
        ("ruff", "==0.1", "dev"),
    ]
    assert [p.place.span.line for p in facts.pins] == [5, 7, 8, 11, 11, 13, 17, 15]


POETRY = """\
[tool.poetry]
name = "x"
[tool.poetry.dev-dependencies]
tensorflow = "1.0"
[tool.poetry.dependencies]
python = "^3.9"
tensorflow = "~2.13"
torch = { version = "2.1.0", extras = ["opt"], optional = true }
onnx = [
  { version = "1.14.0", python = "<3.9" },
  { version = "1.15.0", markers = "sys_platform == 'linux'" },
]
thing = { git = "https://github.com/a/b.git" }
[tool.poetry.group.test.dependencies]
pytest = "*"
"""


def test_poetry(tmp_path: Path) -> None:
    facts = one(tmp_path, "pyproject.toml", POETRY, Requirements)
    assert listed(facts.pins) == [
        ("python", "^3.9", ""),
        ("tensorflow", "~2.13", ""),
        ("torch", "2.1.0", "optional"),
        ("onnx", "1.14.0", ""),
        ("onnx", "1.15.0", ""),
        ("thing", None, ""),
        ("tensorflow", "1.0", "dev"),
        ("pytest", "*", "test"),
    ]
    assert [p.place.span.line for p in facts.pins] == [6, 7, 8, 9, 9, 13, 4, 15]
    assert facts.pins[2].exact == "2.1.0" and facts.pins[2].extras == ("opt",)
    assert [p.marker for p in facts.named("onnx")] == ["python_version <3.9", "sys_platform == 'linux'"]


FILES = {
    "setup.cfg": (
        (
            "[metadata]\nname = x\n[options]\npython_requires = >=3.8\ninstall_requires =\n    numpy\n"
            "    tensorflow>=2.0; python_version<'4'\n"
            "[options.extras_require]\ngpu =\n    tensorflow-gpu==2.4\n"
        ),
        [("python", ">=3.8", ""), ("numpy", "", ""), ("tensorflow", ">=2.0", ""), ("tensorflow-gpu", "==2.4", "gpu")],
        [4, 6, 7, 10],
    ),
    "setup.py": (
        (
            "from setuptools import setup\nREQUIRED = [\n    'numpy',\n    'tensorflow>=2',\n    compute(),\n]\n"
            "setup(name='ü', install_requires=REQUIRED, python_requires='>=3.7', extras_require={'gpu': ['tensorflow-gpu'], NAME: ['x']})\n"
        ),
        [("numpy", "", ""), ("tensorflow", ">=2", ""), ("python", ">=3.7", ""), ("tensorflow-gpu", "", "gpu"), ("x", "", "")],
        [3, 4, 7, 7, 7],
    ),
    "Pipfile": (
        (
            '[packages]\ntensorflow = "==2.13.0"\nnumpy = "*"\n[dev-packages]\npytest = {version = ">7", extras = ["x"]}\n[requires]\n'
            'python_version = "3.9"\n'
        ),
        [("python", "==3.9.*", ""), ("tensorflow", "==2.13.0", ""), ("numpy", "*", ""), ("pytest", ">7", "dev")],
        [7, 2, 3, 5],
    ),
    "Pipfile.lock": (
        (
            '{\n  "_meta": {},\n  "default": {\n    "tensorflow": {\n      "version": "==2.13.0"\n    },\n    "x": {"git": "y"}\n  },\n'
            '  "develop": {"pytest": {"version": "==7.0"}}\n}'
        ),
        [("tensorflow", "==2.13.0", ""), ("pytest", "==7.0", "develop")],
        [4, 9],
    ),
    "poetry.lock": (
        (
            '# generated\n[[package]]\nname = "TensorFlow"\nversion = "2.13.0"\ndescription = ""\n\n'
            '[package.dependencies]\nnumpy = ">=1.2"\n\n'
            '[[package]]\nname = "numpy"\nversion = "1.24.3"\n\n[metadata]\npython-versions = "*"\n'
        ),
        [("tensorflow", "==2.13.0", ""), ("numpy", "==1.24.3", "")],
        [3, 11],
    ),
    "uv.lock": (
        'version = 1\n\n[[package]]\nname = "onnx"\nversion = "1.15.0"\nsource = { registry = "x" }\n',
        [("onnx", "==1.15.0", "")],
        [4],
    ),
    "pylock.toml": ('lock-version = "1.0"\n[[packages]]\nname = "onnx"\nversion = "1.15.0"\n', [("onnx", "==1.15.0", "")], [3]),
    "conda-lock.yml": (
        "package:\n- name: python\n  version: 3.9.7\n  manager: conda\n- name: tensorflow\n  version: '2.13.0'\n",
        [("python", "==3.9.7", ""), ("tensorflow", "==2.13.0", "")],
        [2, 5],
    ),
    "environment.yml": (
        (
            "name: x\nchannels: [conda-forge]\ndependencies:\n  - python=3.9\n  - conda-forge::tensorflow-gpu=2.4.1=h30adc30_0\n"
            "  - pytorch >=1.8,<2\n  - numpy 1.19.*\n  - onnx\n  - pip:\n    - onnxruntime==1.9.0\n    - -r requirements.txt\n"
        ),
        [
            ("python", "=3.9", ""),
            ("tensorflow-gpu", "==2.4.1", ""),
            ("pytorch", ">=1.8,<2", ""),
            ("numpy", "1.19.*", ""),
            ("onnx", "", ""),
            ("onnxruntime", "==1.9.0", ""),
        ],
        [4, 5, 6, 7, 8, 10],
    ),
    ".python-version": ("3.11.4\n", [("python", "==3.11.4", "")], [1]),
    "runtime.txt": ("python-3.9\n", [("python", "==3.9.*", "")], [1]),
}


@pytest.mark.parametrize("name", FILES)
def test_other_files(tmp_path: Path, name: str) -> None:
    text, expected, lines = FILES[name]
    facts = one(tmp_path, name, text, Requirements)
    assert listed(facts.pins) == expected
    assert [pin.place.span.line if pin.place.span else 0 for pin in facts.pins] == lines
    assert all(pin.locked for pin in facts.pins) == (facts.kind.endswith("lock"))


def test_setup_py_with_lists_added_and_chosen(tmp_path: Path) -> None:
    text = (
        "from setuptools import setup\nBASE = ['numpy']\nLOOP = LOOP + ['never']\n"
        "setup(install_requires=BASE + ['a<1' if OLD else 'a'], extras_require={'g': ['b'] + (['c==1'] if GPU else ['d']), 'l': LOOP})\n"
    )
    pins = one(tmp_path, "setup.py", text, Requirements).pins
    assert {(pin.name, pin.specifier, pin.group) for pin in pins} == {
        *(("numpy", "", ""), ("a", "<1", ""), ("a", "", "")),
        *(("b", "", "g"), ("c", "==1", "g"), ("d", "", "g"), ("never", "", "l")),
    }


def test_setup_py_without_literals(tmp_path: Path) -> None:
    text = (
        "reqs = open('requirements.txt').read().splitlines()\nx = ['a']\nx = ['b']\nsetup(install_requires=reqs, extras_require={'a': x})"
    )
    assert one(tmp_path, "setup.py", text, Requirements).pins == []


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("pyproject.toml", "[project]\nname = \n", 2),
        ("Pipfile", "[packages\n", 1),
        ("setup.cfg", "no section\n", None),
        ("setup.py", "def (", None),
        ("Pipfile.lock", '{\n"a": }', 2),
        ("Pipfile.lock", "[1]", None),
        ("environment.yml", "dependencies:\n  - a\n - b\n", 3),
    ],
)
def test_broken_files_say_where(tmp_path: Path, name: str, text: str, line: int | None) -> None:
    made = project(tmp_path, {name: text})
    assert made.facts(made.by_path[tmp_path / name]) == []
    (trouble,) = made.troubles
    assert (trouble.place.span.line if trouble.place.span else None) == line
