/**
 * A drop-down menu. Not modal: Radix' modal menus lock scrolling with an injected <style>, which the content security policy
 * refuses; for the same reason dialogs here draw their own backdrop instead of Radix' overlay.
 */
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';

export interface MenuItem {
  readonly label: string;
  readonly icon?: ReactNode;
  readonly keys?: string;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  /** Shows a mark when set: one of a group. */
  readonly checked?: boolean;
  readonly run: () => void;
}

/** Groups are separated by a line; empty ones are left out. */
export function Menu({
  trigger,
  groups,
  label,
}: {
  trigger: ReactNode;
  groups: readonly (readonly MenuItem[])[];
  label?: string;
}): ReactNode {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className="menu"
          align="start"
          sideOffset={4}
          collisionPadding={8}
          aria-label={label}
        >
          {groups
            .filter((group) => group.length > 0)
            .map((group, index) => (
              <DropdownMenu.Group key={index} className="menu-group">
                {group.map((item) => (
                  <Item key={item.label} item={item} />
                ))}
              </DropdownMenu.Group>
            ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function Item({ item }: { item: MenuItem }): ReactNode {
  const content = (
    <>
      <span className="menu-icon">{item.icon}</span>
      <span className="menu-label">{item.label}</span>
      {item.keys !== undefined && <kbd>{item.keys}</kbd>}
    </>
  );
  const className = `menu-item${item.danger === true ? ' menu-danger' : ''}`;
  if (item.checked !== undefined) {
    return (
      <DropdownMenu.CheckboxItem className={className} checked={item.checked} onSelect={item.run}>
        <DropdownMenu.ItemIndicator className="menu-check" />
        {content}
      </DropdownMenu.CheckboxItem>
    );
  }
  return (
    <DropdownMenu.Item className={className} disabled={item.disabled ?? false} onSelect={item.run}>
      {content}
    </DropdownMenu.Item>
  );
}
