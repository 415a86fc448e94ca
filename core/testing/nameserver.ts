/** A name server on a free port of this computer that answers from a table, is silent, or fails on purpose. For tests. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { decode, encode, RECURSION_DESIRED, type Answer } from 'dns-packet';

export interface NameServer {
  /** `127.0.0.1:port`, as `setServers` wants it. */
  readonly address: string;
  /** Questions so far, as "A name". */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** Addresses by name, or by `*.domain`. `silent` names get no answer; a name that is missing does not exist. */
export async function nameServer(
  table: Readonly<
    Record<
      string,
      { a?: readonly string[]; aaaa?: readonly string[] | 'silent'; ttl?: number } | 'silent' | 'fails'
    >
  >,
): Promise<NameServer> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  const asked: string[] = [];
  socket.on('message', (query, from) => {
    const { id, questions = [] } = decode(query);
    const [question] = questions;
    if (question === undefined) return;
    const { name, type } = question;
    asked.push(`${type} ${name}`);
    const entry = table[name] ?? table[`*${name.slice(name.indexOf('.'))}`];
    if (entry === 'silent') return;
    const addresses =
      entry === undefined || entry === 'fails' ? [] : type === 'A' ? (entry.a ?? []) : (entry.aaaa ?? []);
    if (addresses === 'silent') return;
    const ttl = typeof entry === 'object' ? (entry.ttl ?? 60) : 60;
    const answers: Answer[] = addresses.map((data) => ({
      type: type === 'A' ? 'A' : 'AAAA',
      name,
      ttl,
      data,
    }));
    const code = entry === undefined ? 3 : entry === 'fails' ? 2 : 0;
    const reply = encode({
      type: 'response',
      id: id ?? 0,
      flags: RECURSION_DESIRED | code,
      questions,
      answers,
    });
    socket.send(reply, from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    close: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}
