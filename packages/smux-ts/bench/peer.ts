/**
 * The TypeScript side of the bench: the same modes, flags and output as `peer sink|flood|echo|small` of
 * interop/go, so that throughput.ts runs either program. Run as a process of its own.
 */
import net from 'node:net';
import { parseArgs } from 'node:util';
import { Session, type SessionOptions, type Stream } from '../src/index.ts';

const SMALL_BYTES = 1_024;
const CHUNK = Buffer.alloc(65_536);

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    version: { type: 'string', default: '1' },
    streams: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '1' },
    warm: { type: 'string', default: '100' },
    measure: { type: 'string', default: '1000' },
    dial: { type: 'string', default: '' },
    mode: { type: 'string', default: 'direct' },
  },
});
const streamCount = Number(values.streams);
const direct = values.mode === 'direct';
const options: SessionOptions = { version: values.version === '2' ? 2 : 1 };

switch (positionals[0]) {
  case 'sink':
    listen(sink);
    break;
  case 'flood':
    dial(flood);
    break;
  case 'echo':
    listen((socket) => void Session.server(socket, { ...options, onStream: echo }));
    break;
  case 'small':
    dial((socket) => void small(Session.client(socket, options)));
    break;
  default:
    throw new Error(`unknown mode ${String(positionals[0])}`);
}

function listen(onSocket: (socket: net.Socket) => void): void {
  const server = net.createServer({ noDelay: true }, (socket) => {
    server.close();
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address !== null && typeof address === 'object') console.log(`LISTEN ${address.port}`);
  });
}

function dial(onSocket: (socket: net.Socket) => void): void {
  const [host = '', port = ''] = values.dial.split(':');
  const socket = net.connect({ host, port: Number(port), noDelay: true }, () => onSocket(socket));
}

/** Counts what arrives per stream and samples the counters twice. */
function sink(socket: net.Socket): void {
  const counters: { bytes: number }[] = [];
  const session = Session.server(socket, {
    ...options,
    onStream: (stream) => {
      const counter = { bytes: 0 };
      counters.push(counter);
      stream.on('error', () => undefined);
      if (direct) stream.onData((piece) => ((counter.bytes += piece.length), true));
      else stream.on('data', (piece: Buffer) => (counter.bytes += piece.length));
      if (counters.length === streamCount) setTimeout(measure, Number(values.warm));
    },
  });
  function measure(): void {
    const before = counters.map((counter) => counter.bytes);
    const start = process.hrtime.bigint();
    console.log('MEASURING');
    setTimeout(() => {
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      const bytesPerSecond = counters.map((counter, i) => (counter.bytes - (before[i] ?? 0)) / seconds);
      console.log(JSON.stringify({ bytesPerSecond }));
      session.close();
    }, Number(values.measure));
  }
}

/** Writes on all streams until the session dies. */
function flood(socket: net.Socket): void {
  const session = Session.client(socket, options);
  for (let i = 0; i < streamCount; i++) {
    const stream = session.open();
    const write = direct ? () => stream.writeDirect(CHUNK) : () => stream.write(CHUNK);
    const pump = (): void => {
      while (!stream.destroyed && write());
    };
    stream.on('drain', pump).on('error', () => undefined);
    stream.resume();
    pump();
  }
}

function echo(stream: Stream): void {
  stream.on('error', () => undefined);
  let left = SMALL_BYTES;
  stream.onData((piece) => {
    stream.writeDirect(piece);
    left -= piece.length;
    if (left === 0) stream.end();
    return true;
  });
}

async function small(session: Session): Promise<void> {
  const rates: number[] = [];
  for (let round = 0; round <= Number(values.rounds); round++) {
    const start = process.hrtime.bigint();
    await new Promise<void>((resolve) => {
      let open = streamCount;
      for (let i = 0; i < streamCount; i++) {
        const stream = session.open();
        let left = SMALL_BYTES;
        stream.onData((piece) => {
          left -= piece.length;
          if (left > 0) return true;
          stream.end();
          if (--open === 0) resolve();
          return true;
        });
        stream.writeDirect(CHUNK.subarray(0, SMALL_BYTES));
      }
    });
    if (round > 0) rates.push(streamCount / (Number(process.hrtime.bigint() - start) / 1e9));
  }
  console.log(JSON.stringify({ streamsPerSecond: rates }));
  session.close();
}
