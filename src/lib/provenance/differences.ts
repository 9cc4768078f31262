/**
 * How two readings of one thing differ, a line for each place: `services.web.privileged is true, and git's files do not have it`.
 * Order of keys is no difference; order in a list is.
 */
export function differencesOf(bundle: unknown, git: unknown, path: readonly string[] = []): string[] {
  if (isObject(bundle) && isObject(git)) {
    const keys = [...new Set([...Object.keys(bundle), ...Object.keys(git)])];
    return keys.flatMap((key) => differencesOf(bundle[key], git[key], [...path, key]));
  }
  if (JSON.stringify(bundle) === JSON.stringify(git)) return [];
  if (isList(bundle) && isList(git) && bundle.length === git.length)
    return bundle.flatMap((one, index) => differencesOf(one, git[index], [...path, String(index)]));
  const where = path.join(".");
  if (git === undefined) return [`${where} is ${shown(bundle)}, and git's files do not have it`];
  if (bundle === undefined) return [`${where} is not there, and ${shown(git)} by git's files`];
  return [`${where} is ${shown(bundle)}, and ${shown(git)} by git's files`];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

const longest = 80;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
