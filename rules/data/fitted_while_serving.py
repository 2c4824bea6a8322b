"""A scaler, encoder or tokenizer that is fitted to the request.

What was learned from the training data belongs to the model: means and deviations, categories, the numbers of words.
Fitted again to what one request sends, a `StandardScaler` makes zeros of a single row, an encoder numbers categories anew,
a `Tokenizer` gives every word another number. Nothing fails; the answers mean nothing.

```python bad
import numpy as np
from flask import Flask, request
from sklearn.preprocessing import StandardScaler
from tensorflow.keras.models import load_model

app = Flask(__name__)
model = load_model("churn.keras")

@app.route("/predict", methods=["POST"])
def predict():
    row = np.array([request.json["row"]])
    scaled = StandardScaler().fit_transform(row)  # <-
    return str(model.predict(scaled)[0][0])
```

```python bad
from fastapi import FastAPI
from tensorflow.keras.models import load_model
from tensorflow.keras.preprocessing.sequence import pad_sequences
from tensorflow.keras.preprocessing.text import Tokenizer

app = FastAPI()
model = load_model("mood.keras")
tokenizer = Tokenizer(num_words=10000)

@app.post("/mood")
def mood(text: str):
    tokenizer.fit_on_texts([text])  # <-
    return float(model.predict(pad_sequences(tokenizer.texts_to_sequences([text]), maxlen=50))[0][0])
```

```python good
import joblib
import numpy as np
from flask import Flask, request
from sklearn.preprocessing import StandardScaler
from tensorflow.keras.models import load_model

app = Flask(__name__)
model = load_model("churn.keras")
scaler = joblib.load("scaler.joblib")

@app.route("/predict", methods=["POST"])
def predict():
    return str(model.predict(scaler.transform([request.json["row"]]))[0][0])

@app.route("/train", methods=["POST"])
def train():
    rows = np.array(request.json["rows"])
    fresh = StandardScaler()
    joblib.dump(fresh, "scaler.joblib")
    model.fit(fresh.fit_transform(rows), request.json["labels"])
    return "done"
```

What is fitted to data that stays is slow, and right.

```python good
import pandas as pd
from flask import Flask, request
from sklearn.preprocessing import LabelEncoder, StandardScaler
from tensorflow.keras.models import load_model

app = Flask(__name__)
model = load_model("churn.keras")

@app.route("/predict", methods=["POST"])
def predict():
    scaler = StandardScaler()
    scaler.fit(pd.read_csv("train.csv"))
    names = LabelEncoder()
    names.fit(["daisy", "rose"])
    return str(model.predict(scaler.transform([request.json["row"]]))[0][0])
```

References: checked with scikit-learn and Keras (`tests/claims/test_services.py`); https://stackoverflow.com/q/57897237
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.handlers import asked_for, handler_of, site_in
from deplint.code.python import PythonFile

FITS = (
    "sklearn.preprocessing.*Scaler().{fit,fit_transform}",
    "sklearn.preprocessing.{LabelEncoder,OneHotEncoder,OrdinalEncoder,LabelBinarizer,PowerTransformer}().{fit,fit_transform}",
    "sklearn.feature_extraction.text.{CountVectorizer,TfidfVectorizer}().{fit,fit_transform}",
    "sklearn.decomposition.PCA().{fit,fit_transform}",
    "sklearn.impute.*Imputer().{fit,fit_transform}",
    "{tensorflow.keras,keras,keras_preprocessing}.**.Tokenizer().{fit_on_texts,fit_on_sequences}",
    "{tensorflow.keras,keras}.layers.{Normalization,TextVectorization,StringLookup,IntegerLookup,Discretization}().adapt",
    "joblib.load().fit_transform",
    "pickle.load().fit_transform",
)
"""What learns from the data it is given."""
LEARNS = re.compile(r"\.fit\(|\.partial_fit\(|dump\(")
"""Of a handler that trains."""
ANSWERS = re.compile(r"\.predict(?:_proba)?\(|\.run\(|model\(|net\(")


@rule(
    "DPL632",
    severity="error",
    leaves=["S.6.5", "S.6.1"],
    see=["https://scikit-learn.org/stable/common_pitfalls.html#inconsistent-preprocessing", "https://stackoverflow.com/q/57897237"],
)
def fitted_while_serving(file: PythonFile) -> Iterator[Finding]:
    seen: set[object] = set()
    for call in file.calls(*FITS):
        handling = handler_of(call)
        data = call.node.args[0] if call.node.args else None
        if handling is None or call.node in seen or data is None or not asked_for(call, handling.at, data):
            continue
        made = call.receiver.origin
        if made is not None and not made.argument("categories", 0).missing:
            continue
        texts = [function.module.file.source(function.node) for function in call.functions[handling.at :]]
        fits = call.name.endswith(".fit")
        if not any(map(ANSWERS.search, texts)) or any(LEARNS.search(re.sub(r"\.fit\(", "", text) if fits else text) for text in texts):
            continue
        seen.add(call.node)
        what = call.name.split("()")[0].rpartition(".")[2]
        yield Finding(
            call if call.file is file else site_in(file, call, handling.at),
            f"{'what was loaded' if what == 'load' else what} is fitted anew {handling.what}: it knows nothing of the training data",
            help="save what was fitted in training (joblib.dump, to_json, a layer of the model), load it, and only transform",
        )
