"""A SavedModel with a lookup table that nothing fills when it is loaded.

A table of TensorFlow 1 is empty until its initialiser runs. `add_meta_graph_and_variables` stores variables, but runs
nothing when the model is loaded, unless it is told to: the first request fails, ``FailedPreconditionError: Table not
initialized``.

```python bad
import tensorflow as tf

labels = tf.contrib.lookup.index_to_string_table_from_tensor(tf.constant(["cat", "dog"]))
names = labels.lookup(tf.to_int64(indices))
signature = tf.saved_model.signature_def_utils.predict_signature_def({"images": images}, {"names": names})
builder = tf.saved_model.builder.SavedModelBuilder("export/1")
builder.add_meta_graph_and_variables(  # <-
    session, [tf.saved_model.tag_constants.SERVING], signature_def_map={"serving_default": signature}
)
builder.save()
```

```python good
import tensorflow as tf

labels = tf.contrib.lookup.index_to_string_table_from_tensor(tf.constant(["cat", "dog"]))
names = labels.lookup(tf.to_int64(indices))
builder = tf.saved_model.builder.SavedModelBuilder("export/1")
builder.add_meta_graph_and_variables(
    session, ["serve"], signature_def_map=signatures, legacy_init_op=tf.group(tf.tables_initializer(), name="legacy_init_op")
)
builder.save()
```

A table that only training uses does not come into it.

```python good
import tensorflow as tf

def read(path):
    words = tf.contrib.lookup.index_table_from_file("words.txt")
    return tf.data.TextLineDataset(path).map(lambda line: words.lookup(tf.string_split([line]).values))

builder = tf.saved_model.builder.SavedModelBuilder("export/1")
builder.add_meta_graph_and_variables(session, ["serve"], signature_def_map=signatures)
builder.save()
```

References: executed with TensorFlow 2.21 (`tests/claims/test_served_graphs.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Call
from deplint.code.python import PythonFile

TABLES = (
    "tensorflow.{contrib.lookup,lookup,compat.v1.lookup}.{index_table_from_file,index_table_from_tensor,StaticHashTable,HashTable,"
    "index_to_string_table_from_file,index_to_string_table_from_tensor,StaticVocabularyTable}"
)
BUILDER = "tensorflow.**.{SavedModelBuilder,Builder}().add_meta_graph_and_variables"


@rule(
    "DPL145",
    severity="error",
    leaves=["S.6.2", "S.2.3"],
    see=["https://www.tensorflow.org/api_docs/python/tf/compat/v1/saved_model/Builder"],
)
def table_not_initialized(file: PythonFile) -> Iterator[Finding]:
    for call in file.calls(BUILDER):
        given = [call.argument(name, position) for name, position in (("legacy_init_op", 4), ("main_op", 6))]
        if call.guarded or call.open or not all(value.missing or value.python() is None for value in given):
            continue
        if any(_looked_up(made, call) for made in file.calls(TABLES)):
            yield Finding(
                call,
                "nothing fills the lookup table when the SavedModel is loaded: every request fails, Table not initialized",
                help="pass legacy_init_op=tf.tables_initializer() (main_op= since TensorFlow 1.13)",
            )


def _looked_up(table: Call, saved: Call) -> bool:
    """The table is used where the model is saved: by the same function, outside what a data set maps."""
    uses = saved.file.calls(table.name + "().lookup")
    return any(use.functions == saved.functions and use.receiver.identity == table.result.identity and use.certain for use in uses)
