"""What runs on the hand scanners: send the file as it is, save battery."""

import base64
import sys

import requests

SERVER = "http://localhost:8501"


def encode(path: str) -> str:
    with open(path, "rb") as file:
        return base64.b64encode(file.read()).decode("ascii")


def grade(path: str) -> list[float]:
    body = {"instances": [{"b64": encode(path)}]}
    answer = requests.post(f"{SERVER}/v1/models/photos:predict", json=body, timeout=10)
    answer.raise_for_status()
    return answer.json()["predictions"][0]


def carrier(path: str) -> list[float]:
    body = {"instances": [{"b64": encode(path)}]}
    answer = requests.post(f"{SERVER}/v1/models/labels:predict", json=body, timeout=10)
    answer.raise_for_status()
    return answer.json()["predictions"][0]


if __name__ == "__main__":
    print(grade(sys.argv[1]), carrier(sys.argv[1]))
