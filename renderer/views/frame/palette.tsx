/** The command palette: every action that can be done now, on everything there is, by name. */
import { Command } from 'cmdk';
import type { ReactNode } from 'react';
import { keyCaps } from '../../actions/keys.ts';
import { ACTIONS, type Section } from '../../actions/list.ts';
import { objectActions } from '../../actions/objects.ts';
import { MAC } from '../../actions/shortcuts.ts';
import { useModel } from '../../components/context.ts';
import { Dialog } from '../../components/dialog.tsx';
import { t } from '../../i18n/index.ts';

const SECTIONS: readonly Section[] = ['services', 'chains', 'connections', 'edit', 'go', 'view'];

export function Palette(): ReactNode {
  const model = useModel();
  const close = (): void => model.ui.setState({ dialog: null });
  const actions = [...ACTIONS, ...objectActions(model)].filter(
    (action) => action.id !== 'view.palette' && action.can(model),
  );
  return (
    <Dialog title={t('palette.title')} close={close} plain>
      <Command label={t('palette.title')} className="palette" loop>
        <Command.Input className="palette-input" placeholder={t('palette.placeholder')} autoFocus />
        <Command.List className="palette-list" label={t('palette.title')}>
          <Command.Empty className="palette-empty">{t('palette.empty')}</Command.Empty>
          {SECTIONS.map((section) => {
            const inside = actions.filter((action) => action.section === section);
            if (inside.length === 0) return null;
            return (
              <Command.Group key={section} heading={t(`section.${section}`)} className="palette-group">
                {inside.map((action) => {
                  const [keys] = action.keys ?? [];
                  return (
                    <Command.Item
                      key={action.id}
                      value={`${action.title()} ${action.id}`}
                      className="palette-item"
                      onSelect={() => {
                        close();
                        void action.run(model);
                      }}
                    >
                      <span>{action.title()}</span>
                      {keys !== undefined && (
                        <span className="caps">
                          {keyCaps(keys, MAC).map((cap) => (
                            <kbd key={cap}>{cap}</kbd>
                          ))}
                        </span>
                      )}
                    </Command.Item>
                  );
                })}
              </Command.Group>
            );
          })}
        </Command.List>
      </Command>
    </Dialog>
  );
}
