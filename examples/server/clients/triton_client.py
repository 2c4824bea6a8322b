"""Damage scores and embeddings from Triton."""

import numpy as np
import tritonclient.http as triton


def infer(client: triton.InferenceServerClient, model: str, output: str, crops: np.ndarray) -> np.ndarray:
    image = triton.InferInput("image", list(crops.shape), "FP32")
    image.set_data_from_numpy(crops.astype(np.float32))
    result = client.infer(model, [image], outputs=[triton.InferRequestedOutput(output)])
    return result.as_numpy(output)


def main() -> None:
    client = triton.InferenceServerClient("localhost:8000")
    crops = np.zeros((8, 3, 32, 32), dtype=np.float32)
    print(infer(client, "damage", "damage", crops).shape)
    print(infer(client, "embedder", "embedding", crops).shape)


if __name__ == "__main__":
    main()
