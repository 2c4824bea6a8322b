"""A request to MLflow's scoring server whose body lacks the field that says what it is.

Since MLflow 2.0 `/invocations` takes a JSON object with exactly one of `dataframe_split`, `dataframe_records`, `instances` and `inputs`.
A data frame as pandas writes it, with ``columns`` and ``data`` at the top, was the format of MLflow 1: ``The input must be a JSON
dictionary with exactly one of the input fields``, status 400.

```python bad path=ask.py
import pandas
import requests

body = {"columns": ["age", "income"], "data": [[42, 3.5]]}
requests.post("http://localhost:5001/invocations", json=body)  # <-
requests.post("http://localhost:5001/invocations", json=[{"age": 42, "income": 3.5}])  # <-
requests.post("http://localhost:5001/invocations", data=pandas.read_csv("a.csv").to_json(orient="split"))  # <-
```

```bash + path=serve.sh
mlflow models serve -m models:/risk/1 -p 5001
```

```python good path=ask.py
import requests

body = {"columns": ["age", "income"], "data": [[42, 3.5]]}
requests.post("http://localhost:5001/invocations", json={"dataframe_split": body})
requests.post("http://localhost:5001/invocations", json={"inputs": [[42, 3.5]], "params": {"k": 1}})
requests.post("http://localhost:5001/invocations", json=unknown())
```

```bash + path=serve.sh
mlflow models serve -m models:/risk/1 -p 5001
```

Other servers answer at that address as well, and MLflow 1 wants it so.

```python good
import requests

requests.post("http://localhost:8080/invocations", json={"columns": ["age"], "data": [[42]]})
```

```python good path=ask.py versions=mlflow==1.30
import requests

requests.post("http://localhost:5001/invocations", json={"columns": ["age"], "data": [[42]]})
```

```bash + path=serve.sh
mlflow models serve -m models:/risk/1 -p 5001
```

```bash bad path=ask.sh
mlflow models serve -m models:/risk/1 -p 5001 &
curl http://127.0.0.1:5001/invocations -H 'Content-Type: application/json' -d '{"columns": ["age"], "data": [[42]]}'  # <-
curl http://127.0.0.1:5001/invocations -H 'Content-Type: text/csv' -d @rows.csv
```

References: `parse_json_data` in `mlflow/pyfunc/scoring_server/__init__.py`; https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Place, Project, rule
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.code.requests import asks, body_of, keys, path_of
from deplint.settings.bodies import RequestFile
from deplint.settings.curl import curls
from deplint.settings.scripts import Script
from deplint.settings.serving import mentioned

FIELDS = {"dataframe_split", "dataframe_records", "instances", "inputs"}
SERVES = r"mlflow[\"', ]+(?:models|sagemaker)[\"', ]+(?:serve|run-local|build-docker|generate-dockerfile)|mlflow\.models\.build_docker"
ADDRESS = re.compile(r"(?:https?://)?(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::\d+)?/invocations/?")


@rule(
    "DPL629",
    severity="error",
    leaves=["S.5.2"],
    since={"mlflow": "2.0"},
    see=["https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/"],
)
def mlflow_body_without_field(facts: PythonFile | Script | RequestFile, project: Project) -> Iterator[Finding]:
    found = list(_sent(facts))
    if found and mentioned(project, SERVES, inside=project.area(facts)):
        for place, what in found:
            yield Finding(
                place,
                f"the body is {what}: MLflow answers 400, it wants exactly one of dataframe_split, dataframe_records, instances and inputs",
                help='send {"dataframe_split": {"columns": [...], "data": [...]}}, or {"inputs": ...}',
            )


def _sent(facts: PythonFile | Script | RequestFile) -> Iterator[tuple[Value | Place, str]]:
    """The bodies that no field names, and what they are."""
    if isinstance(facts, PythonFile):
        for call, url, method in asks(facts):
            if method != "POST" or call.guarded or path_of(url) != "/invocations":
                continue
            body = body_of(call)
            given = keys(body)
            frame = call.argument("data", 1 if call.name.endswith(".post") else None).origin
            if body is not None and (what := _wrong(given, body.certain and body.items is not None and body.entries is None)):
                yield body, what
            elif frame is not None and frame.name.endswith(".to_json") and frame.argument("orient").text in ("split", "records"):
                yield call.argument("data", 1), "a bare data frame"
        return
    for sent in curls(facts):
        if sent.data and ADDRESS.fullmatch(sent.url.masked):
            what = _wrong({*sent.body} if isinstance(sent.body, dict) else None, isinstance(sent.body, list))
            if what:
                yield sent.data.place, what


def _wrong(given: set[str] | None, listed: bool) -> str:
    if listed:
        return "a bare list"
    bare = given is not None and not given & FIELDS and {"columns", "data"} <= given
    return "a bare data frame" if bare else ""
