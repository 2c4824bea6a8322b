"""OpenCV's dnn module: does it read the model?"""

from __future__ import annotations

import cv2  # type: ignore[import-not-found, unused-ignore]
from serve import serve


def answer(path: str, target: str, numeric: bool) -> None:
    cv2.dnn.readNetFromONNX(path)


serve(answer)
