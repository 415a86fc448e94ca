/** The version, put in by scripts/build.mjs; sources that run without a build call themselves "development". */
declare const SOCKEYE_VERSION: string | undefined;

export const bundled = typeof SOCKEYE_VERSION === 'string';
export const version: string = typeof SOCKEYE_VERSION === 'string' ? SOCKEYE_VERSION : 'development';
