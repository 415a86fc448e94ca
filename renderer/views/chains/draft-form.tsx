/** The frame of a draft in the lanes: its fields, what the host thinks of it, Apply and Discard when there is something to apply. */
import { useState, type ReactNode } from 'react';
import type { Edit, Hop, Node } from '../../../core/contract/config.ts';
import type { WireError } from '../../../core/contract/errors.ts';
import { edit } from '../../actions/host.ts';
import { Button } from '../../components/button.tsx';
import { useModel } from '../../components/context.ts';
import { RefusedCall } from '../../components/failure.tsx';
import { Findings } from '../../components/findings.tsx';
import { editsBetween } from '../../edits/diff.ts';
import { useCheck } from '../../form/use-check.ts';
import { t } from '../../i18n/index.ts';
import { toast } from '../../store/ui.ts';

export function DraftForm({
  before,
  draft,
  path,
  blocked,
  discard,
  more = [],
  children,
}: {
  before: Node | Hop;
  draft: Node | Hop;
  path: (string | number)[];
  blocked: boolean;
  discard: () => void;
  /** Edits elsewhere in the file that belong to the draft. */
  more?: readonly Edit[];
  children: ReactNode;
}): ReactNode {
  const model = useModel();
  const [refused, setRefused] = useState<WireError | null>(null);
  const edits = [...editsBetween(path, before, draft), ...more];
  const check = useCheck(edits);
  const stop = blocked || check.blocks;
  const apply = async (): Promise<void> => {
    if (!(await check.passes())) return;
    const error = await edit(model, edits, t('edit.changed', { name: draft.name ?? '' }));
    setRefused(error);
    if (error === null) toast(model.ui, t('services.applied', { name: draft.name ?? '' }));
  };
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!stop && edits.length > 0) void apply();
      }}
    >
      {children}
      {refused !== null && <RefusedCall what={t('services.notSaved')} error={refused} />}
      {edits.length > 0 && (
        <div className="apply-bar">
          <Findings findings={check.findings} />
          <p>{t('services.willApply')}</p>
          <Button look="primary" type="submit" disabled={stop}>
            {t('apply')}
          </Button>
          <Button look="quiet" onClick={discard}>
            {t('discard')}
          </Button>
        </div>
      )}
    </form>
  );
}
