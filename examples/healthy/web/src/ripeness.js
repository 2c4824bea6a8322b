import * as ort from 'onnxruntime-web';

ort.env.wasm.wasmPaths = '/ort/';

const session = ort.InferenceSession.create('/models/ripeness.onnx');

/** Unripe, ripe or past it, from six colour statistics. */
export async function ripeness(colours) {
  const input = new ort.Tensor('float32', Float32Array.from(colours), [1, 6]);
  const results = await (await session).run({ colours: input });
  return Array.from(results.ripeness.data);
}
