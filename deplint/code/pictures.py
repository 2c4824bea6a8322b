"""What the code has made of a picture's pixels: size, order of the channels, axes, and the range they were brought to.

    seen = picture(call.argument("x", 0))
    if seen is not None and seen.axes == "HWC":
        print("no batch dimension")

Whatever arithmetic does to 8-bit pixels, ``(p - mean) / std`` a channel says it; every way to scale comes down to these two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from deplint.code.facts import Value
from deplint.code.patterns import matcher

DEPTH = 40

Numbers = tuple[float, ...]


@dataclass(frozen=True)
class Picture:
    """`size` is height and width (None where unknown), `order` RGB, BGR, L (one channel) or empty, `axes` such as HWC or NCHW, `mean` and
    `std` one number for all channels or one each, in `order`; both None if what was done to the pixels is not known. `pil` says that it
    is no array yet, `floating` that its values are."""

    size: tuple[int | None, int | None] = (None, None)
    order: str = ""
    axes: str = "HWC"
    mean: Numbers | None = (0.0,)
    std: Numbers | None = (1.0,)
    pil: bool = False
    floating: bool = False

    @property
    def scaled(self) -> bool:
        return self.mean is not None and self.std is not None


CAFFE, TORCH, SIGNED, RAW = "caffe", "torch", "tf", ""
FAMILIES = {
    **dict.fromkeys(("vgg16", "vgg19", "resnet50", "resnet"), CAFFE),
    **dict.fromkeys(("densenet",), TORCH),
    **dict.fromkeys(("mobilenet", "mobilenet_v2", "inception_v3", "inception_resnet_v2", "resnet_v2", "xception", "nasnet"), SIGNED),
    **dict.fromkeys(("efficientnet", "efficientnet_v2", "mobilenet_v3", "convnext"), RAW),
}
"""What `preprocess_input` of each module of `keras.applications` does (Keras 2 and 3)."""

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

_DATASETS = {
    "mnist": Picture((28, 28), "L", "NHW"),
    "fashion_mnist": Picture((28, 28), "L", "NHW"),
    "cifar10": Picture((32, 32), "RGB", "NHWC"),
    "cifar100": Picture((32, 32), "RGB", "NHWC"),
}
"""Data sets of `keras.datasets`."""

_KEEPS = matcher(
    "numpy.{array,asarray,asanyarray,ascontiguousarray,copy,float32}", "torch.{from_numpy,tensor,as_tensor,FloatTensor,Tensor}",
    "tensorflow.{convert_to_tensor,cast,constant,identity}", "PIL.ImageOps.exif_transpose", "torch.autograd.Variable",
    "PIL.Image.fromarray", "tensorflow.{image.random_*,ensure_shape}",
)  # fmt: skip
"""Functions that give the picture they are given first."""

_METHODS = frozenset(
    "astype copy float to cuda cpu numpy contiguous half clone detach type tolist requires_grad_".split()  # noqa: SIM905
)
_NO_CHANGE = matcher(
    "torchvision.transforms.{,v2.}{Random*,ColorJitter,AutoAugment,RandAugment,TrivialAugmentWide,AugMix,GaussianBlur,ToPILImage}()",
)
_CROPS = matcher("torchvision.transforms.{,v2.}{CenterCrop,RandomCrop,RandomResizedCrop}()")
_KERAS = "{tensorflow.keras,keras,tf_keras,keras_preprocessing}"
_GIVES_FLOATS = frozenset({"float", "half", "float32"})


def picture(value: Value, depth: int = 0) -> Picture | None:
    """What is known of the picture that `value` certainly holds; None if it is none, or passed through what nobody knows."""
    if depth > DEPTH or value.missing:
        return None
    if (operation := value.operation) is not None:
        operator, left, right = operation
        if operator == "[]":
            return _indexed(left, right, depth + 1)
        before = picture(left, depth + 1)
        return _computed(before, operator, right) if before is not None else _reversed(operator, left, picture(right, depth + 1))
    if value.items is not None and value.entries is None:
        found = {picture(item, depth + 1) for item in value.items[:8]}
        one = found.pop() if len(found) == 1 else None
        return replace(one, axes="N" + one.axes, pil=False) if one is not None else None
    made = value.origin
    if made is None:
        return None
    first = made.arguments[0] if made.arguments else None
    name, method = made.name, made.name.rpartition(".")[2]
    if (source := _source(value)) is not None:
        return source
    if name.startswith("cv2.") and "(" not in name:
        return _opencv(value, method, depth + 1)
    if name.endswith("preprocess_input") and first is not None:
        mode = made.argument("mode", 2) if "imagenet_utils" in name else None
        return preprocessed(picture(first, depth + 1), name, (mode.text or "?") if mode is not None and not mode.missing else CAFFE)
    if name.endswith("transforms.Compose()") and first is not None:
        return through(made.receiver, picture(first, depth + 1))
    if method == "img_to_array" and first is not None:
        before = picture(first, depth + 1)
        return replace(before, pil=False, floating=True) if before is not None else None
    if _KEEPS(name) and first is not None:
        before = picture(first, depth + 1)
        return replace(before, pil="PIL" in name, floating=before.floating or method in ("float32", "cast")) if before is not None else None
    if name in ("numpy.expand_dims", "tensorflow.expand_dims", "torch.unsqueeze"):
        axis = made.argument("dim" if name.startswith("torch") else "axis", 1)
        return _expanded(picture(first, depth + 1), axis) if first is not None else None
    if name in ("numpy.reshape", "tensorflow.reshape") and first is not None:
        before, wanted = picture(first, depth + 1), made.arguments[1] if len(made.arguments) > 1 else None
        known = wanted.items if wanted is not None and wanted.exact else None
        return _reshaped(before, [item.python() for item in known]) if before is not None and known else None
    if name in ("numpy.stack", "torch.stack", "tensorflow.stack", "numpy.vstack"):
        return picture(first, depth + 1) if first is not None and (name != "numpy.vstack") else None
    if name in ("numpy.transpose", "numpy.moveaxis", "torch.permute") and first is not None:
        return _transposed(picture(first, depth + 1), made.argument("axes", 1)) if name != "numpy.moveaxis" else None
    if name in ("numpy.divide", "numpy.subtract", "numpy.multiply", "numpy.true_divide") and len(made.arguments) == 2 and first is not None:
        operator = {"subtract": "-", "multiply": "*"}.get(method, "/")
        before = picture(first, depth + 1)
        return _computed(before, operator, made.arguments[1]) if before is not None else None
    if name == "tensorflow.image.resize" and first is not None:
        before = picture(first, depth + 1)
        size = _pair(made.argument("size", 1))
        return replace(before, size=size or (None, None), floating=True) if before is not None else None
    if name == "tensorflow.image.convert_image_dtype" and first is not None:
        before = picture(first, depth + 1)
        return _scaled(before, (255.0,)) if before is not None and not before.floating else None
    before = picture(made.receiver, depth + 1)
    return _method(before, method, value) if before is not None else None


def _source(value: Value) -> Picture | None:
    """A picture that is read from somewhere."""
    made = value.origin
    if made is None:
        return None
    name = made.name
    if name in ("cv2.imread", "cv2.imdecode"):
        flags = made.argument("flags", 1).python() if not made.argument("flags", 1).missing else 1
        if flags in (0, "cv2.IMREAD_GRAYSCALE"):
            return Picture(order="L", axes="HW")
        return Picture(order="BGR") if flags in (1, "cv2.IMREAD_COLOR") else None
    if name == "PIL.Image.open":
        return Picture(order="RGB", pil=True)
    if name in ("torchvision.io.read_image", "torchvision.io.decode_image", "torchvision.io.decode_jpeg"):
        mode = made.argument("mode", 1)
        return Picture(order="RGB", axes="CHW") if mode.name.endswith("ImageReadMode.RGB") or mode.text == "RGB" else None
    if name.endswith(".load_img") and name.startswith(("tensorflow.keras", "keras", "tf_keras")):
        mode = made.argument("color_mode", 2)
        size = made.argument("target_size", 3) if not made.argument("target_size").missing else made.argument("target_size", 2)
        gray = mode.python() == "grayscale" or made.argument("grayscale").python() is True
        return Picture(_pair(size) or (None, None), "L" if gray else "RGB", pil=True) if mode.missing or mode.certain else None
    if name in ("tensorflow.io.decode_jpeg", "tensorflow.image.decode_jpeg", "tensorflow.io.decode_image", "tensorflow.image.decode_image",
                "tensorflow.io.decode_png", "tensorflow.image.decode_png"):  # fmt: skip
        channels = made.argument("channels", 1).python()
        return Picture(order="RGB") if channels == 3 and made.argument("dtype").missing else None
    return None


def _opencv(value: Value, method: str, depth: int) -> Picture | None:
    made = value.origin
    if made is None or not (made.arguments or made.keywords):
        return None
    first = made.argument("src", 0)
    if method == "blobFromImage":
        return _blob(value, depth)
    before = picture(first, depth)
    if before is None:
        return None
    if method == "resize":
        size = made.argument("dsize", 1).python()
        known = isinstance(size, (tuple, list)) and len(size) == 2 and all(isinstance(n, int) for n in size)
        return replace(before, size=(size[1], size[0]) if known else (None, None))
    if method == "cvtColor":
        code = str(made.argument("code", 1).python()).rpartition(".")[2].removeprefix("COLOR_")
        if code in ("BGR2RGB", "RGB2BGR"):
            return _swapped(before)
        if code in ("BGR2GRAY", "RGB2GRAY"):
            return replace(before, order="L", axes="HW")
        return Picture(before.size, "RGB", floating=before.floating) if code == "GRAY2RGB" else None
    return before if method in ("GaussianBlur", "flip", "rotate") else None


def _blob(value: Value, depth: int) -> Picture | None:
    """`cv2.dnn.blobFromImage`: resized, mean taken away, multiplied, with a batch and the channels first."""
    made = value.origin
    before = picture(made.argument("image", 0), depth) if made is not None else None
    if made is None or before is None or before.axes != "HWC":
        return None
    scale, mean, swap = made.argument("scalefactor", 1), made.argument("mean", 3), made.argument("swapRB", 4)
    size = made.argument("size", 2).python()
    known = isinstance(size, (tuple, list)) and len(size) == 2
    found = replace(before, size=(size[1], size[0]) if known else (None, None), axes="NCHW", floating=True)
    if not swap.missing and swap.python() not in (True, False):
        return None
    found = _swapped(found) if swap.python() is True else found
    taken, factor = (0.0,) if mean.missing else _numbers(mean), (1.0,) if scale.missing else _numbers(scale)
    if taken is None or factor is None or not all(factor):
        return replace(found, mean=None, std=None)
    return _scaled(_moved(found, taken[:3] if len(taken) > 1 else taken), tuple(1 / f for f in factor))


def _indexed(owner: Value, key: Value, depth: int) -> Picture | None:
    """``x[None]``, ``x[..., ::-1]``, what `train_test_split` gave, the frame of a camera."""
    if owner.origin is not None and owner.origin.name == "cv2.VideoCapture().read":
        return Picture(order="BGR")
    if owner.origin is not None and owner.origin.name.endswith("train_test_split") and owner.origin.arguments:
        return picture(owner.origin.arguments[0], depth)
    made = owner.origin
    if made is not None and made.name.endswith("Compose()") and key.text == "image" and "albumentations" in made.name:
        return augmented(made.receiver, picture(made.argument("image"), depth))
    if (data := _dataset(owner)) is not None:
        return data
    before = picture(owner, depth)
    if before is None or before.pil:
        return None
    keys = key.items if key.name == "()" else [key]
    if keys is None:
        return None
    known = [_key(one) for one in keys]
    if known[:1] == ["new"] and all(k in ("all", "...") for k in known[1:]):
        return replace(before, axes="N" + before.axes)
    if known and known[-1] == "new" and before.axes.endswith("W") and all(k in ("all", "...") for k in known[:-1]):
        return replace(before, axes=before.axes + "C")
    if known and known[-1] == "reverse" and before.axes.endswith("C") and all(k in ("all", "...") for k in known[:-1]):
        whole = "..." in known or len(known) == len(before.axes)
        return _swapped(before) if whole else None
    if known in ([0], ["one"]) and before.axes.startswith("N"):
        return replace(before, axes=before.axes[1:])
    return None


def augmented(compose: Value, before: Picture | None) -> Picture | None:
    """A picture after the `Compose` of Albumentations."""
    made = compose.origin
    steps = made.argument("transforms", 0) if made is not None else None
    if before is None or steps is None or not steps.exact or steps.items is None:
        return None
    found: Picture | None = before
    for step in steps.items:
        made = step.origin
        if made is None or not made.name.startswith("albumentations.") or found is None:
            return None
        kind = made.name.rpartition(".")[2]
        if kind in ("Resize", "CenterCrop", "RandomCrop"):
            height, width = made.argument("height", 0).python(), made.argument("width", 1).python()
            found = replace(found, size=(height, width) if isinstance(height, int) and isinstance(width, int) else (None, None))
        elif kind == "RandomResizedCrop":
            found = replace(found, size=_pair(made.argument("size", 0)) or (None, None))
        elif kind == "Normalize":
            mean = IMAGENET_MEAN if made.argument("mean", 0).missing else _numbers(made.argument("mean", 0))
            std = IMAGENET_STD if made.argument("std", 1).missing else _numbers(made.argument("std", 1))
            if mean is None or std is None or not made.argument("max_pixel_value", 2).missing or not made.argument("normalization").missing:
                return None
            found = _normalized(_scaled(found, (255.0,)), mean, std)
        elif kind == "ToTensorV2":
            found = replace(found, axes="CHW")
        elif kind in ("ToFloat", "FromFloat", "Lambda", "PadIfNeeded", "LongestMaxSize", "SmallestMaxSize", "ToGray", "ChannelShuffle"):
            return None
    return found


def _key(value: Value) -> object:
    """What one part of a subscript does."""
    if value.name == "slice()":
        bounds = [item.python() for item in value.items or ()]
        return "all" if bounds == [None, None, None] else "reverse" if bounds == [None, None, -1] else "part"
    known = value.python()
    if known is None or known == "numpy.newaxis":
        return "new"
    return "..." if known is ... else known if isinstance(known, int) else "one"


def _method(before: Picture, method: str, value: Value) -> Picture | None:
    """What a method of a picture, an array or a tensor gives."""
    made = value.origin
    assert made is not None
    if method == "convert" and before.pil:
        mode = made.argument("mode", 0).python()
        return replace(before, order=mode, axes="HW" if mode == "L" else "HWC") if mode in ("RGB", "L") else None
    if method == "resize" and before.pil:
        size = made.argument("size", 0).python()
        known = isinstance(size, (tuple, list)) and len(size) == 2 and all(isinstance(n, int) for n in size)
        return replace(before, size=(size[1], size[0]) if known else (None, None))
    if method == "read" or before.pil:
        return None
    if method in _METHODS:
        return replace(before, floating=before.floating or method in _GIVES_FLOATS or "float" in str(made.argument("dtype", 0).python()))
    if method == "unsqueeze":
        return _expanded(before, made.argument("dim", 0))
    if method in ("transpose", "permute"):
        axes = [argument.python() for argument in made.arguments]
        return _ordered(before, axes[0] if len(axes) == 1 and isinstance(axes[0], (tuple, list)) else axes)
    if method in ("reshape", "view"):
        sizes = [argument.python() for argument in made.arguments]
        first = made.arguments[0] if made.arguments else None
        if len(sizes) == 1 and first is not None and first.exact and first.items is not None:
            sizes = [item.python() for item in first.items]
        return _reshaped(before, sizes)
    if method in ("div", "div_", "sub", "sub_", "mul", "mul_") and made.arguments:
        return _computed(before, {"d": "/", "s": "-", "m": "*"}[method[0]], made.arguments[0])
    return None


def _reshaped(before: Picture, sizes: Sequence[object]) -> Picture | None:
    """Rows of one value a pixel become rows and columns again, or the other way round; what was a picture stays one."""
    last = 1 if before.order == "L" else 3
    if None not in before.size and before.axes in ("HW", "HWC", "NHW", "NHWC", "NF"):
        if len(sizes) == 4 and tuple(sizes[1:3]) == before.size and sizes[3] == last:
            return replace(before, axes="NHWC")
        if len(sizes) == 3 and tuple(sizes[1:]) == before.size and last == 1:
            return replace(before, axes="NHW")
        if len(sizes) == 3 and tuple(sizes[:2]) == before.size and sizes[2] == last:
            return replace(before, axes="HWC")
        if len(sizes) == 2 and sizes[1] in (before.size[0] * before.size[1] * last, -1):  # type: ignore[operator]
            return replace(before, axes="NF")
    return None


def _dataset(value: Value) -> Picture | None:
    """Pictures of a data set that Keras downloads."""
    for _ in range(3):
        made, operation = value.origin, value.operation
        if made is not None:
            found = re.fullmatch(r"(?:tensorflow\.)?keras\.datasets\.(\w+)\.load_data", made.name)
            return _DATASETS.get(found[1]) if found is not None else None
        if operation is None or operation[0] != "[]":
            return None
        value = operation[1]
    return None


def _expanded(before: Picture | None, axis: Value) -> Picture | None:
    at = axis.python()
    if before is None:
        return None
    if at == 0:
        return replace(before, axes="N" + before.axes, pil=False)
    return replace(before, axes=before.axes + "C", pil=False) if at in (-1, len(before.axes)) and before.axes.endswith("W") else None


def _transposed(before: Picture | None, axes: Value) -> Picture | None:
    order = axes.python()
    return _ordered(before, order) if before is not None and isinstance(order, (tuple, list)) else None


def _ordered(before: Picture, order: Sequence[object]) -> Picture | None:
    numbers = [n % len(before.axes) for n in order if isinstance(n, int)]
    if sorted(numbers) != list(range(len(before.axes))) or len(numbers) != len(order):
        return None
    return replace(before, axes="".join(before.axes[n] for n in numbers))


# -- arithmetic


def _computed(before: Picture, operator: str, by: Value) -> Picture | None:
    factor = _numbers(by)
    found = replace(before, floating=True)
    if factor is None or (len(factor) == 3 and not before.axes.endswith("C")) or before.pil:
        return replace(found, mean=None, std=None)
    if operator == "/" and all(factor):
        return _scaled(found, factor)
    if operator == "*" and all(factor):
        return _scaled(found, tuple(1 / f for f in factor))
    if operator in "+-":
        return _moved(found, factor if operator == "-" else tuple(-f for f in factor))
    return replace(found, mean=None, std=None)


def _reversed(operator: str, left: Value, right: Picture | None) -> Picture | None:
    """A number before a picture: only the order of a product does not matter."""
    if right is None:
        return None
    return _computed(right, operator, left) if operator in ("*", "+") else replace(right, mean=None, std=None)


def _numbers(value: Value) -> Numbers | None:
    """One number, or one a channel, also as an array."""
    made = value.origin
    if made is not None and made.name in ("numpy.array", "numpy.asarray", "torch.tensor", "numpy.float32", "tensorflow.constant"):
        value = made.arguments[0] if made.arguments else value
    known = value.python()
    if isinstance(known, (int, float)) and not isinstance(known, bool):
        return (float(known),)
    if isinstance(known, (list, tuple)) and len(known) == 3 and all(isinstance(n, (int, float)) for n in known):
        return tuple(float(n) for n in known)
    return None


def _broadcast(one: Numbers, other: Numbers, combine: Callable[[float, float], float]) -> Numbers:
    size = max(len(one), len(other))
    return tuple(combine(one[n % len(one)], other[n % len(other)]) for n in range(size))


def _scaled(before: Picture, divisor: Numbers) -> Picture:
    found = replace(before, floating=True)
    return replace(found, std=_broadcast(before.std, divisor, lambda a, b: a * b)) if before.std is not None else found


def _moved(before: Picture, taken: Numbers) -> Picture:
    if before.mean is None or before.std is None:
        return before
    shift = _broadcast(taken, before.std, lambda a, b: a * b)
    return replace(before, mean=_broadcast(before.mean, shift, lambda a, b: a + b), floating=True)


def _swapped(before: Picture) -> Picture:
    order = {"RGB": "BGR", "BGR": "RGB"}.get(before.order, "")
    return replace(before, order=order, mean=before.mean and before.mean[::-1], std=before.std and before.std[::-1])


def _pair(value: Value) -> tuple[int, int] | None:
    known = value.python()
    if isinstance(known, int) and not isinstance(known, bool):
        return known, known
    if isinstance(known, (tuple, list)) and len(known) >= 2 and all(isinstance(n, int) for n in known[:2]):
        return known[0], known[1]
    return None


# -- what libraries do


def family_of(name: str, mode: str = CAFFE) -> str | None:
    """What the `preprocess_input` of that dotted name does, None if it is none of Keras's. That of `imagenet_utils` is told by `mode`."""
    parts = name.removesuffix("()").split(".")
    if "applications" not in parts or parts[-1] != "preprocess_input":
        return None
    if parts[-2] == "imagenet_utils":
        return mode if mode in (CAFFE, TORCH, SIGNED) else None
    return FAMILIES.get(parts[-2])


def preprocessed(before: Picture | None, name: str, mode: str = CAFFE) -> Picture | None:
    """A picture after `preprocess_input`."""
    done = family_of(name, mode)
    return as_family(before, done) if before is not None and done is not None else None


def as_family(before: Picture, family: str) -> Picture:
    """A picture as a family of networks takes it."""
    if family == CAFFE:  # reverses the channels, whatever they are
        return _moved(_swapped(before), (103.939, 116.779, 123.68))
    if family == TORCH:
        return _normalized(_scaled(before, (255.0,)), IMAGENET_MEAN, IMAGENET_STD)
    return _moved(_scaled(before, (127.5,)), (1.0,)) if family == SIGNED else before


def _normalized(before: Picture, mean: Numbers, std: Numbers) -> Picture:
    return _scaled(_moved(before, mean), std)


def through(compose: Value, before: Picture | None) -> Picture | None:
    """A picture after torchvision's `Compose` of known transforms."""
    made = compose.origin
    steps = made.argument("transforms", 0) if made is not None else None
    if before is None or steps is None or not steps.exact or steps.items is None:
        return None
    found: Picture | None = before
    for step in steps.items:
        found = _step(step, found) if found is not None else None
    return found


def _step(step: Value, before: Picture) -> Picture | None:
    made = step.origin
    if made is None:
        return None
    kind = step.name.removesuffix("()").rpartition(".")[2]
    if not step.name.startswith("torchvision.transforms."):
        return None
    if _CROPS(step.name):
        size = _pair(made.argument("size", 0))
        return replace(before, size=size or (None, None))
    if _NO_CHANGE(step.name):
        return before
    if kind == "Resize":
        wanted = made.argument("size", 0)
        exact = isinstance(wanted.python(), (tuple, list))
        return replace(before, size=(_pair(wanted) if exact else None) or (None, None))
    if kind in ("ToTensor", "PILToTensor", "ToImage"):
        axes = "CHW" if before.axes in ("HWC", "HW") else before.axes
        found = replace(before, axes=axes, pil=False)
        return _scaled(found, (255.0,)) if kind == "ToTensor" and not before.floating else found
    if kind == "ConvertImageDtype" and not before.floating:
        return _scaled(before, (255.0,))
    if kind == "ToDtype":
        scaling = made.argument("scale").python() is True
        return _scaled(before, (255.0,)) if scaling and not before.floating else replace(before, floating=True)
    if kind == "Normalize":
        mean, std = _numbers(_all(made.argument("mean", 0))), _numbers(_all(made.argument("std", 1)))
        if mean is None or std is None or not all(std):
            return replace(before, mean=None, std=None)
        return _normalized(before, mean, std)
    return None


def _all(value: Value) -> Value:
    """The element of a list of one, for a single channel."""
    return value.items[0] if value.exact and value.items is not None and len(value.items) == 1 else value


# -- comparison


def alike(one: Picture, other: Picture) -> bool:
    """The same scale: of 8-bit pixels, within 3 of 255, or 6 % of the deviation."""
    assert one.mean is not None and one.std is not None and other.mean is not None and other.std is not None
    means = _wide(one.mean), _wide(other.mean)
    deviations = _wide(one.std), _wide(other.std)
    near = all(abs(a - b) <= 3 for a, b in zip(*means, strict=True))
    return near and all(abs(a / b - 1) <= 0.06 for a, b in zip(*deviations, strict=True))


def _wide(numbers: Numbers) -> Numbers:
    return numbers if len(numbers) == 3 else numbers[:1] * 3


def extent(picture: Picture) -> tuple[float, float]:
    """The lowest and the highest value that 8-bit pixels come to."""
    assert picture.mean is not None and picture.std is not None
    mean, std = _wide(picture.mean), _wide(picture.std)
    ends = [end for m, s in zip(mean, std, strict=True) for end in (-m / s, (255 - m) / s)]
    return min(ends), max(ends)


def span(picture: Picture) -> str:
    """The same in words."""
    low, high = extent(picture)
    return f"{low:.3g} to {high:.3g}".replace("-0 ", "0 ")
