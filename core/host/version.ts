/** The version, put in by scripts/build.mjs; sources that run without a build call themselves "development". */
import { fileURLToPath } from 'node:url';

declare const SOCKEYE_VERSION: string | undefined;

const bundled = typeof SOCKEYE_VERSION === 'string';
export const version: string = typeof SOCKEYE_VERSION === 'string' ? SOCKEYE_VERSION : 'development';

/** Folder of the built window, beside the bundle; from the sources, where the build puts it. */
export const windowFolder: string = fileURLToPath(
  new URL(bundled ? './renderer' : '../../dist/renderer', import.meta.url),
);
