import * as tf from '@tensorflow/tfjs';

let model;

/** Tells whether the left hand, the right hand or both are used. */
export async function whichHands(video) {
  model ??= await tf.loadLayersModel(`${import.meta.env.BASE_URL}models/hands/model.json`);
  const scores = tf.tidy(() => {
    const frame = tf.browser.fromPixels(video).toFloat().div(255);
    return model.predict(tf.image.resizeBilinear(frame, [32, 32]).expandDims(0));
  });
  const values = await scores.data();
  scores.dispose();
  return ['left', 'right', 'both'][values.indexOf(Math.max(...values))];
}
