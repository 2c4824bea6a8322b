"""Ask the TensorFlow Lite converter which Python calls it cannot turn into builtin operations.

Every case is an expression over the tensors below, traced as a function (a layer: put in a Keras model) and handed to the real converter
twice: with the builtins alone, and with the select TensorFlow operations added. Run by `tools.operators` in an environment with tensorflow,
and by ``tests/claims`` for every row that ships.
"""

from __future__ import annotations

import ast
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# One line a call; "|" separates forms of it, and a row ships only when every form is refused. A layer is built before tracing. With an
# argument named after "unless" the call may well convert, so that the row says nothing of it.
CASES = """
tf.linalg.cholesky(p)
tf.linalg.cholesky_solve(p, x)
tf.linalg.inv(s)
tf.linalg.det(s)
tf.linalg.logdet(p)
tf.linalg.slogdet(s)[0]
tf.linalg.qr(s)[0]
tf.linalg.lstsq(s, x)
tf.linalg.triangular_solve(s, x)
tf.linalg.trace(s)
tf.linalg.diag_part(s)
tf.linalg.svd(s)[0] | tf.linalg.svd(s, compute_uv=False)
tf.linalg.eigh(p)[0]
tf.linalg.eigvalsh(p)
tf.linalg.lu(s)[0]
tf.linalg.expm(s)
tf.linalg.pinv(s)
tf.linalg.sqrtm(p)
tf.linalg.matrix_rank(s)
tf.linalg.solve(s, x)
tf.linalg.cross(c, c)
tf.io.decode_jpeg(text)
tf.io.decode_png(text)
tf.io.decode_image(text)
tf.io.decode_gif(text)
tf.io.decode_bmp(text)
tf.image.decode_jpeg(text)
tf.image.decode_png(text)
tf.image.decode_image(text)
tf.image.decode_gif(text)
tf.image.decode_bmp(text)
tf.io.decode_and_crop_jpeg(text, [0, 0, 4, 4])
tf.io.encode_jpeg(u8)
tf.io.encode_png(u8)
tf.io.decode_raw(text, tf.float32)
tf.io.decode_base64(text)
tf.io.encode_base64(text)
tf.io.is_jpeg(text)
tf.io.extract_jpeg_shape(text)
tf.io.read_file(text)
tf.io.parse_example(texts, {"a": tf.io.FixedLenFeature([2], tf.float32)})["a"]
tf.io.parse_single_example(text, {"a": tf.io.FixedLenFeature([2], tf.float32)})["a"]
tf.io.parse_tensor(text, tf.float32)
tf.io.serialize_tensor(x)
tf.io.decode_csv(texts, [[0.0]])[0]
tf.io.decode_compressed(text)
tf.io.decode_json_example(text)
tf.audio.decode_wav(text)[0]
tf.strings.lower(texts)
tf.strings.upper(texts)
tf.strings.strip(texts)
tf.strings.length(texts)
tf.strings.to_number(texts)
tf.strings.bytes_split(texts).flat_values
tf.strings.unicode_split(texts, "UTF-8").flat_values
tf.strings.split(texts).flat_values | tf.strings.split(texts, ",").flat_values
tf.strings.regex_replace(texts, "a", "b")
tf.strings.regex_full_match(texts, "a")
tf.strings.substr(texts, 0, 1)
tf.strings.join([texts, texts])
tf.strings.reduce_join(texts)
tf.strings.as_string(x) | tf.strings.as_string(n)
tf.strings.to_hash_bucket_fast(texts, 10)
tf.strings.to_hash_bucket(texts, 10)
tf.strings.to_hash_bucket_strong(texts, 10, [1, 2])
tf.strings.unicode_decode(texts, "UTF-8").flat_values
tf.strings.unicode_encode(pairs, "UTF-8")
tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8")
tf.strings.unicode_script(k)
tf.strings.ngrams(texts, 2)
tf.strings.format("{}", x)
tf.image.crop_and_resize(i, [[0.0, 0.0, 1.0, 1.0]], [0], [4, 4])
tf.image.extract_patches(i, [1, 3, 3, 1], [1, 1, 1, 1], [1, 1, 1, 1], "VALID")
tf.image.combined_non_max_suppression(boxes4, scores, 5, 5)[0]
tf.image.adjust_contrast(i, 2.0)
tf.image.adjust_hue(i, 0.1)
tf.image.adjust_saturation(i, 2.0)
tf.image.random_contrast(i, 0.1, 0.2)
tf.image.random_crop(i, [1, 4, 4, 3])
tf.image.stateless_random_flip_left_right(i, [1, 2])
tf.image.rgb_to_hsv(i)
tf.image.hsv_to_rgb(i)
tf.image.sample_distorted_bounding_box([8, 8, 3], [[[0.0, 0.0, 1.0, 1.0]]], 0.1)[0]
tf.image.draw_bounding_boxes(i, [[[0.0, 0.0, 1.0, 1.0]]], [[1.0, 0.0, 0.0]])
tf.image.extract_glimpse(i, [4, 4], [[0.0, 0.0]])
tf.image.adjust_jpeg_quality(i[0], 50)
tf.math.acos(x)
tf.math.acosh(x)
tf.math.asin(x)
tf.math.asinh(x)
tf.math.atan(x)
tf.math.atanh(x)
tf.math.cosh(x)
tf.math.sinh(x)
tf.math.tan(x)
tf.math.erf(x) | x * 0.5 * (1.0 + tf.math.erf(x / 1.4142135))
tf.math.erfc(x)
tf.math.erfinv(x)
tf.math.erfcinv(x)
tf.math.ndtri(x)
tf.math.digamma(x)
tf.math.polygamma(x, y)
tf.math.zeta(x, y)
tf.math.igamma(x, y)
tf.math.igammac(x, y)
tf.math.betainc(x, y, y)
tf.math.nextafter(x, y)
tf.math.bessel_i0(x)
tf.math.bessel_i0e(x)
tf.math.bessel_i1(x)
tf.math.bessel_i1e(x)
tf.math.reduce_euclidean_norm(x)
tf.math.bincount(k) | tf.math.bincount(k, minlength=6, maxlength=6)
tf.math.cumprod(x)
tf.math.cumulative_logsumexp(x)
tf.math.in_top_k(k[:4], x, 2)
tf.math.segment_mean(x, k[:4])
tf.math.segment_max(x, k[:4])
tf.math.angle(tf.complex(x, y)) | tf.math.angle(x)
tf.complex(x, y)
tf.signal.irfft(tf.signal.rfft(a))
tf.signal.inverse_stft(tf.signal.stft(a, 16, 8), 16, 8)
tf.signal.ifft(tf.cast(a, tf.complex64))
tf.signal.fft2d(tf.cast(s, tf.complex64))
tf.signal.dct(a) unless type
tf.signal.mfccs_from_log_mel_spectrograms(x)
tf.searchsorted(q, q) | tf.searchsorted(q, q, side="right")
tf.unique_with_counts(k)[2]
tf.histogram_fixed_width(q, [0.0, 1.0])
tf.sets.intersection(n, n).values
tf.edit_distance(tf.sparse.from_dense(n), tf.sparse.from_dense(n))
tf.sparse.sparse_dense_matmul(tf.sparse.from_dense(s), x)
tf.ragged.stack([q, q]).to_tensor() | tf.ragged.stack([q, q]).flat_values
tf.dynamic_partition(x, k[:4], 2)[0]
tf.tensor_scatter_nd_max(x, [[0]], x[:1])
tf.bitwise.bitwise_and(n, n)
tf.bitwise.invert(n)
tf.bitwise.left_shift(n, n)
tf.print(x)
tf.py_function(abs, [x], tf.float32)
tf.numpy_function(abs, [x], tf.float32)
tf.timestamp()
tf.random.gamma([4], 1.0)
tf.random.poisson([4], 1.0)
tf.random.shuffle(x)
tf.random.truncated_normal([4])
tf.random.stateless_uniform([4], [1, 2])
tf.random.stateless_normal([4], [1, 2])
tf.random.stateless_categorical(x, 2, [1, 2])
tf.nn.ctc_greedy_decoder(x[:, None, :], [4])[0][0].values
tf.nn.ctc_beam_search_decoder(x[:, None, :], [4])[0][0].values
tf.nn.max_pool_with_argmax(i, 2, 2, "VALID")[1]
tf.nn.fractional_max_pool(i, [1.0, 1.44, 1.44, 1.0])[0]
tf.nn.dilation2d(i, tf.ones((2, 2, 3)), [1, 1, 1, 1], "VALID", "NHWC", [1, 1, 1, 1])
tf.nn.erosion2d(i, tf.ones((2, 2, 3)), [1, 1, 1, 1], "VALID", "NHWC", [1, 1, 1, 1])
tf.nn.max_pool3d(v, 2, 2, "VALID")
tf.nn.avg_pool3d(v, 2, 2, "VALID")
tf.nn.embedding_lookup_sparse(x, tf.sparse.from_dense(n), None, combiner="sum")
keras.layers.TextVectorization(vocabulary=["a"])(texts) unless standardize split
keras.layers.IntegerLookup(vocabulary=[1])(n)
keras.layers.CategoryEncoding(num_tokens=6)(n) unless output_mode
keras.layers.Hashing(num_bins=4)(n)
keras.layers.HashedCrossing(num_bins=4)((k, k))
keras.layers.MaxPooling3D(2)(v)
keras.layers.AveragePooling3D(2)(v)
"""


def families() -> Iterator[tuple[str, list[str], list[str]]]:
    """The public name a user calls, the expressions that call it, and the arguments it is called without."""
    for line in CASES.strip().splitlines():
        calls, _, unless = line.partition(" unless ")
        expressions = [part.strip() for part in calls.split(" | ")]
        yield called_name(expressions[0]), expressions, unless.split()


def called_name(expression: str) -> str:
    """The dotted name of the outermost call in an expression: ``tf.linalg.svd(s)[0]`` -> ``tf.linalg.svd``."""
    node: ast.AST = ast.parse(expression, mode="eval").body
    while not (isinstance(node, ast.Call) and re.fullmatch(r"(tf|keras)[\w.]+", ast.unparse(node.func))):
        node = node.func if isinstance(node, ast.Call) else node.value  # type: ignore[attr-defined]
    return ast.unparse(node.func)


def _specs() -> dict[str, Any]:
    import tensorflow as tf

    shapes = {
        "x": [4, 6], "y": [4, 6], "s": [4, 4], "p": [4, 4], "c": [4, 3], "a": [64], "q": [5],
        "i": [1, 8, 8, 3], "v": [1, 4, 4, 4, 3], "boxes4": [1, 5, 1, 4], "scores": [1, 5, 2],
    }  # fmt: skip
    specs = {name: tf.TensorSpec(shape, tf.float32) for name, shape in shapes.items()}
    specs |= {name: tf.TensorSpec(shape, tf.int32) for name, shape in {"n": [4, 6], "k": [5], "pairs": [2, 2]}.items()}
    specs |= {"u8": tf.TensorSpec([8, 8, 3], tf.uint8), "text": tf.TensorSpec([], tf.string), "texts": tf.TensorSpec([3], tf.string)}
    return specs


def converter(expression: str) -> Any:
    """A converter of the expression over the tensors it names: of a function, or for a layer of a Keras model that holds it."""
    import keras  # type: ignore[import-not-found,unused-ignore]
    import tensorflow as tf

    specs = _specs()
    tree = ast.parse(expression, mode="eval")
    names = sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in specs}) or ["x"]
    if expression.startswith("keras."):
        inputs = {name: keras.Input(batch_shape=specs[name].shape, dtype=specs[name].dtype.name) for name in names}
        outputs = eval(expression, {"keras": keras}, inputs)
        return tf.lite.TFLiteConverter.from_keras_model(keras.Model(list(inputs.values()), outputs))
    scope: dict[str, Any] = {"tf": tf, "abs": abs}
    body = f"result = {expression}\n    return result if tf.is_tensor(result) else {names[0]}"
    exec(f"def probe({', '.join(names)}):\n    {body}", scope)
    function = tf.function(scope["probe"]).get_concrete_function(*[specs[name] for name in names])
    return tf.lite.TFLiteConverter.from_concrete_functions([function], tf.Module())


def missing(expression: str, *, select: bool) -> dict[str, list[str]]:
    """The operations the converter could not place, by what it says they need: ``select`` and ``custom``; both empty when it converts.

    An error that names no operation raises: the example itself is wrong.
    """
    import tensorflow as tf

    asked = converter(expression)
    ops = tf.lite.OpsSet
    asked.target_spec.supported_ops = [ops.TFLITE_BUILTINS, *([ops.SELECT_TF_OPS] if select else [])]
    try:
        asked.convert()
    except Exception as error:  # the converter raises its own class for some failures and ValueError for others
        found = {
            key: re.findall(r"\w+", match[1]) if (match := re.search(rf"{label} ops: ([\w, ]+)", str(error))) else []
            for key, label in (("select", "TF Select"), ("custom", "Custom"))
        }
        if not any(found.values()):
            raise
        return found
    return {"select": [], "custom": []}


def aliases(name: str) -> dict[str, list[str]]:
    """Other public names of the same: ``tf.tan`` for ``tf.math.tan``, ``keras.layers.MaxPool3D`` for ``keras.layers.MaxPooling3D``."""
    import keras
    import tensorflow as tf

    parts = name.split(".")
    if parts[0] == "keras":
        layers = vars(keras.layers)
        same = [f"keras.layers.{other}" for other in layers if layers[other] is layers[parts[-1]] and other != parts[-1]]
        return {"aliases": same} if same else {}
    short = getattr(tf, parts[-1], None)
    if parts[0] != "tf" or len(parts) != 3 or short is None or short is not getattr(getattr(tf, parts[1]), parts[2]):
        return {}
    return {"aliases": [f"tf.{parts[-1]}"]}


def row(name: str, expressions: list[str], unless: list[str]) -> dict[str, Any] | None:
    """What one call needs beyond the builtins, or None when some form of it needs nothing: the least that any form needs."""
    least: dict[str, Any] = {}
    for expression in expressions:
        needed = missing(expression, select=False)
        if not needed["select"] and not needed["custom"]:
            return None
        custom = missing(expression, select=True)["custom"]
        if not least or (least["needs"] == "custom" and not custom):
            least = {"needs": "custom" if custom else "select", "ops": custom or needed["select"], "example": expression}
    return {"name": name, **aliases(name), **least, **({"unless": unless} if unless else {})}


def main(output: str) -> None:
    """Write the versions asked and every row to a file: the converter's native part prints to standard output."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras
    import tensorflow as tf

    rows = []
    for name, expressions, unless in families():
        try:
            made = row(name, expressions, unless)
        except Exception as error:
            sys.stderr.write(f"skipped {name}: {type(error).__name__}: {str(error)[:200]}\n")
            continue
        if made:
            rows.append(made)
        else:
            sys.stderr.write(f"converts: {name}\n")
    versions = {"tensorflow": tf.__version__, "keras": keras.__version__}
    Path(output).write_text(json.dumps({"versions": versions, "rows": rows}), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
