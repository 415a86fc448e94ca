/**
 * `tls.options.cipherSuites`: Go's names of suites for TLS 1.2, as GOST takes them, and the names OpenSSL has for them. Suites of TLS 1.3 are
 * not chosen, in Go neither. RC4 and 3DES are broken and not among them.
 */
import type { Findings } from './findings.ts';
import type { Section } from './section.ts';

const SUITES: Readonly<Record<string, string>> = {
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256: 'ECDHE-ECDSA-AES128-SHA256',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256: 'ECDHE-RSA-AES128-SHA256',
  TLS_RSA_WITH_AES_128_GCM_SHA256: 'AES128-GCM-SHA256',
  TLS_RSA_WITH_AES_256_GCM_SHA384: 'AES256-GCM-SHA384',
  TLS_RSA_WITH_AES_128_CBC_SHA: 'AES128-SHA',
  TLS_RSA_WITH_AES_256_CBC_SHA: 'AES256-SHA',
  TLS_RSA_WITH_AES_128_CBC_SHA256: 'AES128-SHA256',
};

/** OpenSSL's names of what is written; empty: nothing is. A list of which nothing can be offered blocks. */
export function readCipherSuites(options: Section, findings: Findings): readonly string[] {
  const written = options.texts('cipherSuites');
  const path = [...options.path, 'cipherSuites'];
  const known = written.flatMap((name) => SUITES[name] ?? []);
  for (const [at, name] of written.entries()) {
    if (Object.hasOwn(SUITES, name)) continue;
    const own = /^TLS_(AES|CHACHA20)_/.test(name);
    findings.add(
      'changes',
      'unsupported',
      [...path, at],
      own
        ? `${name} belongs to TLS 1.3, whose suites are not chosen, in GOST neither.`
        : `Sockeye has no cipher suite ${name}; it is not offered.`,
    );
  }
  if (written.length > 0 && known.length === 0)
    findings.add('blocks', 'bad_value', path, 'None of these cipher suites can be offered.');
  return [...new Set(known)];
}
