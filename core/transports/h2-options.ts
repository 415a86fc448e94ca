/** Options and facts that the HTTP/2 dialers and listeners share, so that both ends of h2, h2c and grpc are described alike. */
import { flag, map, text } from '../options.ts';
import { GRPC_PATH } from './grpc.ts';
import { keepaliveOptions } from './keepalive.ts';

const facts = (tls: boolean) => ({ auth: false, udp: false, tls, forward: false });

export const H2_FACTS = facts(true);
export const H2C_FACTS = facts(false);
export const GRPC_FACTS = facts(true);

/** Of h2 and h2c; `what` says whose headers are added to. */
export function h2Shape(what: 'request' | 'answer') {
  return {
    ...keepaliveOptions,
    path: text({
      title: 'Path',
      description: 'Empty: streams are opened by CONNECT. Else by GET on this path.',
      default: '',
    }),
    header: map({ title: `Headers of the ${what}`, description: `Added to the ${what}.` }),
  };
}

export const grpcShape = {
  ...keepaliveOptions,
  path: text({
    title: 'Method',
    description: 'Path of the streaming call.',
    default: GRPC_PATH,
    aliases: ['grpc.path'],
  }),
  insecure: flag({
    title: 'Without TLS',
    description: 'HTTP/2 in clear text.',
    default: false,
    aliases: ['grpcInsecure', 'grpc.insecure'],
  }),
};

/** The method of a call; an empty one is GOST's. */
export function grpcPath(path: string): string {
  return path === '' ? GRPC_PATH : path;
}
