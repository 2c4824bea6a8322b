"""Ask the label reader over gRPC: the sorting line sends 32 crops at once."""

import grpc
import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

TARGET = "localhost:8500"


def classify(crops: np.ndarray) -> np.ndarray:
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "labels"
    request.model_spec.signature_name = "predict_images"
    request.inputs["images"].CopyFrom(tf.make_tensor_proto(crops, dtype=tf.float32))
    with grpc.insecure_channel(TARGET) as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        response = stub.Predict(request, timeout=10.0)
    return tf.make_ndarray(response.outputs["output_0"])


if __name__ == "__main__":
    print(classify(np.zeros((32, 32, 32, 3), dtype=np.float32)).argmax(axis=1))
