/** The window's own address, and the one question about every other: is it ours? */
export const SCHEME = 'app';
export const ORIGIN = `${SCHEME}://sockeye`;

/** True for an address of the window itself. Compared by scheme and host: the origin of a URL with a scheme of our own is "null" in Node. */
export function isOwn(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host, username } = new URL(url);
  return protocol === `${SCHEME}:` && host === 'sockeye' && username === '';
}
