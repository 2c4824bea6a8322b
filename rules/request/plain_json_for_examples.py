"""Plain features sent to a model that parses serialized examples.

A model exported with `build_parsing_serving_input_receiver_fn` (or one that calls `parse_example` on its input) takes
``tf.train.Example`` messages as bytes. Rows of features posted to ``:predict`` fail: ``Expected serialized to be a
vector``, ``Could not parse example input``; over REST only ``:classify`` and ``:regress`` make examples of plain features.

```python bad path=client.py
import requests

rows = {"instances": [{"age": 42.0, "income": 3.5}]}
requests.post("http://localhost:8501/v1/models/census:predict", json=rows)  # <-
```

```python + path=export.py
import tensorflow as tf

receiver = tf.estimator.export.build_parsing_serving_input_receiver_fn(spec())
estimator().export_saved_model("models/census", receiver)
```

```python good path=client.py
import base64
import requests

requests.post("http://localhost:8501/v1/models/census:regress", json={"examples": [{"age": 42.0, "income": 3.5}]})
requests.post(
    "http://localhost:8501/v1/models/census:predict",
    json={"instances": [{"examples": {"b64": base64.b64encode(example()).decode()}}]},
)
```

```python + path=export.py
import tensorflow as tf

receiver = tf.estimator.export.build_parsing_serving_input_receiver_fn(spec())
estimator().export_saved_model("models/census", receiver)
```

A model that takes the features themselves is asked for them.

```python good path=client.py
import requests

requests.post("http://localhost:8501/v1/models/census:predict", json={"instances": [{"age": 42.0, "income": 3.5}]})
```

```python + path=export.py
import tensorflow as tf

estimator().export_saved_model("models/census", tf.estimator.export.build_raw_serving_input_receiver_fn(features()))
```

References: https://www.tensorflow.org/tfx/serving/api_rest; https://stackoverflow.com/q/54832078
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Value
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile
from deplint.code.requests import entry, keys, rest
from deplint.settings.serving import answers

PARSING = re.compile("build_parsing_serving_input_receiver_fn")
RAW = re.compile(r"build_raw_serving_input_receiver_fn|ServingInputReceiver\(")


@rule(
    "DPL618",
    severity="error",
    leaves=["S.4.7", "S.5.2"],
    see=["https://www.tensorflow.org/tfx/serving/api_rest#classify_and_regress_api", "https://stackoverflow.com/q/54832078"],
)
def plain_json_for_examples(file: PythonFile, project: Project) -> Iterator[Finding]:
    requests = [request for request in rest(file) if request.verb == "predict" and _plain(entry(request.body, "instances"))]
    if not requests:
        return
    area = project.area(file)
    if len(files_with(project, PARSING, area)) != 1 or files_with(project, RAW, area):
        return
    for request in requests:
        if answers(project, request.model, request.port, file):
            yield Finding(
                request.call,
                "plain features are sent to a model that was exported to parse serialized examples: it is refused",
                help="post {'examples': [...]} to :classify or :regress, send base64 of tf.train.Example, or export a raw receiver",
            )


def _plain(rows: Value | None) -> bool:
    """Rows that are dictionaries of numbers or texts, none of them called after the input of serialized examples."""
    if rows is None or not rows.exact or not rows.items:
        return False
    for row in rows.items:
        names = keys(row)
        if not names or names & {"examples", "inputs", "b64", "example"} or len(names) < 2:
            return False
    return True
