"""ONNX Runtime Web: does a session begin in Node, on WebAssembly or WebGL?

The package is that of the folder ``node_modules`` which is the script's second argument. Files beside the model that it names are given
with it, as a page has to. Node has no WebGL: a stand-in that agrees to everything lets the session be made, whose operators are looked up
then; nothing is computed.
"""

from __future__ import annotations

import json
import subprocess
import sys

from serve import serve

SCRIPT = """
const [modules, backend] = process.argv.slice(1);
const fs = require('fs'), path = require('path'), lines = require('readline');
const own = require('module').createRequire(path.join(modules, 'x.js'));
if (backend === 'webgl') {
  class Context {}
  const answers = { getParameter: 16384, isContextLost: false, checkFramebufferStatus: 1, getError: 0, NO_ERROR: 0 };
  const get = (_, name) => {
    if (name === 'NO_ERROR') return 0;
    if (/^[A-Z0-9_]+$/.test(String(name))) return 1;
    return name in answers ? () => answers[name] : () => (/^get(Shader|Program)Parameter$/.test(name) ? true : {});
  };
  const gl = new Proxy(new Context(), { get, has: () => true, set: () => true });
  Object.assign(global, { WebGL2RenderingContext: Context, WebGLRenderingContext: class {}, window: global, self: global });
  global.document = { createElement: () => ({ getContext: () => gl, addEventListener() {} }) };
}
const ort = own(backend === 'webgl' ? 'onnxruntime-web/webgl' : 'onnxruntime-web');
ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'fatal';
console.log = console.warn = console.error = () => {};
process.on('unhandledRejection', () => {});
(async () => {
  for await (const line of lines.createInterface({ input: process.stdin })) {
    let error = '';
    try {
      const file = JSON.parse(line), folder = path.dirname(file);
      const content = new Uint8Array(fs.readFileSync(file));
      const words = Buffer.from(content).toString('latin1');
      const beside = fs.readdirSync(folder).filter((name) => !name.endsWith('.onnx') && words.includes(name));
      const externalData = beside.map((name) => ({ path: name, data: new Uint8Array(fs.readFileSync(path.join(folder, name))) }));
      const session = await ort.InferenceSession.create(content, { executionProviders: [backend], logSeverityLevel: 4, externalData });
      if (session.release) await session.release(); // which releases before 1.16 have not
    } catch (caught) {
      error = String((caught && caught.message) || caught) || 'an error without words';
    }
    fs.writeSync(1, JSON.stringify(error) + '\\n');
  }
})();
"""

DEAD = ("abort", "unreachable", "memory access", "out of bounds", "null function", "out of memory", "RuntimeError", "previous call")
"""Words of errors after which a WebAssembly program answers nothing more."""

_RUNNING: dict[str, subprocess.Popen[str]] = {}


def node(backend: str) -> subprocess.Popen[str]:
    if backend not in _RUNNING or _RUNNING[backend].poll() is not None:
        command = ["node", "-e", SCRIPT, sys.argv[2], backend]
        _RUNNING[backend] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return _RUNNING[backend]


def answer(path: str, target: str, numeric: bool) -> None:
    process = node(target.rpartition("-")[2])
    assert process.stdin and process.stdout
    process.stdin.write(json.dumps(path) + "\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        process.wait()
        raise RuntimeError(f"Node ended with {process.returncode}")
    error = json.loads(line)
    if error:
        if any(word in error for word in DEAD):
            process.kill()
            process.wait()
        raise RuntimeError(error)


serve(answer)
