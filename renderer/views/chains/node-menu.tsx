/** Everything that can be done to a node, as a menu. */
import {
  Activity,
  CopyPlus,
  MoreHorizontal,
  MoveDown,
  MoveUp,
  Pencil,
  TextCursorInput,
  Trash2,
  Unplug,
} from 'lucide-react';
import type { ReactNode } from 'react';
import type { Node } from '../../../core/contract/config.ts';
import {
  askIsolateFocused,
  duplicateFocused,
  inspectPlace,
  moveFocusedNode,
  removePlace,
  testFromFocused,
} from '../../actions/lane.ts';
import { IconButton } from '../../components/button.tsx';
import { useModel } from '../../components/context.ts';
import { Menu } from '../../components/menu.tsx';
import type { Place } from '../../edits/chains.ts';
import { t } from '../../i18n/index.ts';
import { clipItems } from './clip-items.tsx';

export function NodeMenu({
  node,
  place,
}: {
  node: Node;
  place: Place & { hop: number; node: number };
}): ReactNode {
  const model = useModel();
  const onPlace = (act: () => void) => () => {
    model.ui.setState({ place });
    act();
  };
  const move = (hop: -1 | 0 | 1, by: -1 | 0 | 1): (() => void) =>
    onPlace(() => void moveFocusedNode(model, { hop, node: by }));
  return (
    // a press on the menu is not a press on the card
    <span onClick={(event) => event.stopPropagation()} onPointerDown={(event) => event.stopPropagation()}>
      <Menu
        trigger={
          <IconButton label={t('chains.more', { name: node.name ?? '' })}>
            <MoreHorizontal aria-hidden />
          </IconButton>
        }
        groups={[
          [
            { label: t('chains.edit'), icon: <Pencil aria-hidden />, run: () => inspectPlace(model, place) },
            {
              label: t('action.rename'),
              icon: <TextCursorInput aria-hidden />,
              keys: 'F2',
              run: () => model.ui.setState({ place, renaming: place }),
            },
          ],
          [
            {
              label: t('action.testFrom'),
              icon: <Activity aria-hidden />,
              keys: 'Shift T',
              run: onPlace(() => void testFromFocused(model)),
            },
            {
              label: t('action.isolate'),
              icon: <Unplug aria-hidden />,
              keys: 'Shift I',
              run: onPlace(() => askIsolateFocused(model)),
            },
          ],
          clipItems(model, place),
          [
            {
              label: t('action.duplicate'),
              icon: <CopyPlus aria-hidden />,
              keys: 'Ctrl D',
              run: onPlace(() => void duplicateFocused(model)),
            },
          ],
          [
            { label: t('action.nodeUp'), icon: <MoveUp aria-hidden />, keys: 'Alt ↑', run: move(0, -1) },
            { label: t('action.nodeDown'), icon: <MoveDown aria-hidden />, keys: 'Alt ↓', run: move(0, 1) },
            { label: t('action.nodeLeft'), keys: 'Alt Shift ←', run: move(-1, 0) },
            { label: t('action.nodeRight'), keys: 'Alt Shift →', run: move(1, 0) },
          ],
          [
            {
              label: t('remove'),
              icon: <Trash2 aria-hidden />,
              danger: true,
              keys: 'Del',
              run: () => void removePlace(model, place),
            },
          ],
        ]}
      />
    </span>
  );
}
