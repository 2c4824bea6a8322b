import * as ort from 'onnxruntime-web';

ort.env.wasm.wasmPaths = '/coach/ort/';

let session;

/** Suggests the next sign after the given ones. */
export async function nextSign(ids) {
  session ??= await ort.InferenceSession.create('/coach/models/words.onnx');
  const tokens = new ort.Tensor('int64', Int32Array.from(ids), [1, ids.length]);
  const { next } = await session.run({ input_ids: tokens });
  return next.data.indexOf(Math.max(...next.data));
}
