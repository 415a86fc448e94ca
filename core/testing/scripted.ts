/** A server that plays one side of a recorded exchange: hears exact bytes, says exact bytes, then echoes or hangs up. */
import type { Socket } from 'node:net';
import { Reader } from '../net/reader.ts';
import type { Address } from '../net/conn.ts';
import { tcpPeer } from './echo.ts';

/** `hear`: hex that must come next. `say`: hex to send. `echo`, `end`, `reset`: what happens after the exchange. */
export type Step =
  | { readonly hear: string }
  | { readonly say: string }
  | { readonly then: 'echo' | 'end' | 'reset' | 'silence' };

export interface Scripted {
  readonly address: Address;
  readonly accepted: number;
  /** What was heard, one entry per connection: hex of all bytes that were listened for. */
  readonly heard: readonly string[];
  /** Hex of what should have come and what came instead. */
  readonly mismatches: readonly string[];
  close(): Promise<void>;
}

/** Plays `steps` to every connection. What comes unexpected ends that connection and is kept in `mismatches`. */
export async function scripted(steps: readonly Step[]): Promise<Scripted> {
  const heard: string[] = [];
  const mismatches: string[] = [];
  const play = async (socket: Socket, at: number): Promise<void> => {
    const reader = new Reader(socket);
    for (const step of steps) {
      if ('say' in step) socket.write(Buffer.from(step.say, 'hex'));
      else if ('hear' in step) {
        const came = (await reader.read(step.hear.length / 2)).toString('hex');
        heard[at] = (heard[at] ?? '') + came;
        if (came === step.hear) continue;
        mismatches.push(`${step.hear} != ${came}`);
        socket.destroy();
        return;
      } else {
        reader.release();
        if (step.then === 'echo') socket.pipe(socket);
        else if (step.then === 'end') socket.end();
        else if (step.then === 'reset') socket.resetAndDestroy();
        return;
      }
    }
    reader.release();
  };
  let count = 0;
  const peer = await tcpPeer((socket) => {
    const at = count;
    count += 1;
    heard[at] = '';
    play(socket, at).catch(() => socket.destroy());
  });
  return {
    address: peer.address,
    get accepted() {
      return peer.accepted;
    },
    heard,
    mismatches,
    close: () => peer.close(),
  };
}
