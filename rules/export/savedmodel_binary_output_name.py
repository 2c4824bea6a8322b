"""An output of encoded images or other bytes that TensorFlow Serving sends as text.

Over REST, strings are JSON strings, unless the output's name ends in `_bytes`: then they are sent in base64. An output
of `tf.io.encode_jpeg` called `image` is no valid JSON, or is refused as such, where its bytes are no UTF-8.

```graph bad path=m/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x uint8[?,?,3]) -> (image=y string[])
graph main
  input x uint8[?,?,3]
  op EncodeJpeg y (x) -> (y string[])  <-
  output y
```

```graph good path=m/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x uint8[?,?,3]) -> (image_bytes=y string[])
graph main
  input x uint8[?,?,3]
  op EncodeJpeg y (x) -> (y string[])
  output y
```

So may any name for what is text.

```graph good path=m/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x uint8[?,?,3]) -> (label=l string[], image=b string[])
graph main
  input x uint8[?,?,3]
  op EncodePng y (x) -> (y string[])
  op EncodeBase64 b (y) -> (b string[])
  op AsString l (x) -> (l string[])
  output l
  output b
```

References: tensorflow/serving, tensorflow_serving/g3doc/api_rest.md, "Encoding binary values".
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule

BINARY = ("EncodeJpeg", "EncodeJpegVariableQuality", "EncodePng", "EncodeWav", "SerializeTensor", "EncodeProto")


@rule("DPL547", severity="warning", leaves=["S.6.3"], see=["https://www.tensorflow.org/tfx/serving/api_rest#encoding_binary_values"])
def savedmodel_binary_output_name(model: Model) -> Iterator[Finding]:
    if model.format != "savedmodel":
        return
    kinds = {op.type for _, op in model.used()}
    if not kinds & set(BINARY) or "EncodeBase64" in kinds:
        return
    for signature in model.signatures.values():
        texts = [(name, tensor) for name, tensor in signature.outputs.items() if tensor.dtype == "string"]
        if len(texts) == 1 and not texts[0][0].endswith("_bytes"):
            yield Finding(
                model.at_tensor(texts[0][1]),
                f"the output {texts[0][0]} of {signature.name} holds bytes: over REST, TensorFlow Serving sends them as text",
                help="give it a name that ends in _bytes",
            )
