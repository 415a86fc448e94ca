/** Test-only: a configuration and edits applied to it, as the host would. */
import type { Config, Edit, Json, Path } from '../../core/contract/config.ts';
import { valueAt, withValue } from '../edits/diff.ts';

export const FAKE_CONFIG: Config = {
  services: [
    {
      name: 'local',
      addr: '127.0.0.1:1081',
      handler: { type: 'socks5', chain: 'work', metadata: { udp: true } },
      listener: { type: 'tcp' },
    },
    {
      name: 'office-lan',
      addr: ':3128',
      handler: { type: 'auto', auth: { username: 'team', password: '••••••••' } },
      listener: { type: 'tcp' },
    },
    {
      name: 'lab',
      addr: '127.0.0.1:1090',
      handler: { type: 'socks5', chain: 'lab' },
      listener: { type: 'tcp' },
    },
  ],
  chains: [
    {
      name: 'work',
      hops: [
        {
          name: 'hop-0',
          nodes: [
            {
              name: 'gate',
              addr: 'gate.example.net:443',
              connector: { type: 'socks5', auth: { username: 'anna', password: '••••••••' } },
              dialer: { type: 'tls', tls: { secure: true } },
            },
          ],
        },
        {
          name: 'hop-1',
          selector: { strategy: 'fifo', maxFails: 1, failTimeout: '10s' },
          nodes: [
            { name: 'ams-1', addr: '10.20.0.7:1080', connector: { type: 'socks5' }, dialer: { type: 'tcp' } },
            { name: 'ams-2', addr: '10.20.0.8:1080', connector: { type: 'socks5' }, dialer: { type: 'tcp' } },
          ],
        },
      ],
    },
    {
      name: 'lab',
      hops: [
        { name: 'hop-0', nodes: [{ name: 'bench', addr: '192.168.7.2:8080', connector: { type: 'http' } }] },
        { name: 'hop-1', nodes: [{ name: 'rack', addr: '172.16.9.40:1080', connector: { type: 'socks5' } }] },
        { name: 'hop-2', nodes: [{ name: 'far', addr: '172.16.9.77:1080', connector: { type: 'socks5' } }] },
      ],
    },
  ],
};

export function edited(config: Config, edits: readonly Edit[]): Config {
  let value: Json | undefined = config;
  for (const edit of edits) value = applied(value, edit);
  return value as Config;
}

function applied(value: Json | undefined, edit: Edit): Json | undefined {
  if (edit.op === 'set') return withValue(value, edit.path, edit.value);
  if (edit.op === 'remove') return withValue(value, edit.path, undefined);
  const items = listAt(value, edit.path);
  if (edit.op === 'insert') items.splice(edit.index, 0, edit.value);
  else items.splice(edit.to, 0, ...items.splice(edit.from, 1));
  return withValue(value, edit.path, items);
}

function listAt(value: Json | undefined, path: Path): Json[] {
  const found = valueAt(value, path);
  return Array.isArray(found) ? [...(found as readonly Json[])] : [];
}
