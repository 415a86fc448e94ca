/** Everything that can be done to a hop, as a menu. */
import {
  Activity,
  ArrowLeft,
  ArrowRight,
  CopyPlus,
  EyeOff,
  MoreHorizontal,
  Pencil,
  Plus,
  TextCursorInput,
  Trash2,
} from 'lucide-react';
import type { ReactNode } from 'react';
import type { Hop } from '../../../core/contract/config.ts';
import { change } from '../../actions/host.ts';
import {
  duplicateFocused,
  inspectPlace,
  moveFocusedHop,
  openAddHop,
  openAddNode,
  removePlace,
  skipPlace,
  testFromFocused,
} from '../../actions/lane.ts';
import { IconButton } from '../../components/button.tsx';
import { useModel } from '../../components/context.ts';
import { Menu } from '../../components/menu.tsx';
import { isSkipped, pickRule, PICK_RULES, setPickRule, type Place } from '../../edits/chains.ts';
import { t } from '../../i18n/index.ts';
import { clipItems } from './clip-items.tsx';

export function HopMenu({ place, hop, count }: { place: Place; hop: Hop; count: number }): ReactNode {
  const model = useModel();
  const onPlace = (act: () => void) => () => {
    model.ui.setState({ place });
    act();
  };
  const at = { chain: place.chain, hop: place.hop ?? 0 };
  return (
    <Menu
      trigger={
        <IconButton label={t('chains.more', { name: hop.name ?? '' })}>
          <MoreHorizontal aria-hidden />
        </IconButton>
      }
      groups={[
        [
          { label: t('chains.edit'), icon: <Pencil aria-hidden />, run: () => inspectPlace(model, place) },
          {
            label: t('action.addNode'),
            icon: <Plus aria-hidden />,
            keys: 'N',
            run: onPlace(() => openAddNode(model)),
          },
          {
            label: t('action.rename'),
            icon: <TextCursorInput aria-hidden />,
            keys: 'F2',
            run: () => model.ui.setState({ place, renaming: place }),
          },
          {
            label: t('chains.skip'),
            icon: <EyeOff aria-hidden />,
            keys: 'B',
            checked: isSkipped(hop),
            run: () => void skipPlace(model, place),
          },
        ],
        [
          {
            label: t('action.hopBefore'),
            icon: <Plus aria-hidden />,
            keys: 'Shift A',
            run: onPlace(() => openAddHop(model, 'before')),
          },
          {
            label: t('action.hopAfter'),
            icon: <Plus aria-hidden />,
            keys: 'A',
            run: onPlace(() => openAddHop(model, 'after')),
          },
        ],
        [
          {
            label: t('action.testFrom'),
            icon: <Activity aria-hidden />,
            keys: 'Shift T',
            run: onPlace(() => void testFromFocused(model)),
          },
        ],
        clipItems(model, place),
        count > 1
          ? PICK_RULES.map((rule) => ({
              label: t(`rule.${rule}`),
              checked: pickRule(hop) === rule,
              run: () =>
                void change(model, setPickRule(at, rule), t('chains.ruleSet', { rule: t(`rule.${rule}`) })),
            }))
          : [],
        [
          {
            label: t('action.hopLeft'),
            icon: <ArrowLeft aria-hidden />,
            keys: 'Alt ←',
            run: onPlace(() => void moveFocusedHop(model, -1)),
          },
          {
            label: t('action.hopRight'),
            icon: <ArrowRight aria-hidden />,
            keys: 'Alt →',
            run: onPlace(() => void moveFocusedHop(model, 1)),
          },
          {
            label: t('action.duplicate'),
            icon: <CopyPlus aria-hidden />,
            keys: 'Ctrl D',
            run: onPlace(() => void duplicateFocused(model)),
          },
        ],
        [
          {
            label: t('chains.removeHop'),
            icon: <Trash2 aria-hidden />,
            danger: true,
            keys: 'Del',
            run: () => void removePlace(model, place),
          },
        ],
      ]}
    />
  );
}
