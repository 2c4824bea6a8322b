"""Objective-C and Objective-C++: read as C++ (`deplint.code.source_objc_text`), and told in the names Swift gives the same things.

What Apple's frameworks offer is one set of classes in two languages, and the compiler has rules by which Swift calls what Objective-C
declares (https://github.com/swiftlang/swift-evolution/blob/main/proposals/0005-objective-c-name-translation.md): ``[[VNCoreMLRequest
alloc] initWithModel:m completionHandler:h]`` is ``VNCoreMLRequest(model: m, completionHandler: h)``. So a rule that knows Swift's
names knows Objective-C's. `METHODS` holds names that those rules shorten; TensorFlow Lite's two libraries are brought together alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from deplint.code.source_cpp import BUILD, SKIP, THROUGH, arguments
from deplint.code.source_nodes import (
    Argument,
    Array,
    Assign,
    Call,
    Class,
    Declare,
    Function,
    Importing,
    Literal,
    Member,
    Name,
    Node,
    Object,
    Other,
    This,
)
from deplint.code.source_objc_text import rewrite
from deplint.code.source_tree import Grammar, Raw

CLASSES = {
    "NSBundle": "Bundle", "NSData": "Data", "NSMutableData": "Data", "NSFileManager": "FileManager", "NSOperationQueue": "OperationQueue",
    "NSURL": "URL", "NSURLRequest": "URLRequest", "NSMutableURLRequest": "URLRequest", "NSURLSession": "URLSession",
    "TFLCoreMLDelegate": "CoreMLDelegate", "TFLInterpreter": "Interpreter", "TFLInterpreterOptions": "Interpreter.Options",
    "TFLMetalDelegate": "MetalDelegate", "TFLTensor": "Tensor",
}  # fmt: skip
"""Classes -> what Swift calls them."""

PROPERTIES = {"mainBundle": "main", "mainQueue": "main", "sharedSession": "shared", "defaultManager": "default", "model": "model"}
"""Properties -> what Swift calls them; a message without arguments asks for one of them, or calls a method."""

METHODS = {
    "pathForResource:ofType:": "path(forResource:ofType:)",
    "pathForResource:ofType:inDirectory:": "path(forResource:ofType:inDirectory:)",
    "URLForResource:withExtension:": "url(forResource:withExtension:)",
    "URLForResource:withExtension:subdirectory:": "url(forResource:withExtension:subdirectory:)",
    "fileURLWithPath:": "(fileURLWithPath:)",
    "URLWithString:": "(string:)",
    "URLByAppendingPathComponent:": "appendingPathComponent(_:)",
    "stringByAppendingPathComponent:": "appendingPathComponent(_:)",
    "dataWithContentsOfFile:": "(contentsOfFile:)",
    "dataWithContentsOfURL:": "(contentsOf:)",
    "dataWithBytes:length:": "(bytes:count:)",
    "initWithContentsOfURL:": "(contentsOf:)",
    "modelWithContentsOfURL:": "(contentsOf:)",
    "modelWithContentsOfURL:configuration:": "(contentsOf:configuration:)",
    "loadContentsOfURL:configuration:completionHandler:": "load(contentsOf:configuration:completionHandler:)",
    "compileModelAtURL:": "compileModel(at:)",
    "compileModelAtURL:completionHandler:": "compileModel(at:completionHandler:)",
    "modelForMLModel:": "(for:)",
    "predictionFromFeatures:": "prediction(from:)",
    "predictionFromFeatures:options:": "prediction(from:options:)",
    "featureValueForName:": "featureValue(for:)",
    "featureValueWithPixelBuffer:": "(pixelBuffer:)",
    "featureValueWithMultiArray:": "(multiArray:)",
    "performRequests:": "perform(_:)",
    "performRequests:onCVPixelBuffer:": "perform(_:on:)",
    "initWithCVPixelBuffer:orientation:options:": "(cvPixelBuffer:orientation:options:)",
    "setSampleBufferDelegate:queue:": "setSampleBufferDelegate(_:queue:)",
    "deviceInputWithDevice:": "(device:)",
    "inputTensorAtIndex:": "input(at:)",
    "outputTensorAtIndex:": "output(at:)",
    "copyData:": "copy(_:)",
    "resizeInputTensorAtIndex:toShape:": "resizeInput(at:to:)",
    "runWithInputs:outputNames:runOptions:": "run(withInputs:outputNames:runOptions:)",
    "addOperationWithBlock:": "addOperation(_:)",
    "dataTaskWithURL:": "dataTask(with:)",
    "dataTaskWithURL:completionHandler:": "dataTask(with:completionHandler:)",
    "downloadTaskWithURL:": "downloadTask(with:)",
    "downloadTaskWithURL:completionHandler:": "downloadTask(with:completionHandler:)",
}  # fmt: skip
"""Methods, without what takes the error -> what Swift calls them; without a name, they make an object of the class."""

MODULES = {"TFLTensorFlowLite": "TensorFlowLite", "TensorFlowLiteObjC": "TensorFlowLite"}

_QUEUED = {"dispatch_async": "async", "dispatch_sync": "sync", "dispatch_after": "asyncAfter"}


def _name(raw: Raw) -> Node:
    if raw.text == "self":
        return This(raw.syntax)
    return _dotted(raw, CLASSES.get(raw.text, raw.text))


def _dotted(raw: Raw, id: str) -> Node:
    first, _, rest = id.partition(".")
    return Member(raw.syntax, Name(raw.syntax, first), rest) if rest else Name(raw.syntax, first)


def _member(raw: Raw) -> Node:
    attribute = raw.kids[-1].text
    return Member(raw.syntax, raw.kids[0].some(), PROPERTIES.get(attribute, attribute))


def _call(raw: Raw) -> Node:
    callee, listed = raw.kids[0], arguments(raw.kid("argument_list"))
    if callee.kind == "field_expression":
        return _sent(raw, callee.kids[0].some(), callee.kids[-1].text, listed)
    plain = callee.text if callee.kind == "identifier" else ""
    if plain == "$array":
        return Array(raw.syntax, listed)
    if plain == "$dict":
        return _dictionary(raw, listed)
    if plain in _QUEUED and len(listed) > 1:
        return Call(raw.syntax, Member(raw.syntax, listed[-2], _QUEUED[plain]), [Argument("", listed[-1])])
    if plain == "dispatch_get_main_queue":
        return Member(raw.syntax, Name(callee.syntax, "DispatchQueue"), "main")
    if plain == "dispatch_get_global_queue":
        return Call(raw.syntax, Member(raw.syntax, Name(callee.syntax, "DispatchQueue"), "global"), [])
    if plain == "dispatch_queue_create" and listed:
        return Call(raw.syntax, Name(callee.syntax, "DispatchQueue"), [Argument("label", listed[0])])
    return Call(raw.syntax, callee.some(), [Argument("", node) for node in listed])


def _dictionary(raw: Raw, listed: Sequence[Node]) -> Node:
    pairs = list(zip(listed[::2], listed[1::2], strict=False))
    entries = [(key.constant, value) for key, value in pairs if isinstance(key, Literal) and isinstance(key.constant, str)]
    return Object(raw.syntax, listed, entries, 2 * len(entries) == len(listed))


def _sent(raw: Raw, receiver: Node, written: str, listed: Sequence[Node]) -> Node:
    """A message, as the call that Swift writes for it. What is for an error is no argument."""
    parts = written.split("$")[:-1]
    given = list(listed)
    if len(parts) > 1 and parts[-1] == "error":
        parts.pop()
        given = given[: len(parts)]
    elif len(parts) == 1 and parts[0].endswith("WithError"):
        parts, written, given = [], parts[0][:-9], []
    selector = ":".join([*parts, ""]) if parts else written
    if not parts and not given and selector in PROPERTIES:
        return Member(raw.syntax, receiver, PROPERTIES[selector])
    made = _allocated(receiver)
    if made is not None and selector.startswith("init"):
        labels = _labels(METHODS[selector]) if selector in METHODS else _initializer(parts)
        return Call(raw.syntax, made, _labelled(labels, given), new=True)
    if selector == "new_":
        return Call(raw.syntax, receiver, [], new=True)
    if len(parts) == 1 and re.match("set[A-Z]", parts[0]) and len(given) == 1:
        target = Member(raw.syntax, receiver, _lowered(parts[0][3:]))
        return Assign(raw.syntax, target, given[0], [target, given[0]])
    known = METHODS.get(selector, "")
    if known.startswith("("):
        return Call(raw.syntax, receiver, _labelled(_labels(known), given), new=True)
    labels = _labels(known) if known else ["", *parts[1:]]
    method = known.partition("(")[0] if known else parts[0] if parts else written
    if parts and not known and parts[0].startswith("predictionFrom"):  # of a class that Xcode makes
        method, labels = "prediction", [_lowered(parts[0][14:]), *parts[1:]]
    return Call(raw.syntax, Member(raw.syntax, receiver, method), _labelled(labels, given))


def _allocated(receiver: Node) -> Node | None:
    """The class of ``[Foo alloc]``."""
    if isinstance(receiver, Call) and receiver.method == "alloc" and isinstance(receiver.callee, Member):
        return receiver.callee.object
    return None


def _labels(signature: str) -> list[str]:
    """The labels of ``path(forResource:ofType:)``."""
    return [label.replace("_", "") for label in signature.partition("(")[2].rstrip(")").split(":")[:-1]]


def _initializer(parts: Sequence[str]) -> list[str]:
    """The labels of an initializer: ``initWithCGImage:options:`` is ``init(cgImage:options:)``."""
    return [_lowered(re.sub(r"^init(?:With|(?=From))?", "", parts[0])), *parts[1:]] if parts else []


def _lowered(text: str) -> str:
    """``CGImage`` -> ``cgImage``, ``URL`` -> ``url``, ``ModelPath`` -> ``modelPath``."""
    match = re.match(r"[A-Z]+(?![a-z])|[A-Z]", text)
    return match[0].lower() + text[match.end() :] if match else text


def _labelled(labels: Sequence[str], given: Sequence[Node]) -> list[Argument]:
    return [Argument(labels[n] if n < len(labels) else "", node) for n, node in enumerate(given)]


def _function(raw: Raw) -> Node | None:
    function = BUILD[raw.kind](raw)
    if isinstance(function, Function):
        function.id = function.id.partition("$")[0]
    return function


def _class(raw: Raw) -> Node | None:
    """A class is derived from another, be that said in another file. What its implementation and extension declare only this file sees."""
    node = BUILD[raw.kind](raw)
    if not isinstance(node, Class) or not raw.text.startswith("@"):
        return node
    for member in node.children if not node.derived else ():
        for declare in member.children if isinstance(member, Other) else [member]:
            if isinstance(declare, Declare):
                declare.private = declare.closed = True
    node.derived = True
    return node


def _declaration(raw: Raw) -> Node | None:
    node = BUILD[raw.kind](raw)
    for declare in (node, *node.children) if node is not None else ():
        if isinstance(declare, Declare):
            declare.written_type = CLASSES.get(declare.written_type, declare.written_type)
    return node


def _import(raw: Raw) -> Node | None:
    """`module` is the framework, as ``@import`` has it."""
    node = BUILD[raw.kind](raw)
    if isinstance(node, Importing):
        module = re.sub(r"/.*|\.h$", "", node.module.strip())
        node.module = MODULES.get(module, module)
    return node


OBJC = Grammar(
    "cpp",
    {
        **BUILD,
        "call_expression": _call,
        "class_specifier": _class,
        "field_expression": _member,
        "function_definition": _function,
        "identifier": _name,
        "preproc_include": _import,
        **dict.fromkeys(("declaration", "field_declaration", "parameter_declaration"), _declaration),
    },
    THROUGH,
    SKIP,
    rewrite=rewrite,
)
