/**
 * Log lines on disk: JSON, one per line, in `sockeye.log` and older ones beside it. A file that is full becomes `sockeye.1.log` and so on;
 * the oldest goes. Lines are masked before they come here. Written in blocks at most half a second old; warnings and errors at once, so that
 * what came last before a crash is there.
 */
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '../errors.ts';
import { formatLine, type LogEntry } from '../log.ts';

export interface LogFileLimits {
  readonly files: number;
  readonly fileBytes: number;
}

const LIMITS: LogFileLimits = { files: 5, fileBytes: 5_000_000 };
const FLUSH_MS = 500;
const FLUSH_BYTES = 64 * 1024;

export class LogFiles {
  readonly folder: string;
  readonly limits: LogFileLimits;
  readonly #failed: (error: unknown) => void;
  #file: { readonly fd: number; bytes: number } | null = null;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  /** After a failure, or in the end: nothing is written any more. */
  #closed = false;

  /** `failed` is told once when the files can not be written; the program goes on without them. */
  constructor(folder: string, failed: (error: unknown) => void, limits: LogFileLimits = LIMITS) {
    this.folder = folder;
    this.limits = limits;
    this.#failed = failed;
  }

  add(entry: LogEntry): void {
    if (this.#closed) return;
    const line = `${formatLine(entry)}\n`;
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    const urgent = entry.level === 'error' || entry.level === 'warn';
    if (urgent || this.#waitingBytes >= FLUSH_BYTES) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS).unref();
  }

  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#closed || this.#waiting.length === 0) return;
    const block = Buffer.from(this.#waiting.splice(0).join(''));
    this.#waitingBytes = 0;
    try {
      if (this.#file !== null && this.#file.bytes + block.length > this.limits.fileBytes) this.#rotate();
      this.#file ??= this.#open();
      // a disk may take a part of it
      for (let at = 0; at < block.length;) at += writeSync(this.#file.fd, block, at);
      this.#file.bytes += block.length;
    } catch (error) {
      this.close();
      this.#failed(error);
    }
  }

  close(): void {
    this.flush();
    this.#closed = true;
    if (this.#file !== null) closeSync(this.#file.fd);
    this.#file = null;
  }

  /** What there is on disk. */
  state(): { readonly bytes: number; readonly files: number } {
    this.flush();
    const found = this.#names().map(
      (name) => statSync(join(this.folder, name), { throwIfNoEntry: false })?.size ?? 0,
    );
    return { files: found.length, bytes: found.reduce((sum, bytes) => sum + bytes, 0) };
  }

  #open(): { fd: number; bytes: number } {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const fd = openSync(this.#path(0), 'a', 0o600);
    const { size } = fstatSync(fd);
    if (size < this.limits.fileBytes) return { fd, bytes: size };
    closeSync(fd);
    this.#rotate();
    return { fd: openSync(this.#path(0), 'a', 0o600), bytes: 0 };
  }

  #rotate(): void {
    if (this.#file !== null) closeSync(this.#file.fd);
    this.#file = null;
    const last = this.limits.files - 1;
    rmSync(this.#path(last), { force: true });
    for (let at = last - 1; at >= 0; at -= 1) {
      try {
        renameSync(this.#path(at), this.#path(at + 1));
      } catch (error) {
        if (errnoOf(error) !== 'ENOENT') throw error;
      }
    }
  }

  #path(at: number): string {
    return join(this.folder, at === 0 ? 'sockeye.log' : `sockeye.${at}.log`);
  }

  #names(): string[] {
    try {
      return readdirSync(this.folder).filter((name) => /^sockeye(\.\d+)?\.log$/.test(name));
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return [];
      throw error;
    }
  }
}
