"""TensorFlow models of several operators for measuring agreement: functions put together at random from what models are made of, stacks of
Keras layers, each as a SavedModel, a frozen graph, a Keras archive or HDF5, and damaged copies of them.

python -m tools.agreement.build_networks FOLDER [--seed N] [--functions N] [--networks N] [--damaged N]
"""

# ruff: noqa: B023, E501 - one line a step; what is bound is called at once
from __future__ import annotations

import argparse
import random
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy
import tensorflow as tf

SHAPES: Mapping[str, tuple[int, ...]] = {
    "image": (16, 16, 3), "sequence": (12, 8), "vector": (8,), "volume": (6, 6, 6, 2), "ids": (12,), "text": (), "audio": (512,),
}  # fmt: skip
"""Kinds of values and their shapes, less the batch."""

Weight = Callable[..., Any]
"""Makes a variable of a shape, or gives the one that was made in an earlier run of the function."""

Step = Callable[[Any, Weight, random.Random], Any]


def _unary(name: str) -> Step:
    function: Any = tf
    for part in name.split("."):
        function = getattr(function, part)
    return lambda x, w, r: function(x)


def _cast(step: Step, *dtypes: str) -> Step:
    """The step in another dtype."""

    def cast(x: Any, w: Weight, r: random.Random) -> Any:
        return tf.cast(step(tf.cast(x, r.choice(dtypes)), w, r), tf.float32)

    return cast


ANY: dict[str, Step] = {
    **{
        name: _unary(name)
        for name in (  # noqa: SIM905
            "nn.relu nn.relu6 nn.elu nn.selu nn.gelu nn.leaky_relu nn.swish nn.softplus nn.softsign nn.softmax nn.log_softmax tanh sigmoid exp "
            "math.log math.log1p math.expm1 sqrt math.rsqrt square abs negative sign math.floor math.ceil round math.rint sin cos tan asin "
            "acos atan sinh cosh asinh acosh atanh math.erf math.erfc math.lgamma math.digamma math.reciprocal math.erfinv math.bessel_i0 "
            "math.l2_normalize math.sigmoid identity stop_gradient zeros_like ones_like"
        ).split()
    },
    "add": lambda x, w, r: x + w(x.shape[-1]),
    "multiply": lambda x, w, r: x * w(x.shape[-1]),
    "divide": lambda x, w, r: x / (w(x.shape[-1]) + 2.0),
    "floordiv": lambda x, w, r: x // 0.3,
    "mod": lambda x, w, r: tf.math.floormod(x, 0.7),
    "truncatemod": lambda x, w, r: tf.truncatemod(x, 0.7),
    "power": lambda x, w, r: tf.pow(tf.abs(x), r.choice((2.0, 0.5, 1.7))),
    "maximum": lambda x, w, r: tf.maximum(x, w(x.shape[-1])),
    "minimum": lambda x, w, r: tf.minimum(x, 0.5),
    "clip": lambda x, w, r: tf.clip_by_value(x, -0.3, 0.6),
    "squared_difference": lambda x, w, r: tf.math.squared_difference(x, w(x.shape[-1])),
    "atan2": lambda x, w, r: tf.atan2(x, w(x.shape[-1])),
    "div_no_nan": lambda x, w, r: tf.math.divide_no_nan(x, w(x.shape[-1])),
    "xlogy": lambda x, w, r: tf.math.xlogy(x, 1.5),
    "layer_norm": lambda x, w, r: (x - tf.reduce_mean(x, -1, True)) * tf.math.rsqrt(tf.math.reduce_variance(x, -1, True) + 1e-5) * w(x.shape[-1]),
    "where": lambda x, w, r: tf.where(x > 0.1, x, tf.zeros_like(x)),
    "compare": lambda x, w, r: tf.cast(tf.logical_and(x > 0.1, tf.logical_not(x >= 0.9)), tf.float32),
    "equal": lambda x, w, r: tf.cast(tf.not_equal(x, 0.0), tf.float32) + x,
    "is_finite": lambda x, w, r: tf.cast(r.choice((tf.math.is_finite, tf.math.is_nan, tf.math.is_inf))(x), tf.float32),
    "cumsum": lambda x, w, r: tf.cumsum(x, axis=1, exclusive=r.random() < 0.3, reverse=r.random() < 0.3),
    "cumprod": lambda x, w, r: tf.math.cumprod(x, axis=1),
    "sort": lambda x, w, r: tf.sort(x, axis=-1),
    "reverse": lambda x, w, r: tf.reverse(x, [1]),
    "roll": lambda x, w, r: tf.roll(x, 1, 1),
    "concat": lambda x, w, r: tf.concat([x, x * 2.0], 1)[:, : x.shape[1]],
    "stack": lambda x, w, r: tf.reduce_mean(tf.stack([x, x + 1.0], 1), 1),
    "split": lambda x, w, r: tf.add_n(tf.split(tf.concat([x, x], 1), 2, 1)),
    "unstack": lambda x, w, r: tf.stack(tf.unstack(x, axis=1), 1),
    "pad_slice": lambda x, w, r: tf.pad(x, [[0, 0], [1, 1]] + [[0, 0]] * (len(x.shape) - 2))[:, 1:-1],
    "tile": lambda x, w, r: tf.tile(x, [1, 2] + [1] * (len(x.shape) - 2))[:, :: 2],
    "gather": lambda x, w, r: tf.gather(x, list(reversed(range(x.shape[1]))), axis=1),
    "noise": lambda x, w, r: x + r.choice((tf.random.normal, tf.random.uniform))(tf.shape(x)),
    "stateless_noise": lambda x, w, r: x + tf.random.stateless_uniform(tf.shape(x), (1, 2)),
    "dropout": lambda x, w, r: tf.nn.dropout(x, 0.3),
    "fake_quant": lambda x, w, r: tf.quantization.fake_quant_with_min_max_args(x, -1.0, 1.0),
    "fake_quant_vars": lambda x, w, r: tf.quantization.fake_quant_with_min_max_vars(x, -1.0, 1.0),
    "quantize": lambda x, w, r: tf.quantization.quantize_and_dequantize_v2(x, -1.0, 1.0, range_given=True),
    "cond": lambda x, w, r: tf.cond(tf.reduce_sum(x) > 0.0, lambda: x * 2.0, lambda: x - 1.0),
    "switch": lambda x, w, r: tf.switch_case(tf.cast(tf.reduce_sum(x), tf.int32) % 3, [lambda: x, lambda: x + 1.0, lambda: -x]),
    "while": lambda x, w, r: tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, tf.tanh(y) + y), (0, x))[1],
    "while_dynamic": lambda x, w, r: tf.while_loop(lambda y: tf.reduce_sum(y) > 100.0, lambda y: (y * 0.5,), (x,))[0],
    "map_fn": lambda x, w, r: tf.map_fn(lambda e: tf.nn.relu(e) + 1.0, x),
    "reshape": lambda x, w, r: tf.reshape(tf.reshape(x, [-1]), tf.shape(x)),
    "bfloat16": _cast(lambda x, w, r: x * 2 + 1, "bfloat16"),
    "float16": _cast(lambda x, w, r: tf.nn.relu(x) + x, "float16"),
    "float64": _cast(lambda x, w, r: r.choice((tf.exp, tf.abs, tf.nn.relu, tf.sin, tf.square))(x) - x, "float64"),
    "int_arithmetic": _cast(lambda x, w, r: r.choice((lambda: x * x + x, lambda: x // (x + 1), lambda: abs(x), lambda: tf.maximum(x, 0)))(), "int32", "int64"),
    "small_int": _cast(lambda x, w, r: r.choice((lambda: x + x, lambda: x * x, lambda: tf.maximum(x, x), lambda: tf.identity(x)))(), "int8", "uint8", "int16"),
    "bitwise": _cast(lambda x, w, r: r.choice((tf.bitwise.bitwise_and, tf.bitwise.bitwise_xor, tf.bitwise.bitwise_or, tf.bitwise.left_shift))(x, x), "int32", "uint8"),
    "complex": lambda x, w, r: r.choice((tf.math.real, tf.abs, tf.math.imag, tf.math.angle))(tf.complex(x, x)),
    "broadcast": lambda x, w, r: x + tf.broadcast_to(w(x.shape[-1]), tf.shape(x)),
    "assert": lambda x, w, r: _asserted(x),
    "no_gradient": lambda x, w, r: tf.grad_pass_through(tf.round)(x),
    "nan_to_num": lambda x, w, r: tf.where(tf.math.is_nan(x), 0.0, x),
    "top_k": lambda x, w, r: tf.math.top_k(x, x.shape[-1], sorted=True)[0],
    "argsort": lambda x, w, r: tf.cast(tf.argsort(x, axis=-1), tf.float32),
    "one_of": lambda x, w, r: tf.cast(tf.argmax(x, -1, output_type=r.choice((tf.int32, tf.int64)))[..., None], tf.float32) + x,
    "invert": lambda x, w, r: tf.math.polyval([1.0, 2.0, 0.5], x),
    "matmul": lambda x, w, r: tf.matmul(x, w(x.shape[-1], x.shape[-1])) if len(x.shape) == 2 else tf.tensordot(x, w(x.shape[-1], x.shape[-1]), 1),
    "bias_gelu": lambda x, w, r: tf.nn.gelu(tf.nn.bias_add(x, w(x.shape[-1])), approximate=r.random() < 0.5),
    "unique": lambda x, w, r: x + tf.reduce_sum(tf.unique(tf.reshape(x, [-1]))[0]),
    "bincount": lambda x, w, r: x + tf.cast(tf.reduce_sum(tf.math.bincount(tf.cast(tf.reshape(tf.abs(x), [-1]), tf.int32), minlength=4, maxlength=4)), tf.float32),
    "bucketize": lambda x, w, r: tf.cast(tf.raw_ops.Bucketize(input=x, boundaries=[0.0, 0.5]), tf.float32),
    "scatter": lambda x, w, r: x + tf.scatter_nd([[0], [2]], [1.0, 2.0], [x.shape[-1]]),
    "boolean_mask": lambda x, w, r: x + tf.reduce_sum(tf.boolean_mask(x, x > 0.0)),
    "norm": lambda x, w, r: x / tf.norm(x, axis=-1, keepdims=True),
    "logsumexp": lambda x, w, r: x - tf.reduce_logsumexp(x, -1, True),
    "batch": lambda x, w, r: x + tf.cast(tf.shape(x)[0], tf.float32),
    "in_top_k": lambda x, w, r: x + tf.cast(tf.math.in_top_k([0, 1], w(2, 4), 1)[0], tf.float32),
    "range": lambda x, w, r: x + tf.cast(tf.reduce_sum(tf.range(tf.shape(x)[0])), tf.float32),
}  # fmt: skip
"""Steps that keep the shape of any floating-point value."""


def _asserted(x: Any) -> Any:
    tf.debugging.Assert(tf.reduce_all(x > -1e9), [x])
    return x


IMAGE: dict[str, Step] = {
    "conv": lambda x, w, r: tf.nn.conv2d(x, w(3, 3, x.shape[-1], 4), r.choice((1, 2)), r.choice(("SAME", "VALID"))),
    "conv_dilated": lambda x, w, r: tf.nn.conv2d(x, w(3, 3, x.shape[-1], 4), 1, r.choice(("SAME", "VALID")), dilations=2),
    "conv_groups": lambda x, w, r: tf.nn.conv2d(tf.concat([x, x], -1), w(3, 3, x.shape[-1], 4), 1, "SAME"),
    "conv_padding": lambda x, w, r: tf.nn.conv2d(x, w(3, 3, x.shape[-1], 4), 1, [[0, 0], [1, 1], [2, 2], [0, 0]]),
    "depthwise": lambda x, w, r: tf.nn.depthwise_conv2d(x, w(3, 3, x.shape[-1], 1), [1, 1, 1, 1], "SAME"),
    "separable": lambda x, w, r: tf.nn.separable_conv2d(x, w(3, 3, x.shape[-1], 2), w(1, 1, 2 * x.shape[-1], 4), [1, 1, 1, 1], "SAME"),
    "conv_transpose": lambda x, w, r: tf.nn.conv2d_transpose(x, w(3, 3, 3, x.shape[-1]), [tf.shape(x)[0], 2 * x.shape[1], 2 * x.shape[2], 3], 2, "SAME"),
    "conv_dynamic": lambda x, w, r: tf.nn.conv2d(x, tf.reduce_mean(x) * w(3, 3, x.shape[-1], 4), 1, "SAME"),
    "batch_norm": lambda x, w, r: tf.nn.batch_normalization(x, w(x.shape[-1]), 1.0 + w(x.shape[-1]) ** 2, w(x.shape[-1]), w(x.shape[-1]), 1e-3),
    "fused_batch_norm": lambda x, w, r: tf.compat.v1.nn.fused_batch_norm(x, w(x.shape[-1]), w(x.shape[-1]), w(x.shape[-1]), 1.0 + w(x.shape[-1]) ** 2, is_training=False)[0],
    "fused_batch_norm_training": lambda x, w, r: tf.compat.v1.nn.fused_batch_norm(x, w(x.shape[-1]), w(x.shape[-1]), is_training=True)[0],
    "max_pool": lambda x, w, r: tf.nn.max_pool2d(x, 2, r.choice((1, 2)), r.choice(("SAME", "VALID"))),
    "avg_pool": lambda x, w, r: tf.nn.avg_pool2d(x, 2, r.choice((1, 2)), r.choice(("SAME", "VALID"))),
    "max_pool_argmax": lambda x, w, r: tf.nn.max_pool_with_argmax(x, 2, 2, "SAME")[0],
    "fractional_pool": lambda x, w, r: tf.nn.fractional_max_pool(x, 1.5)[0],
    "lrn": lambda x, w, r: tf.nn.lrn(x),
    "resize": lambda x, w, r: tf.image.resize(x, (12, 12), r.choice(("bilinear", "nearest"))),
    "resize_other": lambda x, w, r: tf.image.resize(x, (12, 12), r.choice(("bicubic", "area", "lanczos3", "gaussian"))),
    "resize_antialias": lambda x, w, r: tf.image.resize(x, (7, 7), "bilinear", antialias=True),
    "resize_v1": lambda x, w, r: tf.compat.v1.image.resize_bilinear(x, (12, 12), align_corners=r.random() < 0.5),
    "resize_dynamic": lambda x, w, r: tf.ensure_shape(tf.image.resize(x, tf.shape(x)[1:3] * 2), [None, None, None, x.shape[-1]])[:, :8, :8],
    "resize_pad": lambda x, w, r: tf.image.resize_with_pad(x, 20, 16),
    "crop_and_resize": lambda x, w, r: tf.image.crop_and_resize(x, [[0.1, 0.1, 0.8, 0.9]], [0], (8, 8)),
    "central_crop": lambda x, w, r: tf.image.central_crop(x, 0.5),
    "extract_patches": lambda x, w, r: tf.image.extract_patches(x, [1, 2, 2, 1], [1, 2, 2, 1], [1, 1, 1, 1], "VALID"),
    "space_to_depth": lambda x, w, r: tf.nn.space_to_depth(x[:, : x.shape[1] // 2 * 2, : x.shape[2] // 2 * 2], 2),
    "depth_to_space": lambda x, w, r: tf.nn.depth_to_space(tf.concat([x] * 4, -1), 2),
    "space_to_batch": lambda x, w, r: tf.batch_to_space(tf.space_to_batch(x, [2, 2], [[0, x.shape[1] % 2], [0, x.shape[2] % 2]]), [2, 2], [[0, x.shape[1] % 2], [0, x.shape[2] % 2]]),
    "mirror_pad": lambda x, w, r: tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], r.choice(("REFLECT", "SYMMETRIC"))),
    "brightness": lambda x, w, r: tf.image.adjust_brightness(x, 0.2),
    "contrast": lambda x, w, r: tf.image.adjust_contrast(x, 1.5),
    "hue": lambda x, w, r: tf.image.adjust_hue(x[..., :1] * tf.ones([3]), 0.1),
    "saturation": lambda x, w, r: tf.image.adjust_saturation(x[..., :1] * tf.ones([3]), 0.5),
    "gamma": lambda x, w, r: tf.image.adjust_gamma(tf.abs(x), 0.8),
    "hsv": lambda x, w, r: r.choice((tf.image.rgb_to_hsv, tf.image.rgb_to_yuv, tf.image.rgb_to_grayscale))(x[..., :1] * tf.ones([3])),
    "standardize": lambda x, w, r: tf.image.per_image_standardization(x),
    "flip": lambda x, w, r: r.choice((tf.image.flip_left_right, tf.image.flip_up_down, tf.image.rot90, tf.image.transpose))(x),
    "random_flip": lambda x, w, r: tf.image.random_flip_left_right(x),
    "sobel": lambda x, w, r: tf.image.sobel_edges(x)[..., 0],
    "gradients": lambda x, w, r: tf.image.image_gradients(x)[0],
    "dilation": lambda x, w, r: tf.nn.dilation2d(x, w(3, 3, x.shape[-1]), [1, 1, 1, 1], "SAME", "NHWC", [1, 1, 1, 1]),
    "boxes": lambda x, w, r: tf.image.draw_bounding_boxes(x[..., :1] * tf.ones([3]), tf.ones([tf.shape(x)[0], 1, 4]) * 0.4, [[1.0, 0.0, 0.0]]),
    "uint8": lambda x, w, r: tf.image.convert_image_dtype(tf.cast(tf.clip_by_value(x, 0.0, 1.0) * 255.0, tf.uint8), tf.float32),
    "uint8_resize": lambda x, w, r: tf.cast(tf.image.resize(tf.cast(tf.clip_by_value(x, 0.0, 1.0) * 255.0, tf.uint8), (8, 8)), tf.float32),
    "nchw": lambda x, w, r: tf.transpose(tf.nn.relu(tf.transpose(x, [0, 3, 1, 2])), [0, 2, 3, 1]),
    "group_norm": lambda x, w, r: _group_norm(x, w),
    "squeeze_excite": lambda x, w, r: x * tf.sigmoid(tf.matmul(tf.reduce_mean(x, [1, 2]), w(x.shape[-1], x.shape[-1])))[:, None, None, :],
    "upsample": lambda x, w, r: tf.repeat(tf.repeat(x, 2, 1), 2, 2),
    "coordinates": lambda x, w, r: tf.concat([x, tf.ones_like(x[..., :1]) * tf.linspace(0.0, 1.0, x.shape[2])[None, None, :, None]], -1),
    "affine": lambda x, w, r: tf.raw_ops.ImageProjectiveTransformV3(images=x, transforms=[[1.0, 0.1, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]], output_shape=[10, 10], interpolation="BILINEAR", fill_value=0.0, fill_mode="CONSTANT"),
}  # fmt: skip

SEQUENCE: dict[str, Step] = {
    "attention": lambda x, w, r: _attention(x, w, r),
    "einsum": lambda x, w, r: tf.einsum(r.choice(("btc,cd->btd", "...c,cd->...d")), x, w(x.shape[-1], 8)),
    "einsum_two": lambda x, w, r: tf.einsum("btc,bsc->bts", x, x),
    "einsum_heads": lambda x, w, r: tf.einsum("btc,chd->bhtd", x, w(x.shape[-1], 2, 4))[:, 0],
    "conv1d": lambda x, w, r: tf.nn.conv1d(x, w(3, x.shape[-1], 8), r.choice((1, 2)), r.choice(("SAME", "VALID"))),
    "conv1d_causal": lambda x, w, r: tf.nn.conv1d(tf.pad(x, [[0, 0], [4, 0], [0, 0]]), w(3, x.shape[-1], 8), 1, "VALID", dilations=2),
    "rnn": lambda x, w, r: _rnn(x, w),
    "scan": lambda x, w, r: tf.transpose(tf.scan(lambda a, e: a * 0.5 + e, tf.transpose(x, [1, 0, 2])), [1, 0, 2]),
    "tensor_array": lambda x, w, r: _tensor_array(x),
    "batch_matmul": lambda x, w, r: tf.matmul(x, x, transpose_b=True),
    "reverse_sequence": lambda x, w, r: tf.reverse_sequence(x, tf.ones_like(x[:, 0, 0], tf.int32) * 3, 1, 0),
    "mask": lambda x, w, r: x * tf.cast(tf.sequence_mask(tf.ones_like(x[:, 0, 0], tf.int32) * 3, x.shape[1]), tf.float32)[..., None],
    "band_part": lambda x, w, r: tf.linalg.band_part(x, -1, 0),
    "causal": lambda x, w, r: x + tf.reduce_mean(tf.linalg.band_part(tf.ones([x.shape[1], x.shape[1]]), -1, 0)),
    "diag": lambda x, w, r: x * tf.linalg.diag(w(3))[0, 0],
    "diag_part": lambda x, w, r: x + tf.reduce_sum(tf.linalg.diag_part(x)),
    "set_diag": lambda x, w, r: tf.linalg.set_diag(x, tf.ones_like(tf.linalg.diag_part(x))),
    "cholesky": lambda x, w, r: tf.linalg.cholesky(tf.matmul(x, x, transpose_a=True) + tf.eye(x.shape[-1])),
    "inverse": lambda x, w, r: tf.linalg.inv(tf.matmul(x, x, transpose_a=True) + tf.eye(x.shape[-1])),
    "svd": lambda x, w, r: x + tf.reduce_sum(tf.linalg.svd(x, compute_uv=False)),
    "solve": lambda x, w, r: tf.linalg.triangular_solve(tf.eye(x.shape[1]), x),
    "embed": lambda x, w, r: tf.nn.embedding_lookup(w(20, 8), tf.cast(tf.clip_by_value(x[..., 0], 0.0, 1.0) * 19.0, tf.int32)),
    "one_hot": lambda x, w, r: tf.one_hot(tf.cast(x[..., 0], tf.int32), 8),
    "gather_nd": lambda x, w, r: tf.gather_nd(x, [[0, 1], [0, 2]])[None] + tf.zeros_like(x[:, :1]),
    "scatter_update": lambda x, w, r: tf.tensor_scatter_nd_update(x, [[0, 1]], w(1, x.shape[-1])),
    "scatter_add": lambda x, w, r: r.choice((tf.tensor_scatter_nd_add, tf.tensor_scatter_nd_max))(x, [[0, 1]], w(1, x.shape[-1])),
    "segment": lambda x, w, r: tf.math.segment_sum(tf.reshape(x, [-1, x.shape[-1]]), tf.zeros_like(tf.reshape(x[..., 0], [-1]), tf.int32))[None],
    "unsorted_segment": lambda x, w, r: r.choice((tf.math.unsorted_segment_sum, tf.math.unsorted_segment_max, tf.math.unsorted_segment_mean))(tf.reshape(x, [-1, x.shape[-1]]), tf.zeros_like(tf.reshape(x[..., 0], [-1]), tf.int32), 2)[None],
    "searchsorted": lambda x, w, r: tf.cast(tf.searchsorted(tf.sort(x[:, 0]), x[:, 1]), tf.float32)[:, None] + x,
    "positions": lambda x, w, r: x + tf.sin(tf.range(x.shape[1], dtype=tf.float32))[:, None],
    "transpose": lambda x, w, r: tf.transpose(x, [0, 2, 1]),
    "strided": lambda x, w, r: x[:, ::2] if r.random() < 0.5 else x[:, 1:, tf.newaxis, :][:, :, 0],
    "dynamic_slice": lambda x, w, r: tf.slice(x, [0, tf.shape(x)[0] % 2, 0], [-1, 4, -1]),
    "dynamic_partition": lambda x, w, r: x + tf.reduce_sum(tf.dynamic_partition(x[:, 0], tf.cast(x[:, 0, 0] > 0.0, tf.int32), 2)[1]),
    "ragged": lambda x, w, r: tf.RaggedTensor.from_tensor(x[..., 0], padding=0.0).to_tensor(shape=[None, x.shape[1]])[..., None] + x,
    "ctc": lambda x, w, r: x + tf.cast(tf.nn.ctc_greedy_decoder(tf.transpose(x, [1, 0, 2]), tf.ones_like(x[:, 0, 0], tf.int32) * 3)[1][:, None], tf.float32),
    "gru": lambda x, w, r: _gru(x, w),
}  # fmt: skip

VECTOR: dict[str, Step] = {
    "dense": lambda x, w, r: tf.nn.relu(tf.matmul(x, w(x.shape[-1], 16)) + w(16)),
    "dense_sparse": lambda x, w, r: tf.matmul(x, w(x.shape[-1], 8), b_is_sparse=True),
    "expand": lambda x, w, r: tf.squeeze(tf.expand_dims(x, 1), 1),
    "outer": lambda x, w, r: tf.reduce_sum(x[:, :, None] * x[:, None, :], 2),
    "cross": lambda x, w, r: tf.linalg.cross(x[:, :3], x[:, 1:4]),
    "random_categorical": lambda x, w, r: tf.cast(tf.random.categorical(x, 2), tf.float32),
    "histogram": lambda x, w, r: x + tf.cast(tf.reduce_sum(tf.histogram_fixed_width(x, [0.0, 1.0], 4)), tf.float32),
    "nms": lambda x, w, r: x + tf.cast(tf.reduce_sum(tf.image.non_max_suppression(tf.abs(x[:, :4]), x[:, 4], 3)), tf.float32),
    "svm": lambda x, w, r: tf.math.maximum(1.0 - x, 0.0) ** 2,
    "cross_entropy": lambda x, w, r: tf.nn.softmax_cross_entropy_with_logits(tf.nn.softmax(x), x)[:, None] + x,
    "sparse_cross_entropy": lambda x, w, r: tf.nn.sparse_softmax_cross_entropy_with_logits(tf.zeros_like(x[:, 0], tf.int32), x)[:, None] + x,
    "lookup": lambda x, w, r: x + tf.cast(_table(["1", "2"], w).lookup(tf.strings.as_string(tf.cast(x, tf.int32))), tf.float32),
    "int_lookup": lambda x, w, r: x + tf.cast(_table([1, 2], w).lookup(tf.cast(x, tf.int64)), tf.float32),
}  # fmt: skip

VOLUME: dict[str, Step] = {
    "conv3d": lambda x, w, r: tf.nn.conv3d(x, w(3, 3, 3, x.shape[-1], 4), [1, 1, 1, 1, 1], r.choice(("SAME", "VALID"))),
    "conv3d_transpose": lambda x, w, r: tf.nn.conv3d_transpose(x, w(3, 3, 3, 2, x.shape[-1]), [tf.shape(x)[0], 12, 12, 12, 2], 2),
    "pool3d": lambda x, w, r: r.choice((tf.nn.max_pool3d, tf.nn.avg_pool3d))(x, 2, 2, "SAME"),
}  # fmt: skip

AUDIO: dict[str, Step] = {
    "stft": lambda x, w, r: tf.abs(tf.signal.stft(x, 128, 64)),
    "mel": lambda x, w, r: tf.matmul(tf.abs(tf.signal.stft(x, 128, 64)), tf.signal.linear_to_mel_weight_matrix(16, 65, 8000)),
    "mfcc": lambda x, w, r: tf.signal.mfccs_from_log_mel_spectrograms(tf.math.log(1e-3 + tf.matmul(tf.abs(tf.signal.stft(x, 128, 64)), tf.signal.linear_to_mel_weight_matrix(16, 65, 8000)))),
    "rfft": lambda x, w, r: tf.abs(tf.signal.rfft(x))[:, None],
    "irfft": lambda x, w, r: tf.signal.irfft(tf.signal.rfft(x))[:, None],
    "fft": lambda x, w, r: tf.math.real(tf.signal.fft(tf.cast(x, tf.complex64)))[:, None],
    "frame": lambda x, w, r: tf.signal.frame(x, 128, 64),
    "dct": lambda x, w, r: tf.signal.dct(tf.reshape(x, [-1, 8, 64])),
    "overlap": lambda x, w, r: tf.signal.overlap_and_add(tf.reshape(x, [-1, 8, 64]), 32)[:, None],
    "spectrogram": lambda x, w, r: tf.raw_ops.AudioSpectrogram(input=tf.transpose(x), window_size=128, stride=64)[:1],
    "waves": lambda x, w, r: tf.nn.conv1d(x[..., None], w(8, 1, 8), 4, "SAME"),
}  # fmt: skip

IDS: dict[str, Step] = {
    "embedding": lambda x, w, r: tf.gather(w(40, 8), x),
    "embedding_one_hot": lambda x, w, r: tf.matmul(tf.one_hot(x, 40), w(40, 8)),
    "masked": lambda x, w, r: tf.gather(w(40, 8), x) * tf.cast(tf.not_equal(x, 0), tf.float32)[..., None],
    "positions": lambda x, w, r: tf.gather(w(40, 8), x) + w(12, 8),
    "hashed": lambda x, w, r: tf.gather(w(40, 8), tf.strings.to_hash_bucket_fast(tf.strings.as_string(x), 40)),
    "modulo": lambda x, w, r: tf.gather(w(40, 8), x % 40),
    "int64": lambda x, w, r: tf.gather(w(40, 8), tf.cast(x, tf.int64)),
    "clipped": lambda x, w, r: tf.gather(w(40, 8), tf.clip_by_value(x, 0, 39)),
}  # fmt: skip

TEXT: dict[str, Step] = {
    "lookup": lambda x, w, r: tf.gather(w(40, 8), _table(["a", "b"], w).lookup(x)),
    "hash": lambda x, w, r: tf.gather(w(40, 8), r.choice((tf.strings.to_hash_bucket_fast, tf.strings.to_hash_bucket))(x, 40)),
    "lower": lambda x, w, r: tf.gather(w(40, 8), _table(["a", "b"], w).lookup(tf.strings.lower(x))),
    "split": lambda x, w, r: tf.reduce_sum(tf.gather(w(40, 8), tf.strings.to_hash_bucket_fast(tf.strings.split(x).to_tensor(""), 40)), 1),
    "length": lambda x, w, r: tf.cast(tf.strings.length(x), tf.float32)[:, None] * w(8),
    "number": lambda x, w, r: tf.strings.to_number(tf.strings.regex_replace(x, "[a-z]", "1"))[:, None] * w(8),
    "equal": lambda x, w, r: tf.cast(x == "a", tf.float32)[:, None] * w(8),
    "substr": lambda x, w, r: tf.cast(tf.strings.substr(x, 0, 1) == "a", tf.float32)[:, None] * w(8),
}  # fmt: skip

STEPS: Mapping[str, Mapping[str, Step]] = {
    "image": IMAGE, "sequence": SEQUENCE, "vector": VECTOR, "volume": VOLUME, "audio": AUDIO, "ids": IDS, "text": TEXT,
}  # fmt: skip

PLAIN = ("nn.relu", "nn.softmax", "tanh", "sigmoid", "add", "multiply", "layer_norm", "matmul", "clip", "concat", "reshape", "conv", "max_pool", "avg_pool",
         "batch_norm", "depthwise", "resize", "dense", "attention", "conv1d", "einsum", "embedding", "where", "stack", "split", "transpose")  # fmt: skip
"""Steps that most models are made of."""


def _group_norm(x: Any, w: Weight) -> Any:
    grouped = tf.reshape(x, [-1, x.shape[1], x.shape[2], 1, x.shape[3]])
    mean, variance = tf.nn.moments(grouped, [1, 2, 4], keepdims=True)
    return tf.reshape(tf.nn.batch_normalization(grouped, mean, variance, None, None, 1e-5), [-1, *x.shape[1:]]) * w(x.shape[-1])


def _attention(x: Any, w: Weight, r: random.Random) -> Any:
    query, key, value = (tf.tensordot(x, w(x.shape[-1], 8), 1) for _ in range(3))
    scores = tf.matmul(query, key, transpose_b=True) / 8.0**0.5
    if r.random() < 0.5:
        length = tf.shape(x)[1]
        scores += (1.0 - tf.linalg.band_part(tf.ones([length, length]), -1, 0)) * -1e9
    return tf.matmul(tf.nn.softmax(scores), value)


def _rnn(x: Any, w: Weight) -> Any:
    inner, own = w(x.shape[-1], 8), w(8, 8)
    state = tf.zeros([tf.shape(x)[0], 8])
    for step in range(3):
        state = tf.tanh(tf.matmul(x[:, step], inner) + tf.matmul(state, own))
    return state[:, None, :]


def _gru(x: Any, w: Weight) -> Any:
    inner, own = w(x.shape[-1], 8), w(8, 8)

    def step(i: Any, state: Any) -> tuple[Any, Any]:
        return i + 1, tf.tanh(tf.matmul(tf.gather(x, i, axis=1), inner) + tf.matmul(state, own))

    return tf.while_loop(lambda i, state: i < x.shape[1], step, (0, tf.zeros([tf.shape(x)[0], 8])))[1][:, None, :]


def _tensor_array(x: Any) -> Any:
    def step(i: Any, array: Any) -> tuple[Any, Any]:
        return i + 1, array.write(i, tf.nn.relu(x[:, i]))

    array = tf.TensorArray(tf.float32, x.shape[1], element_shape=[None, x.shape[-1]])
    return tf.transpose(tf.while_loop(lambda i, array: i < x.shape[1], step, (0, array))[1].stack(), [1, 0, 2])


def _table(keys: Sequence[Any], w: Weight) -> Any:
    return w(
        lambda: tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(tf.constant(keys), tf.range(len(keys), dtype=tf.int64)), default_value=0
        )
    )


class Network(tf.Module):  # type: ignore[misc]
    """Steps one after another, with the variables they ask for."""

    def __init__(self, steps: Sequence[Step], seed: int, batch: int | None, kind: str) -> None:
        super().__init__()
        self._steps, self._seed = steps, seed
        self.kept: list[Any] = []
        dtype = {"ids": tf.int32, "text": tf.string}.get(kind, tf.float32)
        spec = tf.TensorSpec([batch, *SHAPES[kind]], dtype, "x")
        filled = tf.fill([batch or 2, *SHAPES[kind]], "a") if kind == "text" else tf.cast(tf.fill([batch or 2, *SHAPES[kind]], 0.4), dtype)
        self._run(filled)
        self.serve = tf.function(self._run, input_signature=[spec], autograph=False)

    def _run(self, x: Any) -> Any:
        asked = iter(range(len(self.kept))) if self.kept else None
        rng, numbers = random.Random(self._seed), numpy.random.default_rng(self._seed)

        def weight(*shape: Any) -> Any:
            if asked is None or (number := next(asked, None)) is None:
                made = shape[0]() if callable(shape[0]) else tf.Variable(numbers.normal(size=shape).astype("float32"))
                self.kept.append(made)
                return made
            return self.kept[number]

        for step in self._steps:
            x = step(x, weight, rng)
        return x


def function(rng: random.Random) -> tuple[str, Network]:
    """A function of one to five steps; it raises where they do not fit."""
    kind = rng.choice((*(("image", "sequence", "vector") * 3), "volume", "ids", "text", "audio", "audio"))
    now, names, steps = kind, [], []
    for _ in range(rng.choice((1, 2, 3, 4, 5))):
        among = STEPS[now] if now in ("audio", "ids", "text", "volume") else {**ANY, **STEPS[now]}
        own = [name for name in (PLAIN if rng.random() < 0.4 else STEPS[now] if rng.random() < 0.6 else among) if name in among]
        if not own:
            continue
        name = rng.choice(own)
        names.append(name)
        steps.append(among[name])
        now = {"ids": "sequence", "audio": "sequence", "text": "vector"}.get(now, now)
    return f"{kind}_{'_'.join(names)}".replace(".", "_")[:60], Network(steps, rng.randrange(1 << 30), rng.choice((None, 1, 1, 2)), kind)


def save_function(network: Network, out: Path, rng: random.Random) -> None:
    """Save it as a SavedModel, or frozen as a graph."""
    if rng.random() < 0.75:
        tf.saved_model.save(network, str(out), signatures=network.serve.get_concrete_function())
        return
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    frozen = convert_variables_to_constants_v2(network.serve.get_concrete_function(), lower_control_flow=rng.random() < 0.3)
    out.with_suffix(".pb").write_bytes(frozen.graph.as_graph_def().SerializeToString())


def layer(rng: random.Random, rank: int, k: Any) -> Any:
    """A Keras layer for values of a rank (the batch counted), its arguments chosen at random."""
    padding, units = rng.choice(("same", "valid")), rng.choice((3, 8))
    activation = rng.choice((None, "relu", "relu6", "tanh", "sigmoid", "softmax", "elu", "selu", "gelu", "silu", "softplus", "softsign", "mish", "exponential",
                             "hard_sigmoid", "hard_silu", "leaky_relu", "log_softmax", "linear", "celu", "hard_tanh", "sparse_plus", "squareplus", "glu"))  # fmt: skip
    recurrent: dict[str, Any] = {
        "return_sequences": rng.random() < 0.7, "go_backwards": rng.random() < 0.2, "unroll": rng.random() < 0.2,
        "dropout": rng.choice((0.0, 0.0, 0.2)), "recurrent_dropout": rng.choice((0.0, 0.0, 0.2)),
    }  # fmt: skip
    common: list[Callable[[], Any]] = [
        lambda: k.Dense(units, activation=activation),
        lambda: k.Activation(activation or "relu"),
        lambda: k.Dropout(0.3),
        lambda: k.LayerNormalization(),
        lambda: k.BatchNormalization(),
        lambda: k.UnitNormalization(),
        lambda: k.RMSNormalization(),
        lambda: rng.choice((k.ReLU, k.LeakyReLU, k.ELU, k.PReLU, k.Softmax))(),
        lambda: k.GaussianNoise(0.1),
        lambda: k.Rescaling(0.5, 0.1),
        lambda: k.Normalization(mean=0.0, variance=1.0),
        lambda: k.Discretization([0.0, 0.5]),
        lambda: k.ActivityRegularization(0.1),
        lambda: k.GaussianDropout(0.2),
        lambda: k.AlphaDropout(0.2),
    ]
    images: list[Callable[[], Any]] = [
        lambda: k.Conv2D(units, 3, rng.choice((1, 2)), padding, activation=activation),
        lambda: k.Conv2D(units, 3, 1, padding, dilation_rate=2),
        lambda: k.DepthwiseConv2D(3, padding=padding),
        lambda: k.SeparableConv2D(units, 3, padding=padding, activation=activation),
        lambda: k.Conv2DTranspose(units, 3, rng.choice((1, 2)), padding),
        lambda: rng.choice((k.MaxPooling2D, k.AveragePooling2D))(2, padding=padding),
        lambda: k.UpSampling2D(2, interpolation=rng.choice(("nearest", "bilinear", "bicubic", "lanczos3"))),
        lambda: k.ZeroPadding2D(1),
        lambda: k.Cropping2D(1),
        lambda: k.SpatialDropout2D(0.1),
        lambda: k.GroupNormalization(1),
        lambda: k.Resizing(9, 9, interpolation=rng.choice(("bilinear", "nearest", "bicubic", "area"))),
        lambda: k.CenterCrop(4, 4),
        lambda: rng.choice((k.RandomFlip, k.RandomRotation, k.RandomZoom, k.RandomContrast, k.RandomBrightness))(
            *rng.choice(((), (0.1,))[:1])
        ),
        lambda: k.Reshape((-1, 4)),
        lambda: k.Permute((2, 1, 3)),
        lambda: k.GlobalAveragePooling2D(),
        lambda: k.GlobalMaxPooling2D(),
        lambda: k.Flatten(),
        lambda: k.SpectralNormalization(k.Conv2D(units, 3)),
        lambda: k.ConvLSTM1D(2, 3, return_sequences=True),
        lambda: k.TimeDistributed(k.Conv1D(2, 3)),
    ]
    sequences: list[Callable[[], Any]] = [
        lambda: rng.choice((k.LSTM, k.GRU, k.SimpleRNN))(units, **recurrent),
        lambda: k.LSTM(units, return_sequences=True, recurrent_activation=rng.choice(("sigmoid", "hard_sigmoid"))),
        lambda: k.GRU(units, reset_after=rng.random() < 0.5),
        lambda: k.Bidirectional(
            rng.choice((k.LSTM, k.GRU))(units, return_sequences=True), merge_mode=rng.choice(("concat", "sum", "ave", "mul"))
        ),
        lambda: k.RNN(k.LSTMCell(units), return_sequences=True),
        lambda: k.RNN([k.GRUCell(units), k.SimpleRNNCell(units)]),
        lambda: k.Conv1D(units, 3, rng.choice((1, 2)), rng.choice(("same", "valid", "causal")), activation=activation),
        lambda: k.Conv1D(units, 3, 1, "causal", dilation_rate=2),
        lambda: k.SeparableConv1D(units, 3, padding=padding),
        lambda: k.DepthwiseConv1D(3, padding=padding),
        lambda: k.Conv1DTranspose(units, 3, padding=padding),
        lambda: rng.choice((k.MaxPooling1D, k.AveragePooling1D))(2),
        lambda: k.UpSampling1D(2),
        lambda: k.ZeroPadding1D(1),
        lambda: k.Cropping1D(1),
        lambda: k.TimeDistributed(k.Dense(units)),
        lambda: k.Permute((2, 1)),
        lambda: k.GlobalAveragePooling1D(),
        lambda: k.GlobalMaxPooling1D(),
        lambda: k.Flatten(),
        lambda: k.EinsumDense("abc,cd->abd", (None, units)),
        lambda: k.Masking(0.0),
    ]
    vectors: list[Callable[[], Any]] = [
        lambda: k.RepeatVector(3),
        lambda: k.Reshape((-1, 1)),
        lambda: k.Dense(units, activation=activation),
    ]
    volumes: list[Callable[[], Any]] = [
        lambda: k.Conv3D(units, 3, 1, padding, activation=activation),
        lambda: k.Conv3DTranspose(units, 3, padding=padding),
        lambda: rng.choice((k.MaxPooling3D, k.AveragePooling3D))(2),
        lambda: k.UpSampling3D(2),
        lambda: k.ZeroPadding3D(1),
        lambda: k.GlobalAveragePooling3D(),
        lambda: k.ConvLSTM2D(2, 3),
    ]
    own = {2: vectors, 3: sequences, 4: images, 5: volumes}[rank]
    return rng.choice(common if rng.random() < 0.35 else own)()


def stack(rng: random.Random) -> tuple[str, Any]:
    """A Keras model of two to six layers, some joined by others; it raises where they do not fit."""
    k = tf.keras.layers
    kind = rng.choice(("image", "image", "image", "sequence", "sequence", "sequence", "ids", "vector", "volume", "text"))
    fed = k.Input(SHAPES[kind] or (1,), batch_size=rng.choice((None, None, 1)), dtype={"ids": "int32", "text": "string"}.get(kind))
    x, names = fed, []
    if kind == "ids":
        x = rng.choice(
            (
                k.Embedding(40, 8),
                k.Embedding(40, 8, mask_zero=True),
                k.CategoryEncoding(40),
                k.IntegerLookup(vocabulary=[1, 2, 3], output_mode="one_hot"),
            )
        )(x)
    if kind == "text":
        words = rng.choice(
            (k.StringLookup(vocabulary=["a", "b"]), k.TextVectorization(20, output_sequence_length=6, vocabulary=["a", "b"]), k.Hashing(20))
        )
        x = k.Embedding(40, 8)(words(x))
    for _ in range(rng.choice((1, 2, 3, 4, 6))):
        if len(x.shape) not in (2, 3, 4, 5):
            break
        chance = rng.random()
        if chance < 0.1:
            made: Any = rng.choice((k.Add, k.Multiply, k.Average, k.Maximum, k.Subtract, k.Concatenate))()
            x = made([x, k.Dense(x.shape[-1])(x)])
        elif chance < 0.2 and len(x.shape) == 3:
            made = rng.choice((k.MultiHeadAttention(2, 4), k.Attention(), k.AdditiveAttention(), k.GroupQueryAttention(4, 2, 1)))
            x = made([x, x]) if isinstance(made, k.Attention | k.AdditiveAttention) else made(x, x)
        elif chance < 0.25 and len(x.shape) == 3:
            made = k.Dot((2, 2))
            x = made([x, x])
        elif chance < 0.32:
            x = rng.choice((lambda: x * 2.0 + 1.0, lambda: tf.keras.ops.relu(x), lambda: x[:, :2], lambda: tf.keras.ops.softmax(x), lambda: tf.keras.ops.mean(x, 1, keepdims=True),
                            lambda: tf.keras.ops.sort(x), lambda: tf.keras.ops.top_k(x, 2)[0], lambda: tf.keras.ops.cumsum(x, 1), lambda: tf.keras.ops.erf(x), lambda: tf.keras.ops.einsum("...c->...", x)[..., None],
                            lambda: tf.keras.ops.norm(x, axis=-1, keepdims=True), lambda: tf.keras.ops.where(x > 0, x, 0.0), lambda: tf.keras.ops.arctan2(x, x), lambda: tf.keras.ops.log1p(x)))()  # fmt: skip
            made = fed
        else:
            made = layer(rng, len(x.shape), k)
            x = made(x)
        names.append(type(made).__name__ if made is not fed else "op")
    return f"{kind}_{'_'.join(names)}"[:70], tf.keras.Model(fed, x)


def save_stack(model: Any, out: Path, rng: random.Random) -> None:
    """Save it in one of Keras's formats, or as a SavedModel."""
    chance = rng.random()
    if chance < 0.35:
        model.export(str(out), verbose=False)
    else:
        model.save(f"{out}{'.keras' if chance < 0.75 else '.h5'}")


def damage(source: Path, out: Path, rng: random.Random) -> None:
    """A copy with something cut off, flipped or missing."""
    if source.is_dir():
        shutil.copytree(source, out)
        files = [path for path in sorted(out.rglob("*")) if path.is_file()]
        main = out / "saved_model.pb"
        kind = rng.choice(("cut", "flip", "variables", "index", "empty", "none"))
        if kind in ("variables", "index"):
            for path in files:
                if ".data-" in path.name if kind == "variables" else path.suffix == ".index":
                    path.unlink()
        elif kind == "none":
            shutil.rmtree(out / "variables", ignore_errors=True)
        else:
            _spoil(main, kind, rng)
        return
    shutil.copy(source, out)
    _spoil(out, rng.choice(("cut", "flip", "flip", "empty", "tail")), rng)


def _spoil(path: Path, kind: str, rng: random.Random) -> None:
    content = bytearray(path.read_bytes())
    if kind == "cut":
        content = content[: rng.randrange(1, len(content))]
    elif kind == "flip":
        for _ in range(rng.choice((1, 3, 20))):
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    elif kind == "empty":
        content = bytearray()
    else:
        content += bytes(rng.randrange(256) for _ in range(rng.choice((1, 100))))
    path.write_bytes(bytes(content))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--functions", type=int, default=200)
    parser.add_argument("--networks", type=int, default=150)
    parser.add_argument("--damaged", type=int, default=50)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    args.folder.mkdir(parents=True, exist_ok=True)
    for what, count in ((function, args.functions), (stack, args.networks)):
        made = 0
        for _ in range(count * 4):
            if made >= count:
                break
            try:
                name, model = what(rng)
                out = args.folder / f"{what.__name__[0]}{made:03d}_{name}"
                save_function(model, out, rng) if what is function else save_stack(model, out, rng)
            except Exception as error:
                print(f"{what.__name__}: {type(error).__name__}: {error}"[:160].replace("\n", " "))
                continue
            made += 1
            tf.keras.backend.clear_session()
        print(made, what.__name__)
    sources = sorted(args.folder.iterdir())
    for number, source in enumerate(rng.sample(sources, min(args.damaged, len(sources)))):
        damage(source, args.folder / f"d{number:03d}_{source.name}", rng)


if __name__ == "__main__":
    main()
