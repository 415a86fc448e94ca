/** Test only: a slow, obvious codec written from the wire description alone, to check the fast one against. */
export type Frame =
  | { command: 'SYN' | 'FIN' | 'NOP'; streamId: number }
  | { command: 'PSH'; streamId: number; payload: Buffer }
  | { command: 'UPD'; streamId: number; consumed: number; window: number };

const NUMBERS = { SYN: 0, FIN: 1, PSH: 2, NOP: 3, UPD: 4 } as const;

export function encode(version: number, frame: Frame): Buffer {
  const payload = payloadOf(frame);
  const view = new DataView(new ArrayBuffer(8 + payload.length));
  view.setUint8(0, version);
  view.setUint8(1, NUMBERS[frame.command]);
  view.setUint16(2, payload.length, true);
  view.setUint32(4, frame.streamId, true);
  const bytes = Buffer.from(view.buffer);
  payload.copy(bytes, 8);
  return bytes;
}

function payloadOf(frame: Frame): Buffer {
  if (frame.command === 'PSH') return frame.payload;
  if (frame.command !== 'UPD') return Buffer.alloc(0);
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, frame.consumed, true);
  view.setUint32(4, frame.window, true);
  return Buffer.from(view.buffer);
}

/** Decodes whole frames; throws on anything else. */
export function decode(version: number, bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength);
    if (view.getUint8(0) !== version) throw new Error('version');
    const number = view.getUint8(1);
    const length = view.getUint16(2, true);
    const streamId = view.getUint32(4, true);
    if (rest.length < 8 + length) throw new Error('short');
    const payload = rest.subarray(8, 8 + length);
    rest = rest.subarray(8 + length);
    if (number === NUMBERS.PSH) {
      frames.push({ command: 'PSH', streamId, payload });
    } else if (number === NUMBERS.UPD && version === 2 && length === 8) {
      frames.push({
        command: 'UPD',
        streamId,
        consumed: payload.readUInt32LE(0),
        window: payload.readUInt32LE(4),
      });
    } else if (length === 0 && number === NUMBERS.SYN) frames.push({ command: 'SYN', streamId });
    else if (length === 0 && number === NUMBERS.FIN) frames.push({ command: 'FIN', streamId });
    else if (length === 0 && number === NUMBERS.NOP) frames.push({ command: 'NOP', streamId });
    else throw new Error('frame');
  }
  return frames;
}

/** Joins neighbouring PSH frames of one stream and drops empty ones: what a byte stream can observe. */
export function merged(frames: readonly Frame[]): Frame[] {
  const out: Frame[] = [];
  for (const frame of frames) {
    const last = out.at(-1);
    if (frame.command !== 'PSH') {
      out.push(frame);
    } else if (last?.command === 'PSH' && last.streamId === frame.streamId) {
      out[out.length - 1] = { ...last, payload: Buffer.concat([last.payload, frame.payload]) };
    } else if (frame.payload.length > 0) {
      out.push({ ...frame, payload: Buffer.from(frame.payload) });
    }
  }
  return out;
}
