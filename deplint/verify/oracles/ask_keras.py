"""Keras 3: is the model loaded?"""

from __future__ import annotations

import keras
from serve import serve


def answer(path: str, target: str, numeric: bool) -> None:
    keras.saving.load_model(path, compile=False)


serve(answer)
