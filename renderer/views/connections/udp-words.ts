/** The UDP check in words: its verdict, what a rung found, what failed and why. */
import type { UdpCheck, UdpRung } from '../../../core/contract/udp-check.ts';
import { hostPort } from '../../format/address.ts';
import { errorText, t, type Key } from '../../i18n/index.ts';

export function verdict({ ok, loss, probe }: UdpCheck): string {
  if (ok !== true) return t('udpCheck.stopped');
  const lost = loss === null ? 0 : loss.sent - loss.received;
  return lost === 0
    ? t('udpCheck.works', { probe: t(`udpProbe.${probe}`) })
    : t('udpCheck.worksLossy', { lost });
}

export function detailOf(rung: UdpRung, check: UdpCheck): string {
  if (rung.state === 'skipped') return t(rung.name === 'hops' ? 'udpCheck.noHops' : 'udpCheck.noSweep');
  if (rung.state === 'held') return t('udpCheck.held');
  if (rung.name === 'associate' && check.bound !== null) {
    const any = check.bound.host === '0.0.0.0' || check.bound.host === '::';
    return t(any ? 'udpCheck.boundAny' : 'udpCheck.bound', { address: hostPort(check.bound) });
  }
  if (rung.name === 'answer' && rung.state === 'ok')
    return check.target === null ? t('udpCheck.builtIn') : hostPort(check.target);
  return '';
}

export function fixValues(check: UdpCheck): Readonly<Record<string, string | number>> {
  const failed = check.hops.findIndex(({ state }) => state === 'failed');
  return {
    service: check.service,
    number: failed + 1,
    hop: check.hops[failed]?.node ?? '',
    target: check.target === null ? '' : hostPort(check.target),
    relay: check.bound === null ? '' : hostPort(check.bound),
  };
}

/** What failed and where, in the words of the object it is about. */
export function whatFailed(rung: UdpRung, check: UdpCheck): string {
  const failed = check.hops.findIndex(({ state }) => state === 'failed');
  const hop = check.hops[failed];
  if (rung.name !== 'hops' || hop === undefined) return t(`rungFailed.${rung.name}`, fixValues(check));
  const where = { number: failed + 1, hop: hop.node, address: hostPort(hop.address) };
  return hop.reply === null
    ? t('udpCheck.hopFailed', where)
    : t('udpCheck.hopAnswered', { ...where, reply: replyText(hop.reply) });
}

export function whyFailed({ error }: UdpRung, { dropped }: UdpCheck): string {
  const why = error === null ? '' : errorText(error);
  return dropped === null ? why : `${why} ${t(`drop.${dropped}`)}`;
}

const NAMED_REPLIES = [1, 2, 3, 4, 5, 6, 7, 8];

export function replyText(reply: number | null): string {
  if (reply === null) return t('rungState.failed');
  if (!NAMED_REPLIES.includes(reply)) return t('udpCheck.replyCode', { code: reply });
  // the names of the replies are keys of the catalogue
  return `${t(`socksReply.${reply}` as Key)} (${reply})`;
}
