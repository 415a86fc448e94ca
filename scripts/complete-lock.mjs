// Adds lock entries for optional packages of other platforms which the registry used here does not carry. Without them `npm ci`
// refuses the lock; with them it installs on every platform. Run after any dependency change:
//   rm -rf node_modules && npm install --package-lock-only && node scripts/complete-lock.mjs && npm ci
import { readFileSync, writeFileSync } from 'node:fs';

const SYSTEMS = {
  darwin: 'darwin',
  win32: 'win32',
  windows: 'win32',
  linux: 'linux',
  freebsd: 'freebsd',
  openbsd: 'openbsd',
  netbsd: 'netbsd',
  sunos: 'sunos',
  aix: 'aix',
  android: 'android',
  openharmony: 'openharmony',
};
const CPUS = [
  ['arm64', 'arm64'],
  ['aarch64', 'arm64'],
  ['armv7', 'arm'],
  ['arm-', 'arm'],
  ['-arm', 'arm'],
  ['x64', 'x64'],
  ['ia32', 'ia32'],
  ['ppc64', 'ppc64'],
  ['riscv64', 'riscv64'],
  ['s390x', 's390x'],
  ['loong64', 'loong64'],
  ['mips64el', 'mips64el'],
  ['wasm32', 'wasm32'],
];

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
let added = 0;
for (const [at, entry] of Object.entries({ ...lock.packages })) {
  for (const [name, spec] of Object.entries(entry.optionalDependencies ?? {})) {
    if (`node_modules/${name}` in lock.packages || `${at}/node_modules/${name}` in lock.packages) continue;
    const version = /^\d+\.\d+\.\d+\S*$/.exec(spec)?.[0];
    const os = Object.entries(SYSTEMS).find(([word]) => name.includes(word))?.[1];
    const cpu = CPUS.find(([word]) => name.split('/').at(-1).includes(word))?.[1];
    if (version === undefined || (os === undefined && cpu !== 'wasm32')) {
      console.log(`left out: ${name}@${spec} (no exact version, or no platform in its name)`);
      continue;
    }
    lock.packages[`node_modules/${name}`] = {
      version,
      ...(cpu === undefined ? {} : { cpu: [cpu] }),
      ...(entry.dev === true ? { dev: true } : {}),
      optional: true,
      ...(os === undefined ? {} : { os: [os] }),
    };
    added += 1;
  }
}
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
);
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
console.log(`complete-lock: ${added} entries added`);
