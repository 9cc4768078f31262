type Values = Readonly<Record<string, unknown>>;

/** What tells the entries of a list apart, where order says nothing. */
const keysOfLists: Readonly<Record<string, readonly string[]>> = {
  environment: ["name"],
  secrets: ["name"],
  ulimits: ["name"],
  volumes: ["name"],
  dependsOn: ["containerName"],
  portMappings: ["containerPort", "protocol"],
  mountPoints: ["containerPath"],
  tmpfs: ["containerPath"],
};
/** Lists of words whose order says nothing. */
const sets = new Set(["add", "drop", "requiresCompatibilities", "mountOptions"]);

/**
 * Every value of a task definition by its path, as a text: `environment.WORKERS`, `healthCheck.interval`. What is empty is not
 * there at all, since ECS fills in empty lists; entries of lists go by their names.
 */
export function leavesOf(values: Values): ReadonlyMap<string, string> {
  return new Map(Object.entries(values).flatMap(([key, value]) => leaves(key, key, value)));
}

function leaves(path: string, key: string, value: unknown): [string, string][] {
  if (value === undefined || value === null || value === "") return [];
  if (Array.isArray(value)) return leavesOfList(path, key, value);
  if (typeof value !== "object") return [[path, textOf(value)]];
  return Object.entries(value).flatMap(([own, inner]) => leaves(`${path}.${own}`, own, inner));
}

function leavesOfList(path: string, key: string, values: readonly unknown[]): [string, string][] {
  const names = keysOfLists[key];
  if (values.length === 0) return [];
  if (names === undefined) return [[path, JSON.stringify(sets.has(key) ? values.map(textOf).toSorted() : values)]];
  return values.flatMap((value): [string, string][] => {
    const entry: Values = { ...(key === "portMappings" && { protocol: "tcp" }), ...(value as Values) };
    const name = names.map((one) => textOf(entry[one])).join("/");
    const rest = Object.entries(entry).filter(([own]) => !names.includes(own));
    const inner = rest.flatMap(([own, deeper]) => leaves(`${path}.${name}.${own}`, own, deeper));
    // One value alone is the entry's own: `environment.WORKERS`, and not `environment.WORKERS.value`.
    const only = ["value", "valueFrom", "condition"].find((own) => entry[own] !== undefined);
    if (only !== undefined) return [[`${path}.${name}`, textOf(entry[only])]];
    return [[`${path}.${name}`, "there"], ...inner];
  });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
