/** Actions on things that exist right now, by name, for the palette: start local, copy its address, test a chain … */
import { chainsOf } from '../edits/chains.ts';
import { hostPort, reachable } from '../format/address.ts';
import { t } from '../i18n/index.ts';
import type { Model } from '../model.ts';
import { goTo } from '../store/ui.ts';
import { closeAsked } from './connections.ts';
import { openUdpCheck } from './udp.ts';
import { copy, selfTest, switchService } from './host.ts';
import type { Action } from './list.ts';
import { testChain } from './test.ts';

const always = (): boolean => true;

export function objectActions(model: Model): readonly Action[] {
  const { services, config } = model.host.getState();
  const matching = model.ui.getState().filter.trim() === '' ? [] : model.rows.ids;
  return [
    ...services.flatMap((service): Action[] => {
      const on = service.state === 'up' || service.state === 'starting';
      const [bound] = service.bound;
      const { name } = service;
      return [
        {
          id: `service.${name}.switch`,
          section: 'services',
          title: () => t(on ? 'action.stopNamed' : 'action.startNamed', { name }),
          can: always,
          run: () => switchService(model, name, !on),
        },
        {
          id: `service.${name}.open`,
          section: 'services',
          title: () => t('action.openNamed', { name }),
          can: always,
          run: ({ ui }) => {
            goTo(ui, 'services');
            ui.setState({ selected: { kind: 'service', name } });
          },
        },
        ...(bound === undefined || !on
          ? []
          : [
              {
                id: `service.${name}.copy`,
                section: 'services',
                title: () => t('action.copyAddressNamed', { name }),
                can: always,
                run: () => copy(model, hostPort(reachable(bound)), t('copy.address')),
              } as const,
              {
                id: `service.${name}.test`,
                section: 'services',
                title: () => t('action.selfTestNamed', { name }),
                can: always,
                run: async ({ ui }: Model) => {
                  goTo(ui, 'home');
                  await selfTest(model, name);
                },
              } as const,
            ]),
        {
          id: `service.${name}.udp`,
          section: 'connections',
          title: () => t('action.udpCheckNamed', { name }),
          can: always,
          run: () => openUdpCheck(model, name),
        } as const,
      ];
    }),
    ...chainsOf(config?.config ?? {}).flatMap(({ name }, chain): Action[] => [
      {
        id: `chain.${chain}.test`,
        section: 'chains',
        title: () => t('action.testNamed', { name: name ?? '' }),
        can: always,
        run: async ({ ui }) => {
          goTo(ui, 'chains');
          await testChain(model, name ?? '');
        },
      },
      {
        id: `chain.${chain}.open`,
        section: 'chains',
        title: () => t('action.openNamed', { name: name ?? '' }),
        can: always,
        run: ({ ui }) => {
          goTo(ui, 'chains');
          ui.setState({ place: { chain, hop: null, node: null } });
        },
      },
    ]),
    {
      id: 'connections.closeMatching',
      section: 'connections',
      title: () => t('action.closeMatching', { count: matching.length }),
      can: () => matching.length > 0,
      run: () => closeAsked(model, matching),
    },
  ];
}
