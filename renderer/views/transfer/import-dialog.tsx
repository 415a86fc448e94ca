/** The import: first where the text comes from, then the review of it. Nothing changes before Import is pressed. */
import { ClipboardCopy, FileUp, FolderSymlink, Import as ImportIcon } from 'lucide-react';
import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import type { WireError } from '../../../core/contract/errors.ts';
import type { ImportReview, ImportSource } from '../../../core/contract/imports.ts';
import { copy } from '../../actions/host.ts';
import {
  applyImport,
  linkFile,
  nothingToDecide,
  openImport,
  reportOf,
  review as reviewAgain,
  reviewFile,
  reviewText,
} from '../../actions/transfer.ts';
import { Button } from '../../components/button.tsx';
import { useModel, useTransfer } from '../../components/context.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Failure, RefusedCall } from '../../components/failure.tsx';
import { t } from '../../i18n/index.ts';
import { ImportDetail } from './import-detail.tsx';
import { ImportSourcePane } from './import-source.tsx';
import { ImportTree } from './import-tree.tsx';
import { summary } from './summary.ts';

export function ImportDialog(): ReactNode {
  const model = useModel();
  const source = useTransfer((state) => state.source);
  const review = useTransfer((state) => state.review);
  const title =
    source === null ? t('transfer.importTitle') : t('transfer.reviewTitle', { name: source.name });
  const close = (): void => model.ui.setState({ dialog: null });
  return (
    <Dialog title={title} close={close} full={source !== null} wide>
      {source !== null && review !== null ? <Review source={source} review={review} /> : <Start />}
    </Dialog>
  );
}

/** Where the text comes from: a file, the clipboard, or a file that stays where it is. */
function Start(): ReactNode {
  const model = useModel();
  const id = useId();
  const chosen = useRef<HTMLInputElement>(null);
  const choose = useRef<HTMLButtonElement>(null);
  const busy = useTransfer((state) => state.busy);
  const problem = useTransfer((state) => state.problem);
  const error = useTransfer((state) => state.error);
  const [text, setText] = useState('');
  useEffect(() => choose.current?.focus(), []);
  return (
    <div className="dialog-body import-start">
      {problem !== null && <Failure what={problem} why={t('transfer.accepted')} />}
      {error !== null && <RefusedCall what={t('transfer.notReviewed')} error={error} />}
      <p className="import-hint">{t('transfer.startText')}</p>
      <input
        ref={chosen}
        type="file"
        hidden
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          if (file !== undefined) void reviewFile(model, file);
        }}
      />
      <Button
        ref={choose}
        look="primary"
        icon={<FileUp aria-hidden />}
        disabled={busy}
        onClick={() => chosen.current?.click()}
      >
        {t('transfer.choose')}
      </Button>
      <form
        className="import-paste"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== '') void reviewText(model, t('transfer.clipboard'), text);
        }}
      >
        <label htmlFor={id}>{t('transfer.pasteLabel')}</label>
        <textarea
          id={id}
          className="input mono"
          dir="ltr"
          rows={6}
          spellCheck={false}
          autoComplete="off"
          placeholder={'gost -L socks5://:1080 -F relay+tls://user:password@host:443'}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey))
              event.currentTarget.form?.requestSubmit();
          }}
        />
        <Button type="submit" disabled={busy || text.trim() === ''}>
          {busy ? t('transfer.reading') : t('transfer.reviewIt')}
        </Button>
      </form>
      <LinkForm />
    </div>
  );
}

function LinkForm(): ReactNode {
  const id = useId();
  const [path, setPath] = useState('');
  const { error, link } = useLink();
  return (
    <details className="import-link">
      <summary>
        <FolderSymlink aria-hidden />
        {t('transfer.linkInstead')}
      </summary>
      <p>{t('transfer.linkText')}</p>
      <form
        className="add-uri-row"
        onSubmit={(event) => {
          event.preventDefault();
          if (path.trim() !== '') link(path.trim());
        }}
      >
        <label className="hidden" htmlFor={id}>
          {t('transfer.linkPath')}
        </label>
        <input
          id={id}
          className="input mono"
          dir="ltr"
          spellCheck={false}
          autoComplete="off"
          placeholder="/etc/gost/gost.yaml"
          value={path}
          onChange={(event) => setPath(event.target.value)}
        />
        <Button type="submit" disabled={path.trim() === ''}>
          {t('transfer.link')}
        </Button>
      </form>
      {error !== null && <RefusedCall what={t('transfer.notLinked')} error={error} />}
    </details>
  );
}

function Review({ source, review }: { source: ImportSource; review: ImportReview }): ReactNode {
  const model = useModel();
  const busy = useTransfer((state) => state.busy);
  const error = useTransfer((state) => state.error);
  const taken = useTransfer((state) => state.taken);
  const accept = useRef<HTMLButtonElement>(null);
  const chosen = review.items.filter(({ id }) => taken.has(id)).length;
  const easy = nothingToDecide(review);
  useEffect(() => {
    // Enter accepts when there is nothing to decide; else the first thing is looked at first
    const first = document.querySelector<HTMLElement>('.import-tree [tabindex="0"]');
    if (easy) accept.current?.focus();
    else first?.focus();
  }, [easy, review]);
  return (
    <div
      className="import-review"
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        void applyImport(model);
      }}
    >
      <div className="import-summary">
        <p role="status">{summary(review)}</p>
        <Reading source={source} review={review} />
      </div>
      {review.format === 'gost' && <LinkThis />}
      {error !== null && <RefusedCall what={t('transfer.notImported')} error={error} />}
      <div className="import-panes">
        <ImportTree review={review} />
        <ImportSourcePane review={review} />
        <ImportDetail review={review} source={source} />
      </div>
      <footer className="import-foot">
        <Button look="quiet" onClick={() => openImport(model)}>
          {t('transfer.another')}
        </Button>
        <Button
          look="quiet"
          icon={<ClipboardCopy aria-hidden />}
          onClick={() => void copy(model, reportOf(review, source), t('transfer.report'))}
        >
          {t('transfer.copyReport')}
        </Button>
        <span className="import-foot-note">
          {review.whole ? t('transfer.wholeNote') : t('transfer.addedNote')}
        </span>
        <Button look="quiet" onClick={() => model.ui.setState({ dialog: null })}>
          {t('cancel')}
        </Button>
        <Button
          ref={accept}
          look="primary"
          icon={<ImportIcon aria-hidden />}
          disabled={busy || chosen === 0}
          onClick={() => void applyImport(model)}
        >
          {t('transfer.import', { count: chosen })}
        </Button>
      </footer>
    </div>
  );
}

/** Links a file and closes the dialog, or tells why not. */
function useLink(): { readonly error: WireError | null; readonly link: (path: string) => void } {
  const model = useModel();
  const [error, setError] = useState<WireError | null>(null);
  const link = async (path: string): Promise<void> => {
    const refused = await linkFile(model, path);
    setError(refused);
    if (refused === null) model.ui.setState({ dialog: null });
  };
  return { error, link: (path) => void link(path) };
}

/** A file of this computer may stay where it is instead of being copied in. */
function LinkThis(): ReactNode {
  const path = useTransfer((state) => state.path);
  const { error, link } = useLink();
  if (path === null) return null;
  return (
    <div className="import-link-this">
      <Button icon={<FolderSymlink aria-hidden />} onClick={() => link(path)}>
        {t('transfer.linkThis')}
      </Button>
      <span className="import-hint">{t('transfer.linkThisText', { path })}</span>
      {error !== null && <RefusedCall what={t('transfer.notLinked')} error={error} />}
    </div>
  );
}

/** The choices of how a text is read, where there are any, and repairs of the text itself. */
function Reading({ source, review }: { source: ImportSource; review: ImportReview }): ReactNode {
  const model = useModel();
  const again = (change: Partial<ImportSource>): void =>
    void reviewAgain(model, { ...source, ...change }, null, []);
  return (
    <div className="import-reading">
      {review.format === 'uris' && (
        <label>
          {t('transfer.listAs')}
          <select
            className="input"
            value={source.list}
            onChange={(event) => again({ list: event.target.value === 'chains' ? 'chains' : 'hop' })}
          >
            <option value="hop">{t('transfer.asHop')}</option>
            <option value="chains">{t('transfer.asChains')}</option>
          </select>
        </label>
      )}
      {(review.format === 'command' || review.format === 'uris') && (
        <label>
          {t('transfer.readAs')}
          <select
            className="input"
            value={source.dialect}
            onChange={(event) => again({ dialect: event.target.value === 'v2' ? 'v2' : 'v3' })}
          >
            <option value="v3">GOST v3</option>
            <option value="v2">GOST v2</option>
          </select>
        </label>
      )}
      {review.repair !== null && (
        <Button onClick={() => void reviewAgain(model, source, review.repair, [])}>
          {t(`repair.${review.repair}`)}
        </Button>
      )}
    </div>
  );
}
