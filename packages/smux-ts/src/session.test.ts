/** The compliance suite: what two ends promise each other, over each transport and wire version. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import {
  digest,
  gone,
  random,
  readAll,
  readExactly,
  sessions,
  TRANSPORTS,
  turns,
  until,
} from '../test/support.ts';
import { SmuxError } from './errors.ts';
import type { Stream } from './stream.ts';

const hasCode = (code: SmuxError['code']) => (error: unknown) =>
  error instanceof SmuxError && error.code === code;

for (const [name, makePair] of Object.entries(TRANSPORTS)) {
  for (const version of [1, 2] as const) {
    const title = (text: string): string => `${name} v${version}: ${text}`;
    const options = { version };

    test(title('opens and accepts; ids are 3, 5, 7 of the client and 2, 4, 6 of the server'), async () => {
      const both = await sessions(makePair, options);
      const fromServer: number[] = [];
      both.client.onStream = (stream) => fromServer.push(stream.on('error', () => undefined).id);
      const opened = [1, 2, 3].map(() => [
        both.open().id,
        both.server.open().on('error', () => undefined).id,
      ]);
      assert.deepEqual(opened, [
        [3, 2],
        [5, 4],
        [7, 6],
      ]);
      assert.equal((await both.accepted()).id, 3);
      assert.equal((await both.accepted()).id, 5);
      assert.equal((await both.accepted()).id, 7);
      await until(() => fromServer.length === 3);
      assert.deepEqual(fromServer, [2, 4, 6]);
      assert.equal(both.client.streamCount, 6);
      await both.close();
    });

    test(title('the opener may end first and still read everything'), async () => {
      const both = await sessions(makePair, options);
      const near = both.open();
      const question = random(300_000);
      const answer = random(400_000);
      near.end(question);
      const far = await both.accepted();
      assert.equal(digest(await readAll(far)), digest(question));
      far.end(answer);
      assert.equal(digest(await readAll(near)), digest(answer));
      await Promise.all([gone(near), gone(far)]);
      assert.deepEqual([both.client.streamCount, both.server.streamCount], [0, 0]);
      assert.deepEqual([near.bytesWritten, near.bytesRead], [300_000, 400_000]);
      await both.close();
    });

    test(title('the accepter may end first and still read everything'), async () => {
      const both = await sessions(makePair, options);
      const near = both.open();
      near.write('hello');
      const far = await both.accepted();
      far.end('server first');
      assert.equal((await readAll(near)).toString(), 'server first');
      near.end(' and more');
      assert.equal((await readAll(far)).toString(), 'hello and more');
      await Promise.all([gone(near), gone(far)]);
      await both.close();
    });

    test(title('bytes that arrived before both FINs stay readable'), async () => {
      const both = await sessions(makePair, options);
      const near = both.open();
      near.end();
      const far = await both.accepted();
      far.resume();
      far.end(Buffer.alloc(100_000, 'x'));
      await until(() => both.client.streamCount === 0);
      assert.equal((await readAll(near)).length, 100_000);
      await both.close();
    });

    test(title('destroy() ends the reading of the other side and keeps the session'), async () => {
      const both = await sessions(makePair, options);
      const near = both.open();
      near.write('partial');
      const far = await both.accepted();
      await readExactly(far, 7);
      near.destroy();
      assert.equal((await readAll(far)).length, 0);
      far.end();
      await until(() => both.server.streamCount === 0);
      const next = both.open();
      next.end('still alive');
      const other = await both.accepted();
      assert.equal((await readAll(other)).toString(), 'still alive');
      other.end();
      next.resume();
      await gone(next);
      await both.close();
    });

    test(title('a second FIN tells that nobody reads any more'), async () => {
      const both = await sessions(makePair, options);
      const near = both.open();
      near.end('last words');
      const far = await both.accepted();
      assert.equal((await readAll(far)).toString(), 'last words');
      near.destroy();
      await gone(near);
      const failure = once(far, 'error');
      const pump = (): void => {
        while (!far.destroyed && far.writeDirect(Buffer.alloc(65_536)));
      };
      far.on('drain', pump);
      pump();
      const [error] = (await failure) as [unknown];
      assert.ok(hasCode('peer_closed')(error));
      assert.equal(both.server.streamCount, 0);
      await both.close();
    });

    test(title('destroy(error) reports to its own side only and fails the pending write'), async () => {
      const both = await sessions(makePair, options);
      const near = both.open();
      const cause = new Error('enough');
      const write = new Promise((resolve) => near.write(Buffer.alloc(5_000_000), resolve));
      const failure = once(near, 'error');
      near.destroy(cause);
      assert.equal(await write, cause);
      assert.deepEqual(await failure, [cause]);
      const far = await both.accepted();
      await readAll(far);
      far.end();
      await gone(far);
      await both.close();
    });

    test(title('direct mode moves the same bytes, both ways, with half-close'), async () => {
      const both = await sessions(makePair, options);
      const near = both.open();
      const bytes = random(3_000_000);
      const back: Buffer[] = [];
      near.onData((piece) => back.push(piece) > 0);
      const sending = sendDirect(near, bytes);
      const far = await both.accepted();
      far.on('drain', () => far.resumeData());
      far.onData((piece) => far.writeDirect(piece));
      far.once('end', () => far.end());
      await sending;
      await Promise.all([once(near, 'end'), gone(far)]);
      assert.equal(digest(Buffer.concat(back)), digest(bytes));
      await gone(near);
      assert.deepEqual([both.client.streamCount, both.server.streamCount], [0, 0]);
      await both.close();
    });

    for (const count of [1, 10, 100, 1_000]) {
      test(title(`carries ${count} streams at once with random sizes`), async () => {
        const both = await sessions(makePair, options);
        both.server.onStream = (stream) => {
          if (stream.id % 4 === 3) {
            stream.pipe(stream);
            return;
          }
          stream.on('drain', () => stream.resumeData());
          stream.onData((piece) => stream.writeDirect(piece));
          stream.once('end', () => stream.end());
        };
        const most = Math.min(400_000, 8_000_000 / count);
        await Promise.all(
          Array.from({ length: count }, async () => {
            const bytes = random(Math.floor(Math.random() * most));
            const stream = both.open();
            stream.end(bytes);
            assert.equal(digest(await readAll(stream)), digest(bytes));
          }),
        );
        await until(() => both.client.streamCount === 0 && both.server.streamCount === 0);
        await both.close();
      });
    }

    test(title('a stalled reader stops its writer'), async () => {
      const both = await sessions(makePair, { version, maxReceiveBuffer: 262_144, maxStreamBuffer: 65_536 });
      const near = both.open();
      let written = 0;
      const chunk = Buffer.alloc(16_384);
      const pump = (): void => {
        while (near.write(chunk)) written += chunk.length;
      };
      near.on('drain', pump);
      pump();
      const far = await both.accepted();
      for (let before = -1; before !== written;) {
        before = written;
        await turns(200);
      }
      // receive buffer or windows, send queue, and for TCP what two sockets and the kernel hold
      assert.ok(written < (name === 'memory' ? 1_500_000 : 12_000_000), `${written} bytes written to nobody`);
      near.off('drain', pump);
      near.end();
      let got = 0;
      far.on('data', (piece: Buffer) => (got += piece.length));
      await once(far, 'end');
      assert.equal(got, near.bytesWritten);
      await both.close();
    });

    test(title('close() lets ended streams finish and fails the others'), async () => {
      const both = await sessions(makePair, options);
      const [done, cut] = [both.open(), both.open()];
      done.write('comp');
      done.end('lete');
      cut.write('cut');
      const failures = [once(cut, 'error'), once(done, 'error')];
      both.client.close();
      assert.equal(both.client.destroyed, true);
      assert.equal(both.client.streamCount, 0);
      assert.equal(await both.client.closed, null);
      for (const failure of failures) assert.ok(hasCode('session_closed')((await failure)[0]));
      const far = await both.accepted();
      const farCut = await both.accepted();
      const farFailure = once(farCut, 'error');
      assert.equal((await readAll(far)).toString(), 'complete');
      assert.ok(hasCode('session_closed')((await farFailure)[0]));
      assert.equal(await both.server.closed, null);
      assert.throws(() => both.client.open(), hasCode('session_closed'));
      both.client.close();
      await both.close();
    });

    test(title('close() in the middle of a write fails the write'), async () => {
      const both = await sessions(makePair, options);
      const near = both.open();
      const failure = once(near, 'error');
      const wrote = new Promise((resolve) => near.write(Buffer.alloc(20_000_000), resolve));
      const far = await both.accepted();
      const farFailure = once(far, 'error');
      both.server.close();
      assert.ok(hasCode('session_closed')((await farFailure)[0]));
      assert.ok((await failure)[0] instanceof SmuxError);
      assert.ok((await wrote) instanceof Error || version === 1);
      await both.close();
    });

    test(title('a lost transport fails every stream and settles closed'), async () => {
      const both = await sessions(makePair, options);
      const near = both.open();
      near.write('x');
      const far = await both.accepted();
      const failures = Promise.all([once(near, 'error'), once(far, 'error')]);
      const cause = new Error('cable pulled');
      both.transport.client.destroy(cause);
      const [[nearError]] = (await failures) as [[unknown], unknown[]];
      assert.ok(hasCode('transport_error')(nearError) && nearError instanceof Error);
      assert.equal(nearError.cause, cause);
      assert.equal((await both.client.closed)?.code, 'transport_error');
      await both.server.closed;
      assert.equal(both.server.destroyed, true);
      await both.close();
    });
  }
}

test('v2: a slow reader does not starve the others', async () => {
  const both = await sessions(TRANSPORTS['tcp'] ?? assert.fail(), { version: 2 });
  const slow = both.open();
  const flood = (): void => {
    while (!slow.destroyed && slow.write(Buffer.alloc(65_536)));
  };
  slow.on('drain', flood);
  flood();
  await both.accepted();
  const bytes = random(20_000_000);
  const fast = both.open();
  fast.end(bytes);
  const received = await readAll(await both.accepted());
  assert.equal(digest(received), digest(bytes));
  await both.close();
});

async function sendDirect(stream: Stream, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const size = 1 + Math.floor(Math.random() * 90_000);
    if (!stream.writeDirect(bytes.subarray(at, at + size))) await once(stream, 'drain');
    at += size;
  }
  stream.end();
}
