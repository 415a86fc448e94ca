/**
 * The window's build: renderer/ into dist/renderer. `--mode fake` builds the same window over a made-up host into
 * .cache/fake, for looking at it without an engine; nothing of renderer/dev/ reaches the product's bundle.
 */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig(({ mode }) => {
  const fake = mode === 'fake';
  return {
    root: 'renderer',
    base: './',
    publicDir: false,
    plugins: [react()],
    build: {
      outDir: fake ? '../.cache/fake' : '../dist/renderer',
      emptyOutDir: true,
      target: 'es2023',
      // the content security policy allows no data: fonts or scripts
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: true,
      rolldownOptions: { input: fake ? 'renderer/dev/index.html' : 'renderer/index.html' },
    },
  };
});
