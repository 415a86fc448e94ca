export function checkImports(
  folders: readonly string[],
  baseDir?: string,
): Promise<{ violations: { rule: { name: string }; from: string; to: string }[]; modules: number }>;
