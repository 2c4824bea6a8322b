import { defineConfig } from 'vite';

export default defineConfig({
  base: '/coach/',
  build: { target: 'es2022' },
  optimizeDeps: { exclude: ['onnxruntime-web'] },
});
