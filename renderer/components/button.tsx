/** Buttons: with words, and with an icon whose words are a tooltip and the accessible name. */
import { Tooltip } from 'radix-ui';
import type { ComponentPropsWithRef, ReactNode } from 'react';

type Look = 'primary' | 'plain' | 'quiet' | 'danger';

export function Button({
  look = 'plain',
  icon,
  children,
  className = '',
  ...rest
}: ComponentPropsWithRef<'button'> & { look?: Look; icon?: ReactNode }): ReactNode {
  return (
    <button type="button" className={`button button-${look} ${className}`} {...rest}>
      {icon}
      {children}
    </button>
  );
}

export function IconButton({
  label,
  children,
  className = '',
  ...rest
}: ComponentPropsWithRef<'button'> & { label: string }): ReactNode {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>
        <button type="button" className={`icon-button ${className}`} aria-label={label} {...rest}>
          {children}
        </button>
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content className="tooltip" sideOffset={6}>
          {label}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
