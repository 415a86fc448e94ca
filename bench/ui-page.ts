/** What the window's bench runs inside of the page, before the window's own code: the times of messages, frames, hiding. */

export interface Bench {
  clear(): void;
  take(): { readonly all: number; readonly apply: number[]; readonly bytes: number[] };
  hide(hidden: boolean): void;
  frame(): Promise<number>;
  /** The next task, after what the last one set off. */
  settled(): Promise<void>;
  idle(): Promise<void>;
}

/**
 * Times every message from before the window's listener to after it, with the microtasks in between, in which React renders what a store
 * changed. Listeners of one event run in the order they were added, and microtasks run between them.
 */
export function watchMessages(): void {
  let all = 0;
  let apply: number[] = [];
  let bytes: number[] = [];
  let begun = 0;
  let concealed = false;
  class Watched extends WebSocket {
    constructor(url: string | URL) {
      super(url);
      this.addEventListener('message', ({ data }: MessageEvent<string>) => {
        all += 1;
        begun = data.startsWith('{"t":"event","name":"stats"') ? performance.now() : 0;
        if (begun > 0) bytes.push(data.length);
      });
      // after the listener that the window is about to set
      setTimeout(() => {
        this.addEventListener('message', () => {
          if (begun > 0) apply.push(performance.now() - begun);
        });
      });
    }
  }
  window.WebSocket = Watched;
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => concealed });
  const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
  const tools: Bench = {
    clear: () => {
      all = 0;
      apply = [];
      bytes = [];
    },
    take: () => ({ all, apply, bytes }),
    hide: (next) => {
      concealed = next;
      document.dispatchEvent(new Event('visibilitychange'));
    },
    frame,
    settled: async () => {
      await new Promise<void>((resolve) => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => resolve();
        channel.port2.postMessage(null);
      });
      // layout belongs to it
      document.body.getBoundingClientRect();
    },
    idle: async () => {
      await frame();
      await frame();
    },
  };
  Object.assign(window, { bench: tools });
}
