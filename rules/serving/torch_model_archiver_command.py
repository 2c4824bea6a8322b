"""A call of `torch-model-archiver` that fails.

The archiver needs a name, a version and a handler (``error: the following arguments are required: --version/-v``), and the code files
it is to pack.

```bash bad path=archive.sh
torch-model-archiver --model-name fruit --serialized-file fruit.pt --handler image_classifier  # <-
```

```bash good path=archive.sh
torch-model-archiver --model-name fruit --version 1.0 --serialized-file fruit.pt --handler image_classifier
torch-model-archiver --model-name fruit -v 1.0 --serialized-file fruit.pt --handler handlers/fruit.py --extra-files index_to_name.json
torch-model-archiver --model-name fruit $OPTIONS
torch-model-archiver --help
```

```python + path=handlers/fruit.py
from ts.torch_handler.image_classifier import ImageClassifier
```

```dockerfile bad
FROM pytorch/torchserve:0.12.0-cpu
COPY . /home/model-server/
RUN torch-model-archiver --model-name fruit --version 1.0 --model-file model.py --serialized-file fruit.pth --handler handler.py  # <-
```

```python + path=model.py
import torch
```

The packages of ``--requirements-file`` are installed only where TorchServe's settings say so.

```bash bad path=build.sh
torch-model-archiver --model-name qa --version 1.0 --handler qa.py --requirements-file extra.txt --export-path store  # <-
```

```text + path=qa.py
class QA: ...
```

```ini + path=config.properties
inference_address=http://0.0.0.0:8080
load_models=qa.mar
```

```bash good path=build.sh
torch-model-archiver --model-name qa --version 1.0 --handler qa.py --requirements-file extra.txt --export-path store
```

```text + path=qa.py
class QA: ...
```

```ini + path=config.properties
inference_address=http://0.0.0.0:8080
install_py_dep_per_model=true
```

References: `model_archiver/arg_parser.py` of torch-model-archiver 0.12, run with it (`tests/claims/test_servers.py`).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.settings.commands import Program, programs
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.released import runs
from deplint.settings.scripts import Script
from deplint.settings.serving import mentioned
from deplint.settings.torchserve import TorchServeConfig

REQUIRED = (("--model-name",), ("--version", "-v"), ("--handler",))
CODE = ("--model-file", "--handler")
"""Options whose value, where it ends in .py, is a file of code."""
INSTALLS = re.compile(r"pip3? install|conda install|\buv\b")


@rule(
    "DPL574",
    severity="error",
    leaves=["S.4.2", "S.2.1"],
    see=["https://github.com/pytorch/serve/blob/v0.12.0/model-archiver/README.md"],
)
def torch_model_archiver_command(facts: Script | Dockerfile, project: Project) -> Iterator[Finding]:
    for program in programs(facts):
        if program.name != "torch-model-archiver":
            continue
        words = [word.text for word in program.arguments]
        if any(word.text is None and word.written.startswith(("$", '"$')) for word in program.arguments) and not all(
            any(option in words for option in options) for options in REQUIRED
        ):
            continue  # the options may be in a variable
        missing = [options[0] for options in REQUIRED if not any((word or "").partition("=")[0] in options for word in words)]
        if missing and words and not {"--help", "-h"} & {word for word in words if word}:
            yield Finding(program, f"torch-model-archiver needs {' and '.join(missing)}", help=f"add {' ... '.join(missing)} ...")
        yield from _files(program, facts, project)
        yield from _requirements(program, project)


def _requirements(program: Program, project: Project) -> Iterator[Finding]:
    """Packages that go into the archive, for a TorchServe that is not told to install them."""
    given = next((word for word in program.arguments if (word.text or "").partition("=")[0] in ("--requirements-file", "-r")), None)
    settings = list(project.all(TorchServeConfig))
    told = any("install_py_dep_per_model" in one.values or one.on("enable_envvars_config") for one in settings)
    if given is None or not settings or told or mentioned(project, r"(?i)install_py_dep_per_model"):
        return
    if not any(INSTALLS.search(runs(docker.final)) for docker in project.all(Dockerfile) if docker.stages):
        yield Finding(
            given,
            f"TorchServe installs these packages only where it is told to, and {settings[0].path} does not: ModuleNotFoundError",
            help="install_py_dep_per_model=true in config.properties",
        )


def _files(program: Program, facts: Script | Dockerfile, project: Project) -> Iterator[Finding]:
    for option, given in zip(program.arguments, program.arguments[1:], strict=False):
        name = posixpath.basename(given.text or "")
        if option.text in CODE and name.endswith(".py") and not any(file.name == name for file in project.files):
            yield Finding(
                given, f"{option.text} names {given.text}, and there is no {name} in the project", help="name the file that is there"
            )
