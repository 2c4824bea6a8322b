"""A tokenizer that is fitted for training and kept nowhere.

`fit_on_texts` numbers words by how often they occur. Without the tokenizer the service cannot tell which number a word
had, and one that is fitted anew numbers them otherwise. It is saved with `to_json` or pickle, or the vocabulary becomes
a layer of the model (`TextVectorization`).

```python bad path=train.py
from tensorflow import keras
from tensorflow.keras.preprocessing.sequence import pad_sequences
from tensorflow.keras.preprocessing.text import Tokenizer

tokenizer = Tokenizer(num_words=10000)
tokenizer.fit_on_texts(texts())  # <-
model = keras.Sequential([keras.layers.Embedding(10000, 16), keras.layers.GlobalAveragePooling1D(), keras.layers.Dense(1)])
model.fit(pad_sequences(tokenizer.texts_to_sequences(texts()), maxlen=50), labels())
model.save("mood.keras")
```

```python good path=train.py
import pickle
from tensorflow import keras
from tensorflow.keras.preprocessing.sequence import pad_sequences
from tensorflow.keras.preprocessing.text import Tokenizer

tokenizer = Tokenizer(num_words=10000)
tokenizer.fit_on_texts(texts())
pickle.dump(tokenizer, open("tokenizer.pickle", "wb"))
model = keras.Sequential([keras.layers.Embedding(10000, 16), keras.layers.GlobalAveragePooling1D(), keras.layers.Dense(1)])
model.fit(pad_sequences(tokenizer.texts_to_sequences(texts()), maxlen=50), labels())
model.save("mood.keras")
```

Where no model is saved, nothing is served.

```python good path=explore.py
from tensorflow.keras.preprocessing.text import Tokenizer

tokenizer = Tokenizer()
tokenizer.fit_on_texts(texts())
print(len(tokenizer.word_index))
```

References: https://stackoverflow.com/q/57897237; https://keras.io/api/layers/preprocessing_layers/text/text_vectorization/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.pipelines import trains
from deplint.code.python import PythonFile

FITS = "{tensorflow.keras,keras,keras_preprocessing}.**.Tokenizer().fit_on_texts"
KEPT = re.compile(r"pickle|joblib|save\w*\(\s*\w*token|dump\(|dumps\(|to_json\(|word_index|get_config\(|to_csv\(|np\.save\(|index_word")
"""Code that keeps a tokenizer, or its vocabulary, in some way."""


@rule("DPL638", severity="warning", leaves=["S.6.5", "S.6.1"], see=["https://stackoverflow.com/q/57897237"])
def tokenizer_not_kept(file: PythonFile) -> Iterator[Finding]:
    if not trains(file) or KEPT.search(file.text) or not re.search(r"\.save\(|ModelCheckpoint\(|\.export\(|save_model\(", file.text):
        return
    seen: set[object] = set()
    for call in file.calls(FITS):
        if call.file is file and call.node not in seen and not any(function.name.startswith("test") for function in call.functions):
            seen.add(call.node)
            yield Finding(
                call,
                "the model is saved and the tokenizer is not: the service cannot number words as training did",
                help="save tokenizer.to_json(), or make TextVectorization a layer of the model",
            )
