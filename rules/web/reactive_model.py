"""A model or tensor of TensorFlow.js in the reactive state of a Vue 3 component.

Vue 3 gives back a proxy of what lies in `data`, `ref` or `reactive`, and of all that is in it. TensorFlow.js finds the values of a
tensor by the identity of an object that the tensor holds; of the proxy it is another one: ``Cannot read properties of undefined
(reading 'backend')``. What Vue is to leave alone goes through `markRaw`, into a `shallowRef`, or into a plain variable.

```vue bad path=src/Leaf.vue
<template><img ref="photo" /></template>
<script>
import * as tf from '@tensorflow/tfjs';

export default {
  data() {
    return { model: null, label: '' };
  },
  async mounted() {
    this.model = await tf.loadLayersModel('/model/model.json'); // <-
  },
  methods: {
    check(x) {
      return this.model.predict(x);
    },
  },
};
</script>
```

```json + path=package.json
{"dependencies": {"vue": "^3.4.0", "@tensorflow/tfjs": "^4.22.0"}}
```

In the composition API:

```vue bad path=src/Leaf.vue
<script setup>
import * as cocoSsd from '@tensorflow-models/coco-ssd';
import '@tensorflow/tfjs';
import { onMounted, reactive, ref } from 'vue';

const model = ref(null);
const state = reactive({ net: null });
onMounted(async () => {
  model.value = await cocoSsd.load(); // <-
  cocoSsd.load().then((net) => { state.net = net; }); // <-
});
</script>
```

```json + path=package.json
{"dependencies": {"vue": "^3.4.0", "@tensorflow/tfjs": "^4.22.0"}}
```

Left alone:

```vue good path=src/Leaf.vue
<script setup>
import * as tf from '@tensorflow/tfjs';
import { markRaw, onMounted, ref, shallowRef } from 'vue';

const model = ref(null);
const other = shallowRef(null);
onMounted(async () => {
  model.value = markRaw(await tf.loadGraphModel('/model/model.json'));
  other.value = await tf.loadGraphModel('/other/model.json');
});
</script>
```

```json + path=package.json
{"dependencies": {"vue": "^3.4.0", "@tensorflow/tfjs": "^4.22.0"}}
```

Outside of the state:

```vue good path=src/Leaf.vue
<script>
import * as tf from '@tensorflow/tfjs';

let shared;

export default {
  data() {
    return { ready: false };
  },
  async mounted() {
    shared = await tf.loadLayersModel('/model/model.json');
    this.model = await tf.loadLayersModel('/model/model.json');
    this.ready = true;
  },
};
</script>
```

```json + path=package.json
{"dependencies": {"vue": "^3.4.0", "@tensorflow/tfjs": "^4.22.0"}}
```

Vue 2 has no proxies:

```vue good path=src/Leaf.vue
<script>
import * as tf from '@tensorflow/tfjs';

export default {
  data: () => ({ model: null }),
  async mounted() {
    this.model = await tf.loadLayersModel('/model/model.json');
  },
};
</script>
```

```json + path=package.json
{"dependencies": {"vue": "^2.6.14", "@tensorflow/tfjs": "^4.22.0"}}
```

References: layers models, graph models and tensors were used through `reactive` and `ref` of @vue/reactivity 3.4 in Node with
TensorFlow.js 4.22; https://vuejs.org/api/reactivity-advanced.html#markraw
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.follow import follow, source, within
from deplint.apps.site import release
from deplint.apps.tensors import NOTHING, tensor
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Assign, Function, Member, Name, Node, Object, This
from deplint.settings.ranges import between

_MODELS = re.compile(
    r"@tensorflow/tfjs[\w-]*\.(?:loadGraphModel|loadLayersModel|sequential|model)|@tensorflow-models/[\w-]+\.load|"
    r"@tensorflow-models/knn-classifier\.create"
)
_KEPT_RAW = r"\b(?:markRaw|toRaw|shallowRef|shallowReactive|freeze|nonReactive|skipHydrate)\b"
_STATE = re.compile(r"(?:(?:vue|Vue|@vue/composition-api)\.)?(ref|reactive)")


@rule(
    "DPL362",
    severity="error",
    leaves=["B.4.1", "B.6.4"],
    see=["https://vuejs.org/api/reactivity-advanced.html#markraw", "https://github.com/tensorflow/tfjs/issues/5154"],
)
def reactive_model(file: SourceFile, project: Project) -> Iterator[Finding]:
    if (
        not file.web
        or not file.mentions(r"@tensorflow|\btf\.")
        or not file.mentions(r"\bdata\s*[(:]|\bref\s*[(<]|\breactive\s*[(<]|\bstate\s*:")
    ):
        return
    if not _proxies(file, project):
        return
    with within(project):
        fields = _fields(file)
        for node in file.meaning.nodes:
            if isinstance(node, Assign) and node.assigned is not None and _held(node.target, fields):
                what = _what(node.assigned)
                # Where some are kept from Vue, who reads the file knows: the others may go through that as well.
                if what and not re.search(_KEPT_RAW, node.assigned.text) and not file.mentions(r"\b(?:toRaw|markRaw|freeze)\b"):
                    yield Finding(
                        node,
                        f"Vue makes a proxy of this {what}, by which TensorFlow.js does not find its tensors: using it throws",
                        help="keep it in a variable outside of the state, in a shallowRef, or store markRaw(...) of it",
                    )


def _proxies(file: SourceFile, project: Project) -> bool:
    """Whether the Vue in use is one of 3 or later."""
    known, proxies = release(project, file, "vue"), between("3", None)
    return known is not None and proxies is not None and known <= proxies


def _fields(file: SourceFile) -> set[str]:
    """The names in the objects that `data` and `state` give."""
    found: set[str] = set()
    for node in file.meaning.nodes:
        named = node.id if isinstance(node, Function) else ""
        around = node.parent
        if isinstance(node, Function) and isinstance(around, Object):
            named = named or next((key for key, entry in around.entries if entry is node), "")
        if isinstance(node, Function) and named in ("data", "state"):
            for result in node.results:
                made = follow(result)
                if isinstance(made, Object):
                    found.update(key for key, _ in made.entries)
    return found


def _held(target: Node, fields: set[str]) -> bool:
    """Whether a place that is assigned is in the state of a component."""
    if not isinstance(target, Member):
        return False
    if isinstance(target.object, This):
        return target.attribute in fields
    if isinstance(target.object, Name):
        variable = target.file.meaning.lookup(target.object)
        made = variable.sources[0].source if variable is not None and variable.sources else None
        match = _STATE.fullmatch(getattr(made, "name", "")) if made is not None else None
        return match is not None and (match[1] == "reactive" or target.attribute == "value")
    return False


def _what(node: Node) -> str:
    made = source(node)
    if made is not None and _MODELS.fullmatch(made.name):
        return "model"
    return "tensor" if tensor(node) is not NOTHING else ""
