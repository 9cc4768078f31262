import { createHash, randomBytes } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { z } from "zod";
import { createParameter, deleteParameters, findParameters, type Stored, type StorePorts } from "./store.ts";

/** A standard parameter holds 4 KB (Systems Manager, quotas). */
const partLength = 4096;
/** More than three thousand hosts. */
export const mostParts = 16;
/** What the parts of a record may come to. */
const longest = 1_000_000;

/** What lies under the name of a record that a parameter has no room for. */
const headShape = z.object({
  schema: z.literal(2),
  parts: z.object({ key: z.string().regex(/^[0-9a-f]{16}$/), count: z.number().int().min(1).max(mostParts) }),
  sha256: z.string(),
});

/** The parts in which a record is kept, packed: ids of hosts take half of their room so. */
export function partsOf(text: string): readonly string[] {
  const packed = deflateRawSync(text, { level: 9 }).toString("base64");
  return Array.from({ length: Math.ceil(packed.length / partLength) }, (_, n) =>
    packed.slice(n * partLength, (n + 1) * partLength),
  );
}

/** `…/000124/parts/<key>/1`: each writer has a key of its own, so that none meets another's parts. */
function partNames(name: string, { key, count }: z.output<typeof headShape>["parts"]): readonly string[] {
  return Array.from({ length: count }, (_, n) => `${name}/parts/${key}/${n + 1}`);
}

/**
 * Creates a record that a parameter has no room for: its parts first, which are nothing to anybody until the record names
 * them, and that last. Parts of one that another was before with are taken away.
 */
export async function createInParts(name: string, text: string, ports: StorePorts): Promise<"created" | "exists"> {
  const parts = partsOf(text);
  const at = { key: randomBytes(8).toString("hex"), count: parts.length };
  const names = partNames(name, at);
  await Promise.all(names.map((part, n) => createParameter(part, parts[n] ?? "", ports)));
  const head = { schema: 2, version: ports.version, parts: at, sha256: sumOf(text) };
  const created = await createParameter(name, JSON.stringify(head), ports);
  if (created === "exists") await deleteParameters(names, ports).catch(() => undefined);
  return created;
}

/**
 * The same with the text of each record that is kept in parts. One whose parts are not all there, or not those that it was
 * written with, is no record.
 */
export async function withWholeRecords(
  found: ReadonlyMap<string, Stored>,
  ports: StorePorts,
): Promise<ReadonlyMap<string, Stored>> {
  const heads = [...found].flatMap(([name, stored]) => {
    const head = headIn(stored.text);
    return head === undefined ? [] : [{ name, stored, head, names: partNames(name, head.parts) }];
  });
  const wanted = heads.flatMap(({ names }) => names).filter((name) => !found.has(name));
  const read = wanted.length === 0 ? found : (await findParameters(wanted, ports)).found;
  const whole = new Map(found);
  for (const { name, stored, head, names } of heads) {
    const parts = names.map((part) => (found.get(part) ?? read.get(part))?.text ?? "");
    whole.set(name, { ...stored, text: joined(parts, head.sha256) });
  }
  return whole;
}

function headIn(text: string): z.output<typeof headShape> | undefined {
  try {
    return headShape.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** @returns nothing where they are not what was written */
function joined(parts: readonly string[], sha256: string): string {
  try {
    const packed = Buffer.from(parts.join(""), "base64");
    const text = inflateRawSync(packed, { maxOutputLength: longest }).toString();
    return sumOf(text) === sha256 ? text : "";
  } catch {
    return "";
  }
}

function sumOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
