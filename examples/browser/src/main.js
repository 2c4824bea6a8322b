import { chooseBackend } from './backend.js';
import { startCamera } from './camera.js';
import { nameSign } from './gesture.js';
import { whichHands } from './hands.js';
import { lipReader } from './lips.js';
import { PalmFinder } from './palm.js';
import { points } from './pose.js';
import { coverage } from './strokes.js';
import { nextSign } from './words.js';

const video = document.querySelector('#camera');
const drawing = document.querySelector('#drawing');
const sign = document.querySelector('#sign');
const hint = document.querySelector('#hint');

await chooseBackend();
await startCamera(video);

const palm = new PalmFinder();
await palm.load();
const readLips = await lipReader();

document.querySelector('#check').addEventListener('click', async () => {
  sign.textContent = `${await nameSign(video)} (${await whichHands(video)})`;
  const box = await palm.find(video);
  const body = await points(video);
  const mouth = await readLips(video);
  const covered = await coverage(drawing);
  hint.textContent = [
    `hand ${Math.round((box.right - box.left) * 100)}% of the picture`,
    `head at ${body[0].toFixed(2)}, ${body[1].toFixed(2)}`,
    `mouth ${mouth.indexOf(Math.max(...mouth))}`,
    `ink ${Math.round(covered * 100)}%`,
    `next sign ${await nextSign([1, 4, 7])}`,
  ].join('; ');
});
