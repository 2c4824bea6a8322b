"""JavaScript: is a method called on the promise of a model, or on the model? The question behind `model-promise-not-awaited`."""

from __future__ import annotations

import pytest

from deplint.code.patterns import matcher
from deplint.code.source import SourceFile

LOADS = matcher(
    "@tensorflow/tfjs*.load{Layers,Graph,}Model",
    "@tensorflow-models/{mobilenet,coco-ssd}.load",
    "onnxruntime-{web,node}.InferenceSession.create",
)
USES = "**.{predict,execute,executeAsync,classify,detect,run}"


def unawaited(code: str, language: str = "javascript") -> list[int]:
    """The lines on which a promise is used as if it were the model."""
    file = SourceFile("x." + {"javascript": "js", "typescript": "ts"}.get(language, language), code, language)
    nodes = [c.receiver for c in file.calls(USES)] + [m.object for m in file.attributes("**.{layers,inputs,inputNames}")]
    return sorted(
        node.span.line for node in nodes if node is not None and node.settled is False and node.origin and LOADS(node.origin.name)
    )


NODE = "let tf;\ntry { tf = require('@tensorflow/tfjs-node-gpu') } catch (e) { tf = require('@tensorflow/tfjs-node') }\n"
TF = "import * as tf from '@tensorflow/tfjs';\n"

WRONG = {
    "a constant": "const model = tf.loadLayersModel('m.json');\nmodel.predict(x);",
    "an attribute": "const model = tf.loadGraphModel('m.json');\nconsole.log(model.inputs[0].shape);",
    "directly": "x();\ntf.loadLayersModel('m.json').predict(x);",
    "assigned later": "let model;\nfunction f() { model = tf.loadLayersModel('m'); }\nmodel.predict(x);",
    "after null": "let model = null; model = tf.loadLayersModel('m');\nmodel.predict(x);",
    "a field": "class A {\n constructor() { this.model = tf.loadLayersModel('m'); }\n f(x) {\n  return this.model.predict(x); } }",
    "a field that begins null": "class A {\n m = null; load() { this.m = tf.loadLayersModel('m'); }\n f = x =>\n this.m.predict(x); }",
    "a private field": "class A {\n #m = tf.loadLayersModel('m'); f(x) {\n return this.#m.predict(x); } }",
    "a property": "const state = {};\nstate.model = tf.loadLayersModel('m');\nstate.model.predict(x);",
    "an object's own": "const app = { m: null, load() {\n this.m = tf.loadLayersModel('m'); },\n go() { this.m.predict(1); } };",
    "through a function": "function load() { return tf.loadLayersModel('m'); }\nconst model = load();\nmodel.predict(x);",
    "through an async function": "async function f() { const m = await tf.loadLayersModel('m'); return m; }\nconst m = f();\nm.predict(x)",
    "through an arrow": "const load = async () => await tf.loadLayersModel('m');\nconst m = load();\nm.predict(x);",
    "through a method": "class A { async load() { return tf.loadLayersModel('m'); }\n f() { const m = this.load();\n m.predict(x); } }",
    "optional chaining": "const model = tf.loadLayersModel('m');\nmodel?.predict(x);",
    "in a callback": "const model = tf.loadLayersModel('m');\nbutton.onclick = () =>\n model.predict(x);",
    "in an array": "const [a, b] = [tf.loadLayersModel('m'), 1];\na.predict(x);",
    "either way": "const m = tf.loadLayersModel(big ? 'a' : 'b');\nm.predict(x);",
    "after catch": "const m = tf.loadLayersModel('m').catch(console.error);\nm.predict(x);",
    "a named import": "import {loadLayersModel as load} from '@tensorflow/tfjs';\nconst m = load('m'); \nm.predict(x);",
    "aliased": "const load = tf.loadLayersModel;\nconst m = load('m'); \nm.predict(x);",
    "in quotes": "const m = tf['loadLayersModel']('m');\nm['predict'](x);",
    "this bound": "class A { constructor() { this.m = tf.loadLayersModel('m'); this.f = f.bind(this); }\n f() {\n this.m.predict(x); } }",
    "kept from the first time": "let m; function f() { m ??= tf.loadLayersModel('m'); }\nm.predict(x);",
    "this kept": "class A { f() { const self = this; self.m = tf.loadLayersModel('m');\n\n self.m.predict(x); } }",
}

RIGHT = {
    "awaited": "const model = await tf.loadLayersModel('m');\nmodel.predict(x);",
    "then": "tf.loadLayersModel('m').then(model => { model.predict(x); });",
    "then, destructured later": "tf.loadLayersModel('m').then(function (model) {\n const {layers} = model; model.predict(x); });",
    "stored in then": "let model; tf.loadLayersModel('m').then(m => { model = m; });\nmodel.predict(x);",
    "awaited later": "const p = tf.loadLayersModel('m');\nconst model = await p;\nmodel.predict(x);",
    "awaited in place": "const p = tf.loadLayersModel('m');\n(await p).predict(x);",
    "awaited in place, twice": "const p = tf.loadLayersModel('m');\nconst y = await (await p).predict(x).data();",
    "awaited in parentheses": "const m = await (tf.loadLayersModel('m'));\nm.predict(x);",
    "kept from the first time": "let m; async function f() { m ??= await tf.loadLayersModel('m');\nm.predict(x); }",
    "reassigned": "let model = tf.loadLayersModel('m');\nmodel = await model;\nmodel.predict(x);",
    "reassigned in then": "let model = tf.loadLayersModel('m');\nmodel.then(m => model = m);\nmodel.predict(x);",
    "promise passed on": "const p = tf.loadLayersModel('m');\nrun(p);\nfunction run(p) { p.predict(x); }",
    "a parameter": "async function f(model) { model = await model; model.predict(x); }",
    "another variable": "const model = tf.loadLayersModel('m');\nfunction f(model) { model.predict(x); }",
    "shadowed": "const model = tf.loadLayersModel('m');\nif (y) { const model = await other(); model.predict(x); }",
    "a field": "class A { async load() { this.model = await tf.loadLayersModel('m'); } f() { this.model.predict(x); } }",
    "a field awaited in place": "class A { constructor() { this.m = tf.loadLayersModel('m'); } async f() { (await this.m).predict(x); } }",
    "a field set elsewhere": "class A { constructor() { this.m = tf.loadLayersModel('m'); } f() { this.m.predict(x); } }\nb.m = await a.m;",
    "a subclass": "class A { constructor() { this.m = tf.loadLayersModel('m'); } f() { this.m.predict(x); } }\n"
    "class C extends A { g() { this.m = 1; } }",
    "this passed on": "class A { constructor() { this.m = tf.loadLayersModel('m'); setUp(this); } f() { this.m.predict(x); } }",
    "another class": "class A { constructor() { this.m = tf.loadLayersModel('m'); } }\nclass B { f() { this.m.predict(x); } }",
    "another this": "class A { constructor() { this.m = tf.loadLayersModel('m'); } f() { g(function () { this.m.predict(x); }); } }",
    "a property passed on": "const s = {}; s.m = tf.loadLayersModel('m'); init(s);\ns.m.predict(x);",
    "a property exported": "export const s = {m: tf.loadLayersModel('m')};\ns.m.predict(x);",
    "all of them": "const [a, b] = await Promise.all([tf.loadLayersModel('a'), tf.loadLayersModel('b')]);\na.predict(x); b.predict(x);",
    "all of them, then": "Promise.all([tf.loadLayersModel('a'), f()]).then(([a, b]) => a.predict(b));",
    "through a function": "async function load() { return tf.loadLayersModel('m'); }\nconst model = await load();\nmodel.predict(x);",
    "one path awaited": "let m; if (a) m = tf.loadLayersModel('m'); else m = await tf.loadLayersModel('n');\nm.predict(x);",
    "or something else": "const m = cached || tf.loadLayersModel('m');\nm.predict(x);",
    "a hook": "const [m, setM] = useState(null);\nuseEffect(() => { tf.loadLayersModel('m').then(setM) });\nm.predict(x);",
    "a ref": "const r = useRef(tf.loadLayersModel('m'));\nr.current.predict(x);",
    "a wrapper": "const m = wrap(tf.loadLayersModel('m'));\nm.predict(x);",
    "not a load": "const m = tf.sequential();\nm.predict(x);",
    "another library": "import * as tf from './mine';\nconst m = tf.loadLayersModel('m');\nm.predict(x);",
    "a local tf": "function f(tf) { const m = tf.loadLayersModel('m'); m.predict(x); }",
    "then chained": "const m = tf.loadLayersModel('m');\nm.then(x => x.predict(1)).catch(e => e.run());",
    "a comment": "const m = 1; // const m = tf.loadLayersModel('m'); m.predict(x)",
    "loop variable": "for await (const m of [tf.loadLayersModel('m')]) m.predict(x);",
    "swapped": "let a = tf.loadLayersModel('m'), b = 1;\n[a, b] = [b, a];\na.predict(x);",
    "a default": "function f({model = tf.loadLayersModel('m')}) { model.predict(x); }",
    "a getter": "class A { get m() { return tf.loadLayersModel('m'); } f() { this.m.predict(x); } }",
    "a generator": "function* g() { return tf.loadLayersModel('m'); }\nconst m = g();\nm.predict(x);",
    "a setup that hands out refs": "const m = ref(null); m.value = tf.loadLayersModel('m');\nm.value.predict(x);\n"
    "export default {setup() { return {m}; }};",
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_promise_used_as_a_model_is_certain(name: str) -> None:
    code = TF + WRONG[name]
    last = len(code.split("\n"))
    assert unawaited(code) == [last]


@pytest.mark.parametrize("name", RIGHT)
def test_anything_else_is_not(name: str) -> None:
    code = RIGHT[name]
    assert unawaited(code if "import" in code else TF + code) == []


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("import {InferenceSession} from 'onnxruntime-web';\nconst s = InferenceSession.create('m.onnx');\ns.run({});", [3]),
        ("import * as ort from 'onnxruntime-web/webgpu';\nconst s = ort.InferenceSession.create('m.onnx');\ns.inputNames;", [3]),
        ("const ort = require('onnxruntime-node');\nconst s = await ort.InferenceSession.create('m.onnx');\ns.run({});", []),
        ("const {loadGraphModel} = require('@tensorflow/tfjs-node');\nconst m = loadGraphModel('m');\nm.execute(x);", [3]),
        ("const mobilenet = require('@tensorflow-models/mobilenet');\nconst m = mobilenet.load();\nm.classify(img);", [3]),
        ("import cocoSsd from '@tensorflow-models/coco-ssd';\ncocoSsd.load().then(m => m.detect(img));", []),
        ("let m = tf.loadModel('m');\nm.predict(x);", [2]),
        ("const m = cocoSsd.load();\nm.detect(x);", [2]),
        ("const tf = await import('@tensorflow/tfjs');\nconst m = tf.loadLayersModel('m');\nm.predict(x);", [3]),
        ("import('@tensorflow/tfjs').then(tf => {\nconst m = tf.loadLayersModel('m');\nm.predict(x);});", [3]),
        (NODE + "tf.loadLayersModel('m').predict(x)", [3]),
        ("import {tf} from './setup';\nconst m = tf.loadLayersModel('m');\nm.predict(x);", []),
    ],
)  # fmt: skip
def test_the_ways_a_library_is_named(code: str, wrong: list[int]) -> None:
    assert unawaited(code) == wrong


def test_typescript() -> None:
    code = """import * as tf from '@tensorflow/tfjs';
export class Service {
  private model!: tf.LayersModel;
  private later: Promise<tf.LayersModel> = tf.loadLayersModel('b');
  async init(): Promise<void> { this.model = await tf.loadLayersModel('a'); }
  run(x: tf.Tensor) { return this.model!.predict(x) as tf.Tensor; }
  bad(x: tf.Tensor) { return (this.later as any).predict(x); }
}
"""
    assert unawaited(code, "typescript") == [7]


def test_a_page() -> None:
    code = """<html><!-- <script>tf.loadLayersModel('m').predict(0)</script> -->
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.10.0/dist/tf.min.js"></script>
<script>
  const model = tf.loadLayersModel('m');
</script><script type="text/template">model.predict(1)</script>
<p>model.predict(2)</p><script>model.predict(3)</script>
</html>"""
    assert unawaited(code, "html") == [6]


STATE = "import * as tf from '@tensorflow/tfjs';\nconst [model, setModel] = useState(null);\n"
STATES = {
    "useEffect(() => { setModel(tf.loadLayersModel('m')); }, []);\n\nmodel.predict(x);": [5],
    "useEffect(() => { (async () => setModel(await tf.loadLayersModel('m')))(); }, []);\nmodel.predict(x);": [],
    "tf.loadLayersModel('m').then(setModel);\nmodel.predict(x);": [],
    "tf.loadLayersModel('m').then(m => setModel(m));\nmodel.predict(x);": [],
    "setModel(tf.loadLayersModel('m')); load(setModel);\nmodel.predict(x);": [],
    "setModel(old => tf.loadLayersModel('m'));\nmodel.predict(x);": [],
}


@pytest.mark.parametrize("code", STATES)
def test_react_state_is_what_its_setter_is_given(code: str):
    assert unawaited(STATE + code) == STATES[code]


def test_react_state_leads_to_the_call_that_loads():
    code = STATE + "tf.loadLayersModel('m').then(setModel);\nmodel.predict(x);"
    call = next(SourceFile("x.jsx", code, "javascript").calls("**.predict"))
    assert call.name == "@tensorflow/tfjs.loadLayersModel().predict"
    assert call.receiver is not None
    assert call.receiver.settled is True


def test_methods_of_typescript_have_their_names():
    code = "class A {\n private async load() { return tf.loadLayersModel('m'); }\n async go(x) { (await this.load()).predict(x); } }"
    file = SourceFile("x.ts", "import * as tf from '@tensorflow/tfjs';\n" + code, "typescript")
    assert [function.id for function in file.functions] == ["load", "go"]
    assert next(file.calls("**.predict")).name == "@tensorflow/tfjs.loadLayersModel().predict"
