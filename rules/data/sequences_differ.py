"""Texts that a service pads or cuts in another way than training did.

`pad_sequences` puts zeros in front unless told otherwise, and cuts off the beginning. A network that learned from
sequences padded behind, or of another length, gets words where it never saw any; with a fixed length it refuses:
``expected shape=(None, 100), found shape=(1, 50)``.

```python bad path=serve.py
import pickle
from tensorflow.keras.models import load_model
from tensorflow.keras.preprocessing.sequence import pad_sequences

model = load_model("mood.h5")
tokenizer = pickle.load(open("tokenizer.pickle", "rb"))

def mood(text):
    return model.predict(pad_sequences(tokenizer.texts_to_sequences([text]), maxlen=50))  # <-
```

```python + path=train.py
from tensorflow.keras.preprocessing.sequence import pad_sequences
from data import labels, sequences
from net import model

model.fit(pad_sequences(sequences, maxlen=100, padding="post"), labels)
model.save("mood.h5")
```

```python good path=serve.py
import pickle
from tensorflow.keras.models import load_model
from tensorflow.keras.preprocessing.sequence import pad_sequences

model = load_model("mood.h5")
tokenizer = pickle.load(open("tokenizer.pickle", "rb"))

def mood(text, length=None):
    return model.predict(pad_sequences(tokenizer.texts_to_sequences([text]), 100, padding="post"))
```

```python + path=train.py
from tensorflow.keras.preprocessing.sequence import pad_sequences
from data import labels, sequences
from net import model

model.fit(pad_sequences(sequences, maxlen=100, padding="post"), labels)
model.save("mood.h5")
```

A length that is known when the program runs is not compared.

```python good path=serve.py
from settings import LENGTH
from tensorflow.keras.models import load_model
from tensorflow.keras.preprocessing.sequence import pad_sequences

model = load_model("mood.h5")
model.predict(pad_sequences(words(), maxlen=LENGTH))
```

```python + path=train.py
from tensorflow.keras.preprocessing.sequence import pad_sequences
from net import model

data = load()
model.fit(pad_sequences(data, maxlen=max(map(len, data))), labels())
model.save("mood.h5")
```

References: checked with Keras 3.15 (`tests/claims/test_services.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Call
from deplint.code.pipelines import loaded_paths, training_of, trains
from deplint.code.python import PythonFile

PAD = "{tensorflow.keras,keras,tf_keras,keras_preprocessing}.**.pad_sequences"
ASPECTS = (("maxlen", 1, None, "a length of {}"), ("padding", 3, "pre", "padding {!r}"), ("truncating", 4, "pre", "truncating {!r}"))
"""Arguments, with position and default, and the words for them."""


@rule(
    "DPL633",
    severity="error",
    leaves=["S.6.5", "S.6.2"],
    see=["https://keras.io/api/data_loading/timeseries/#pad_sequences-function", "https://stackoverflow.com/q/57897237"],
)
def sequences_differ(file: PythonFile, project: Project) -> Iterator[Finding]:
    calls = [] if trains(file) else file.calls(PAD)
    training = training_of(project, loaded_paths(file), file) if calls else None
    if training is None:
        return
    learned = [_settings(call) for call in training.calls(PAD)]
    for call in calls:
        given = _settings(call)
        differing = [
            (words.format(given[name]), words.format(next(iter(seen))))
            for name, _, _, words in ASPECTS
            if name in given and len(seen := {one.get(name, ...) for one in learned}) == 1 and ... not in seen and given[name] not in seen
        ]
        if differing and not call.guarded:
            yield Finding(
                call,
                f"sequences get {' and '.join(g for g, _ in differing)}, and training gave {' and '.join(t for _, t in differing)} "
                f"({training.path}): the model sees what it never learned",
                help="pad in the service as in training",
            )


def _settings(call: Call) -> dict[str, object]:
    """The arguments that are known."""
    found: dict[str, object] = {}
    for name, position, default, _ in ASPECTS:
        value = call.argument(name, position)
        if value.missing:
            found[name] = default
        elif isinstance(known := value.python(), (int, str)):
            found[name] = known
    if found.get("maxlen", ...) is None:
        del found["maxlen"]
    return found
