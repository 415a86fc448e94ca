/** Forwarding: which target is tried, what is told, and that every answer comes back. */
import assert from 'node:assert/strict';
import { test, after, before } from 'node:test';
import { silentLog } from '../log.ts';
import type { Address, PacketFlow } from '../net/conn.ts';
import type { Forwarder, HandlerDeps } from '../registry.ts';
import type { Handler, Session } from '../roles.ts';
import { open, take as read } from '../testing/client.ts';
import { tcpEcho, udpEcho, type TcpPeer } from '../testing/echo.ts';
import { directRouter, front } from '../testing/front.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { rest } from '../testing/stream.ts';
import { tcpHandler, udpHandler } from './forward.ts';

let baseline: string[] = [];
let echo: TcpPeer;
let closed: Address;
before(async () => {
  baseline = liveResources();
  echo = await tcpEcho();
  const gone = await tcpEcho();
  closed = gone.address;
  await gone.close();
});
after(async () => {
  await echo.close();
  await assertNoLeaks(baseline);
});

/** Gives its targets in turn and remembers what it was told about them. */
class Turns implements Forwarder {
  readonly marks: string[] = [];
  readonly #targets: readonly Address[];
  #next = 0;

  constructor(...targets: readonly Address[]) {
    this.#targets = targets;
  }

  pick(): { name: string; addr: Address } {
    const at = this.#next++ % this.#targets.length;
    const addr = this.#targets[at];
    if (addr === undefined) throw new Error('there is a target');
    return { name: `target-${at}`, addr };
  }

  mark(name: string, ok: boolean): void {
    this.marks.push(`${name} ${ok ? 'works' : 'failed'}`);
  }
}

function handler(definition: typeof tcpHandler, forwarder: Forwarder): Handler {
  const deps: HandlerDeps = {
    name: 'forward',
    router: directRouter(),
    auth: null,
    tls: null,
    forwarder,
    state: null,
    log: silentLog,
  };
  return definition.create(definition.options.parse({}), deps);
}

test('a target that fails is tried against the next one, and both are told', async () => {
  const targets = new Turns(closed, echo.address);
  const proxy = await front(handler(tcpHandler, targets));
  const socket = await open(proxy.address);
  socket.write('hello');
  assert.equal((await read(socket, 5)).toString(), 'hello');
  assert.deepEqual(targets.marks, ['target-0 failed', 'target-1 works']);
  assert.deepEqual(
    proxy.reports[0]?.requests.map(({ target }) => target),
    [closed, echo.address],
  );
  socket.destroy();
  await proxy.close();
});

test('a target that comes round again ends the search with its own reason', async () => {
  const targets = new Turns(closed);
  const proxy = await front(handler(tcpHandler, targets));
  const coming = proxy.next();
  const socket = await open(proxy.address);
  await rest(socket);
  assert.equal((await (await coming).ended)?.code, 'refused');
  assert.deepEqual(targets.marks, ['target-0 failed']);
  socket.destroy();
  await proxy.close();
});

test('a service without a target is an error of the configuration', () => {
  const make = (): unknown =>
    tcpHandler.create(tcpHandler.options.parse({}), {
      name: 'forward',
      router: directRouter(),
      auth: null,
      tls: null,
      forwarder: null,
      state: null,
      log: silentLog,
    });
  assert.throws(make, { code: 'config' });
});

test('every datagram of a client goes to the target, and every answer back', async () => {
  const udp = await udpEcho();
  const answers: string[] = [];
  let take: (sink: (data: Buffer) => void) => void = () => undefined;
  const taken = new Promise<(data: Buffer) => void>((resolve) => (take = resolve));
  let close: () => void = () => undefined;
  let all: () => void = () => undefined;
  const flow: PacketFlow = {
    client: { host: '127.0.0.1', port: 5 },
    closed: new Promise((resolve) => (close = resolve)),
    receive: (sink) => take(sink),
    send: (data) => {
      if (answers.push(String(data)) === 3) all();
      return null;
    },
    close: () => close(),
  };
  const done = new Promise<void>((resolve) => (all = resolve));
  const session = sessionOf();
  const work = handler(udpHandler, new Turns(udp.address)).handlePackets?.(flow, session);
  const give = await taken;
  for (const data of ['1', '2', '3']) give(Buffer.from(data));
  await done;
  assert.deepEqual(answers, ['1', '2', '3']);
  flow.close();
  await work;
  await udp.close();
});

/** A session that reports nothing. */
function sessionOf(): Session {
  const nothing = (): undefined => undefined;
  const stats = {
    id: 'test',
    up: 0,
    down: 0,
    request: nothing,
    routed: nothing,
    association: () => ({ up: nothing, down: nothing, drop: nothing, close: nothing }),
    close: nothing,
  };
  return {
    id: 'test',
    service: 'test',
    client: { host: '127.0.0.1', port: 5 },
    signal: new AbortController().signal,
    log: silentLog,
    stats: stats as unknown as Session['stats'],
    meters: null,
    request: nothing,
  };
}
