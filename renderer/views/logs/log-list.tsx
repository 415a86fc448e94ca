/** The lines themselves: only those in sight are in the document; the end is followed until one scrolls away from it. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type ReactNode } from 'react';
import type { LogLine } from '../../../core/contract/api.ts';
import { chainsOf } from '../../edits/chains.ts';
import { useModel } from '../../components/context.ts';
import { clockMs } from '../../format/time.ts';
import { t } from '../../i18n/index.ts';
import type { Model } from '../../model.ts';
import { fieldsOf, type LogSource } from '../../store/logs.ts';
import { goTo } from '../../store/ui.ts';

const ROW_PX = 24;

export function LogList({
  lines,
  follow,
  wrap,
}: {
  lines: readonly LogLine[];
  follow: boolean;
  wrap: boolean;
}): ReactNode {
  const scroll = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  // eslint-disable-next-line react-hooks/incompatible-library -- the virtualizer keeps its own state; nothing here is memoized over it
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => lines[index]?.seq ?? index,
    overscan: 12,
  });
  useEffect(() => virtual.measure(), [virtual, wrap]);
  useEffect(() => {
    if (follow && atEnd.current && lines.length > 0)
      virtual.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [follow, lines, virtual, wrap]);
  return (
    <div
      ref={scroll}
      className={`log${wrap ? ' log-wrap' : ''}`}
      role="log"
      aria-live="off"
      aria-label={t('screen.logs')}
      tabIndex={0}
      data-keys="logs"
      onScroll={({ currentTarget: box }) => {
        atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < ROW_PX * 2;
      }}
    >
      <div className="grid-space" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const line = lines[item.index];
          if (line === undefined) return null;
          return (
            <div
              key={item.key}
              ref={wrap ? virtual.measureElement : undefined}
              data-index={item.index}
              className={`log-line log-${line.level}`}
              style={{ transform: `translateY(${item.start}px)`, minHeight: ROW_PX }}
            >
              <Line line={line} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Line({ line }: { line: LogLine }): ReactNode {
  const model = useModel();
  const { id } = line;
  return (
    <>
      <span className="log-at">{clockMs(line.at)}</span>
      <span className="log-level">{t(`level.${line.level}`)}</span>
      <span className="log-text" dir="ltr">
        <span className="log-event">{line.event}</span>
        {id !== null && <Linked source={{ kind: 'id', name: id }} text={id} />}
        {fieldsOf(line).map(({ key, text, link }) => (
          <span key={key} className="log-field">
            {' '}
            {key}={link !== null && exists(model, link) ? <Linked source={link} text={text} /> : text}
          </span>
        ))}
      </span>
    </>
  );
}

/** The way from a line to what it speaks of; plain text once that is gone. */
function Linked({ source, text }: { source: LogSource; text: string }): ReactNode {
  const model = useModel();
  if (!exists(model, source)) return <span className="log-id">{text}</span>;
  return (
    <button type="button" className="log-id" onClick={() => show(model, source)}>
      {text}
    </button>
  );
}

function exists({ live, host }: Model, { kind, name }: LogSource): boolean {
  if (kind === 'id') return live.find(name) !== null;
  const { services, config } = host.getState();
  if (kind === 'service') return services.some((service) => service.name === name);
  return chainsOf(config?.config ?? {}).some((chain) => chain.name === name);
}

function show(model: Model, { kind, name }: LogSource): void {
  const { ui, live, host } = model;
  switch (kind) {
    case 'id':
      goTo(ui, 'connections');
      ui.setState({
        tab: live.slotOf.has(name) ? 'open' : 'closed',
        selected: { kind: 'connection', id: name },
      });
      return;
    case 'service':
      goTo(ui, 'services');
      ui.setState({ selected: { kind: 'service', name } });
      return;
    case 'chain': {
      goTo(ui, 'chains');
      const chain = chainsOf(host.getState().config?.config ?? {}).findIndex((one) => one.name === name);
      ui.setState({ place: { chain, hop: null, node: null } });
    }
  }
}
