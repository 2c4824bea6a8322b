"""A scaler or encoder fitted for training and kept nowhere, though the model is saved.

What `StandardScaler`, `OneHotEncoder` and their like learned from the training data is part of the model: without it nobody can make of a
request what the network was trained on. It is saved beside the model (`joblib.dump`), put with it into one `Pipeline`, or becomes a layer
(`keras.layers.Normalization`).

```python bad path=train.py
import pandas as pd
from sklearn.preprocessing import StandardScaler
from tensorflow import keras

table = pd.read_csv("churn.csv")
scaler = StandardScaler()
features = scaler.fit_transform(table.drop(columns="churn"))  # <-
model = keras.Sequential([keras.Input((11,)), keras.layers.Dense(1, activation="sigmoid")])
model.fit(features, table["churn"])
model.save("churn.keras")
```

```python + path=serve.py
from flask import Flask, request
from tensorflow import keras

app = Flask(__name__)
model = keras.models.load_model("churn.keras")
```

Kept, handed on, or not needed by anybody:

```python good path=train.py
import joblib
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from tensorflow import keras

scaler = StandardScaler()
features = scaler.fit_transform(table)
joblib.dump(scaler, "scaler.joblib")
other = MinMaxScaler()
other.fit(table)
print(other.data_min_)
model = keras.Sequential([keras.Input((11,)), keras.layers.Dense(1, activation="sigmoid")])
model.save("churn.keras")
```

```python + path=serve.py
from tensorflow import keras

model = keras.models.load_model("churn.keras")
```

Nobody loads the model:

```python good path=notebook.ipynb
from sklearn.preprocessing import StandardScaler
from tensorflow import keras

scaler = StandardScaler()
features = scaler.fit_transform(table)
model = keras.Sequential([keras.Input((11,)), keras.layers.Dense(1, activation="sigmoid")])
model.save("churn.keras")
```

References: https://stackoverflow.com/questions/46177828; https://scikit-learn.org/stable/model_persistence.html.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Call
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile
from deplint.code.values import Truth

from ..export import KERAS, KERAS_MODEL

FITTED = (
    "sklearn.preprocessing.{StandardScaler,MinMaxScaler,RobustScaler,OneHotEncoder,OrdinalEncoder,QuantileTransformer,PowerTransformer}()",
    "sklearn.decomposition.PCA()",
    "sklearn.impute.SimpleImputer()",
    "sklearn.feature_extraction.text.{TfidfVectorizer,CountVectorizer}()",
)
_LOADS = re.compile("load_model")
USED = frozenset({"fit", "fit_transform", "transform", "inverse_transform"})


@rule(
    "DPL134",
    severity="warning",
    leaves=["S.6.1"],
    see=["https://scikit-learn.org/stable/model_persistence.html", "https://stackoverflow.com/questions/46177828"],
)
def transformer_not_kept(file: PythonFile, project: Project) -> Iterator[Finding]:
    fits = [call for pattern in FITTED for call in file.calls(pattern + ".{fit,fit_transform}")]
    if not fits or not (saved := _saved(file)):
        return
    area = project.area(file)
    others = [other for other in files_with(project, _LOADS, area) if other is not file]
    served = any(call.argument("filepath", 0).text in saved for other in others for call in other.calls(KERAS + ".models.load_model"))
    said: set[str] = set()
    for call in fits if served else ():
        name = _kept_nowhere(call)
        if name and name not in said and not call.guarded:
            said.add(name)
            kind = call.name.split(".")[-2].removesuffix("()")
            yield Finding(
                call,
                f"the {kind} is fitted here and saved nowhere, and the model is: who serves it cannot prepare the input",
                help=f"save it beside the model (joblib.dump({name}, ...)), or make it a layer of the model",
            )


def _saved(file: PythonFile) -> set[str | None]:
    """Where the file saves Keras models."""
    return {call.argument("filepath", 0).text for call in file.calls("**.save") if call.receiver.is_(*KERAS_MODEL) is Truth.yes} - {None}


def _kept_nowhere(call: Call) -> str:
    """The variable of the transformer, if all that the file does is to call it; else empty."""
    func = call.node.func
    if call.file.project is None or not isinstance(func, ast.Attribute) or not isinstance(func.value, ast.Name):
        return ""
    name, nodes = func.value.id, call.file.shape.nodes
    loads = {id(n) for n in nodes if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)}
    used = {id(n.value) for n in nodes if isinstance(n, ast.Attribute) and n.attr in USED}
    return name if loads <= used else ""
