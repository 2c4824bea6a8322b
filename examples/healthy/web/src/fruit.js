import * as tf from '@tensorflow/tfjs';
import { fromPixels } from './pixels.js';

const FRUITS = ['apple', 'pear', 'plum', 'quince'];
const loading = tf.loadLayersModel('/models/fruit/model.json');

/** Names the fruit in front of the camera. */
export async function nameFruit(video) {
  const model = await loading;
  const scores = tf.tidy(() => model.predict(fromPixels(video)));
  const values = await scores.data();
  scores.dispose();
  return FRUITS[values.indexOf(Math.max(...values))];
}
