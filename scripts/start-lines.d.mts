export function sentence(line: string): string | null;
