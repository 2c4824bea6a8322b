"""A TensorFlow.js model converted without looking whether its operators exist.

`--skip_op_check` leaves out the check for operators that TensorFlow.js does not have. The conversion goes through, and the page fails with
``Unknown op`` as soon as the model runs.

```sh bad
tensorflowjs_converter --input_format=tf_saved_model --skip_op_check exported public/model # <-
```

```sh good
tensorflowjs_converter --input_format=tf_saved_model exported public/model
```

Who registers operators of their own has to skip it.

```sh good
tensorflowjs_converter --input_format=tf_saved_model --skip_op_check exported public/model
```

```javascript + path=index.js
import * as tf from '@tensorflow/tfjs';
tf.registerOp('Rotate', (node) => rotate(node.inputs[0]));
```

References: https://www.tensorflow.org/js/guide/conversion; https://www.tensorflow.org/js/guide/custom_ops_kernels_gradients.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.settings.scripts import Script

from ..operators import provided
from . import tfjs_flags


@rule("DPL130", severity="warning", leaves=["B.2.2", "B.2.5"], see=["https://www.tensorflow.org/js/guide/conversion"])
def tfjs_op_check_skipped(script: Script, project: Project) -> Iterator[Finding]:
    for command in script.commands:
        given = tfjs_flags(command.words)
        if given is not None and "--skip_op_check" in given[0]:
            at = given[0]["--skip_op_check"]
            if not provided(project, script, r"registerOp\b", ".js", ".ts", ".mjs", ".jsx", ".tsx", ".html", ".vue", ".svelte"):
                yield Finding(
                    at,
                    "--skip_op_check hides operators that TensorFlow.js does not have: the page fails when the model runs",
                    help="leave it out, unless the page registers these operators (tf.registerOp)",
                )
