import { chooseBackend } from './backend.js';
import { freshness } from './fresh.js';
import { nameFruit } from './fruit.js';
import { ripeness } from './ripeness.js';

const video = document.querySelector('#camera');
const answer = document.querySelector('#answer');

async function start() {
  await chooseBackend();
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: true });
  await new Promise((resolve) => video.addEventListener('loadeddata', resolve, { once: true }));
}

const ready = start();

document.querySelector('#weigh').addEventListener('click', async () => {
  await ready;
  const [fruit, fresh] = await Promise.all([nameFruit(video), freshness(video)]);
  const [, ripe] = await ripeness([0.4, 0.3, 0.1, 0.2, 0.2, 0.1]);
  answer.textContent = `${fruit}, ${Math.round(fresh * 100)}% fresh, ${Math.round(ripe * 100)}% ripe`;
});
