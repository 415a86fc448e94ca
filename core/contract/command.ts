/** Commands a person pastes into a shell to use a service; in the window and in the tray they are the same. */
import type { Address } from './address.ts';

export type Shell = 'bash' | 'fish' | 'powershell' | 'cmd';

export interface ProxyUse {
  readonly address: Address;
  /** Handler type as in the file: socks5, socks4, http, auto. */
  readonly handler: string;
  readonly auth: boolean;
}

/** The proxy as a URL that resolves names at the proxy. The password is never in it: the window does not know it. */
function proxyUrl(use: ProxyUse): string {
  const scheme = SCHEMES[use.handler] ?? 'socks5h';
  return `${scheme}://${use.auth ? 'USER:PASSWORD@' : ''}${bracketed(use.address.host)}:${use.address.port}`;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

const SCHEMES: Readonly<Record<string, string>> = { socks4: 'socks4a', socks4a: 'socks4a', http: 'http' };

/** Sets the proxy for programs started from this shell. Lower case too: some programs read only that. */
export function shellCommand(shell: Shell, use: ProxyUse): string {
  const url = proxyUrl(use);
  switch (shell) {
    case 'bash':
      return `export ALL_PROXY=${url} all_proxy=${url}`;
    case 'fish':
      return `set -gx ALL_PROXY ${url}; set -gx all_proxy ${url}`;
    case 'powershell':
      return `$env:ALL_PROXY = "${url}"`;
    case 'cmd':
      return `set "ALL_PROXY=${url}"`;
  }
}

/** One request through the service. `target` null asks for a page that exists for such tests. */
export function curlCommand(use: ProxyUse, target: Address | null): string {
  return `curl -x ${proxyUrl(use)} ${target === null ? 'https://example.com' : targetUrl(target)}`;
}

function targetUrl(target: Address): string {
  const host = bracketed(target.host);
  if (target.port === 443) return `https://${host}/`;
  if (target.port === 80) return `http://${host}/`;
  return `http://${host}:${target.port}/`;
}
