"""Ask the label reader about one scan over REST."""

import json
import sys

import numpy as np
import requests
from PIL import Image

URL = "http://localhost:8500/v1/models/labels:predict"
CARRIERS = ["north", "coast", "metro", "alpine", "other"]


def load(path: str) -> np.ndarray:
    scan = Image.open(path).convert("RGB").resize((32, 32))
    return np.asarray(scan, dtype=np.float32) / 255.0


def classify(path: str) -> str:
    batch = np.expand_dims(load(path), 0)
    body = json.dumps({"instances": batch})
    answer = requests.post(URL, data=body, headers={"content-type": "application/json"}, timeout=10)
    answer.raise_for_status()
    return CARRIERS[int(np.argmax(answer.json()["predictions"][0]))]


if __name__ == "__main__":
    print(classify(sys.argv[1]))
