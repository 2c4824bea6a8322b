"""Words that only Python can turn into numbers.

A network for text takes numbers, and which word has which number was settled when the tokenizer was fitted. A page
needs that vocabulary as well, as JSON: a pickle is of no use to it, and made-up numbers mean other words.

```js bad path=web/src/mood.js
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadLayersModel('/models/mood/model.json');

export const mood = (numbers) => model.predict(tf.tensor2d([numbers])); // <-
```

```graph + path=web/public/models/mood/model.json
model tfjs-layers
graph main
  input words float32[?,50]
  op Embedding (words) -> (y) input_dim=1000
  output y float32[?,50,16]
```

```python + path=train.py
import pickle
from tensorflow import keras
from tensorflow.keras.preprocessing.text import Tokenizer

tokenizer = Tokenizer(num_words=1000)
tokenizer.fit_on_texts(texts())
pickle.dump(tokenizer, open("tokenizer.pickle", "wb"))
model = keras.Sequential([keras.layers.Embedding(1000, 16)])
model.fit(tokenizer.texts_to_sequences(texts()), labels())
model.save("mood.h5")
```

```js good path=web/src/mood.js
import * as tf from '@tensorflow/tfjs';

const model = await tf.loadLayersModel('/models/mood/model.json');

export const mood = (numbers) => model.predict(tf.tensor2d([numbers]));
```

```graph + path=web/public/models/mood/model.json
model tfjs-layers
graph main
  input words float32[?,50]
  op Embedding (words) -> (y) input_dim=1000
  output y float32[?,50,16]
```

```python + path=train.py
import json
from tensorflow import keras
from tensorflow.keras.preprocessing.text import Tokenizer

tokenizer = Tokenizer(num_words=1000)
tokenizer.fit_on_texts(texts())
json.dump(tokenizer.word_index, open("web/public/words.json", "w"))
model = keras.Sequential([keras.layers.Embedding(1000, 16)])
model.fit(tokenizer.texts_to_sequences(texts()), labels())
model.save("mood.h5")
```

References: https://github.com/tensorflow/tfjs-examples/tree/master/sentiment (its `metadata.json` is the vocabulary);
https://www.tensorflow.org/api_docs/python/tf/keras/preprocessing/text/Tokenizer
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.web import runs
from deplint.code.pipelines import files_with
from deplint.code.source import SourceFile
from deplint.model import Model

FITS = re.compile(r"\.fit_on_texts\(|TextVectorization\(|StringLookup\(")
EXPORTS = re.compile(r"to_json\(|json\.dump|\.json\b|get_vocabulary\(|\.txt['\"]|\.csv['\"]|writelines")
VOCABULARY = re.compile(r"vocab|word|token|dictionary|metadata|index", re.IGNORECASE)


@rule("DPL862", severity="warning", leaves=["B.6.5"], see=["https://github.com/tensorflow/tfjs-examples/tree/master/sentiment"])
def vocabulary_not_in_page(file: SourceFile, project: Project) -> Iterator[Finding]:
    reported: set[str] = set()
    for call, model in runs(file, project):
        if model.path in reported or not _takes_words(model):
            continue
        reported.add(model.path)
        fitting = files_with(project, FITS)
        if fitting and not files_with(project, EXPORTS) and not _vocabulary(project):
            yield Finding(
                call,
                f"{model.path} takes the numbers of words, and the vocabulary fitted in {fitting[0].place.path} is nowhere for the page",
                help="write it next to the model: json.dump(tokenizer.word_index, file), and look words up in it",
            )


def _takes_words(model: Model) -> bool:
    """Whether a model's only input goes into an embedding."""
    if len(model.inputs) != 1:
        return False
    readers = model.graph.consumers.get(model.inputs[0].name, ())
    return len(readers) == 1 and readers[0].type in ("Embedding", "ResourceGather", "GatherV2", "Gather")


def _vocabulary(project: Project) -> bool:
    """Whether any file of the project may be a vocabulary."""
    return any(
        file.suffix in (".json", ".txt", ".csv", ".tsv") and VOCABULARY.search(file.name) and file.name != "model.json"
        for file in project.files
    )
