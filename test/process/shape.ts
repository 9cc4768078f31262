/** What a program may lean on in a JSON: each path with the types that it has, not its values. Items of a list are one. */
export function shapeOf(value: unknown): Record<string, string> {
  const types = new Map<string, Set<string>>();
  collect(value, "", types);
  return Object.fromEntries([...types].map(([path, all]) => [path, [...all].toSorted().join(" | ")]));
}

function collect(value: unknown, path: string, types: Map<string, Set<string>>): void {
  const isList = Array.isArray(value);
  const type = value === null ? "null" : isList ? "list" : typeof value;
  if (path !== "") types.set(path, (types.get(path) ?? new Set<string>()).add(type));
  if (isList) for (const item of value) collect(item, `${path}[]`, types);
  else if (typeof value === "object" && value !== null)
    for (const [key, item] of Object.entries(value)) collect(item, path === "" ? key : `${path}.${key}`, types);
}
