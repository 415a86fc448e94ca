/** A modal dialog over its own backdrop (see menu.tsx for why not Radix' overlay). Focus is kept inside and given back. */
import { Dialog as Radix } from 'radix-ui';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { t } from '../i18n/index.ts';
import { IconButton } from './button.tsx';

export function Dialog({
  title,
  close,
  wide = false,
  full = false,
  plain = false,
  children,
}: {
  title: string;
  close: () => void;
  wide?: boolean;
  /** Nearly the whole window. */
  full?: boolean;
  /** No heading to be seen; the title still names the dialog. */
  plain?: boolean;
  children: ReactNode;
}): ReactNode {
  return (
    <Radix.Root open onOpenChange={(open) => (open ? undefined : close())}>
      <Radix.Portal>
        <div className="backdrop" />
        <Radix.Content
          className={`dialog${wide ? ' dialog-wide' : ''}${full ? ' dialog-full' : ''}${plain ? ' dialog-plain' : ''}`}
          aria-describedby={undefined}
          tabIndex={-1}
          onEscapeKeyDown={(event) => {
            if (closesWithin(event.target)) event.preventDefault();
          }}
          onOpenAutoFocus={(event) => {
            if (plain || !(event.currentTarget instanceof HTMLElement)) return;
            // reading comes first; the close button is one Tab away
            event.preventDefault();
            event.currentTarget.focus();
          }}
        >
          <header className={plain ? 'hidden' : 'dialog-head'}>
            <Radix.Title className="dialog-title">{title}</Radix.Title>
            {!plain && (
              <Radix.Close asChild>
                <IconButton label={t('close')}>
                  <X aria-hidden />
                </IconButton>
              </Radix.Close>
            )}
          </header>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Escape belongs to the editor first while it has a list or a panel open. */
function closesWithin(target: EventTarget | null): boolean {
  if (!(target instanceof Element) || !target.hasAttribute('data-editor')) return false;
  return target.shadowRoot?.querySelector('.cm-tooltip-autocomplete, .cm-panel') != null;
}
