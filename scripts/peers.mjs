// The interop peers of this machine.
//   node scripts/peers.mjs install          brings what is absent: Debian packages as root, Go peers where there is a go command
//   node scripts/peers.mjs status [--json]  says what is there, with versions, and how to get what is not
// What can not be brought is named and skipped; with CI=true it is a failure.
import { aptInstall, aptObstacle, installedVersions } from './peers/apt.mjs';
import { goBuild, goObstacle, goVersion, upToDate } from './peers/go.mjs';
import { PEERS, locate, remedy } from './peers/list.mjs';

const CI = process.env.CI === 'true';
const [command, ...flags] = process.argv.slice(2);

if (command === 'install') process.exitCode = install();
else if (command === 'status') process.exitCode = status(flags.includes('--json'));
else {
  console.error('usage: node scripts/peers.mjs install | status [--json]');
  process.exitCode = 2;
}

function install() {
  const started = performance.now();
  const packages = PEERS.filter((peer) => peer.kind === 'apt' && locate(peer.name) === null);
  const programs = PEERS.filter((peer) => peer.kind === 'go' && !upToDate(peer));
  if (packages.length > 0) {
    installPackages(packages);
    // one package that this release lacks must not keep the others away
    const left = packages.filter((peer) => locate(peer.name) === null);
    if (aptObstacle() === null && packages.length > 1) for (const peer of left) installPackages([peer]);
  }
  for (const peer of programs) attempt(`go build ${peer.from}`, goObstacle(), () => goBuild(peer));

  const absent = survey().filter((peer) => peer.state !== 'present');
  for (const peer of absent) console.log(`${peer.state}: ${peer.name} (${peer.remedy})`);
  console.log(`peers: ${PEERS.length - absent.length} of ${PEERS.length} present (${seconds(started)})`);
  return CI && absent.length > 0 ? 1 : 0;
}

function installPackages(peers) {
  const names = [...new Set(peers.map((peer) => peer.from))];
  const units = peers.flatMap((peer) => peer.units);
  attempt(`apt-get install ${names.join(' ')}`, aptObstacle(), () => aptInstall(names, units));
}

/** Runs one step under the clock. A step that fails or can not run is reported; what it leaves absent is listed at the end. */
function attempt(step, obstacle, run) {
  if (obstacle !== null) {
    console.log(`skipped: ${step}: ${obstacle}`);
    return;
  }
  const started = performance.now();
  try {
    run();
    console.log(`done: ${step} (${seconds(started)})`);
  } catch (error) {
    console.log(`failed: ${step} (${seconds(started)}): ${error.message}`);
  }
}

function status(json) {
  const peers = survey();
  if (json) console.log(JSON.stringify(peers, null, 2));
  else {
    for (const peer of peers) {
      const rest = peer.state === 'present' ? peer.path : `${peer.path ?? ''} ${peer.remedy}`.trim();
      console.log(
        [peer.name.padEnd(12), peer.state.padEnd(7), (peer.version ?? '-').padEnd(36), rest].join('  '),
      );
    }
  }
  return CI && peers.some((peer) => peer.state !== 'present') ? 1 : 0;
}

/** Every peer as {name, state: present | stale | absent, version, path, remedy}. Stale: built from older sources. */
function survey() {
  const versions = installedVersions([
    ...new Set(PEERS.filter((peer) => peer.kind === 'apt').map((peer) => peer.from)),
  ]);
  return PEERS.map((peer) => {
    const path = locate(peer.name);
    const fresh = peer.kind === 'apt' || upToDate(peer);
    const state = path === null ? 'absent' : fresh ? 'present' : 'stale';
    const version =
      path === null ? null : peer.kind === 'go' ? goVersion(peer) : (versions.get(peer.from) ?? null);
    return { name: peer.name, state, version, path, remedy: state === 'present' ? null : remedy(peer.name) };
  });
}

function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
