/** How much is captured: not a filter, and it says so. Everything for ten minutes, counted down, then the usual lines again. */
import { CircleDot } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { capture, readStorage } from '../../actions/logs.ts';
import { useHost, useModel } from '../../components/context.ts';
import { Segments } from '../../components/segments.tsx';
import { t } from '../../i18n/index.ts';

const DETAIL = ['usual', 'all'] as const;

export function CaptureDetail(): ReactNode {
  const model = useModel();
  const storage = useHost((state) => state.storage);
  const [now, setNow] = useState(() => Date.now());
  const given = storage?.logs.detailLeftMs ?? 0;
  const until = storage === null || given === 0 ? 0 : storage.readAt + given;
  const left = Math.max(0, until - now);
  useEffect(() => void readStorage(model), [model]);
  useEffect(() => {
    if (until <= Date.now()) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [until]);
  const on = left > 0;
  return (
    <div className="capture">
      <span className="capture-title" aria-hidden>
        {t('logs.capture')}
      </span>
      <Segments
        label={t('logs.capture')}
        options={DETAIL}
        value={on ? 'all' : 'usual'}
        name={(detail) => t(detail === 'all' ? 'logs.captureAll' : 'logs.captureUsual')}
        choose={(detail) => {
          setNow(Date.now());
          void capture(model, detail === 'all');
        }}
      />
      {on && (
        <span className="capture-left number" role="timer" aria-label={t('logs.captureLeft')}>
          <CircleDot aria-hidden />
          {countdown(left)}
        </span>
      )}
    </div>
  );
}

/** "9:41" */
function countdown(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
