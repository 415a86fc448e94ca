/** What a TLS ClientHello asks for, of the parts that a carrier or proxy decides: the server name and the protocols (ALPN). RFC 8446 §4.1.2. */
export interface Hello {
  readonly serverName: string | null;
  readonly protocols: readonly string[];
}

/** `record`: a whole TLS record with a ClientHello in it. */
export function helloOf(record: Buffer): Hello {
  let at = 5 + 4 + 2 + 32; // record, handshake, version, random
  at += 1 + record.readUInt8(at); // session
  at += 2 + record.readUInt16BE(at); // cipher suites
  at += 1 + record.readUInt8(at); // compression
  const end = at + 2 + record.readUInt16BE(at);
  let serverName: string | null = null;
  let protocols: string[] = [];
  for (at += 2; at + 4 <= end;) {
    const type = record.readUInt16BE(at);
    const body = record.subarray(at + 4, at + 4 + record.readUInt16BE(at + 2));
    if (type === 0) serverName = body.toString('latin1', 5);
    if (type === 16) protocols = namesIn(body.subarray(2));
    at += 4 + body.length;
  }
  return { serverName, protocols };
}

function namesIn(list: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at < list.length; at += 1 + list.readUInt8(at))
    names.push(list.toString('latin1', at + 1, at + 1 + list.readUInt8(at)));
  return names;
}
