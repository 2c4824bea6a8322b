import * as tf from '@tensorflow/tfjs';

let model;

/** Seventeen points of the body as x, y pairs in 0..1. */
export async function points(video) {
  model ??= await tf.loadLayersModel('/coach/models/pose/model.json');
  const output = tf.tidy(() => {
    const frame = tf.browser.fromPixels(video).toFloat().div(255);
    return model.predict(tf.image.resizeBilinear(frame, [32, 32]).expandDims(0));
  });
  const values = await output.array();
  output.dispose();
  return values[0];
}
