/** The newest log lines of one connection, and the way to all of them. The log links back by the same id. */
import type { ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { useModel, useSignal } from '../../components/context.ts';
import { clockMs } from '../../format/time.ts';
import { t } from '../../i18n/index.ts';
import { fieldText } from '../../store/logs.ts';
import { goTo } from '../../store/ui.ts';

const SHOWN = 6;
/** How far back lines are looked for: a connection's lines are near its end. */
const LOOKED_AT = 4_000;

export function ConnectionLog({ id }: { id: string }): ReactNode {
  const model = useModel();
  useSignal(model.logs.changed);
  const lines = model.logs.lines
    .slice(-LOOKED_AT)
    .filter((line) => line.id === id)
    .slice(-SHOWN);
  return (
    <section className="connection-log">
      <h3>{t('detail.log')}</h3>
      {lines.length === 0 ? (
        <p className="muted">{t('detail.noLog')}</p>
      ) : (
        <ol>
          {lines.map((line) => (
            <li key={line.seq} dir="ltr">
              <span className="muted number">{clockMs(line.at)}</span> {line.event}
              <span className="muted">{fieldText(line)}</span>
            </li>
          ))}
        </ol>
      )}
      <Button
        onClick={() => {
          goTo(model.ui, 'logs');
          model.ui.setState({ logText: '', logLevel: 'debug', logSource: { kind: 'id', name: id } });
        }}
      >
        {t('connections.itsLog')}
      </Button>
    </section>
  );
}
