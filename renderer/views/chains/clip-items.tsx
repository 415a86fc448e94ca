/** Copy, cut and paste as items of the menus in the lanes. */
import { ClipboardPaste, Copy, Scissors } from 'lucide-react';
import { copyFocused, pasteClipboard } from '../../actions/lane.ts';
import type { MenuItem } from '../../components/menu.tsx';
import type { Place } from '../../edits/chains.ts';
import { t } from '../../i18n/index.ts';
import type { Model } from '../../model.ts';

export function clipItems(model: Model, place: Place): readonly MenuItem[] {
  const at = (act: () => Promise<void>) => () => {
    model.ui.setState({ place });
    void act();
  };
  return [
    {
      label: t('action.copyPlace'),
      icon: <Copy aria-hidden />,
      keys: 'Ctrl C',
      run: at(() => copyFocused(model)),
    },
    {
      label: t('action.cutPlace'),
      icon: <Scissors aria-hidden />,
      keys: 'Ctrl X',
      run: at(() => copyFocused(model, true)),
    },
    {
      label: t('action.pastePlace'),
      icon: <ClipboardPaste aria-hidden />,
      keys: 'Ctrl V',
      run: at(() => pasteClipboard(model)),
    },
  ];
}
