/**
 * The command line, in GOST's way: single letters with `-L url` or `-L=url`, any number of them; long words with one or two dashes.
 * Own parser because node:util's knows neither single-dash words nor an option with an optional value.
 */
import { nearest } from '../config/gost-types.ts';
import { readTypedDuration } from '../config/gost-values.ts';
import { parseAddress } from '../net/address.ts';
import type { Address } from '../net/conn.ts';
import type { Level } from '../log.ts';

export interface RunArgs {
  readonly kind: 'run';
  readonly services: readonly string[];
  readonly nodes: readonly string[];
  readonly files: readonly string[];
  /** How often files are looked at in any case, in milliseconds; 0: only when the system tells of a change. */
  readonly lookEveryMs: number;
  /** Print what all of it means, and exit. */
  readonly print: 'yaml' | 'json' | null;
  /** Where to serve the window; null: no window. */
  readonly ui: Address | null;
  readonly quick: boolean;
  readonly data: string | null;
  /** Null: nobody said; the configuration may. */
  readonly level: Level | null;
}

export type Args =
  | RunArgs
  | { readonly kind: 'check'; readonly file: string }
  /** `forget` null: list them. */
  | { readonly kind: 'pins'; readonly forget: string | null; readonly data: string | null }
  | { readonly kind: 'version' }
  | { readonly kind: 'help' }
  /** `message` is a sentence. */
  | { readonly kind: 'error'; readonly message: string };

export const USAGE = `Usage: sockeye [-L URL]... [-F URL]... [-C FILE]... [options]
       sockeye --ui [--quick]
       sockeye check FILE
       sockeye pins [forget PROXY] [--data DIR]

  -L URL            a service to run, such as socks5://user:pass@:1080 (repeatable)
  -F URL            a proxy to send its traffic through (repeatable: a chain, first hop first)
  -C FILE           a GOST v3 or v2 configuration file, YAML or JSON (repeatable); read again when it changes, and on SIGHUP
  -R DURATION       look at the files this often as well, such as 30s, where the disk tells of no changes
  -O yaml|json      print what the arguments mean as a configuration, and exit
  -D, -DD           debug log, the same as --log debug
  -V                print the version, and exit
  --ui [HOST:PORT]  serve the window to a browser; prints a link that works once (default 127.0.0.1, any free port)
  --quick           start a local SOCKS5 proxy on 127.0.0.1:1080 or the next free port
  --data DIR        folder of the saved configuration and state
  --log LEVEL       error, warn, info or debug; lines go to stderr as JSON
  -h, --help        print this, and exit
`;

const LEVELS: readonly Level[] = ['error', 'warn', 'info', 'debug'];
const UI_DEFAULT: Address = { host: '127.0.0.1', port: 0 };

/** Reads the arguments after the program's name. */
export function parseArgs(argv: readonly string[]): Args {
  const found = {
    services: [] as string[],
    nodes: [] as string[],
    files: [] as string[],
    lookEveryMs: 0,
    print: null as RunArgs['print'],
    ui: null as Address | null,
    quick: false,
    data: null as string | null,
    level: null as Level | null,
  };
  const rest = [...argv];
  if (rest[0] === 'check') {
    const [, file, ...more] = rest;
    if (file === '-h' || file === '--help') return { kind: 'help' };
    if (file === undefined || more.length > 0) return wrong('"check" takes one file.');
    return { kind: 'check', file };
  }
  if (rest[0] === 'pins') return pinsArgs(rest.slice(1));
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const option = /^--?([A-Za-z]+)(?:=(.*))?$/s.exec(arg);
    if (arg === '--')
      return wrong('"--" does not divide programs as in GOST; start sockeye once for each part.');
    if (option === null)
      return wrong(`"${arg}" is not understood; services are given with -L, proxies with -F.`);
    const [, name = '', attached] = option;
    const value = (): string | undefined => attached ?? rest.shift();
    switch (name) {
      case 'L':
      case 'F':
      case 'C': {
        const given = value();
        if (given === undefined || given === '')
          return wrong(`-${name} needs ${name === 'C' ? 'a file' : 'a URL'}.`);
        (name === 'L' ? found.services : name === 'F' ? found.nodes : found.files).push(given);
        break;
      }
      case 'O': {
        const given = value();
        if (given !== 'yaml' && given !== 'json') return wrong('-O needs yaml or json.');
        found.print = given;
        break;
      }
      case 'R': {
        const { value: period, remark } = readTypedDuration(value() ?? '');
        if (period === undefined || remark !== undefined || period <= 0)
          return wrong('-R needs a duration such as 30s.');
        found.lookEveryMs = period;
        break;
      }
      case 'api':
      case 'metrics':
        return wrong(
          `Sockeye opens no ${name === 'api' ? 'control API' : 'metrics port'}; --ui serves its window.`,
        );
      case 'D':
      case 'DD':
        found.level = 'debug';
        break;
      case 'V':
      case 'version':
        return { kind: 'version' };
      case 'h':
      case 'help':
        return { kind: 'help' };
      case 'quick':
        found.quick = true;
        break;
      case 'ui': {
        const next = rest[0];
        const follows = attached === undefined && next !== undefined && !next.startsWith('-');
        const given = attached ?? (follows ? rest.shift() : undefined);
        const address = given === undefined ? UI_DEFAULT : uiAddress(given);
        if (address === null) return wrong('--ui needs an address such as 127.0.0.1:8080, or none.');
        found.ui = address;
        break;
      }
      case 'data': {
        const given = value();
        if (given === undefined || given === '') return wrong('--data needs a folder.');
        found.data = given;
        break;
      }
      case 'log': {
        const given = value();
        const level = LEVELS.find((known) => known === given);
        if (level === undefined) return wrong(`--log needs one of ${LEVELS.join(', ')}.`);
        found.level = level;
        break;
      }
      default:
        return wrong(`There is no option ${arg.split('=', 1)[0] ?? arg}.${meant(name)}`);
    }
  }
  const nothing = found.services.length + found.nodes.length + found.files.length === 0;
  if (nothing && found.ui === null && !found.quick && found.print === null)
    return wrong('There is nothing to do.');
  return { kind: 'run', ...found };
}

/** The certificates of proxies that were trusted on first use. */
function pinsArgs(rest: readonly string[]): Args {
  const at = rest.findIndex((arg) => /^--?data(=|$)/.test(arg));
  const attached = at === -1 ? undefined : /=(.*)$/s.exec(rest[at] ?? '')?.[1];
  const data = at === -1 ? null : (attached ?? rest[at + 1] ?? '');
  if (data === '') return wrong('--data needs a folder.');
  const words =
    at === -1
      ? rest
      : rest.filter((_, index) => index !== at && (attached !== undefined || index !== at + 1));
  const [verb, peer, ...more] = words;
  if (verb === undefined) return { kind: 'pins', forget: null, data };
  if (verb !== 'forget' || peer === undefined || more.length > 0)
    return wrong('"pins" lists certificates; "pins forget" takes one proxy as it is listed, in quotes.');
  return { kind: 'pins', forget: peer, data };
}

/** A window is never served to everybody because a host was left out: `:8080` is loopback here. */
function uiAddress(text: string): Address | null {
  const address = parseAddress(/^\d+$/.test(text) ? `:${text}` : text);
  return address === null
    ? null
    : { host: address.host === '' ? UI_DEFAULT.host : address.host, port: address.port };
}

/** Words that an option may be; single letters are too short to be mistaken for each other. */
const WORDS = ['api', 'data', 'help', 'log', 'metrics', 'quick', 'ui', 'version'] as const;

function meant(name: string): string {
  const near = nearest(name, WORDS);
  return near === null ? '' : ` Did you mean --${near}?`;
}

function wrong(message: string): Args {
  return { kind: 'error', message };
}
