/** A connection in words: what it is about, and why it ended. */
import type { ClosedConnection, ConnectionInfo } from '../../../core/contract/stats.ts';
import { hostPort } from '../../format/address.ts';
import { errorText, t } from '../../i18n/index.ts';

/** A UDP session's control connection never has a target. */
export function targetText(info: ConnectionInfo, ended: boolean): string {
  if (info.target !== null) return hostPort(info.target);
  if (info.command === 'associate' || info.command === 'udp-tun') return t('words.association');
  return ended ? t('connections.noTarget') : t('connections.noTargetYet');
}

export function whyEnded({ error, endedBy }: ClosedConnection): string {
  if (error !== null) return errorText(error);
  return endedBy === null || endedBy === 'us'
    ? t('connections.endedWell')
    : t(`connections.endedFirst.${endedBy}`);
}
