/** State as shape, word and colour, never colour alone. */
import { Circle, CircleAlert, CircleDashed, CircleDot } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ServiceState } from '../../core/contract/api.ts';
import { t } from '../i18n/index.ts';

const MARKS: Readonly<Record<ServiceState['state'], { icon: typeof Circle; tone: string }>> = {
  up: { icon: CircleDot, tone: 'ok' },
  starting: { icon: CircleDashed, tone: 'idle' },
  draining: { icon: CircleDashed, tone: 'warn' },
  stopped: { icon: Circle, tone: 'idle' },
  failed: { icon: CircleAlert, tone: 'bad' },
};

export function ServiceMark({ state }: { state: ServiceState['state'] }): ReactNode {
  const { icon: Icon, tone } = MARKS[state];
  return (
    <span className={`mark mark-${tone}`}>
      <Icon aria-hidden />
      {t(`state.${state}`)}
    </span>
  );
}
