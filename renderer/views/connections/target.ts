/** What a connection is about, in words when it has no target: a UDP session's control connection never has one. */
import type { ConnectionInfo } from '../../../core/contract/stats.ts';
import { hostPort } from '../../format/address.ts';
import { t } from '../../i18n/index.ts';

export function targetText(info: ConnectionInfo, ended: boolean): string {
  if (info.target !== null) return hostPort(info.target);
  if (info.command === 'associate' || info.command === 'udp-tun') return t('words.association');
  return ended ? t('connections.noTarget') : t('connections.noTargetYet');
}
