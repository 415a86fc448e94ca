// Reporter for node:test: quiet while all is well; failures in full, every skip with its reason, slow files, and counts at the end.
// A skip in CI is a failure: what a peer or a browser is missing there must be installed, not passed over. A suite whose reason begins with
// NEWER_NODE is none: CI runs the tests on that Node as well, where the suite has no reason to be skipped.
const NEWER_NODE = 'needs a newer Node';

export default async function* report(source) {
  const counts = { passed: 0, failed: 0, skipped: 0, todo: 0 };
  const files = new Map();
  const skips = [];
  for await (const { type, data } of source) {
    if (type === 'test:stderr' && process.env.SOCKEYE_TEST_STDERR === '1') yield data.message;
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.details?.type === 'suite') {
      if (data.skip === undefined || data.skip === false) continue;
      const file = (data.file ?? '').replace(`${process.cwd()}/`, '');
      skips.push(`${file}: ${data.name} (all of it): ${data.skip === true ? 'no reason given' : data.skip}`);
      if (!String(data.skip).startsWith(NEWER_NODE)) counts.skipped += 1;
      continue;
    }
    const isFile = data.nesting === 0 && data.file !== undefined && data.name === data.file;
    const file = (data.file ?? '').replace(`${process.cwd()}/`, '');
    if (data.nesting === 0) files.set(file, (files.get(file) ?? 0) + (data.details?.duration_ms ?? 0));
    if (data.skip !== undefined && data.skip !== false) {
      counts.skipped += 1;
      skips.push(`${file}: ${data.name}: ${data.skip === true ? 'no reason given' : data.skip}`);
      continue;
    }
    if (type === 'test:pass') {
      if (!isFile) counts.passed += 1;
      continue;
    }
    const error = data.details?.error;
    if (error?.failureType === 'subtestsFailed') continue;
    counts.failed += 1;
    const cause = error?.cause ?? error;
    yield `\nFAIL ${file}${data.line === undefined ? '' : `:${data.line}`}\n     ${data.name}\n${indent(cause?.stack ?? String(cause))}\n`;
  }
  const slow = [...files].sort(([, a], [, b]) => b - a).slice(0, 5);
  yield `\nslowest: ${slow.map(([file, ms]) => `${file} ${(ms / 1000).toFixed(1)} s`).join(', ')}\n`;
  for (const skip of skips) yield `SKIP ${skip}\n`;
  yield `${files.size} files\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`;
  if (counts.passed === 0) yield 'no test ran\n';
  if (counts.passed === 0 || counts.failed > 0 || (process.env.CI === 'true' && counts.skipped > 0))
    process.exitCode = 1;
}

function indent(text) {
  return text.replace(/^/gm, '     ');
}
