/**
 * One SOCKS5 exchange as a client: greeting, method, sign-in, request, reply. Methods are offered in GOST's order. Only what
 * was offered is accepted: GOST v2 names methods nobody offered, and giving in to that would let anybody on the way choose
 * how we sign in. Everything that will be said is encoded before the first byte leaves, so that a name or password that does
 * not fit costs nothing and is never cut or resolved here instead. Nothing is ever sent behind the request: GOST loses it.
 */
import { ProxyError } from '../errors.ts';
import { formatAddress } from '../net/address.ts';
import type { Address, Conn } from '../net/conn.ts';
import { beginStage } from '../net/stages.ts';
import type { ConnectorDeps } from '../registry.ts';
import { COMMAND, METHOD, REP, SIGN_IN } from '../socks/constants.ts';
import {
  decodeMethod,
  decodeReply,
  decodeSignInStatus,
  encodeGreeting,
  encodeRequest,
  encodeSignIn,
} from '../socks/v5.ts';
import { connectPinned, Pins, pinName, trustsFirstUse } from '../transports/pins.ts';
import { converse, type Dialogue, type DialogueAbout } from './dialogue.ts';
import { refusal } from './refusal.ts';

/** What a person allows for one proxy. */
export interface Socks5Policy {
  /** For the whole exchange; 0 leaves it to the attempt's deadline. */
  readonly timeout: number;
  readonly notls: boolean;
  readonly requireTls: boolean;
  readonly requireAuth: boolean;
}

export interface Granted {
  /** The stream after the exchange: what was given, or TLS inside it. */
  readonly conn: Conn;
  /** BND of the reply. */
  readonly bound: Address;
}

const COMMAND_NAMES = new Map<number, string>([
  [COMMAND.CONNECT, 'CONNECT'],
  [COMMAND.BIND, 'BIND'],
  [COMMAND.UDP_ASSOCIATE, 'UDP'],
  [COMMAND.TOR_RESOLVE, 'looking up names'],
  [COMMAND.TOR_RESOLVE_PTR, 'looking up addresses'],
  [COMMAND.GOST_MBIND, 'listening for many peers'],
  [COMMAND.GOST_UDP_TUN, 'UDP inside the stream'],
]);

/** Commands whose refusal by policy is about UDP as a whole, not about an address. */
const UDP: ReadonlySet<number> = new Set([COMMAND.UDP_ASSOCIATE, COMMAND.GOST_UDP_TUN]);
const SIGNS_IN: ReadonlySet<number> = new Set([METHOD.USER_PASSWORD, METHOD.GOST_TLS_USER_PASSWORD]);
const ENCRYPTS: ReadonlySet<number> = new Set([METHOD.GOST_TLS, METHOD.GOST_TLS_USER_PASSWORD]);

export class Socks5Exchange {
  readonly about: DialogueAbout;
  readonly #deps: ConnectorDeps;
  readonly #policy: Socks5Policy;
  readonly #pins: Pins;
  readonly #offer: readonly number[];
  /** True once it is known that this proxy never spoke TLS with us. */
  #neverSecure = false;

  /** Throws `config` when the policy leaves nothing to offer. */
  constructor(deps: ConnectorDeps, policy: Socks5Policy) {
    this.about = { hop: deps.node, protocol: 'SOCKS5', timeoutMs: policy.timeout };
    this.#deps = deps;
    this.#policy = policy;
    this.#pins = new Pins(deps.state);
    this.#offer = offerOf(deps, policy);
  }

  /** Asks for `command`. Resolves when it was granted; rejects with what the proxy or `converse` says, `conn` is then gone. */
  request(conn: Conn, command: number, dst: Address, signal: AbortSignal): Promise<Granted> {
    return converse(conn, this.about, signal, async (proxy, inner) => {
      const asking = encodeRequest({ command, dst });
      await this.#signIn(proxy, inner);
      beginStage(inner, 'request');
      proxy.say(asking);
      return { conn: proxy.conn, bound: await this.reply(proxy, command, dst) };
    });
  }

  /** Hears one reply of the proxy to `command`. Resolves with BND. */
  async reply(proxy: Dialogue, command: number, dst: Address): Promise<Address> {
    const { node: hop } = this.#deps;
    const { rep, bound } = await proxy.hear(decodeReply);
    if (rep === REP.SUCCEEDED) return bound;
    // GOST says 2 where UDP is switched off, others say 7
    if (UDP.has(command) && dst.port === 0 && (rep === REP.NOT_ALLOWED || rep === REP.COMMAND_UNSUPPORTED)) {
      throw new ProxyError('hop_no_udp', { hop, reason: 'UDP is off there.' }, { rep });
    }
    const target = UDP.has(command) ? 'a UDP association' : formatAddress(dst);
    throw refusal(rep, { hop, target, command: COMMAND_NAMES.get(command) ?? 'it' });
  }

  async #signIn(proxy: Dialogue, signal: AbortSignal): Promise<void> {
    const { auth, tls, node: hop, addr: address } = this.#deps;
    const signIn = auth === null ? null : encodeSignIn(auth.username, auth.password);
    beginStage(signal, 'method');
    proxy.say(encodeGreeting(this.#offer));
    const method = await proxy.hear(decodeMethod);
    await this.#judge(method);
    if (ENCRYPTS.has(method)) {
      const about = { hop, address, pins: this.#pins };
      this.#neverSecure = false;
      await proxy.goInside((conn) => connectPinned(conn, tls, about, signal));
    }
    if (signIn === null || !SIGNS_IN.has(method)) return;
    beginStage(signal, 'sign_in');
    proxy.say(signIn);
    if ((await proxy.hear(decodeSignInStatus)) !== SIGN_IN.SUCCESS) throw new ProxyError('hop_auth', { hop });
  }

  /** Rejects with `hop_refused` unless the proxy chose something that may be done. */
  async #judge(method: number): Promise<void> {
    const { auth, node: hop } = this.#deps;
    const refuse = (reason: string): never => {
      throw new ProxyError('hop_refused', { hop, reason });
    };
    if (!this.#offer.includes(method)) {
      const wantsUser = auth === null && (method === METHOD.UNACCEPTABLE || SIGNS_IN.has(method));
      if (wantsUser)
        refuse('it accepts none of the sign-in methods offered; it wants a user name and password.');
      if (method === METHOD.UNACCEPTABLE) refuse('it accepts none of the sign-in methods offered.');
      refuse(`it chose the sign-in method ${method}, which was not offered.`);
    }
    if (this.#policy.requireAuth && !SIGNS_IN.has(method))
      refuse('it lets everybody in, but signing in is required.');
    if (!ENCRYPTS.has(method) && (await this.#wasSecure()))
      refuse(
        'it chose not to encrypt, which it did before. Somebody may be in between. If it is meant so, set notls.',
      );
  }

  /** Whether this proxy is one whose certificate we know, from an earlier connection. */
  async #wasSecure(): Promise<boolean> {
    const { node, addr, tls } = this.#deps;
    if (this.#policy.notls || this.#neverSecure || !trustsFirstUse(tls)) return false;
    const known = await this.#pins.known(pinName(node, addr));
    this.#neverSecure = known === null;
    return known !== null;
  }
}

/**
 * 0x80 is offered even where signing in is required: a GOST v2 server answers 0x82 to it, and picks the readable 0x02 when
 * only 0x82 is offered.
 */
function offerOf({ auth, node }: ConnectorDeps, policy: Socks5Policy): readonly number[] {
  const { notls, requireTls, requireAuth } = policy;
  const misfit = (message: string): never => {
    throw new ProxyError('config', { where: `node ${node}`, message });
  };
  if (notls && requireTls) misfit('requireTls and notls can not both be set: nothing could be offered');
  if (requireAuth && auth === null) misfit('requireAuth needs a user name and password');
  return [
    ...(requireTls || requireAuth ? [] : [METHOD.NONE]),
    ...(auth === null || requireTls ? [] : [METHOD.USER_PASSWORD]),
    ...(notls ? [] : [METHOD.GOST_TLS]),
    ...(notls || auth === null ? [] : [METHOD.GOST_TLS_USER_PASSWORD]),
  ];
}
