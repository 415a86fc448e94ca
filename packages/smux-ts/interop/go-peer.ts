/** The Go peer of the interop suite as an object: starts it, gives it commands, waits for its answers. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { createInterface } from 'node:readline';

/** How the transport comes about and who is what: the roles of smux and of TCP are independent. */
export interface Setting {
  readonly version: 1 | 2;
  /** smux role of the Go side. */
  readonly goRole: 'client' | 'server';
  /** Who dials TCP. */
  readonly dialler: 'go' | 'ts';
}

export class GoPeer {
  readonly socket: net.Socket;
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  private constructor(child: ChildProcess, answers: AsyncIterator<string>, socket: net.Socket) {
    this.#child = child;
    this.#answers = answers;
    this.socket = socket;
  }

  static async start(program: string, setting: Setting): Promise<GoPeer> {
    const args = ['interop', '-role', setting.goRole, '-version', String(setting.version)];
    const listener = net.createServer({ noDelay: true, allowHalfOpen: true });
    if (setting.dialler === 'go') {
      await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
      const address = listener.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      args.push('-dial', `127.0.0.1:${address.port}`);
    }
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.on('error', () => undefined);
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    let socket: net.Socket;
    if (setting.dialler === 'go') {
      const [accepted] = (await once(listener, 'connection')) as [unknown];
      if (!(accepted instanceof net.Socket)) throw new Error('no socket');
      socket = accepted;
      listener.close();
    } else {
      const port = Number(String((await answers.next()).value).split(' ')[1]);
      socket = net.connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
      await once(socket, 'connect');
    }
    return new GoPeer(child, answers, socket);
  }

  /** Sends a command and waits for its result; throws what Go says when it failed. */
  async run(command: string): Promise<void> {
    this.send(command);
    const answer = JSON.parse(await this.next()) as { ok?: boolean; error?: string };
    if (answer.ok !== true) throw new Error(`Go, ${command}: ${answer.error ?? JSON.stringify(answer)}`);
  }

  /** Sends a command without waiting. */
  send(command: string): void {
    this.#child.stdin?.write(`${command}\n`);
  }

  /** The next line Go prints. */
  async next(): Promise<string> {
    const line = await this.#answers.next();
    if (line.done === true) throw new Error('the Go peer has ended');
    return line.value;
  }

  async stop(): Promise<void> {
    this.socket.destroy();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.kill();
    await closed;
  }
}
