/** An address or command with its copy button. */
import { Copy } from 'lucide-react';
import type { ReactNode } from 'react';
import { copy } from '../actions/host.ts';
import { t } from '../i18n/index.ts';
import { IconButton } from './button.tsx';
import { useModel } from './context.ts';

export function CopyButton({ text, what }: { text: string; what: string }): ReactNode {
  const model = useModel();
  return (
    <IconButton label={t('copy.label', { what })} onClick={() => void copy(model, text, what)}>
      <Copy aria-hidden />
    </IconButton>
  );
}
