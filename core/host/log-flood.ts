/**
 * Keeps one event that repeats itself without end from filling the disk and hiding the others. Each event of each level has an allowance; what
 * goes beyond it is counted and told as one line when the event is heard again or five seconds later.
 */
import type { Level, LogEntry, LogSink } from '../log.ts';

/** Lines at once, and lines a second that come back. Detail is asked for, so it may be wordy; the files are bounded in any case. */
const ALLOWANCE: Readonly<Record<Level, { readonly burst: number; readonly perSecond: number }>> = {
  error: { burst: 20, perSecond: 2 },
  warn: { burst: 20, perSecond: 2 },
  info: { burst: 200, perSecond: 20 },
  debug: { burst: 2000, perSecond: 400 },
};
const TELL_MS = 5000;

interface Allowance {
  left: number;
  at: number;
  hidden: number;
  timer: NodeJS.Timeout | null;
}

/** A sink that passes on what is within its allowance. Times are those of the entries. */
export function limitFlood(sink: LogSink): LogSink {
  const allowances = new Map<string, Allowance>();
  const tell = (allowance: Allowance, level: Level, event: string, at: number): void => {
    if (allowance.timer !== null) clearTimeout(allowance.timer);
    allowance.timer = null;
    if (allowance.hidden === 0) return;
    const fields = { of: event, lines: allowance.hidden };
    allowance.hidden = 0;
    sink({ at, level, event: 'lines_left_out', fields });
  };
  return (entry: LogEntry) => {
    const { level, event, at } = entry;
    const { burst, perSecond } = ALLOWANCE[level];
    const key = `${level} ${event}`;
    let allowance = allowances.get(key);
    if (allowance === undefined) {
      allowance = { left: burst, at, hidden: 0, timer: null };
      allowances.set(key, allowance);
    }
    // a clock that was set back gives nothing and takes nothing
    const passed = Math.max(0, at - allowance.at) / 1000;
    allowance.left = Math.min(burst, allowance.left + passed * perSecond);
    allowance.at = at;
    if (allowance.left < 1) {
      allowance.hidden += 1;
      const held = allowance;
      allowance.timer ??= setTimeout(() => tell(held, level, event, Date.now()), TELL_MS).unref();
      return;
    }
    allowance.left -= 1;
    tell(allowance, level, event, at);
    sink(entry);
  };
}
