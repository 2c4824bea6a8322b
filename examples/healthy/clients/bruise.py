"""Ask Triton for bruises, sixteen crops at a time."""

import numpy as np
import tritonclient.http as triton

CHUNK = 16


def bruised(client: triton.InferenceServerClient, crops: np.ndarray) -> np.ndarray:
    """Take float32 or float64 crops [n, 3, 32, 32] and return n probabilities."""
    answers = []
    for start in range(0, len(crops), CHUNK):
        chunk = np.asarray(crops[start : start + CHUNK], dtype="float32")
        crop = triton.InferInput("crop", chunk.shape, "FP32")
        crop.set_data_from_numpy(chunk)
        answers.append(client.infer("bruise", [crop]).as_numpy("bruised")[:, 1])
    return np.concatenate(answers)


if __name__ == "__main__":
    print(bruised(triton.InferenceServerClient("localhost:9600"), np.random.default_rng(1).random((40, 3, 32, 32))))
