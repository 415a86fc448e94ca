/** The datagrams of one check: our end of the association, with probes going out and answers matched by their numbers. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Address } from '../../net/conn.ts';
import { abortReason } from '../../net/within.ts';
import { decodeDatagram, encodeDatagramHeader } from '../../socks/datagram.ts';
import { Tally } from './loss.ts';
import type { Prober } from './probes.ts';
import { decodeStun, encodeStun, type Change, type StunAnswer } from './stun.ts';

export class ProbeSession {
  readonly #socket: Socket;
  readonly #relay: Address;
  readonly #prober: Prober;
  readonly #signal: AbortSignal;
  #tally = new Tally();
  readonly #stun = new Map<number, StunAnswer>();
  /** Woken by every answer. */
  #waiting: (() => void)[] = [];
  #nextNumber = 0;

  private constructor(socket: Socket, relay: Address, prober: Prober, signal: AbortSignal) {
    this.#socket = socket;
    this.#relay = relay;
    this.#prober = prober;
    this.#signal = signal;
    socket.on('error', () => undefined); // what does not leave does not come back, and is counted so
    socket.on('message', this.#onMessage);
  }

  static async open(relay: Address, prober: Prober, signal: AbortSignal): Promise<ProbeSession> {
    const socket = createSocket(relay.host.includes(':') ? 'udp6' : 'udp4');
    socket.bind(0);
    await once(socket, 'listening');
    return new ProbeSession(socket, relay, prober, signal);
  }

  close(): void {
    this.#socket.close();
  }

  get tally(): Tally {
    return this.#tally;
  }

  /** Numbers from here on are counted apart from what was sent before. */
  countAnew(): void {
    this.#tally = new Tally();
  }

  /** Sends the next probe; its number. */
  send(target: Address, bytes?: number): number {
    this.#nextNumber += 1;
    const number = this.#nextNumber;
    this.#tally.sent(number, performance.now());
    this.#out(target, this.#prober.encode(number, bytes));
    return number;
  }

  stunAnswer(number: number): StunAnswer | null {
    return this.#stun.get(number) ?? null;
  }

  /** Asks a STUN server once; null when nothing came back in time. */
  async askStun(target: Address, change: Change | null, ms: number): Promise<StunAnswer | null> {
    this.#nextNumber += 1;
    const number = this.#nextNumber;
    this.#out(target, encodeStun(this.#prober.transaction(number), change));
    await this.until(() => this.#stun.has(number), ms);
    return this.stunAnswer(number);
  }

  /** Waits until `done` says so or the time is up; whether it does. Rejects with the reason of the signal. */
  async until(done: () => boolean, ms: number): Promise<boolean> {
    const end = performance.now() + ms;
    while (!done()) {
      const left = end - performance.now();
      if (left <= 0) return false;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          this.#signal.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, left);
        this.#signal.addEventListener('abort', wake, { once: true });
        this.#waiting.push(wake);
      });
      if (this.#signal.aborted) throw abortReason(this.#signal);
    }
    return true;
  }

  #out(target: Address, payload: Buffer): void {
    const { host, port } = this.#relay;
    this.#socket.send([encodeDatagramHeader(target), payload], port, host);
  }

  readonly #onMessage = (datagram: Buffer): void => {
    const at = performance.now();
    const head = decodeDatagram(datagram);
    if (head === null) return;
    const payload = datagram.subarray(head.payloadAt);
    const number = this.#prober.decode(payload);
    if (number === null) return;
    if (this.#prober.probe === 'stun') {
      const answer = decodeStun(payload);
      if (answer !== null) this.#stun.set(number, answer);
    }
    this.#tally.received(number, at);
    for (const wake of this.#waiting.splice(0)) wake();
  };
}
