/** The log: what is shown (level, source, words) and, apart from that, what is captured; copied, saved, found on disk. */
import { Copy, Download, FolderOpen, Pause, Play, Regex, Search, WrapText, X } from 'lucide-react';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { copy } from '../../actions/host.ts';
import { openFolder, readOlderLines, saveLines } from '../../actions/logs.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { useHost, useModel, useSignal, useUi } from '../../components/context.ts';
import { CopyButton } from '../../components/copy.tsx';
import { Empty } from '../../components/empty.tsx';
import { Menu } from '../../components/menu.tsx';
import { chainsOf } from '../../edits/chains.ts';
import { count } from '../../format/bytes.ts';
import { language, t } from '../../i18n/index.ts';
import { fileLine, findLines, LEVELS, type LogSource } from '../../store/logs.ts';
import { ScreenHead } from '../frame/screen-head.tsx';
import { CaptureDetail } from './capture.tsx';
import { LogList } from './log-list.tsx';

export function LogsScreen(): ReactNode {
  const model = useModel();
  const { logs, ui } = model;
  const text = useUi((state) => state.logText);
  const level = useUi((state) => state.logLevel);
  const pattern = useUi((state) => state.logPattern);
  const source = useUi((state) => state.logSource);
  const wrap = useUi((state) => state.logWrap);
  const paused = useUi((state) => state.logPaused);
  useSignal(logs.changed);
  const [held, setHeld] = useState(logs.lines);
  const [wasPaused, setWasPaused] = useState(paused);
  if (wasPaused !== paused) {
    setWasPaused(paused);
    setHeld(logs.lines);
  }
  useEffect(() => void readOlderLines(model), [model]);
  const all = paused ? held : logs.lines;
  const { lines, problem } = useMemo(
    () => findLines(all, { level, text, pattern, source }),
    [all, level, text, pattern, source],
  );
  const shown = { shown: count(lines.length, language()), total: count(all.length, language()) };
  const filtered = text !== '' || source !== null || level !== 'debug';
  return (
    <>
      <ScreenHead title={t('screen.logs')}>
        <CaptureDetail />
      </ScreenHead>
      <div className="tab-page">
        <div className="toolbar logs-toolbar">
          <div className="filter">
            <Search aria-hidden />
            <input
              className="filter-input"
              data-filter
              type="text"
              role="searchbox"
              spellCheck={false}
              aria-label={t('logs.filter')}
              aria-invalid={problem !== null}
              aria-describedby={problem === null ? undefined : 'log-problem'}
              placeholder={t('logs.filter')}
              value={text}
              onChange={(event) => ui.setState({ logText: event.target.value })}
            />
            <IconButton
              label={t('logs.pattern')}
              className="filter-toggle"
              aria-pressed={pattern}
              onClick={() => ui.setState({ logPattern: !pattern })}
            >
              <Regex aria-hidden />
            </IconButton>
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
          <SourceSelect source={source} />
          <span className="toolbar-note number">{t('logs.shown', shown)}</span>
          <span className="grow" />
          <IconButton
            label={t('logs.wrap')}
            aria-pressed={wrap}
            onClick={() => ui.setState({ logWrap: !wrap })}
          >
            <WrapText aria-hidden />
          </IconButton>
          <IconButton
            label={t('logs.copy')}
            disabled={lines.length === 0}
            onClick={() =>
              void copy(
                model,
                lines.map((line) => fileLine(line, false)).join('\n'),
                t('logs.lines', { count: lines.length }),
              )
            }
          >
            <Copy aria-hidden />
          </IconButton>
          <Menu
            label={t('logs.save')}
            trigger={
              <IconButton label={t('logs.save')} disabled={lines.length === 0}>
                <Download aria-hidden />
              </IconButton>
            }
            groups={[
              [
                { label: t('logs.saveHidden'), run: () => saveLines(lines, true) },
                { label: t('logs.saveAll'), run: () => saveLines(lines, false) },
              ],
            ]}
          />
          <Button
            icon={paused ? <Play aria-hidden /> : <Pause aria-hidden />}
            aria-pressed={paused}
            onClick={() => ui.setState({ logPaused: !paused })}
          >
            {paused ? t('connections.resume') : t('connections.pause')}
          </Button>
        </div>
        {problem !== null && (
          <p id="log-problem" className="log-problem" role="alert">
            {t('logs.badPattern', { problem })}
          </p>
        )}
        {lines.length === 0 ? (
          <Empty text={all.length === 0 ? t('logs.empty') : t('logs.noMatch', shown)}>
            {all.length > 0 && filtered && (
              <Button onClick={() => ui.setState({ logText: '', logLevel: 'debug', logSource: null })}>
                {t('connections.clearFilter')}
              </Button>
            )}
          </Empty>
        ) : (
          <LogList lines={lines} follow={!paused} wrap={wrap} />
        )}
        <LogFolder />
      </div>
    </>
  );
}

/** All lines, or those of one service, one chain, one connection. */
function SourceSelect({ source }: { source: LogSource | null }): ReactNode {
  const { ui } = useModel();
  const services = useHost((state) => state.services);
  const config = useHost((state) => state.config);
  const sources: LogSource[] = [
    ...services.map(({ name }): LogSource => ({ kind: 'service', name })),
    ...chainsOf(config?.config ?? {}).map(({ name }): LogSource => ({ kind: 'chain', name: name ?? '' })),
  ];
  const key = (one: LogSource | null): string => (one === null ? '' : `${one.kind} ${one.name}`);
  // a connection is chosen from its own place; here it can be let go
  const known = source === null || sources.some((one) => key(one) === key(source));
  return (
    <label className="inline-label">
      {t('logs.source')}
      <select
        className="input select log-source"
        value={key(source)}
        onChange={({ target }) =>
          ui.setState({ logSource: sources.find((one) => key(one) === target.value) ?? null })
        }
      >
        <option value="">{t('logs.everything')}</option>
        {!known && <option value={key(source)}>{sourceName(source)}</option>}
        {sources.map((one) => (
          <option key={key(one)} value={key(one)}>
            {sourceName(one)}
          </option>
        ))}
      </select>
      {source !== null && (
        <IconButton label={t('logs.everything')} onClick={() => ui.setState({ logSource: null })}>
          <X aria-hidden />
        </IconButton>
      )}
    </label>
  );
}

function sourceName({ kind, name }: LogSource): string {
  return t(`logSource.${kind}`, { name });
}

/** Where the same lines are on disk. */
function LogFolder(): ReactNode {
  const model = useModel();
  const logs = useHost((state) => state.storage?.logs ?? null);
  const desktop = useHost((state) => state.info?.runtime === 'electron');
  if (logs === null) return null;
  return (
    <footer className="log-foot">
      {logs.folder === null ? (
        <span>{t('logs.noFiles')}</span>
      ) : (
        <>
          <span>{t('logs.files')}</span>
          <code dir="ltr" className="clip">
            {logs.folder}
          </code>
          {desktop ? (
            <Button
              look="quiet"
              icon={<FolderOpen aria-hidden />}
              onClick={() => void openFolder(model, 'logs')}
            >
              {t('logs.openFolder')}
            </Button>
          ) : (
            <CopyButton text={logs.folder} what={t('logs.folder')} />
          )}
        </>
      )}
    </footer>
  );
}
