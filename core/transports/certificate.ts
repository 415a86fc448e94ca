/**
 * The certificate we show when nobody configured one: a self-signed leaf (CA:FALSE, P-256), made on first use and kept with
 * its key in one file, mode 0600, so that clients may pin it. GOST makes a CA with certificate-signing rights instead
 * (shared/gost/surprises.md C12).
 */
import { createPrivateKey, KeyObject, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errnoOf } from '../errors.ts';
import type { StateFolder } from '../registry.ts';

const FILE = 'tls-self-signed.pem';
const DAY_MS = 86_400_000;
const VALID_DAYS = 3650;
const RENEW_DAYS = 30;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Certificate and private key, both PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** One per folder and process, so that two listeners that start together do not make two. */
const made = new Map<string, Promise<Identity>>();

/** The kept certificate of a state folder, or a new one; without a folder it lives as long as the process. */
export function selfSigned(state: StateFolder | null): Promise<Identity> {
  const place = state === null ? '' : join(state.path, FILE);
  let identity = made.get(place);
  if (identity === undefined) {
    identity = place === '' ? generate() : loadOrMake(place);
    made.set(place, identity);
    identity.catch(() => made.delete(place));
  }
  return identity;
}

async function loadOrMake(path: string): Promise<Identity> {
  const kept = await load(path);
  if (kept !== null) return kept;
  const identity = await generate();
  await save(path, identity);
  return identity;
}

/** Null when there is none, or when what is there can not be used any more. */
async function load(path: string): Promise<Identity | null> {
  try {
    const pem = await readFile(path, 'utf8');
    const [cert] = /-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----\n?/.exec(pem) ?? [];
    const [key] = /-----BEGIN PRIVATE KEY-----[^]+?-----END PRIVATE KEY-----\n?/.exec(pem) ?? [];
    if (cert === undefined || key === undefined) return null;
    const parsed = new X509Certificate(cert);
    const fresh = Date.parse(parsed.validTo) - Date.now() > RENEW_DAYS * DAY_MS;
    return fresh && parsed.checkPrivateKey(createPrivateKey(key)) ? { cert, key } : null;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error)?.startsWith('ERR_OSSL') === true) return null;
    throw error;
  }
}

async function save(path: string, { cert, key }: Identity): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(cert + key);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function generate(): Promise<Identity> {
  await import('reflect-metadata'); // @peculiar/x509 needs it when it is loaded
  const x509 = await import('@peculiar/x509');
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: `00${randomBytes(15).toString('hex')}`,
    name: 'CN=Sockeye',
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + VALID_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.1'], false),
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' },
      ]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' });
  return { cert: `${certificate.toString('pem').trim()}\n`, key: String(key) };
}
