/**
 * `tls` sections: towards proxies (certificates are checked unless a person says otherwise, unlike GOST) and towards clients.
 */
import type { ClientTls, ServerTls, TlsVersion } from '../registry.ts';
import { readCipherSuites } from './cipher-suites.ts';
import { fix, pathText, type Findings } from './findings.ts';
import { nearest } from './gost-types.ts';
import type { Section } from './section.ts';

export function readClientTls(section: Section, findings: Findings): ClientTls | null {
  if (section.data === undefined || section.data === null) return null;
  return {
    secure: section.boolean('secure'),
    serverName: section.textOrNull('serverName'),
    caFile: section.textOrNull('caFile'),
    ...keyPair(section, findings),
    ...versions(section, findings),
  };
}

export function readServerTls(section: Section, findings: Findings): ServerTls | null {
  if (section.data === undefined || section.data === null) return null;
  const tls = {
    ...keyPair(section, findings),
    caFile: section.textOrNull('caFile'),
    ...versions(section, findings),
  };
  const plain =
    tls.certFile === null &&
    tls.caFile === null &&
    tls.minVersion === null &&
    tls.maxVersion === null &&
    tls.ciphers === undefined &&
    tls.alpn.length === 0;
  return plain ? null : tls;
}

/** GOST never checks a proxy's certificate unless told to; Sockeye checks it unless told not to. Says so once per node. */
export function sayVerification(tls: Section, secure: boolean | null, findings: Findings): void {
  const path = [...tls.path, 'secure'];
  if (secure === null) {
    findings.add(
      'changes',
      'tls_verified',
      tls.path,
      `The certificate of this proxy is checked; GOST would not. If it is self-signed, set caFile, or \`secure: false\` to trust anybody.`,
      {
        fix: fix('Do not check it', { op: 'set', path, value: false }),
      },
    );
  } else if (!secure) {
    findings.add(
      'hint',
      'tls_unverified',
      path,
      'The certificate of this proxy is not checked: somebody on the way can read and change everything.',
      {
        fix: fix('Check it', { op: 'set', path, value: true }),
      },
    );
  }
}

function keyPair(section: Section, findings: Findings): { certFile: string | null; keyFile: string | null } {
  const certFile = section.textOrNull('certFile');
  const keyFile = section.textOrNull('keyFile');
  if ((certFile === null) !== (keyFile === null)) {
    const missing = certFile === null ? 'certFile' : 'keyFile';
    findings.add(
      'blocks',
      'bad_value',
      section.path,
      `${pathText(section.path)} needs certFile and keyFile together; ${missing} is missing.`,
    );
  }
  return { certFile, keyFile };
}

const VERSIONS: Readonly<Record<string, TlsVersion | 'old'>> = {
  VersionTLS10: 'old',
  VersionTLS11: 'old',
  VersionTLS12: 'TLSv1.2',
  VersionTLS13: 'TLSv1.3',
};

function versions(
  section: Section,
  findings: Findings,
): Pick<ClientTls, 'minVersion' | 'maxVersion' | 'ciphers' | 'alpn'> {
  const options = section.section('options');
  const version = (key: string): TlsVersion | null => {
    const written = options.text(key);
    if (written === '') return null;
    const known = VERSIONS[written];
    const path = [...options.path, key];
    if (known === undefined) {
      const near = nearest(written, Object.keys(VERSIONS));
      findings.add(
        'blocks',
        'unknown_value',
        path,
        `"${written}" is no TLS version. Write VersionTLS12 or VersionTLS13.`,
        near === null ? {} : { fix: fix(`Write ${near}`, { op: 'set', path, value: near }) },
      );
      return null;
    }
    if (known !== 'old') return known;
    findings.add(
      'changes',
      'unsupported',
      path,
      `${written} is broken and not offered; TLS 1.2 is the oldest that Sockeye speaks.`,
    );
    return 'TLSv1.2';
  };
  const ciphers = readCipherSuites(options, findings);
  return {
    minVersion: version('minVersion'),
    maxVersion: version('maxVersion'),
    ...(ciphers.length === 0 ? {} : { ciphers }),
    alpn: options.texts('alpn'),
  };
}
