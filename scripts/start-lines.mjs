// What a person at a terminal reads of the program's JSON log: the few lines that matter to them, as sentences.

/** One sentence for a log line; null for what only a log needs; the line itself when it is none. */
export function sentence(line) {
  if (!line.startsWith('{')) return line === '' ? null : line;
  let entry;
  try {
    entry = JSON.parse(line);
  } catch {
    return line;
  }
  const { level, event } = entry;
  if (event === 'stopping') return 'Ending; open connections get two seconds.';
  if (level !== 'warn' && level !== 'error') return null;
  const subject = [entry.service, entry.address].filter((part) => part !== undefined).join(' at ');
  const what = [entry.message, entry.error, entry.hint].filter((part) => typeof part === 'string').join(' ');
  const text = what === '' ? fields(entry) : what;
  return `${level === 'error' ? 'Error' : 'Note'}: ${subject === '' ? '' : `${subject}: `}${text}`;
}

function fields({ time: _time, level: _level, event, ...rest }) {
  return [event, ...Object.entries(rest).map(([key, value]) => `${key}=${String(value)}`)].join(' ');
}
