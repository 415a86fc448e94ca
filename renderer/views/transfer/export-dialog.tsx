/** The configuration for somewhere else: all or some of it, in the form the other side reads, without passwords unless they are asked for. */
import { Copy, Download, QrCode } from 'lucide-react';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import type { Json, Path } from '../../../core/contract/config.ts';
import type { WireError } from '../../../core/contract/errors.ts';
import type { ExportRequest, ExportResult } from '../../../core/contract/imports.ts';
import { copy } from '../../actions/host.ts';
import { saveFile } from '../../actions/transfer.ts';
import { Button } from '../../components/button.tsx';
import { useHost, useModel } from '../../components/context.ts';
import { Dialog } from '../../components/dialog.tsx';
import { RefusedCall } from '../../components/failure.tsx';
import { isObject } from '../../edits/diff.ts';
import { hostText, t } from '../../i18n/index.ts';
import { codeOf, pathOf, pngOf, svgOf } from './code.ts';

const FORMATS = ['yaml', 'json', 'uris', 'command'] as const;
const ENDINGS = { yaml: 'gost.yaml', json: 'gost.json', uris: 'proxies.txt', command: 'gost.sh' } as const;
const SECTIONS = ['services', 'chains', 'bypasses', 'admissions', 'authers', 'resolvers', 'hosts'] as const;

interface Choice {
  readonly id: string;
  readonly path: Path;
  readonly name: string;
  readonly section: (typeof SECTIONS)[number];
}

export function ExportDialog(): ReactNode {
  const model = useModel();
  const state = useHost((host) => host.config);
  const [format, setFormat] = useState<ExportRequest['format']>('yaml');
  const [secrets, setSecrets] = useState(false);
  const [all, setAll] = useState(true);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [result, setResult] = useState<ExportResult | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  const [code, setCode] = useState(false);
  const choices = useMemo(() => choicesOf(state?.config ?? {}), [state]);
  const paths = useMemo(
    () => (all ? null : choices.filter(({ id }) => picked.has(id)).map(({ path }) => [...path])),
    [all, choices, picked],
  );
  const revision = state?.revision ?? 0;
  useEffect(() => {
    let stale = false;
    void model.client.call('config.export', { format, paths, secrets }).then((reply) => {
      if (stale) return;
      setResult(reply.ok ? reply.value : null);
      setError(reply.ok ? null : reply.error);
    });
    return () => {
      stale = true;
    };
  }, [model, format, paths, secrets, revision]);
  const text = result?.text ?? '';
  return (
    <Dialog title={t('transfer.exportTitle')} close={() => model.ui.setState({ dialog: null })} full>
      <div className="export">
        <form className="export-choices" onSubmit={(event) => event.preventDefault()}>
          <fieldset>
            <legend>{t('transfer.form')}</legend>
            {FORMATS.map((one) => (
              <label key={one}>
                <input type="radio" name="format" checked={format === one} onChange={() => setFormat(one)} />
                {t(`exportAs.${one}`)}
              </label>
            ))}
          </fieldset>
          <fieldset>
            <legend>{t('transfer.what')}</legend>
            <label>
              <input type="radio" name="what" checked={all} onChange={() => setAll(true)} />
              {t('transfer.everything')}
            </label>
            <label>
              <input type="radio" name="what" checked={!all} onChange={() => setAll(false)} />
              {t('transfer.chosen')}
            </label>
            {!all && <p className="import-hint">{t('transfer.alongHint')}</p>}
            {!all &&
              choices.map(({ id, name, section }) => (
                <label key={id} className="export-item">
                  <input
                    type="checkbox"
                    checked={picked.has(id)}
                    onChange={() => setPicked(withToggled(picked, id))}
                  />
                  <bdi>{name}</bdi> <span className="import-item-kind">{t(`exportFrom.${section}`)}</span>
                </label>
              ))}
          </fieldset>
          <label className="export-secrets">
            <input type="checkbox" checked={secrets} onChange={() => setSecrets(!secrets)} />
            {t('transfer.withPasswords')}
          </label>
          <p className="import-hint">
            {secrets
              ? t('transfer.passwordsIn')
              : result !== null && result.hidden > 0
                ? t('transfer.passwordsOut', { count: result.hidden })
                : t('transfer.noPasswords')}
          </p>
        </form>
        <div className="export-result">
          {error !== null && <RefusedCall what={t('transfer.notExported')} error={error} />}
          {result !== null && result.left.length > 0 && (
            <details className="export-left" open>
              <summary>{t('transfer.left', { count: result.left.length })}</summary>
              <ul>
                {result.left.map((sentence) => (
                  <li key={sentence}>{hostText(sentence)}</li>
                ))}
              </ul>
            </details>
          )}
          {code ? (
            <Code text={text} />
          ) : (
            <pre className="export-text" dir="ltr" tabIndex={0} aria-label={t('transfer.exportText')}>
              {text}
            </pre>
          )}
          <footer className="import-foot">
            <Button
              icon={<QrCode aria-hidden />}
              aria-pressed={code}
              disabled={text === ''}
              onClick={() => setCode(!code)}
            >
              {code ? t('transfer.asText') : t('transfer.asCode')}
            </Button>
            <span className="import-foot-note" />
            <Button
              icon={<Download aria-hidden />}
              disabled={text === ''}
              onClick={() => saveFile(ENDINGS[format], new Blob([text], { type: 'text/plain' }))}
            >
              {t('transfer.save')}
            </Button>
            <Button
              look="primary"
              icon={<Copy aria-hidden />}
              disabled={text === ''}
              onClick={() => void copy(model, text, t(`exportAs.${format}`))}
            >
              {t('transfer.copy')}
            </Button>
          </footer>
        </div>
      </div>
    </Dialog>
  );
}

/** The text as a QR code, when it fits into one. */
function Code({ text }: { text: string }): ReactNode {
  const rows = useMemo(() => codeOf(text.trim()), [text]);
  if (rows === null) return <p className="export-text import-none">{t('transfer.codeTooLong')}</p>;
  return (
    <div className="export-code">
      <svg
        viewBox={`0 0 ${rows.length} ${rows.length}`}
        role="img"
        aria-label={t('transfer.codeLabel')}
        shapeRendering="crispEdges"
      >
        <rect width={rows.length} height={rows.length} fill="#fff" />
        <path d={pathOf(rows)} fill="#000" />
      </svg>
      <div>
        <Button onClick={() => saveFile('gost.svg', new Blob([svgOf(rows)], { type: 'image/svg+xml' }))}>
          SVG
        </Button>{' '}
        <Button onClick={() => void pngOf(rows).then((blob) => saveFile('gost.png', blob))}>PNG</Button>
      </div>
    </div>
  );
}

function choicesOf(config: { readonly [section: string]: Json | undefined }): readonly Choice[] {
  return SECTIONS.flatMap((section) => {
    const list = config[section];
    if (!Array.isArray(list)) return [];
    return (list as readonly Json[]).flatMap((item, index): Choice[] => {
      const name = isObject(item) && typeof item['name'] === 'string' ? item['name'] : `${section}[${index}]`;
      return [{ id: `${section}/${index}`, path: [section, index], name, section }];
    });
  });
}

function withToggled(picked: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(picked);
  if (!next.delete(id)) next.add(id);
  return next;
}
