/** Test-only entry: the window over a made-up host, chosen by `?scenario=`. Built by `vite build --mode fake`. */
import { fakeHost, SCENARIOS } from './fake-host.ts';

const asked = new URLSearchParams(window.location.search).get('scenario');
const scenario = SCENARIOS.find((known) => known === asked) ?? 'busy';
Object.defineProperty(window, 'sockeye', { value: fakeHost(scenario) });
await import('../main.tsx');
