import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ThreadsError } from "../errors/threads-error.ts";
import type { ImageArchive } from "../docker/archive.ts";
import { type Digest, digestOf, isDigest, parseDigest } from "../image/digest.ts";
import { type Migration, readMigrations } from "../release/migrations.ts";

/**
 * What smoke leaves for a publish on another machine, in a folder: the images that passed, in one archive, and this record of
 * them. The record's own digest is what the other machine is told, so that nothing else can take its place on the way.
 */
export interface Handover {
  readonly schema: 1;
  readonly app: string;
  readonly revision: string;
  readonly tree: string;
  /** Of the archive's bytes. */
  readonly archive: Digest;
  /** Docker's id of each image, by service. */
  readonly images: Readonly<Record<string, Digest>>;
  /** In order, as the image has told; null where threads.yml names no command for it. */
  readonly migrations: readonly Migration[] | null;
}

const [recordName, archiveName] = ["smoke.json", "images.tar"];

/** Fills a folder; the record comes last, so that half a handover is none. @param names docker's, of the images @returns the record's digest */
export async function writeHandover(
  folder: string,
  handover: Omit<Handover, "schema" | "archive">,
  { names, archive }: { readonly names: readonly string[]; readonly archive: Pick<ImageArchive, "save"> },
): Promise<Digest> {
  const [record, images] = [join(folder, recordName), join(folder, archiveName)];
  await mkdir(folder, { recursive: true });
  await rm(record, { force: true });
  await archive.save(names, images);
  const whole: Handover = { schema: 1, ...handover, archive: await digestOfFile(images) };
  const text = `${JSON.stringify(whole, undefined, 2)}\n`;
  await writeFile(`${record}.new`, text);
  await rename(`${record}.new`, record);
  return digestOf(text);
}

/**
 * Reads the record, and holds the archive to it.
 * @param told digest of the record, by whoever has seen it written; undefined where nobody says
 * @returns the record, and where the images are
 * @throws ThreadsError NO_HANDOVER (usage), OTHER_HANDOVER (refused)
 */
export async function readHandover(
  folder: string,
  told: string | undefined,
): Promise<{ readonly handover: Handover; readonly images: string }> {
  const [record, images] = [join(folder, recordName), join(folder, archiveName)];
  const text = await readFile(record, "utf8").catch((error: unknown) => {
    throw noHandover(folder, `there is no ${recordName} in it that can be read`, error);
  });
  const found = digestOf(text);
  if (told !== undefined && told !== found) throw otherHandover(folder, [`its record is ${found}, and not ${told}`]);
  const handover = asHandover(text);
  if (handover === undefined)
    throw noHandover(folder, `its ${recordName} is not what this version of threads writes there`);
  const bytes = await digestOfFile(images).catch((error: unknown) => {
    throw noHandover(folder, `there is no ${archiveName} in it that can be read`, error);
  });
  if (bytes !== handover.archive)
    throw otherHandover(folder, [`its images are ${bytes}, and ${handover.archive} by its record`]);
  return { handover, images };
}

/** What does not belong here, or not together. */
export function otherHandover(folder: string, details: readonly string[]): ThreadsError {
  return new ThreadsError("OTHER_HANDOVER", {
    message: `the images in ${folder} are not those that were to be handed over`,
    details,
    next: ["git log --oneline -1", "threads smoke"],
    advice: ["take the folder as smoke has left it for this very commit, with the digest that it has told"],
  });
}

function noHandover(folder: string, why: string, cause?: unknown): ThreadsError {
  return new ThreadsError("NO_HANDOVER", {
    message: `${folder} holds nothing that smoke has handed over: ${why}`,
    next: ["threads smoke --help"],
    advice: ["`threads smoke --save FOLDER` fills it"],
    cause,
  });
}

async function digestOfFile(file: string): Promise<Digest> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return parseDigest(`sha256:${hash.digest("hex")}`);
}

/** @returns undefined for anything else */
function asHandover(text: string): Handover | undefined {
  const found = parsed(text);
  if (!isObject(found)) return undefined;
  const { schema, app, revision, tree, archive, images, migrations } = found;
  const isWhole =
    schema === 1 &&
    [app, revision, tree].every((one) => typeof one === "string") &&
    isDigestText(archive) &&
    isObject(images) &&
    Object.values(images).every(isDigestText) &&
    (migrations === null || (Array.isArray(migrations) && !("why" in readMigrations(JSON.stringify(migrations)))));
  return isWhole ? (found as unknown as Handover) : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isDigestText(value: unknown): value is Digest {
  return typeof value === "string" && isDigest(value);
}
