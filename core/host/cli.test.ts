// The command as scripts use it: started as a process, judged by what it prints and how it ends. Long because each option is one small case
// around the same Command class.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { createInterface } from 'node:readline';
import type { Address } from '../net/conn.ts';
import { Pins } from '../transports/pins.ts';
import { connectThrough, take } from '../testing/client.ts';
import { tcpEcho, tcpPeer } from '../testing/echo.ts';

const CLI = new URL('./cli.ts', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'sockeye-cli-'));
const started: Command[] = [];
after(() => {
  for (const command of started) command.kill('SIGKILL'); // those that a failed test left behind
  rmSync(folder, { recursive: true });
});
const posix = process.platform !== 'win32' ? false : 'Windows has no such signals';

interface Entry {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** A started command. Lines of stderr that are no JSON are in `plain`. */
class Command {
  readonly log: Entry[] = [];
  readonly plain: string[] = [];
  stdout = '';
  readonly exit: Promise<number | null>;
  readonly #child;
  #waiting: (() => void)[] = [];

  constructor(args: readonly string[], before: readonly string[] = []) {
    this.#child = spawn(process.execPath, ['--import', 'tsx', ...before, CLI, ...args], {
      env: { ...process.env, XDG_CONFIG_HOME: join(folder, 'xdg') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
      this.#wake();
    });
    createInterface({ input: this.#child.stderr }).on('line', (line) => {
      if (line.startsWith('{')) this.log.push(JSON.parse(line) as Entry);
      else this.plain.push(line);
      this.#wake();
    });
    this.exit = once(this.#child, 'close').then(([code]: unknown[]) =>
      typeof code === 'number' ? code : null,
    );
    void this.exit.then(() => this.#wake());
    started.push(this);
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits for something it prints; fails when it ends before. */
  async until<T>(found: () => T | undefined): Promise<T> {
    let ended = false;
    void this.exit.then(() => (ended = true));
    for (;;) {
      const value = found();
      if (value !== undefined) return value;
      assert.ok(
        !ended,
        `it ended before:\n${this.stdout}\n${this.plain.join('\n')}\n${JSON.stringify(this.log)}`,
      );
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  event(name: string, nth = 0): Promise<Entry> {
    return this.until(() => this.log.filter(({ event }) => event === name)[nth]);
  }

  async address(nth = 0): Promise<Address> {
    const text = String((await this.event('listening', nth))['address']);
    const at = text.lastIndexOf(':');
    return { host: text.slice(0, at).replace(/[[\]]/g, ''), port: Number(text.slice(at + 1)) };
  }

  async end(): Promise<void> {
    this.kill('SIGTERM');
    await this.exit;
  }
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const yaml = (...names: string[]): string =>
  `services:\n${names.map((name) => `- name: ${name}\n  addr: 127.0.0.1:0\n  handler:\n    type: socks5\n  listener:\n    type: tcp\n`).join('')}`;

describe('sockeye -L', { concurrency: 2 }, () => {
  test('logs the real address, serves, and drains on SIGTERM', { skip: posix }, async () => {
    const echo = await tcpEcho();
    const command = new Command(['-L', 'socks5://127.0.0.1:0', '-L=socks5://127.0.0.1:0']);
    const [first, second] = [await command.address(0), await command.address(1)];
    assert.notEqual(first.port, second.port);
    const client = await connectThrough(second, echo.address);
    client.write('hello');
    assert.equal((await take(client, 5)).toString(), 'hello');
    const started = performance.now();
    command.kill('SIGTERM');
    await command.event('stopping');
    client.end(); // finishes within the time to drain
    assert.equal(await command.exit, 0);
    assert.ok(performance.now() - started < 1900, 'it does not wait longer than there are clients');
    client.destroy();
    await echo.close();
  });

  test(
    'ends within three seconds although a client stays, at once at the second signal',
    { skip: posix },
    async () => {
      const silent = await tcpPeer(() => undefined);
      for (const [signals, code, limit] of [
        [['SIGTERM'], 0, 3000],
        [['SIGINT', 'SIGINT'], 130, 1000],
      ] as const) {
        const command = new Command(['-L', 'socks5://127.0.0.1:0']);
        const client = await connectThrough(await command.address(), silent.address);
        client.on('error', () => undefined);
        const started = performance.now();
        for (const signal of signals) {
          command.kill(signal);
          await command.event('stopping');
        }
        assert.equal(await command.exit, code);
        assert.ok(performance.now() - started < limit);
        client.destroy();
      }
      await silent.close();
    },
  );

  test('a port that is taken is said to be, with its owner, and ends it with 1', async () => {
    const echo = await tcpEcho();
    const command = new Command([
      '-L',
      'socks5://127.0.0.1:0',
      '-L',
      `socks5://127.0.0.1:${echo.address.port}`,
    ]);
    assert.equal(await command.exit, 1);
    const [sentence] = command.plain;
    assert.match(sentence ?? '', new RegExp(`^sockeye: Port ${echo.address.port} is already used by \\S+`));
    if (process.platform === 'linux') assert.match(sentence ?? '', new RegExp(`\\(pid ${process.pid}\\)`));
    await echo.close();
  });

  test('warns about a service that everybody can use', async () => {
    const command = new Command(['-L', 'socks5://:0']);
    const { service } = await command.event('exposed');
    assert.equal(service, 'service-0');
    await command.end();
    const guarded = new Command(['-L', 'socks5://me:secret-word@:0']);
    await guarded.address();
    await guarded.end();
    assert.deepEqual(
      guarded.log.filter(({ event }) => event === 'exposed'),
      [],
    );
    assert.doesNotMatch(JSON.stringify(guarded.log), /secret-word/);
  });

  test('what can not run is refused with its place', async () => {
    const command = new Command(['-L', 'socks5://127.0.0.1:0', '-F', 'socks5+nonsense://h:1']);
    const outcome = await Promise.race([command.exit, command.event('listening').catch(() => null)]);
    if (typeof outcome !== 'number') await command.end();
    assert.equal(outcome, 1, JSON.stringify(command.log));
    assert.match(command.plain[0] ?? '', /^sockeye: -F 1: /);
  });

  test('a port at the far end of a chain that is not there is tried again, with nothing else to run', async () => {
    const gone = await tcpEcho();
    await gone.close();
    const command = new Command([
      '-L',
      'rtcp://:0/127.0.0.1:9',
      '-F',
      `socks5://127.0.0.1:${gone.address.port}`,
    ]);
    await command.event('service_failed');
    assert.equal((await command.event('service_failed', 1))['retryMs'], 2000);
    await command.end();
  });

  test('-O prints what the URLs mean, in both forms', async () => {
    const args = ['-L', 'socks5://127.0.0.1:1080?udp=true', '-F', 'http://10.0.0.1:8080'];
    const [asYaml, asJson] = [new Command([...args, '-O', 'yaml']), new Command([...args, '-O', 'json'])];
    assert.deepEqual([await asYaml.exit, await asJson.exit], [0, 0]);
    assert.match(asYaml.stdout, /^services:\n/);
    assert.match(asYaml.stdout, /addr: 10\.0\.0\.1:8080/);
    const parsed = JSON.parse(asJson.stdout) as { chains?: unknown[] };
    assert.equal(parsed.chains?.length, 1);
  });

  test('-O prints what GOST would make of a slip, and says beside it what was probably meant', async () => {
    const command = new Command(['-L', 'sock5://127.0.0.1:1080', '-O', 'yaml']);
    assert.equal(await command.exit, 0);
    assert.match(command.stdout, /type: auto/);
    assert.match(
      command.plain.join('\n'),
      /^-L 1: blocks: There is no sock5\..* Did you mean socks5\? \[unknown_scheme\]$/,
    );
  });
});

describe('sockeye -C', { concurrency: 2 }, () => {
  test(
    'reads the file again on SIGHUP and keeps running what a broken one would end',
    { skip: posix },
    async () => {
      const path = file('reload.yml', yaml('a'));
      const command = new Command(['-C', path]);
      const first = await command.address();
      writeFileSync(path, yaml('a', 'b'));
      command.kill('SIGHUP');
      await command.event('reloaded');
      assert.equal((await command.event('listening', 1))['service'], 'b');
      writeFileSync(path, 'services:\n- name: [');
      command.kill('SIGHUP');
      await command.event('reload_failed');
      const echo = await tcpEcho();
      (await connectThrough(first, echo.address)).destroy();
      await echo.close();
      await command.end();
    },
  );

  test('reads a file again that changed, however it was written, and cuts nobody', async () => {
    const path = file('watched.yml', yaml('a'));
    const command = new Command(['-C', path]);
    const echo = await tcpEcho();
    const client = await connectThrough(await command.address(), echo.address);
    const replacement = file('watched.new', yaml('a', 'b'));
    renameSync(replacement, path); // as editors do
    await command.event('reloaded');
    assert.equal((await command.event('listening', 1))['service'], 'b');
    writeFileSync(path, yaml('a', 'b').replace('type: socks5', 'type: sokcs5')); // in place
    const failed = await command.event('reload_failed');
    assert.match(String(failed['error']), /watched\.yml:5:11: There is no handler type sokcs5/);
    writeFileSync(path, yaml('a', 'b', 'c'));
    await command.event('reloaded', 1);
    assert.equal((await command.event('listening', 2))['service'], 'c');
    client.write('still here');
    assert.equal((await take(client, 10)).toString(), 'still here');
    client.destroy();
    await echo.close();
    await command.end();
    assert.equal(command.log.filter(({ event }) => event.startsWith('reload')).length, 3, 'once per change');
  });

  test('with a window, the file is followed as well', async () => {
    const path = file('windowed.yml', yaml('a'));
    const command = new Command(['-C', path, '--ui', '--data', join(folder, 'windowed')]);
    await command.event('listening');
    writeFileSync(path, yaml('a', 'b'));
    assert.equal((await command.event('listening', 1))['service'], 'b');
    writeFileSync(path, 'services: [');
    assert.match(String((await command.event('reload_failed'))['error']), /windowed\.yml:1:/);
    await command.end();
  });

  test('joins several files and URLs', async () => {
    const args = [
      '-C',
      file('one.yml', yaml('one')),
      '-C',
      file('two.yml', yaml('two')),
      '-L',
      'socks5://127.0.0.1:0',
    ];
    const command = new Command(args);
    const names = [0, 1, 2].map(async (nth) => (await command.event('listening', nth))['service']);
    assert.deepEqual((await Promise.all(names)).sort(), ['one', 'service-0', 'two']);
    await command.end();
  });

  test('a missing file is a sentence', async () => {
    const command = new Command(['-C', '/nowhere/gost.yml']);
    assert.equal(await command.exit, 1);
    assert.deepEqual(command.plain, ['sockeye: /nowhere/gost.yml: there is no such file']);
  });

  test('an address on the web is said not to be fetched, without its password', async () => {
    const command = new Command(['-C', 'https://me:secret@example.com/gost.yml']);
    assert.equal(await command.exit, 1);
    assert.match(
      command.plain.join('\n'),
      /^sockeye: https:\/\/.*example\.com\/gost\.yml: Sockeye fetches no/,
    );
    assert.doesNotMatch(command.plain.join('\n'), /secret/);
  });

  test('what is not understood is repeated without its password', async () => {
    const command = new Command(['socks5://me:sec@ret@192.0.2.1:1080']);
    assert.equal(await command.exit, 2);
    assert.match(command.plain[0] ?? '', /"socks5:\/\/\*\*\*@192\.0\.2\.1:1080" is not understood/);
  });
});

describe('sockeye check and the small options', { concurrency: 2 }, () => {
  test('check: 0 for a good file, 1 with places for a bad one', async () => {
    const good = new Command(['check', file('good.yml', yaml('a'))]);
    assert.equal(await good.exit, 0);
    assert.match(good.stdout, /^1 services can run; 0 findings, 0 block$/m);
    const path = file('bad.yml', yaml('a').replace('socks5', 'nonsense'));
    const bad = new Command(['check', path]);
    assert.equal(await bad.exit, 1);
    assert.ok(bad.stdout.includes(`${path}:5:11: blocks: `), bad.stdout);
  });

  test('pins: lists what was trusted on first use, and forgets one', async () => {
    const data = join(folder, 'pinned');
    const peer = 'node-0 192.0.2.1:1080';
    await new Pins({ path: join(data, 'state') }).remember(peer, 'AB:CD');
    const list = new Command(['pins', '--data', data]);
    assert.equal(await list.exit, 0);
    assert.match(list.stdout, /^"node-0 192\.0\.2\.1:1080" SHA-256 AB:CD since 20\d\d-/);
    const [forget, none] = [
      new Command(['pins', 'forget', peer, '--data', data]),
      new Command(['pins', 'forget', 'x', '--data', data]),
    ];
    assert.deepEqual([await forget.exit, await none.exit], [0, 1]);
    assert.match(forget.stdout, /is forgotten/);
    assert.match(none.stdout, /No certificate is known of "x"/);
    const empty = new Command(['pins', '--data', data]);
    await empty.exit;
    assert.match(empty.stdout, /No certificate has been trusted/);
  });

  test('version, help, and a wrong option', async () => {
    const [version, help, wrong] = [new Command(['-V']), new Command(['-h']), new Command(['-X'])];
    assert.deepEqual([await version.exit, await help.exit, await wrong.exit], [0, 0, 2]);
    assert.match(version.stdout, /^sockeye \S+ \(node /);
    assert.match(help.stdout, /^Usage: sockeye/);
    assert.match(wrong.plain[0] ?? '', /There is no option -X/);
  });
});

describe('sockeye --ui --quick', { concurrency: 2 }, () => {
  test(
    'prints an address that serves and a link that works once; clients can not reach the window',
    { skip: posix },
    async () => {
      const data = join(folder, 'fresh');
      const command = new Command(['--ui', '--quick', '--data', data]);
      const link = await command.until(() => /Window: (\S+)/.exec(command.stdout)?.[1]);
      const quick = /SOCKS5 proxy: 127\.0\.0\.1:(\d+)/.exec(command.stdout)?.[1];
      const proxy = { host: '127.0.0.1', port: Number(quick) };
      const echo = await tcpEcho();
      (await connectThrough(proxy, echo.address)).destroy();
      await echo.close();
      const { port } = new URL(link);
      for (const host of ['127.0.0.1', 'localhost', '127.0.0.2', '0.0.0.0'])
        await assert.rejects(connectThrough(proxy, { host, port: Number(port) }), { rep: 2 });
      assert.equal((await fetch(link)).status, 200);
      assert.equal((await fetch(link)).status, 403);
      assert.doesNotMatch(JSON.stringify(command.log), /once=/);
      assert.equal(statSync(data).mode & 0o777, 0o700);
      assert.equal(statSync(join(data, 'sockeye.yaml')).mode & 0o777, 0o600);
      command.kill('SIGTERM');
      assert.equal(await command.exit, 0);
      assert.equal(existsSync(join(data, 'sockeye.yaml.lock')), false);

      const again = new Command(['--ui', '--data', data]);
      assert.equal((await again.address()).port, proxy.port, 'what ran is running again');
      await again.end();
    },
  );

  test('a folder that others use is left alone', { skip: posix }, async () => {
    const shared = join(folder, 'shared');
    mkdirSync(shared);
    chmodSync(shared, 0o755);
    writeFileSync(join(shared, 'theirs'), '');
    const command = new Command(['--ui', '--data', shared]);
    assert.equal(await command.exit, 1);
    assert.match(command.plain[0] ?? '', /used by others/);
    assert.equal(statSync(shared).mode & 0o777, 0o755);
  });

  test('with URLs the window edits a copy and no file is written', { skip: posix }, async () => {
    const data = join(folder, 'untouched');
    const command = new Command(['--ui', '-L', 'socks5://127.0.0.1:0', '--data', data]);
    await command.address();
    await command.until(() => (command.stdout.includes('Window: ') ? true : undefined));
    await command.end();
    assert.equal(existsSync(data), false);
  });
});

describe('errors that reach nobody', { concurrency: 2 }, () => {
  const hook = (code: string): string[] => ['--import', `data:text/javascript,${encodeURIComponent(code)}`];
  const soon = (what: string): string[] =>
    hook(
      `const t=setInterval(()=>{if(process.listenerCount('uncaughtException')>0){clearInterval(t);${what}}},20)`,
    );

  test('one of a single socket is logged and ends nothing', async () => {
    for (const what of [
      `throw Object.assign(new Error('read ECONNRESET'),{code:'ECONNRESET'})`,
      `Promise.reject(Object.assign(new Error('write EPIPE'),{code:'EPIPE'}))`,
    ]) {
      const command = new Command(['-L', 'socks5://127.0.0.1:0'], soon(what));
      await command.event('stray_error');
      const echo = await tcpEcho();
      (await connectThrough(await command.address(), echo.address)).destroy();
      await echo.close();
      await command.end();
    }
  });

  test('any other is logged with its stack and ends the program with 1', async () => {
    const command = new Command(['-L', 'socks5://127.0.0.1:0'], soon(`throw new TypeError('boom')`));
    assert.equal(await command.exit, 1);
    assert.match(String((await command.event('crash'))['error']), /TypeError: boom.*at /s);
  });
});
