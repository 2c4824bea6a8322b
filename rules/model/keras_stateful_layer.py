"""A recurrent layer that keeps its state from one call to the next.

With `stateful=True`, the batch size is fixed and each call goes on where the last one ended, whoever made it. Behind a
server, the sequences of all callers run together, and after a restart or on a second replica the state is another. A
model that takes its state as inputs and gives it as outputs has none of that.

```graph bad path=net.keras
model keras producer=keras version="3.15.1"
graph
  input x float32[1,10,8]
layer lstm LSTM module=keras.layers {units: 4, stateful: true}  <-
```

```graph good path=net.keras
model keras producer=keras version="3.15.1"
graph
  input x float32[1,10,8]
layer lstm LSTM module=keras.layers {units: 4, stateful: false}
layer mine Mine module=mine {stateful: true}
```

References: https://stackoverflow.com/questions/49471395; run with Keras 3.15 (`tests/claims/test_names_in_models.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, Place, rule

RECURRENT = ("LSTM", "GRU", "SimpleRNN", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "CuDNNLSTM", "CuDNNGRU")


@rule("DPL541", severity="info", leaves=["S.1.3"], see=["https://stackoverflow.com/questions/49471395"])
def keras_stateful_layer(model: Model) -> Iterator[Finding]:
    for layer in model.layers if model.format in ("keras", "keras-h5", "tfjs-layers") else ():
        if layer.class_name in RECURRENT and layer.config.get("stateful") is True:
            yield Finding(
                Place(model.path, where=f'layer "{layer.name}"'),
                f"{layer.class_name} is stateful: each call goes on where the last one ended, whoever made it",
                help="for serving, build it with stateful=False, or with return_state=True and the state as input",
            )
