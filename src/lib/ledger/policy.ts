import { z } from "zod";
import type { GatesConfig } from "../config/config.ts";
import { pushedGates } from "../config/gates-schema.ts";
import type { WrittenGates } from "../config/gates-words.ts";
import { once } from "../config/schema-parts.ts";
import { dated } from "../text/words.ts";
import { type Author, authorText } from "./author.ts";
import type { Freeze } from "./freeze.ts";
import { recordIn, unreadable, versionIn } from "./record.ts";
import { policyShape } from "./shapes.ts";
import type { Stored } from "./store.ts";

/** What somebody has pushed for an environment: the least that its gates ask for, whatever the threads.yml of a branch says. */
export interface Policy {
  /** Null: it asks for nothing, as if none had been pushed. */
  readonly gates: GatesConfig | null;
  /** Why it asks for less than the one before it; undefined where it does not. */
  readonly reason: string | undefined;
  /** By the word of AWS (see principalOf); undefined for whom it gives no name. */
  readonly principal: string | undefined;
  readonly by: Author;
  /** ISO 8601, by the server's clock. */
  readonly pushedAt: string;
  /** By which Parameter Store tells it from earlier ones; undefined where it does not say. */
  readonly number: number | undefined;
}

/** What the ledger says of who may pass to an environment, whatever threads.yml asks for. */
export interface Ruling {
  readonly freeze: Freeze | undefined;
  readonly policy: Policy | undefined;
  /** Milliseconds since the epoch, by the server's clock. */
  readonly serverTime: number;
}

/** A policy as it is written down. */
export interface PolicyDraft {
  readonly environment: string;
  readonly gates: WrittenGates | null;
  readonly reason?: string;
  readonly principal?: string;
  readonly by: Author;
  /** ISO 8601. */
  readonly at: string;
}

/**
 * The policy of an environment: `/<app>/<environment>/policy`, the one parameter of the ledger that is changed for good.
 * Parameter Store numbers what is written there, and keeps a hundred of them.
 */
export interface Policies {
  /** Freeze and policy in one call. @throws ThreadsError LEDGER_UNREADABLE, POLICY_UNREADABLE (refused) */
  ruling(environment: string): Promise<Ruling>;
  /** The policy alone. @throws ThreadsError LEDGER_UNREADABLE, POLICY_UNREADABLE (refused) */
  policy(environment: string): Promise<Policy | undefined>;
  /** In the place of the one that stands. @returns the number that it has got */
  pushPolicy(draft: PolicyDraft): Promise<number | undefined>;
  /** What `pushPolicy` would refuse, with nothing written. @throws ThreadsError RECORD_TOO_LARGE */
  wouldPush(draft: PolicyDraft): Promise<void>;
  /** Who has written the policy that stands, by the word of Parameter Store: an ARN; undefined where it does not say. */
  policyWriter(environment: string): Promise<string | undefined>;
}

export function policyName(app: string, environment: string): string {
  return `/${app}/${environment}/policy`;
}

/** `the policy that user/ada pushed on 21 Nov 2026 10:00 UTC`. */
export function policyText({ principal, by, pushedAt }: Policy): string {
  return `the policy that ${principal ?? authorText(by)} pushed on ${dated(pushedAt)}`;
}

interface Where {
  readonly environment: string;
  readonly name: string;
  /** Of this threads. */
  readonly version: string;
}

/**
 * What lies there is never passed over: whoever could make it unreadable would otherwise have taken it away.
 * @returns undefined where there is no such parameter. @throws ThreadsError LEDGER_UNREADABLE where a newer threads wrote it; POLICY_UNREADABLE
 */
export function decodePolicy(stored: Stored | undefined, { environment, name, version }: Where): Policy | undefined {
  if (stored === undefined) return undefined;
  const record = recordIn(name, stored.text, version);
  const { data, error } = policyShape.safeParse(record);
  if (data === undefined)
    throw notAPolicy({ environment, name }, record === undefined ? "it is no record" : firstIssue(error));
  if (data.environment !== environment)
    throw notAPolicy({ environment, name }, `it is the policy of ${data.environment}`);
  const asked = z.nullable(pushedGates).safeParse(data.gates, { ...once, reportInput: true });
  if (asked.data === undefined)
    throw notAPolicy({ environment, name, newer: versionIn(record, version) }, firstIssue(asked.error, "gates"));
  const { reason, principal, by, at } = data;
  return { gates: asked.data, reason, principal, by, pushedAt: stored.writtenAt ?? at, number: stored.number };
}

function firstIssue(error: z.ZodError | undefined, under?: string): string {
  const [issue] = error?.issues ?? [];
  const place = [...(under === undefined ? [] : [under]), ...(issue?.path ?? [])].join(".");
  return `${place === "" ? "" : `${place}: `}${issue?.message ?? ""}`;
}

function notAPolicy(
  { environment, name, newer }: Pick<Where, "environment" | "name"> & { readonly newer?: string | undefined },
  why: string,
): Error {
  return unreadable(
    name,
    `is no policy that this threads understands (${why}); until it is one, nothing may pass to ${environment}`,
    {
      code: "POLICY_UNREADABLE",
      next: [
        ...(newer === undefined ? [] : [`npm install threads@${newer}`]),
        `aws ssm get-parameter-history --name ${name}`,
        `threads policy push -e ${environment} --dry-run`,
      ],
    },
  );
}
