"""Ask TensorFlow Serving what fruit lies on the scale."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import numpy as np
import requests

HOST = os.environ.get("FRUIT_SERVER", "http://localhost:9501")
URL = f"{HOST}/v1/models/fruit:predict"
FRUITS = ("apple", "pear", "plum", "quince")


class Encoder(json.JSONEncoder):
    """JSON for arrays and for the numbers in them."""

    def default(self, o):
        if isinstance(o, (np.ndarray, np.generic)):
            return o.tolist()
        return super().default(o)


def ask(body: dict) -> list:
    body["signature_name"] = body.get("signature_name", "serving_default")
    answer = requests.post(URL, data=json.dumps(body, cls=Encoder), headers={"content-type": "application/json"}, timeout=10)
    answer.raise_for_status()
    return answer.json()["predictions"]


def from_files(paths: list[Path]) -> list[str]:
    """Send the files as they are: the default signature decodes them."""
    body = {}
    body["instances"] = [{"image_bytes": {"b64": base64.b64encode(path.read_bytes()).decode()}} for path in paths]
    return [FRUITS[int(np.argmax(scores))] for scores in ask(body)]


def from_pixels(pictures: np.ndarray) -> list[str]:
    """Send pictures, float32 [n, 48, 48, 3] with values 0..255."""
    scores = ask({"signature_name": "pixels", "instances": [{"picture": picture} for picture in pictures]})
    return [FRUITS[int(np.argmax(row))] for row in scores]
