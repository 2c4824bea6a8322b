"""Re-score the day's address pairs, one request a batch."""

import requests

URL = "http://localhost:8501/v1/models/address:predict"


def score(pairs: list[tuple[list[float], list[float]]]) -> list[float]:
    rows = [{"left": left, "right": right} for left, right in pairs]
    answer = requests.post(URL, json={"data": rows}, timeout=60)
    answer.raise_for_status()
    return answer.json()["predictions"]


if __name__ == "__main__":
    print(score([([0.0] * 16, [0.0] * 16)]))
