import * as tf from '@tensorflow/tfjs';

const SIGNS = ['hello', 'thanks', 'please', 'sorry', 'yes', 'no'];
const model = tf.loadGraphModel(`${import.meta.env.BASE_URL}models/gesture/model.json`);

/** Names the sign shown in a video frame. */
export async function nameSign(video) {
  const scores = tf.tidy(() => {
    const frame = tf.browser.fromPixels(video).toFloat().div(255);
    const image = tf.image.resizeBilinear(frame, [32, 32]).expandDims(0);
    return model.predict(image);
  });
  const values = await scores.data();
  scores.dispose();
  return SIGNS[values.indexOf(Math.max(...values))];
}
