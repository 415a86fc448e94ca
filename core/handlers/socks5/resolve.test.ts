// Tor's RESOLVE and RESOLVE_PTR: our handler as the server, and as the proxy that our connector asks.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { through } from '../../chains/route.ts';
import { socks5Connector } from '../../connectors/socks5.ts';
import { ProxyError } from '../../errors.ts';
import { silentLog } from '../../log.ts';
import { directRoute } from '../../net/direct.ts';
import type { Lookup } from '../../net/lookup.ts';
import type { Route } from '../../roles.ts';
import { open, take } from '../../testing/client.ts';
import { directRouter, front, routerOver, type Front } from '../../testing/front.ts';
import { socks5Service } from '../../testing/proxies.ts';
import { rest } from '../../testing/stream.ts';

const KNOWN: Readonly<Record<string, string[]>> = { 'four.test': ['192.0.2.7'], 'six.test': ['2001:db8::7'] };
const lookup: Lookup = (host) => {
  const found = KNOWN[host];
  return found === undefined
    ? Promise.reject(new ProxyError('name_not_found', { host }))
    : Promise.resolve(found);
};
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const name = (text: string): Buffer => Buffer.concat([Buffer.from([3, text.length]), Buffer.from(text)]);
const v4 = hex('01 c0000207');

/** Asks over a new connection; resolves with the whole reply, after which the connection has to end. */
async function asked(proxy: Front, command: number, address: Buffer): Promise<string> {
  const socket = await open(proxy.address);
  socket.write(Buffer.concat([hex('05 01 00 05'), Buffer.from([command, 0]), address, hex('0000')]));
  assert.equal((await take(socket, 2)).toString('hex'), '0500');
  const { bytes, broken } = await rest(socket);
  assert.equal(broken, false);
  return bytes.toString('hex');
}

describe('RESOLVE and RESOLVE_PTR', () => {
  test('answer an address of either family, a name, and a failure, each as one reply', async () => {
    const route: Partial<Route> = {
      ...directRoute({ lookup }),
      resolve: (question, signal) =>
        question.kind === 'address'
          ? Promise.resolve('seven.test')
          : directRoute({ lookup }).resolve(question, signal),
    };
    const proxy = await front(socks5Service({ tor: true }, { router: routerOver(route) }));
    const reporting = proxy.next();
    assert.equal(await asked(proxy, 0xf0, name('four.test')), '05000001c00002070000');
    const report = await reporting;
    assert.equal(await report.ended, null);
    assert.deepEqual(
      report.requests.map(({ command, target }) => [command, target?.host]),
      [['resolve', 'four.test']],
    );
    assert.equal(await asked(proxy, 0xf0, name('six.test')), '0500000420010db80000000000000000000000070000');
    assert.equal(await asked(proxy, 0xf0, name('none.test')), '05040001000000000000');
    assert.equal(await asked(proxy, 0xf1, v4), `050000030a${Buffer.from('seven.test').toString('hex')}0000`);
    assert.equal(
      await asked(proxy, 0xf1, name('four.test')),
      '05080001000000000000',
      'RESOLVE_PTR wants an address',
    );
    await proxy.close();
  });

  test('are off by default', async () => {
    const proxy = await front(socks5Service({}, { router: directRouter({ lookup }) }));
    for (const command of [0xf0, 0xf1]) assert.equal(await asked(proxy, command, v4), '05070001000000000000');
    await proxy.close();
  });

  test('do not tell an address that a rule keeps from the client', async () => {
    const allow = (ip: string): ProxyError => new ProxyError('not_allowed', { target: ip });
    const proxy = await front(socks5Service({ tor: true }, { router: directRouter({ lookup, allow }) }));
    assert.equal(await asked(proxy, 0xf0, name('four.test')), '05020001000000000000');
    await proxy.close();
  });

  test('a service with a resolver of its own does not ask the system for the name of an address', async () => {
    const proxy = await front(socks5Service({ tor: true }, { router: directRouter({ lookup }) }));
    assert.equal(await asked(proxy, 0xf1, v4), '05010001000000000000');
    await proxy.close();
  });

  test('go through a chain to a last hop that knows them; one that does not is named', async () => {
    const far = await front(socks5Service({ tor: true, notls: true }, { router: directRouter({ lookup }) }));
    const deaf = await front(socks5Service({ notls: true }, { router: directRouter({ lookup }) }));
    const node = (at: Front): Route => {
      const deps = { node: 'last', addr: at.address, auth: null, tls: null, state: null, log: silentLog };
      const connector = socks5Connector.create(socks5Connector.options.parse({ notls: true }), deps);
      const dialer = {
        dial: (to: { host: string; port: number }, via: Route, signal: AbortSignal) =>
          via.connect(to, signal),
      };
      return through({ name: 'last', addr: at.address, dialer, connector }, directRoute());
    };
    const { signal } = new AbortController();
    assert.equal(await node(far).resolve({ kind: 'name', host: 'four.test' }, signal), '192.0.2.7');
    const here = await front(socks5Service({ tor: true }, { router: routerOver(node(far)) }));
    assert.equal(await asked(here, 0xf0, name('six.test')), '0500000420010db80000000000000000000000070000');
    assert.equal(
      await asked(here, 0xf0, name('none.test')),
      '05040001000000000000',
      'what the hop answered is passed on',
    );
    await assert.rejects(node(deaf).resolve({ kind: 'name', host: 'four.test' }, signal), {
      code: 'hop_refused',
      rep: 7,
    });
    for (const proxy of [here, far, deaf]) await proxy.close();
  });
});
