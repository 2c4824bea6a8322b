"""The Model Optimizer of OpenVINO, in a release that has it no more.

`mo` came with the package openvino-dev, whose last release is 2024.6; OpenVINO 2025 has `ovc`, and `openvino.convert_model` in Python:
``mo: command not found``, ``ModuleNotFoundError: No module named 'openvino.tools.mo'``.

```sh bad path=convert.sh
#!/bin/bash
set -e
python export_onnx.py
mo --input_model model.onnx --output_dir ir --compress_to_fp16  # <-
```

```text + path=requirements.txt
openvino==2025.1.0
```

The command that took its place, and releases that still have it:

```sh good path=convert.sh
#!/bin/bash
ovc model.onnx --output_model ir/model.xml
```

```text + path=requirements.txt
openvino==2025.1.0
```

With the package that brought it:

```sh good path=scripts/convert.sh
#!/bin/bash
mo --input_model model.onnx --output_dir ir
```

```text + path=requirements.txt
openvino-dev==2024.6.0
```

References: "Transition from Legacy Conversion API" of OpenVINO 2024.6; the release notes of OpenVINO 2025.0.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.settings.commands import programs
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.scripts import Script
from deplint.settings.serving import mentioned

COMMANDS = frozenset(("mo", "mo.py", "openvino.tools.mo", "mo_onnx.py", "mo_tf.py"))


@rule(
    "DPL984",
    severity="error",
    leaves=["S.2.4", "S.3.2", "M.2.2"],
    see=[
        "https://docs.openvino.ai/2024/documentation/legacy-features/transition-legacy-conversion-api.html",
        "https://docs.openvino.ai/2025/about-openvino/release-notes-openvino.html",
    ],
)
def openvino_mo_gone(facts: Script | Dockerfile, project: Project) -> Iterator[Finding]:
    for program in programs(facts):
        given = " ".join(word.text or "" for word in program.arguments)
        if program.name not in COMMANDS or ("--input_model" not in given and "--saved_model_dir" not in given):
            continue
        if project.versions.allows("openvino", program, since="2025.0") and not mentioned(project, r"openvino[-_]dev"):
            yield Finding(
                program,
                "OpenVINO 2025 has no Model Optimizer: mo is not found (it came with openvino-dev, up to 2024.6)",
                help="ovc model.onnx --output_model ir/model.xml, or openvino.convert_model in Python",
            )
