"""A web process on Heroku that listens on a port of its own.

Heroku, and platforms that read a ``Procfile`` as it does, tell each web process its port in ``PORT`` and wait for it there:
``Error R10 (Boot timeout) -> Web process failed to bind to $PORT within 60 seconds of launch``. (gunicorn listens there of its own accord.)

```python bad path=server.py
import onnxruntime
from flask import Flask
from waitress import serve

app = Flask(__name__)
session = onnxruntime.InferenceSession("net.onnx")

if __name__ == "__main__":
    serve(app, host="0.0.0.0", port=5000)  # <-
```

```text + path=Procfile
web: python server.py
```

```python good path=server.py
import os
import onnxruntime
from flask import Flask
from waitress import serve

app = Flask(__name__)
session = onnxruntime.InferenceSession("net.onnx")

if __name__ == "__main__":
    serve(app, host="0.0.0.0", port=int(os.environ.get("PORT", 5000)))
```

```text + path=Procfile
web: python server.py
```

What the Procfile does not start as a script, it does not run.

```python good path=app.py
import torch
import uvicorn
from fastapi import FastAPI

app = FastAPI()

if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0", port=8000)
```

```text + path=Procfile
web: uvicorn app:app --host 0.0.0.0 --port $PORT
worker: python app.py
```

References: "Why is my app crashing with an R10 error" (Heroku); `gunicorn/config.py` 27.0 (`bind` is ``0.0.0.0:$PORT`` where that is set).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile

LISTENS = {"flask.Flask().run": 1, "uvicorn.run": None, "waitress.serve": None}
"""What listens, and the position of its argument `port`."""


@rule(
    "DPL967",
    severity="error",
    leaves=["S.3.3"],
    see=[
        "https://help.heroku.com/W5ETWBQB/why-is-my-app-crashing-with-an-r10-error",
        "https://help.heroku.com/P1AVPANS/why-is-my-node-js-app-crashing-with-an-r10-error",
    ],
)
def platform_port_ignored(file: PythonFile, project: Project) -> Iterator[Finding]:
    if "PORT" in file.text or not any(pattern.partition(".")[0] in file.text for pattern in LISTENS):
        return
    if not any(_starts(one.text, file, one.path.parent) for one in project.files if one.name == "Procfile"):
        return
    for pattern, position in LISTENS.items():
        for call in file.calls(pattern):
            port = call.argument("port", position)
            if not call.guarded and not call.open and (port.missing or isinstance(port.python(), int)):
                shown = "its default port" if port.missing else f"port {port.python()}"
                yield Finding(
                    call,
                    f"the Procfile starts this script, which listens on {shown} whatever PORT says: R10, failed to bind to $PORT",
                    help='port=int(os.environ.get("PORT", 5000))',
                )


def _starts(text: str, file: PythonFile, folder: Path) -> bool:
    """The web process of a Procfile is this script."""
    match = re.search(r"(?m)^web[ \t]*:[ \t]*(?:exec[ \t]+)?python3?[ \t]+(?:-u[ \t]+)?([\w./-]+\.py)[ \t]*$", text)
    return match is not None and folder / match[1] == file.file.path
