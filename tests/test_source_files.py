"""Source files as a whole: what is read, what is imported, values and places, pages, and input nobody wrote."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deplint.code import source
from deplint.code.source import LANGUAGES, SourceFile, read, sniff
from deplint.code.source_nodes import UNKNOWN, Text
from deplint.code.source_packages import package
from deplint.model import Unreadable
from deplint.project import File, Reader


def js(code: str, path: str = "x.js") -> SourceFile:
    return SourceFile(path, code, LANGUAGES["." + path.rsplit(".", 1)[1]])


# Values.

VALUES = [
    ("1e3", 1000.0), ("0x1F", 31), ("10n", 10), ("-2.5", -2.5), ("1_000", 1000), ("!true", False), ("null", None), ("undefined", None),
    ("'a\\n\\x41\\u0042\\u{43}\\'\\\\'", "a\nABC'\\"), ("`a${1 + 1}b`", "a2b"), ("`${'x'}`", "x"), ("''", ""), ("'\\ud83d\\ude00'", "😀"),
    ("`a${f()}b`", Text(("a", None, "b"))), ("url + '/model.json'", Text((None, "/model.json"))), ("f()", UNKNOWN), ("`${f()}`", UNKNOWN),
    ("[1, 224, 224, 3]", [1, 224, 224, 3]), ("[1, f()]", [1, UNKNOWN]), ("[1, ...r]", UNKNOWN), ("[]", []),
    ("{a: 1, 'b': [2], c}", {"a": 1, "b": [2], "c": UNKNOWN}), ("{...r, a: 1}", UNKNOWN), ("{[k]: 1}", UNKNOWN),
    ("{a() {}}", {"a": UNKNOWN}),
    ("224 / 2", 112), ("1 / 3", 1 / 3), ("7 % 4", 3), ("1 / 0", UNKNOWN), ("1 << 20", 1 << 20), ("2 ** 3", UNKNOWN), ("(1 + 2) * 3", 9),
    ("a ? 1 : 2", UNKNOWN), ("a || 1", UNKNOWN), ("/re/", UNKNOWN), ("'1' + 2", "12"), ("true + 1", UNKNOWN), ("9e999", float("inf")),
    ("function () {}", UNKNOWN), ("await 3", UNKNOWN), ("x = 3", UNKNOWN), ("typeof 3", UNKNOWN), ("new A()", UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), VALUES)
def test_values_of_expressions(code: str, expected: object) -> None:
    (call,) = js(f"g({code})").calls("g")
    assert call.arguments[0].value.value == expected
    assert type(call.arguments[0].value.value) is type(expected)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("const n = 3; g(n);", 3),
        ("const a = 2, b = a * 2; g([b, a]);", [4, 2]),
        ("g(n); var n = 3;", 3),
        ("let n = 3; n = 4; g(n);", UNKNOWN),
        ("let n; n = 3; g(n);", UNKNOWN),  # undefined, perhaps
        ("let n = 3; n++; g(n);", UNKNOWN),
        ("let n = 3; [n] = f(); g(n);", UNKNOWN),
        ("const n = 3; { const n = 4; g(n); }", 4),
        ("const n = 3; function f(n) { g(n); }", UNKNOWN),
        ("const n = 3; function f(m = n) { g(m); }", UNKNOWN),
        ("const n = 3; try {} catch (n) { g(n); }", UNKNOWN),
        ("const {n, m: [k]} = {n: 1, m: [2]}; g([n, k]);", [1, 2]),
        ("const {n = 5} = {}; g(n);", UNKNOWN),
        ("const [a, , b] = [1, 2, 3]; g([a, b]);", [1, 3]),
        ("const C = {size: 224, deep: {x: 1}}; g([C.size, C.deep.x, C['size']]);", [224, 1, 224]),
        ("const C = {size: 224}; C.size = 3; g(C.size);", UNKNOWN),
        ("const C = {size: 224}; f(C); g(C.size);", UNKNOWN),
        ("const C = {size: 224}; x.size = 3; g(C.size);", UNKNOWN),
        ("class A { size = 224; static w = 3; f() { g([this.size, A.w]); } }", [224, 3]),
        ("class A { constructor() { this.size = 224; } f() { g(this.size); } }", 224),
        ("class A { size = 1; constructor(n) { this.size = n; } f() { g(this.size); } }", UNKNOWN),
        ("const a = b, b = a; g(a);", UNKNOWN),
        ("for (let i = 0; i < 3; i++) g(i);", UNKNOWN),
        ("for (const i of [1]) g(i);", UNKNOWN),
        ("import {n} from './c'; g(n);", UNKNOWN),
    ],
)
def test_values_of_variables(code: str, expected: object) -> None:
    (call,) = js(code).calls("g")
    assert call.arguments[0].value.value == expected


def test_an_enumeration() -> None:
    (call,) = js("enum E { A = 1, B }\ng(E.A, E.B)", "x.ts").calls("g")
    assert [a.value.value for a in call.arguments] == [1, UNKNOWN]


def test_values_do_not_grow_without_end() -> None:
    doubling = "".join(f"const a{i + 1} = [a{i}, a{i}];\nconst s{i + 1} = s{i} + s{i};\n" for i in range(50))
    (call,) = js(f"const a0 = [1], s0 = 'x';\n{doubling}g(a50, s50, a3)").calls("g")
    assert len(repr(call.arguments[0].value.value)) < 20_000
    assert call.arguments[1].value.value is UNKNOWN
    assert call.arguments[2].value.value == [[[[1], [1]], [[1], [1]]], [[[1], [1]], [[1], [1]]]]


# Names.


@pytest.mark.parametrize(
    ("code", "name", "resolved"),
    [
        ("import * as tf from '@tensorflow/tfjs'; tf.loadModel()", "@tensorflow/tfjs.loadModel", True),
        ("import {io as x} from '@tensorflow/tfjs-core/dist/io'; x.http()", "@tensorflow/tfjs-core.io.http", True),
        ("import * as tf from 'https://esm.sh/@tensorflow/tfjs@4.2.0'; tf.f()", "@tensorflow/tfjs.f", True),
        ("const {ready, setBackend: b} = require('@tensorflow/tfjs'); b()", "@tensorflow/tfjs.setBackend", True),
        ("const a = require('@tensorflow/tfjs'), b = a.io, c = b; c.http()", "@tensorflow/tfjs.io.http", True),
        ("require('onnxruntime-node').env.f()", "onnxruntime-node.env.f", True),
        ("tf.loadModel()", "@tensorflow/tfjs.loadModel", False),
        ("window.tf.loadModel()", "@tensorflow/tfjs.loadModel", False),
        ("ort.InferenceSession.create()", "onnxruntime-web.InferenceSession.create", False),
        ("const tf = f(); tf.loadModel()", "f().loadModel", False),
        ("function g(tf) { tf.loadModel(); }", "tf.loadModel", False),
        ("import {A} from 'x'; new A()", "x.A", True),
        ("import {A} from 'x'; const a = new A(); a.b()", "x.A().b", True),
        ("import {A} from 'x'; class B { a = new A(); f() { this.a.b(); } }", "x.A().b", True),
        ("import x from 'x'; x.a?.[0].b?.()", "x.a[].b", True),
        ("import x from 'x'; x.a().then(y => y.b())", "x.a().b", True),
        ("import x from 'x'; (await x.a()).b()", "x.a().b", True),
        ("import x from 'x'; x.a().catch(e).then(y => { y.b(); })", "x.a().b", True),
        ("import x from 'x'; async function f() { return x.a(); } (await f()).b()", "x.a().b", True),
        ("foo.bar.baz()", "foo.bar.baz", False),
        ("this.f()", "this.f", False),
        ("(function () {})()", "", False),
    ],
)
def test_names(code: str, name: str, resolved: bool) -> None:
    call = next(c for c in js(code).calls() if c.name == name)
    assert call.resolved is resolved


def test_assignments_and_attributes() -> None:
    file = js("import * as ort from 'onnxruntime-web'; ort.env.wasm.numThreads = 4; ort.env.wasm.x += 1; f(ort.env.wasm.y); ort.g();")
    assert [(a.name, a.assigned and a.assigned.value) for a in file.assignments("onnxruntime-web.**")] == [
        ("onnxruntime-web.env.wasm.numThreads", 4),
        ("onnxruntime-web.env.wasm.x", None),
    ]
    assert [a.name for a in file.attributes("onnxruntime-web.env.wasm.*")] == ["onnxruntime-web.env.wasm.y"]


def test_awaited_where_it_is_made() -> None:
    code = "await f(1); async () => f(2); g(f(3)); const x = f(4); f(5).then(h); Promise.all([f(6)]); f(7); function k() { return f(8); }"
    assert [c.arguments[0].value.value for c in js(code).calls("f") if c.awaited] == [1, 2, 5, 6, 8]
    assert [c.arguments[0].value.value for c in js(code).calls("f") if c.discarded] == [7]


def test_enclosing_calls() -> None:
    file = js("import * as tf from '@tensorflow/tfjs'; tf.tidy(() => { a.b(() => model.predict(x)); }); model.predict(y);")
    inside, outside = file.calls("**.predict")
    assert inside.enclosing("@tensorflow/tfjs*.tidy") is not None and outside.enclosing("@tensorflow/tfjs*.tidy") is None
    assert inside.enclosing().name == "a.b"  # type: ignore[union-attr]
    assert next(file.calls("a.b")).enclosing("a.b") is None


# Imports and pages.


def test_imports() -> None:
    file = js(
        "import * as tf from '@tensorflow/tfjs';\nimport a, {b as c} from './x.js';\nimport 'side';\nexport * from 'y';\n"
        "const r = require('r');\nimport('d').then(f);\nrequire(name);\nimport {z} from 'https://unpkg.com/z@1.2/dist/z.js';"
    )
    assert [(i.kind, i.module, i.package, i.version, i.names) for i in file.imports] == [
        ("import", "@tensorflow/tfjs", "@tensorflow/tfjs", "", (("*", "tf"),)),
        ("import", "./x.js", "./x.js", "", (("default", "a"), ("b", "c"))),
        ("import", "side", "side", "", ()),
        ("export", "y", "y", "", ()),
        ("require", "r", "r", "", ()),
        ("dynamic", "d", "d", "", ()),
        ("import", "https://unpkg.com/z@1.2/dist/z.js", "z", "1.2", (("z", "z"),)),
    ]
    found = file.imported("@tensorflow/tfjs*")
    assert found is not None and found.place.span is not None and found.place.span.line == 1
    assert file.imported("nothing") is None


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/dist/tf.min.js", ("@tensorflow/tfjs", "4.22.0")),
        ("https://cdn.jsdelivr.net/npm/@tensorflow/tfjs", ("@tensorflow/tfjs", "")),
        ("//cdn.jsdelivr.net/npm/onnxruntime-web@1.17/dist/ort.min.js", ("onnxruntime-web", "1.17")),
        ("https://unpkg.com/@tensorflow-models/mobilenet@2.1.0", ("@tensorflow-models/mobilenet", "2.1.0")),
        ("https://cdnjs.cloudflare.com/ajax/libs/tensorflow/4.0.0/tf.min.js", ("@tensorflow/tfjs", "4.0.0")),
        ("https://esm.sh/v135/onnxruntime-web@1.2", ("onnxruntime-web", "1.2")),
        ("https://cdn.skypack.dev/@tensorflow/tfjs", ("@tensorflow/tfjs", "")),
        ("npm:@tensorflow/tfjs@4", ("@tensorflow/tfjs", "4")),
        ("./lib/tf.es2017.min.js?v=3", ("@tensorflow/tfjs", "")),
        ("js/ort.webgpu.min.js", ("onnxruntime-web", "")),
        ("onnxruntime-web/webgpu", ("onnxruntime-web", "")),
        ("@tensorflow/tfjs-core/dist/io", ("@tensorflow/tfjs-core", "")),
        ("./tf.js", ("./tf.js", "")),
        ("../tf", ("../tf", "")),
        ("https://example.com/tf/app.js", ("https://example.com/tf/app.js", "")),
        ("", ("", "")),
    ],
)
def test_packages(module: str, expected: tuple[str, str]) -> None:
    assert package(module) == expected


PAGE = """<!DOCTYPE html>
<html><head>
<!-- deplint: ignore -->
<script src='https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.10.0'></script>
<script SRC=https://cdn.jsdelivr.net/npm/onnxruntime-web/dist/ort.min.js data-x="a>b"></SCRIPT >
<script type="importmap">{"imports": {"mine": "https://esm.sh/@tensorflow/tfjs@4"}}</script>
<script type="application/json">{"x": f(0)}</script>
</head><body onload="f(1)">é😀 <script>f('é😀'); tf.loadModel(2)</script><script type=module>
  import * as m from "mine"; // c
  m.ready(); if (a </script>
<scripty>f(3)</scripty> f(4)
<script>ort.f(`</p>`)"""


def test_a_page() -> None:
    file = js(PAGE, "x.html")
    assert [(i.kind, i.package, i.version) for i in file.imports] == [
        ("script", "@tensorflow/tfjs", "4.10.0"),
        ("script", "onnxruntime-web", ""),
        ("import", "@tensorflow/tfjs", "4"),
    ]
    assert [(c.name, c.resolved) for c in file.calls()] == [
        ("f", False),
        ("@tensorflow/tfjs.loadModel", True),
        ("@tensorflow/tfjs.ready", True),
        ("onnxruntime-web.f", True),
    ]
    for call in file.calls():
        span = call.span
        assert file.lines[span.line - 1][span.column - 1 : span.end_column - 1] == call.text
    assert [c.text for c in file.comments] == ["<!-- deplint: ignore -->", "// c"]
    for comment in file.comments:
        where = comment.place.span
        assert where is not None and file.lines[where.line - 1][where.column - 1 : where.end_column - 1] == comment.text
    assert file.imports[0].place.span is not None and file.imports[0].place.span.line == 4


@pytest.mark.parametrize("end", ["vue", "svelte"])
def test_components(end: str) -> None:
    code = "<template><p/></template>\n<script setup lang='ts'>\nlet m: A = f<B>(1 as number)\n</script>\n<style>a{}</style>"
    (call,) = js(code, f"x.{end}").calls("f")
    assert (call.place.span.line, call.arguments[0].value.value) == (3, 1)  # type: ignore[union-attr]


def test_options_of_a_component() -> None:
    code = """<script>
import * as tf from '@tensorflow/tfjs';
export default {
  data() { return {model: null}; },
  async mounted() { this.model = await tf.loadLayersModel('m'); },
  methods: { run() { return this.model.predict(1); } },
};
</script>"""
    (call,) = js(code, "x.vue").calls("@tensorflow/tfjs.loadLayersModel().predict")
    assert call.receiver is not None and call.receiver.settled is True


def test_jsx() -> None:
    code = "const A = () => <div onClick={() => f('é')}>{g(2)}</div>; const x = <A b={h(3)} />;"
    for path in ("x.jsx", "x.tsx", "x.js"):
        assert [c.name for c in js(code, path).calls()] == ["f", "g", "h"]


def test_comments_and_strings() -> None:
    file = js("// a\nf('// b', \"c\", `d`, `e${1}`); /* deplint: ignore[X] */\n<!-- g\n")
    assert [c.text for c in file.comments][:2] == ["// a", "/* deplint: ignore[X] */"]
    assert [(s.value, s.place.span and s.place.span.column) for s in file.strings] == [("// b", 3), ("c", 11), ("d", 16)]
    swift = SourceFile("x.swift", '/// a\nlet s = "// b" /* c */', "swift")
    assert [c.text for c in swift.comments] == ["/// a", "/* c */"]


def test_the_span_of_a_call_counts_characters() -> None:
    (call,) = js("x = '😀é';  f(\n'ü',\n1)").calls("f")
    assert (call.span.line, call.span.column, call.span.end_line, call.span.end_column) == (1, 12, 3, 3)


# What is read.


def write(folder: Path, name: str, content: str | bytes) -> File:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return File(path, name)


@pytest.mark.parametrize("name", ["a.js", "a.MJS", "a.cjs", "a.jsx", "a.ts", "a.tsx", "a.html", "a.vue", "A.java", "a.kt", "a.swift"])
def test_source_files_are_claimed(tmp_path: Path, name: str) -> None:
    file = write(tmp_path, name, "f(1)\n")
    (reader,) = source.READERS
    assert reader.claims(file)
    assert isinstance(read(file), SourceFile) and reader.gives is SourceFile


OTHERS = {
    "types": ("a.d.ts", "declare const x: number;"),
    "minified by name": ("a.min.js", "f(1)"),
    "minified": ("a.js", "var a=1;" * 1000),
    "one long line": ("a.js", "f(1)\n" * 1000 + "x" * 30_000),
    "a video": ("a.ts", b"\x47\x40\x00\x10\x00" * 200),
    "a translation": ("a.ts", '<?xml version="1.0"?><!DOCTYPE TS><TS></TS>'),
    "a bundle": ("a.js", "/******/ (() => { // webpackBootstrap\n"),
    "generated": ("A.java", "// Code generated by protoc. DO NOT EDIT.\nclass A {}"),
    "other people's": ("node_modules/a/b.js", "f(1)"),
    "an asset": ("app/src/main/assets/OldActivity.java", "class A {}"),
    "large": ("a.js", "f(1)\n" * 600_000),
    "python": ("a.py", "f(1)"),
    "gradle": ("build.gradle.kts", "f(1)"),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_other_files_are_not(tmp_path: Path, kind: str) -> None:
    (reader,) = source.READERS
    assert not reader.claims(write(tmp_path, *OTHERS[kind]))


def test_unreadable(tmp_path: Path) -> None:
    assert sniff(write(tmp_path, "a.js", b"f(1)\0"))
    with pytest.raises(Unreadable, match="binary"):
        read(write(tmp_path, "a.js", b"f(1)\0"))
    with pytest.raises(Unreadable, match="bytes"):
        read(write(tmp_path, "b.js", "f(1)\n" * 600_000))


def test_nothing_is_parsed_before_it_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    file = js("console.log('no models here');")
    monkeypatch.setattr(SourceFile, "tree", property(lambda self: pytest.fail("parsed")))
    assert list(file.calls("@tensorflow/tfjs*.load{Layers,Graph}Model", "**.predict")) == []
    assert list(file.assignments("onnxruntime-web.env.wasm.numThreads")) == []
    assert not file.mentions(r"\btf\.|onnx")


def test_importing_the_readers_is_cheap() -> None:
    code = (
        "import sys; import deplint.code.source as s; assert isinstance(s.READERS[0], s.Reader);"
        "print([m for m in ('ast_grep_py', 'deplint.code.source_meaning', 'deplint.code.source_tree') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    assert isinstance(source.READERS[0], Reader)


# Input nobody wrote.


def everything(file: SourceFile) -> int:
    """Ask every question; the number of calls."""
    count = 0
    for call in file.calls():
        count += 1
        _ = (call.name, call.resolved, call.awaited, call.discarded, call.uses, call.settings, call.escapes, call.type, call.function)
        _ = (call.enclosing(), call.owner, call.in_loop, call.origin, call.settled, call.place, call.text)
        for argument in call.arguments:
            _ = (argument.value.value, argument.value.name, argument.value.origin)
        if call.receiver is not None:
            _ = (call.receiver.origin, call.receiver.type, call.receiver.value)
    for variable in file.variables:
        _ = (variable.value, variable.owner, variable.place, variable.function)
    _ = [a.name for a in file.assignments()] + [a.name for a in file.attributes()]
    _ = (file.imports, file.strings, file.comments, file.functions, file.problem, file.mentions("x"))
    return count


TOKENS = {
    "web": "tf . load ( ) { } [ ] => async await function class this = , ; ' ` ${ } const let x y 1 import from require 'm' new return "
    "if else for of in ... ? : ?. ! + ++ get static # @ <a> </a> / // /* */ \n export default then catch yield *",
    "java": "class A { } ( ) ; int x = 1 , static final new B . f [ ] \" 'c' -> :: @ < > return if else for : try catch import a.* ; + "
    "++ this super // /* */ \n enum interface extends switch case ? instanceof (int)",
    "kotlin": 'class A { } ( ) val var fun x = 1 , : Int ? . f [ ] " $ ${ } -> :: @ < > return if else for in when try catch import a.* '
    "by lazy it this apply let object companion // /* */ \n ?: !! += get() set",
    "swift": 'class A { } ( ) let var func x = 1 , : Int ? ! . f [ ] " \\( ) -> @ < > return if else for in guard switch case try '
    "catch import a self nil extension init // /* */ \n ?? += get set & $0",
    "cpp": '#include "torch/script.h" template < typename T > class A : B { } ( ) ; , = int auto x std :: f -> . [ & ] [ ] const * & '
    "return if else for : while #if #else #endif #define struct namespace using new delete try catch ... 1.0f 'c' R\"(x)\" // /* */ \n ^",
    "objc": '@implementation A ( ) { } - + ; : [ ] x y: @"s" " @[ @{ @( ^ ^{ = , NSString * _x @end @interface @property @selector( #if '
    "#else #endif #import for in if else return self super nil YES 1 @1 . -> :: < > // /* */ \n ? & new struct int template NS_ENUM( A_B(",
}
LANGUAGES_OF = {"web": ["javascript", "typescript", "html", "vue"]}


@settings(max_examples=60, deadline=None)
@given(st.data())
@pytest.mark.parametrize("family", TOKENS)
def test_any_text_is_survived(family: str, data: st.DataObject) -> None:
    tokens = st.lists(st.sampled_from(TOKENS[family].split(" ")), max_size=60).map(" ".join)
    text = data.draw(st.one_of(tokens, st.text(max_size=80)))
    for language in LANGUAGES_OF.get(family, [family]):
        page = language in ("html", "vue")
        file = SourceFile(f"x.{language}", f"<script>{text}" if page else text, language)
        everything(file)
        for node in file.meaning.nodes:
            assert node.file is file
            assert all(child.parent is node for child in node.children)


@pytest.mark.parametrize(
    ("language", "piece"),
    [
        ("javascript", "a(\n"), ("javascript", "if(1)\n"), ("javascript", "a=>\n"), ("javascript", "{a:\n["),
        ("javascript", "a.b().c()\n."),
        ("javascript", "`${\n"), ("javascript", "class A{f(){\n"), ("javascript", "'a'\n+"), ("javascript", "x=await x;\n"),
        ("javascript", "class A { f() { this.m = g(this); this.m.n(); } }\n"), ("javascript", "function f() { const x = {}; x.a = x; }\n"),
        ("typescript", "a<\n"), ("html", "<script>\n"), ("html", "<script \n"), ("html", "<!--\n"), ("html", "<script></script>\n"),
        ("java", "class A{\n"), ("java", "a(\n"), ("java", "1\n+"), ("kotlin", '"${\n'), ("kotlin", "fun a(){\n"), ("kotlin", "a{\n"),
        ("swift", '"\\(\n'), ("swift", "func a(){\n"), ("swift", "a{\n"), ("swift", "if let x = y,\n"),
        ("objc", "[a b:\n"), ("objc", "@{@\"a\": \n"), ("objc", "^{\n"), ("objc", "#if x\n{\n#else\n"), ("objc", "[[a b] c:^{ d; }];\n"),
        ("objc", "@implementation A\n- (void)f:(int)x {\n"), ("objc", "- (\n"), ("objc", "@interface A (\n"), ("objc", "/*\n"),
        ("objc", "@[[\n]"), ("objc", "a\n::"), ("objc", "A_B(\n"), ("objc", "template <\n"),
        ("cpp", "a<\n"), ("cpp", "f(\n"), ("cpp", "[&]{\n"), ("cpp", "namespace a {\n"), ("cpp", "x::\n"),
        ("cpp", "template <class A> struct B;\n"), ("cpp", "if (x) {\n"),
    ],
)  # fmt: skip
def test_deep_and_repeated_input_is_survived(language: str, piece: str) -> None:
    for times in (40, 3_000):
        everything(SourceFile(f"x.{language}", piece * times, language))


def test_each_variable_set_from_all_others() -> None:
    names = [f"v{i}" for i in range(40)]
    code = "".join(f"let {n};\n" for n in names) + "".join(f"{n} = {' || '.join(names)};\n{n}.f();\n" for n in names)
    assert everything(js(code)) == 40


def test_too_much_to_read_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deplint.code.source_tree.NODES", 2_000)
    assert js("f(1);\n" * 800).problem == "more than 2,000 syntax nodes"
    assert list(js("f(1);\n" * 800).calls()) == []
    assert js("f(1);" * 5_000).problem == "lines longer than a person writes"
    assert js("@@@ ] ) ( ???? \n" * 30).problem == "mostly syntax errors"
    assert SourceFile("x.kt", '"${' * 500, "kotlin").problem == "more nested strings than the parser can take"
