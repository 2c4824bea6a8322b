import * as tf from '@tensorflow/tfjs';

/** Turns the drawing canvas into a 28 x 28 picture of ink, one channel, values 0..1. */
export function ink(canvas) {
  return tf.tidy(() => {
    const drawing = tf.fromPixels(canvas, 1).toFloat();
    return tf.image.resizeBilinear(drawing, [28, 28]).div(-255).add(1);
  });
}

/** The share of the canvas that is covered with ink. */
export async function coverage(canvas) {
  const picture = ink(canvas);
  const mean = picture.mean();
  const [value] = await mean.data();
  tf.dispose([picture, mean]);
  return value;
}
