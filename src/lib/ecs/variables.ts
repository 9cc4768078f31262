// Variables of a compose file. On a host compose fills them in from the application's environment; ECS fills in nothing.

const variable = /\$\$|\$\{(\w+)(?:(:?[-?+])((?:[^{}]|\{[^{}]*\})*))?\}|\$(\w+)/g;

export interface Filled {
  readonly text: string;
  /** Names that nobody sets, and for which the text has no default. */
  readonly open: readonly string[];
  /** All names that it asks for. */
  readonly names: readonly string[];
}

/** A text as compose reads it where only these values are set (compose-spec, "interpolation"). */
export function filled(written: string, values: ReadonlyMap<string, string>): Filled {
  const open: string[] = [];
  const names: string[] = [];
  const text = written.replaceAll(variable, (whole, braced?: string, how?: string, other = "", bare?: string) => {
    const name = braced ?? bare;
    if (name === undefined) return whole === "$$" ? "$" : whole;
    names.push(name);
    const value = values.get(name);
    const isSet = value !== undefined && (value !== "" || how?.startsWith(":") !== true);
    const inner = (): string => {
      const read = filled(other, values);
      open.push(...read.open);
      names.push(...read.names);
      return read.text;
    };
    if (how?.endsWith("+") === true) return isSet ? inner() : "";
    if (isSet) return value;
    if (how?.endsWith("-") === true) return inner();
    open.push(name);
    return "";
  });
  return { text, open, names };
}

/** Whether a switch of a compose file is on: what was a variable is a text. */
export function isTrue(value: boolean | string | undefined): boolean {
  return String(value) === "true";
}

/** The name of the one variable that a text is, and nothing beside it: `${NAME}`, `$NAME`, `${NAME:-default}`. */
export function onlyVariable(written: string): string | undefined {
  const [, braced, how, bare] = /^(?:\$\{(\w+)(:?[-?][^]*)?\}|\$(\w+))$/.exec(written) ?? [];
  const name = braced ?? bare;
  // `${A}${B}` begins and ends like one.
  return (how ?? "").replaceAll(/\$\{[^{}]*\}/g, "").includes("}") ? undefined : name;
}

/** Every text of a value filled in, with what to do about each that asks for a name. */
export function filledIn<T>(value: T, fill: (text: string, path: string) => string, path = ""): T {
  if (typeof value === "string") return fill(value, path) as T;
  const below = (key: string): string => (path === "" ? key : `${path}.${key}`);
  if (Array.isArray(value)) return value.map((one: unknown, at) => filledIn(one, fill, below(String(at)))) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, filledIn(one as unknown, fill, below(key))]),
  ) as T;
}
