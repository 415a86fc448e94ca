/** Throw-away certificates in a folder, for tests: an authority, and leaves signed by it. */
import { KeyObject, randomBytes, webcrypto } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const HOUR_MS = 3_600_000;

export interface Files {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface Authority {
  readonly folder: string;
  readonly caFile: string;
  /** A leaf for these DNS names and IP addresses; `validMs` may lie in the past. */
  leaf(names: readonly string[], validMs?: number): Promise<Files>;
  remove(): void;
}

export async function authority(): Promise<Authority> {
  const folder = mkdtempSync(join(tmpdir(), 'sockeye-certificates-'));
  const keys = await newKeys();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=Test authority',
    notBefore: new Date(Date.now() - HOUR_MS),
    notAfter: new Date(Date.now() + HOUR_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, ca.toString('pem'));
  return {
    folder,
    caFile,
    leaf: async (names, validMs = HOUR_MS) => {
      const own = await newKeys();
      const leaf = await x509.X509CertificateGenerator.create({
        serialNumber: `00${randomBytes(8).toString('hex')}`,
        issuer: ca.subject,
        subject: `CN=${names[0] ?? 'leaf'}`,
        notBefore: new Date(Date.now() - 2 * HOUR_MS),
        notAfter: new Date(Date.now() + validMs),
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.SubjectAlternativeNameExtension(
            names.map((value) => ({ type: /^[\d.]+$|:/.test(value) ? 'ip' : 'dns', value })),
          ),
        ],
      });
      const id = randomBytes(4).toString('hex');
      const files = { certFile: join(folder, `${id}.pem`), keyFile: join(folder, `${id}-key.pem`) };
      writeFileSync(files.certFile, leaf.toString('pem'));
      const key = KeyObject.from(own.privateKey).export({ type: 'pkcs8', format: 'pem' });
      writeFileSync(files.keyFile, key);
      return files;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}
