import { randomBytes } from "node:crypto";
import { ThreadsError } from "../errors/threads-error.ts";
import { type Digest, isDigest } from "../image/digest.ts";
import type { Author } from "./author.ts";
import { principalOf, principalPath } from "./principal.ts";
import { encodeRecord, recordIn } from "./record.ts";
import { type ApprovalRecord, approvalShape } from "./shapes.ts";
import { createParameter, findParameters, readFolder, type Stored, type StorePorts } from "./store.ts";
import { type Writer, writersBelow } from "./writers.ts";

/** What somebody says of a release on its way to an environment. withdrawn: what they said before no longer counts. */
export type ApprovalWord = "approved" | "rejected" | "withdrawn";

export interface ApprovalDraft {
  readonly environment: string;
  readonly revision: string;
  readonly bundle: Digest;
  readonly word: ApprovalWord;
  /** Who says it, by the word of AWS: see principalOf. */
  readonly principal: string;
  readonly comment: string;
  readonly by: Author;
  /** ISO 8601. */
  readonly at: string;
}

/** One word of one principal on one bundle; the last of them counts. */
export interface Approval extends ApprovalDraft {
  /** 1, 2, 3 … of what this principal has said of this bundle. */
  readonly number: number;
  /** The principal that wrote the record, by the word of AWS, where it is another one than the record says; undefined where they agree. */
  readonly writer: string | undefined;
}

/**
 * `/<app>/<environment>/approvals/<revision>/<64 hex>/<principal>/<number>`, for instance `…/user/ada/000001`. Write-once, so that
 * all that was ever said stays. IAM can let each principal write its own names alone; and whoever writes elsewhere is found
 * out, because Parameter Store says who wrote a parameter (LastModifiedUser). The revision comes first, as in the evidence.
 */
export interface Approvals {
  /** All that was said of a revision on its way to an environment, by the bundle, oldest first. Two calls at once. */
  approvals(environment: string, revision: string): Promise<ReadonlyMap<Digest, readonly Approval[]>>;
  /** Writes a word down. @param number after the last of this principal on this bundle @throws ThreadsError APPROVAL_TAKEN (conflict) */
  approve(draft: ApprovalDraft, number: number): Promise<void>;
  /** What `approve` would refuse, with nothing written. @throws ThreadsError RECORD_TOO_LARGE */
  wouldApprove(draft: ApprovalDraft): Promise<void>;
}

export function approvalFolder(app: string, environment: string): string {
  return `/${app}/${environment}/approvals`;
}

/** The approvals in Parameter Store. */
export function parameterApprovals(ports: StorePorts): Approvals {
  return {
    approvals: async (environment, revision) => {
      const all = await approvalsBelow({ environment, revision }, ports);
      return Map.groupBy(all, ({ bundle }) => bundle);
    },
    approve: async (draft, number) => {
      const nonce = randomBytes(8).toString("hex");
      const name = nameOf(draft, number, ports.app);
      if ((await createParameter(name, encode(draft, nonce, ports), ports)) === "created") return;
      // An SDK retry after a lost reply meets one's own record.
      const there = (await findParameters([name], ports)).found.get(name);
      if (there !== undefined && decode(name, there, ports.version)?.nonce === nonce) return;
      throw new ThreadsError("APPROVAL_TAKEN", {
        message: `${draft.principal} said something else of this release at the same moment`,
        next: [`threads gates ${draft.revision} -e ${draft.environment}`],
      });
    },
    wouldApprove: async (draft) => {
      encode(draft, "0".repeat(16), ports);
    },
  };
}

/** Everything that was ever said of a revision, or of all of them; oldest first. What is no such record is passed over: nothing follows from it. */
export async function approvalsBelow(
  where: { readonly environment: string; readonly revision?: string },
  ports: StorePorts,
): Promise<readonly Approval[]> {
  const { environment, revision } = where;
  const root = approvalFolder(ports.app, environment);
  const folder = revision === undefined ? root : `${root}/${revision}`;
  const reading = readFolder(folder, ports);
  // Of all revisions there may well be none, and a reader who need not ask who wrote them.
  const whereAny = async (): Promise<ReadonlyMap<string, Writer>> =>
    (await reading).found.size === 0 ? new Map() : writersBelow(folder, ports);
  const [{ found }, writers] = await Promise.all([
    reading,
    revision === undefined ? whereAny() : writersBelow(folder, ports),
  ]);
  const all = [...found].flatMap(([name, stored]): Approval[] => {
    const record = decode(name, stored, ports.version);
    if (record === undefined || record.environment !== environment) return [];
    const number = Number(name.slice(name.lastIndexOf("/") + 1));
    // A record that says something else than its name was not put there by threads.
    if (!(number > 0) || name !== nameOf(record, number, ports.app)) return [];
    const { schema: _, version: __, nonce: ___, ...said } = record;
    return [
      { ...said, at: stored.writtenAt ?? record.at, number, writer: strangerIn(record, stored, writers.get(name)) },
    ];
  });
  return all.toSorted((one, other) => one.number - other.number || Date.parse(one.at) - Date.parse(other.at));
}

/** Who has written it, where that is not the principal that it names. The two answers must speak of the same moment. */
function strangerIn(
  { principal }: ApprovalRecord,
  { writtenAt }: Stored,
  seen: Writer | undefined,
): string | undefined {
  if (seen === undefined || seen.user === "" || seen.writtenAt !== writtenAt)
    return "somebody whom Parameter Store does not name";
  const writer = principalOf(seen.user);
  return writer === principal ? undefined : (writer ?? seen.user);
}

function nameOf(
  {
    environment,
    revision,
    bundle,
    principal,
  }: Pick<ApprovalDraft, "environment" | "revision" | "bundle" | "principal">,
  number: number,
  app: string,
): string {
  const hex = bundle.slice("sha256:".length);
  const last = String(number).padStart(6, "0");
  return `${approvalFolder(app, environment)}/${revision}/${hex}/${principalPath(principal)}/${last}`;
}

function encode(draft: ApprovalDraft, nonce: string, { version }: Pick<StorePorts, "version">): string {
  const record: ApprovalRecord = { schema: 1, version, ...draft, nonce };
  return encodeRecord(record, "the record", { advice: ["say it in fewer words"] });
}

function decode(name: string, { text }: Stored, version: string): ApprovalRecord | undefined {
  const { data } = approvalShape.safeParse(recordIn(name, text, version));
  return data !== undefined && isDigest(data.bundle) ? data : undefined;
}
