import { type Input, type Operation, page, Refusal } from "./ssm-protocol.ts";

/** Whoever calls is this one here. */
const user = "arn:aws:iam::123456789012:user/ada";

/** Parameter Store. `store` is for looking at, and for planting, in tests. */
export function parameterOperations(now: () => number): {
  readonly operations: Readonly<Record<string, Operation>>;
  readonly store: Map<string, string>;
} {
  const store = new Map<string, string>();
  /** When each was written, in seconds, and how often: what a test has planted says nothing of that. */
  const written = new Map<string, { readonly at: number; readonly version: number }>();
  /** Names of those that are shown to nobody who does not ask for it. */
  const secure = new Set<string>();
  const shown = (name: string, { WithDecryption }: Input): object => ({
    Name: name,
    Value: secure.has(name) && WithDecryption !== true ? "AQICAHh" : store.get(name),
    Type: secure.has(name) ? "SecureString" : "String",
    Version: written.get(name)?.version ?? 1,
    LastModifiedDate: written.get(name)?.at,
  });
  return {
    store,
    operations: {
      PutParameter: (input) => {
        const name = String(input["Name"]);
        const before = store.has(name) ? (written.get(name)?.version ?? 1) : 0;
        put(store, input);
        if (input["Type"] === "SecureString") secure.add(name);
        written.set(name, { at: now() / 1000, version: before + 1 });
        return { Version: before + 1, Tier: "Standard" };
      },
      GetParameter: (input) => {
        const name = String(input["Name"]);
        if (!store.has(name)) throw new Refusal("ParameterNotFound");
        return { Parameter: shown(name, input) };
      },
      GetParameters: (input) => {
        const names = input["Names"] as string[];
        if (names.length > 10) throw new Refusal("ValidationException");
        return {
          Parameters: names.filter((name) => store.has(name)).map((name) => shown(name, input)),
          InvalidParameters: names.filter((name) => !store.has(name)),
        };
      },
      DeleteParameter: (input) => {
        if (!store.delete(String(input["Name"]))) throw new Refusal("ParameterNotFound");
        return {};
      },
      DeleteParameters: (input) => {
        const names = input["Names"] as string[];
        if (names.length > 10) throw new Refusal("ValidationException");
        const deleted = names.filter((name) => store.delete(name));
        return { DeletedParameters: deleted, InvalidParameters: names.filter((name) => !deleted.includes(name)) };
      },
      DescribeParameters: (input) => {
        const named =
          (input["ParameterFilters"] as { Key: string; Option?: string; Values: string[] }[] | undefined) ?? [];
        const names = [...store.keys()].filter((name) =>
          named.every(({ Key, Option, Values: [value = ""] }) =>
            Key === "Name"
              ? name === value
              : name.startsWith(`${value}/`) && (Option === "Recursive" || !name.slice(value.length + 1).includes("/")),
          ),
        );
        const { items, ...rest } = page(names, input, 50);
        return {
          Parameters: items.map((name) => ({ ...shown(name, input), Value: undefined, LastModifiedUser: user })),
          ...rest,
        };
      },
      GetParametersByPath: (input) => {
        if (Number(input["MaxResults"] ?? 10) > 10) throw new Refusal("ValidationException");
        const folder = `${String(input["Path"])}/`;
        // The order is not promised: shuffled on purpose.
        const names = [...store.keys()]
          .filter(
            (name) =>
              name.startsWith(folder) && (input["Recursive"] === true || !name.slice(folder.length).includes("/")),
          )
          .sort((one, other) => hash(one) - hash(other));
        const { items, ...rest } = page(names, input, 10);
        return { Parameters: items.map((name) => shown(name, input)), ...rest };
      },
    },
  };
}

function put(store: Map<string, string>, input: Input): void {
  const name = String(input["Name"]);
  const value = String(input["Value"]);
  if (value === "" || Buffer.byteLength(value) > 4096 || value.includes("{{")) throw new Refusal("ValidationException");
  if (!/^\/[a-zA-Z0-9_.\-/]+$/.test(name)) throw new Refusal("ValidationException");
  if (store.has(name) && input["Overwrite"] !== true) throw new Refusal("ParameterAlreadyExists");
  store.set(name, value);
}

function hash(text: string): number {
  let value = 7;
  for (const letter of text) value = (value * 31 + letter.charCodeAt(0)) % 10_007;
  return value;
}
