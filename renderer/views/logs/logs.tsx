/** The log: the last lines of the engine, filtered by level and words, following the end until one scrolls away. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { Copy, Pause, Play, Search } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import type { LogLine } from '../../../core/contract/api.ts';
import { copy } from '../../actions/host.ts';
import { Button } from '../../components/button.tsx';
import { useModel, useSignal, useUi } from '../../components/context.ts';
import { Empty } from '../../components/empty.tsx';
import { count } from '../../format/bytes.ts';
import { clockMs } from '../../format/time.ts';
import { language, t } from '../../i18n/index.ts';
import { fieldText, findLines, LEVELS, lineText } from '../../store/logs.ts';
import { goTo } from '../../store/ui.ts';
import { ScreenHead } from '../frame/screen-head.tsx';

const ROW_PX = 24;

export function LogsScreen(): ReactNode {
  const model = useModel();
  const { logs, ui } = model;
  const text = useUi((state) => state.logText);
  const level = useUi((state) => state.logLevel);
  const paused = useUi((state) => state.logPaused);
  useSignal(logs.changed);
  const [held, setHeld] = useState(logs.lines);
  const [wasPaused, setWasPaused] = useState(paused);
  if (wasPaused !== paused) {
    setWasPaused(paused);
    setHeld(logs.lines);
  }
  const all = paused ? held : logs.lines;
  const lines = useMemo(() => findLines(all, level, text), [all, level, text]);
  return (
    <>
      <ScreenHead title={t('screen.logs')} />
      <div className="tab-page">
        <div className="toolbar">
          <div className="filter">
            <Search aria-hidden />
            <input
              className="filter-input"
              data-filter
              type="text"
              role="searchbox"
              spellCheck={false}
              aria-label={t('logs.filter')}
              placeholder={t('logs.filter')}
              value={text}
              onChange={(event) => ui.setState({ logText: event.target.value })}
            />
          </div>
          <label className="inline-label">
            {t('logs.level')}
            <select
              className="input select"
              value={level}
              onChange={(event) => {
                const next = LEVELS.find((one) => one === event.target.value);
                if (next !== undefined) ui.setState({ logLevel: next });
              }}
            >
              {LEVELS.map((one) => (
                <option key={one} value={one}>
                  {t(`level.${one}`)}
                </option>
              ))}
            </select>
          </label>
          <span className="toolbar-note number">
            {t('logs.shown', {
              shown: count(lines.length, language()),
              total: count(all.length, language()),
            })}
          </span>
          <span className="grow" />
          <Button
            icon={<Copy aria-hidden />}
            disabled={lines.length === 0}
            onClick={() =>
              void copy(model, lines.map(asText).join('\n'), t('logs.lines', { count: lines.length }))
            }
          >
            {t('logs.copy')}
          </Button>
          <Button
            icon={paused ? <Play aria-hidden /> : <Pause aria-hidden />}
            aria-pressed={paused}
            onClick={() => ui.setState({ logPaused: !paused })}
          >
            {paused ? t('connections.resume') : t('connections.pause')}
          </Button>
        </div>
        {lines.length === 0 ? (
          <Empty
            text={
              all.length === 0 ? t('logs.empty') : t('logs.noMatch', { total: count(all.length, language()) })
            }
          >
            {all.length > 0 && (
              <Button onClick={() => ui.setState({ logText: '', logLevel: 'debug' })}>
                {t('connections.clearFilter')}
              </Button>
            )}
          </Empty>
        ) : (
          <LogList lines={lines} follow={!paused} />
        )}
      </div>
    </>
  );
}

function LogList({ lines, follow }: { lines: readonly LogLine[]; follow: boolean }): ReactNode {
  const scroll = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  // eslint-disable-next-line react-hooks/incompatible-library -- the virtualizer keeps its own state; nothing here is memoized over it
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  useEffect(() => {
    if (follow && atEnd.current && lines.length > 0)
      virtual.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [follow, lines, virtual]);
  return (
    <div
      ref={scroll}
      className="log"
      role="log"
      aria-live="off"
      aria-label={t('screen.logs')}
      tabIndex={0}
      onScroll={({ currentTarget: box }) => {
        atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < ROW_PX * 2;
      }}
    >
      <div className="grid-space" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const line = lines[item.index];
          return line === undefined ? null : <Line key={line.seq} line={line} top={item.start} />;
        })}
      </div>
    </div>
  );
}

function Line({ line, top }: { line: LogLine; top: number }): ReactNode {
  const model = useModel();
  const { id } = line;
  const known = id !== null && model.live.find(id) !== null;
  return (
    <div
      className={`log-line log-${line.level}`}
      style={{ transform: `translateY(${top}px)`, height: ROW_PX }}
    >
      <span className="log-at">{clockMs(line.at)}</span>
      <span className="log-level">{t(`level.${line.level}`)}</span>
      <span className="log-event">{line.event}</span>
      {id !== null &&
        (known ? (
          <button
            type="button"
            className="log-id"
            onClick={() => {
              goTo(model.ui, 'connections');
              const tab = model.live.slotOf.has(id) ? 'open' : 'closed';
              model.ui.setState({ tab, selected: { kind: 'connection', id } });
            }}
          >
            {id}
          </button>
        ) : (
          <span className="log-id">{id}</span>
        ))}
      <span className="log-fields" dir="ltr">
        {fieldText(line)}
      </span>
    </div>
  );
}

function asText(line: LogLine): string {
  return `${new Date(line.at).toISOString()} ${line.level} ${lineText(line)}`;
}
