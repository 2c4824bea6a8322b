"""A pickled object whose class was defined in the script that saved it.

A pickle stores of a class its name and that of its module. A class of the script or notebook that was run is `__main__.Net`; whatever
loads the file, a server, a worker, a test, has another `__main__`, and fails with ``AttributeError: Can't get attribute 'Net' on <module
'__main__'``.

```hex bad path=model.pkl line=1
80 02 63 5f 5f 6d 61 69 6e 5f 5f 0a 4e 65 74 0a 29 81 2e
```

```hex good path=model.pkl
80 02 63 6e 65 74 73 0a 4e 65 74 0a 29 81 2e
```

A script that saves and loads its own class is as it should be.

```hex good path=model.pkl
80 02 63 5f 5f 6d 61 69 6e 5f 5f 0a 4e 65 74 0a 29 81 2e
```

```python + path=model.py
import pickle

class Net:
    pass

def load():
    with open("model.pkl", "rb") as file:
        return pickle.load(file)
```

References: https://stackoverflow.com/questions/27732354; that it fails was checked (`tests/claims/test_pickles.py`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.finding import Place
from deplint.formats.pickle_files import PickleFile

_LOADING = re.compile(r"\b(?:torch|joblib|pickle|cloudpickle|dill|np|numpy)\.loads?\(")


@rule(
    "DPL902",
    severity="warning",
    leaves=["S.4.2"],
    see=["https://docs.python.org/3/library/pickle.html#what-can-be-pickled-and-unpickled", "https://stackoverflow.com/questions/27732354"],
)
def pickled_main_class(file: PickleFile, project: Project) -> Iterator[Finding]:
    found = {name.name: where for where, pickle in file.pickles for name in pickle.imports if name.module == "__main__"}
    if found and not any(_loads_its_own(script, found) for script in project.all(PythonFile)):
        names = list(found)
        first = next(iter(found.values()))
        more = f" (and {len(names) - 1} more)" if len(names) > 1 else ""
        yield Finding(
            Place(file.place.path, where=first),
            f"it holds an object of {names[0]}{more}, a class of the script that saved it: only a script that defines it can load it",
            help="move the class to a module that both import, and save again; or save only the weights: torch.save(net.state_dict(), ...)",
            count=len(names),
        )


def _loads_its_own(script: PythonFile, names: Iterable[str]) -> bool:
    """The script defines what the pickle needs, and unpickles something."""
    made = {node.name for node in script.shape.tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    return made.issuperset(names) and _LOADING.search(script.text) is not None
