/** Starts the webcam and resolves once the first frame is there. */
export async function startCamera(video) {
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 240 } });
  await new Promise((resolve) => video.addEventListener('loadeddata', resolve, { once: true }));
}
