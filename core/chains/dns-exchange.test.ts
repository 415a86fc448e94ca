/** DNS over TLS and HTTPS against servers of our own whose certificates a throw-away authority signed. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { createServer as createTls } from 'node:tls';
import { decode, encode } from 'dns-packet';
import { ProxyError } from '../errors.ts';
import { directRoute } from '../net/direct.ts';
import type { NameserverPlan } from '../plan.ts';
import { authority, type Authority, type Files } from '../testing/certificates.ts';
import { assertNoLeaks, liveResources } from '../testing/leaks.ts';
import { exchangeFor } from './dns-exchange.ts';

const { signal } = new AbortController();
const QUERY = encode({ type: 'query', id: 99, questions: [{ type: 'A', name: 'a.example' }] });
let baseline: string[] = [];
let ca: Authority;
let leaf: Files;
before(async () => {
  ca = await authority();
  leaf = await ca.leaf(['dns.example', '127.0.0.1']);
  baseline = liveResources();
});
after(async () => {
  ca.remove();
  await assertNoLeaks(baseline);
});

function answer(query: Buffer): Buffer {
  const { id = 0, questions = [] } = decode(query);
  return encode({
    type: 'response',
    id,
    questions,
    answers: [{ type: 'A', name: 'a.example', ttl: 1, data: '192.0.2.7' }],
  });
}

const identity = (): { cert: Buffer; key: Buffer } => ({
  cert: readFileSync(leaf.certFile),
  key: readFileSync(leaf.keyFile),
});

/** Runs `work` with the port of a listening server, which is closed afterwards. */
async function listening(server: Server, work: (port: number) => Promise<void>): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    await work(port);
  } finally {
    server.close();
  }
}

function plan(protocol: 'tls' | 'https', addr: string, hostname: string | null = null): NameserverPlan {
  return {
    protocol,
    addr,
    hostname,
    prefer: null,
    only: null,
    clientIp: null,
    chain: null,
    ttlMs: null,
    timeoutMs: 1000,
  };
}

async function addressFrom(server: NameserverPlan, caFile: string | null): Promise<unknown> {
  const { answers = [] } = decode(await exchangeFor(server, caFile)(QUERY, directRoute(), signal));
  const [first] = answers;
  return first?.type === 'A' ? first.data : null;
}

async function code(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'ok',
    (error: unknown) => (error instanceof ProxyError ? error.code : String(error)),
  );
}

test('over TLS, with the certificate checked against the address or the given name', async () => {
  const server = createTls(identity(), (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data: Buffer) => {
      const reply = answer(data.subarray(2));
      socket.end(Buffer.concat([Buffer.of(reply.length >> 8, reply.length & 255), reply]));
    });
  });
  server.on('tlsClientError', () => undefined);
  await listening(server, async (port) => {
    const addr = `127.0.0.1:${port}`;
    assert.equal(await addressFrom(plan('tls', addr), ca.caFile), '192.0.2.7');
    assert.equal(await addressFrom(plan('tls', addr, 'dns.example'), ca.caFile), '192.0.2.7');
    assert.equal(await code(addressFrom(plan('tls', addr, 'other.example'), ca.caFile)), 'tls');
    assert.equal(await code(addressFrom(plan('tls', addr), null)), 'tls');
  });
});

describe('over HTTPS', () => {
  test('HTTP/1.1', async () => {
    const server = createHttps(identity(), (request, response) => {
      void request.toArray().then((chunks) => {
        const known =
          request.url === '/dns-query?x=1' && request.headers['content-type'] === 'application/dns-message';
        response.writeHead(request.method === 'POST' && known ? 200 : 404);
        response.end(answer(Buffer.concat(chunks as Buffer[])));
      });
    });
    await listening(server, async (port) => {
      assert.equal(
        await addressFrom(plan('https', `https://127.0.0.1:${port}/dns-query?x=1`), ca.caFile),
        '192.0.2.7',
      );
      assert.equal(
        await code(addressFrom(plan('https', `https://127.0.0.1:${port}/other`), ca.caFile)),
        'malformed',
      );
    });
  });

  test('HTTP/2, which is preferred', async () => {
    const server = createSecureServer({ ...identity(), allowHTTP1: true });
    const versions: string[] = [];
    server.on('request', (request, response) => {
      versions.push(request.httpVersion);
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.writeHead(200, { 'content-type': 'application/dns-message' });
        response.end(answer(Buffer.concat(chunks)));
      });
    });
    await listening(server, async (port) => {
      assert.equal(
        await addressFrom(plan('https', `https://127.0.0.1:${port}/dns-query`), ca.caFile),
        '192.0.2.7',
      );
    });
    assert.deepEqual(versions, ['2.0']);
  });

  test('an answer that never ends is given up', async () => {
    const server = createHttps(identity(), (_, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384)));
      };
      response.on('drain', more);
      response.on('error', () => undefined);
      more();
    });
    await listening(server, async (port) => {
      assert.equal(
        await code(addressFrom(plan('https', `https://127.0.0.1:${port}/`), ca.caFile)),
        'malformed',
      );
    });
  });
});
