"""Sound that a service reads at another rate than training did.

`librosa.load` resamples to 22,050 Hz unless it is given `sr`. A network that was trained on features of 16,000 Hz sees every pitch moved
when the service leaves `sr` out; nothing raises, and the answers are wrong.

```python bad path=api.py
import librosa
import tensorflow as tf

model = tf.keras.models.load_model("emotion.keras")

def emotion(clip):
    signal, sr = librosa.load(clip)  # <-
    return model.predict(librosa.feature.mfcc(y=signal, sr=sr).T.mean(0)[None])[0].tolist()
```

```python + path=prepare_data.py
import glob
import librosa
import numpy as np

RATE = 16000
rows = [librosa.load(path, sr=RATE)[0] for path in glob.glob("clips/*.wav")]
np.save("x.npy", np.stack(rows))
```

The same rate, the file's own, or one that is changed later is fine.

```python good path=api.py
import librosa
import tensorflow as tf
from settings import RATE

model = tf.keras.models.load_model("emotion.keras")

def emotion(clip):
    signal, sr = librosa.load(clip, sr=RATE)
    raw, own = librosa.load(clip, sr=None)
    return model.predict(signal[None])[0].tolist(), own
```

```python + path=settings.py
RATE = 16000
```

```python + path=prepare_data.py
import glob
import librosa
import numpy as np
from settings import RATE

np.save("x.npy", np.stack([librosa.load(path, sr=RATE)[0] for path in glob.glob("clips/*.wav")]))
```

Two ways of preparing data leave it open which one was trained on.

```python good path=api.py
import librosa
import tensorflow as tf

model = tf.keras.models.load_model("emotion.keras")

def emotion(clip):
    return model.predict(librosa.load(clip)[0][None])
```

```python + path=prepare_data.py
import librosa
import numpy as np

np.save("a.npy", librosa.load("a.wav", sr=16000)[0])
np.save("b.npy", librosa.load("a.wav")[0])
```

References: `librosa.load`, `sr=22050` (documentation of librosa 0.11).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.facts import Call
from deplint.code.pipelines import files_with, trains
from deplint.code.python import PythonFile

LOAD = "librosa.{,core.,core.audio.}load"
DEFAULT = 22050
_LOADS = re.compile(r"\blibrosa\b")
_PREPARES = re.compile(r"\b(?:np|numpy)\.(?:save|savez|savez_compressed)\(|pickle\.dump\(|json\.dump\(|\.to_csv\(|\.to_pickle\(")
"""What files do that make the data others train on."""
_SERVES = re.compile(r"load_model\(|InferenceSession\(|Interpreter\(|torch\.(?:jit\.)?load\(|joblib\.load\(|pickle\.load\(")
_RESAMPLES = re.compile(r"\bresample\(")


@rule(
    "DPL988",
    severity="warning",
    leaves=["S.6.5", "M.6.5"],
    see=["https://librosa.org/doc/latest/generated/librosa.load.html"],
    opt_in=True,
)
def sample_rate_differs(file: PythonFile, project: Project) -> Iterator[Finding]:
    if not _SERVES.search(file.text) or trains(file) or _RESAMPLES.search(file.text) or _PREPARES.search(file.text):
        return
    trained = _trained(project, project.area(file))
    for call in file.calls(LOAD) if len(trained) == 1 else ():
        rate, (seen, where) = _rate(call), next(iter(trained.items()))
        if rate is not None and rate != seen and call.file is file and not call.guarded:
            yield Finding(
                call,
                f"sound is read at {rate} Hz{' (the default)' if call.argument('sr', 1).missing else ''}, and training at {seen} Hz "
                f"({where}): the features are others, and the answers are wrong",
                help=f"librosa.load(path, sr={seen})",
            )


def _rate(call: Call) -> int | None:
    given = call.argument("sr", 1)
    value = given.python(default=True)
    return DEFAULT if given.missing else value if type(value) is int else None


@lru_cache(maxsize=4)
def _trained(project: Project, area: Path) -> dict[int, str]:
    """The rates at which code that trains, or makes the data for it, reads sound, with the file; empty if one is not known."""
    found: dict[int, str] = {}
    for file in files_with(project, _LOADS, area):
        if not (trains(file) or _PREPARES.search(file.text)):
            continue
        for call in file.calls(LOAD):
            rate = _rate(call)
            if rate is None or _RESAMPLES.search(file.text):
                return {}
            found.setdefault(rate, file.path)
    return found
