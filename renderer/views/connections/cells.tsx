/** Cells that more than one table of connections has. */
import { Circle, CircleAlert, CircleDashed, CircleDot } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import type { ConnectionInfo, ProcessOwner } from '../../../core/contract/stats.ts';
import { useUi } from '../../components/context.ts';
import { hostPort } from '../../format/address.ts';
import { t } from '../../i18n/index.ts';
import { targetText } from './target.ts';

const STATES = {
  open: { icon: CircleDot, tone: 'ok' },
  setup: { icon: CircleDashed, tone: 'idle' },
  ended: { icon: Circle, tone: 'idle' },
  failed: { icon: CircleAlert, tone: 'bad' },
} as const;

/** Shape, word and colour. */
export function StateMark({ state }: { state: keyof typeof STATES }): ReactNode {
  return (
    <span className={`mark mark-${STATES[state].tone}`}>
      <StateIcon state={state} />
      {t(`connectionState.${state}`)}
    </span>
  );
}

/** Most rows have the same one. */
const StateIcon = memo(function StateIcon({ state }: { state: keyof typeof STATES }): ReactNode {
  const { icon: Icon } = STATES[state];
  return <Icon aria-hidden />;
});

export function Program({ owner }: { owner: ProcessOwner | null }): ReactNode {
  if (owner === null) return <span className="muted">–</span>;
  return (
    <span className="clip" title={t('detail.pid', { name: owner.name, pid: owner.pid })}>
      {owner.name === '' ? owner.pid : owner.name}
    </span>
  );
}

/** Host and port; below them, where there is room, the address that the name was given here. */
export function Target({ info, ended }: { info: ConnectionInfo; ended: boolean }): ReactNode {
  const roomy = useUi((state) => state.prefs.density === 'comfortable');
  const title = info.target === null ? undefined : hostPort(info.target);
  return (
    <span className="two-lines" dir="ltr" title={title}>
      <span className="clip">{targetText(info, ended)}</span>
      {roomy && info.resolved !== null && <span className="clip second-line">{info.resolved}</span>}
    </span>
  );
}

export function Text({ children, muted = false }: { children: string; muted?: boolean }): ReactNode {
  return (
    <span
      dir="auto"
      className={`clip${muted ? ' muted' : ''}`}
      title={children === '' ? undefined : children}
    >
      {children}
    </span>
  );
}
