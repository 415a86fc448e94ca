/** All shortcuts on one sheet, straight from the list of actions. */
import type { ReactNode } from 'react';
import { keyCaps } from '../../actions/keys.ts';
import { ACTIONS, type Section } from '../../actions/list.ts';
import { MAC } from '../../actions/shortcuts.ts';
import { useModel } from '../../components/context.ts';
import { Dialog } from '../../components/dialog.tsx';
import { t } from '../../i18n/index.ts';

const SECTIONS: readonly Section[] = ['go', 'view', 'edit', 'services', 'chains', 'connections'];

export function KeysSheet(): ReactNode {
  const model = useModel();
  return (
    <Dialog title={t('keys.title')} close={() => model.ui.setState({ dialog: null })} wide>
      <div className="dialog-body keys-sheet" tabIndex={0} role="region" aria-label={t('keys.title')}>
        {SECTIONS.map((section) => (
          <section key={section}>
            <h3>{t(`section.${section}`)}</h3>
            <dl>
              {ACTIONS.filter((action) => action.section === section && action.keys !== undefined).map(
                (action) => (
                  <div key={action.id} className="keys-row">
                    <dt>{action.title()}</dt>
                    <dd>
                      {(action.keys ?? []).slice(0, 2).map((keys) => (
                        <span key={keys} className="caps">
                          {keyCaps(keys, MAC).map((cap) => (
                            <kbd key={cap}>{cap}</kbd>
                          ))}
                        </span>
                      ))}
                    </dd>
                  </div>
                ),
              )}
            </dl>
          </section>
        ))}
        <p className="keys-note">{t('keys.note')}</p>
      </div>
    </Dialog>
  );
}
