import { authorText } from "../ledger/author.ts";
import { shortRevision } from "../release/revision.ts";
import { signedBy } from "../signature/cosign-failure.ts";
import { signerText, type Unsigned } from "../signature/signatures.ts";
import { dated, list } from "../text/words.ts";
import type { GateFacts } from "./gate-facts.ts";
import { missing, notConfigured, passed, type GateVerdict, warned } from "./verdict.ts";

/**
 * Whether all of the release is signed by whom threads.yml names. A gate that nobody has seen passing would most likely shut an
 * environment for a mistake in how it is set up: until then it warns, unless somebody has said that it is required.
 */
export function judgeSignature({ environment, published, signatures }: GateFacts): GateVerdict {
  const { name, gates } = environment;
  if (gates.signature === undefined) return notConfigured;
  const { by, required } = gates.signature;
  const who = signerText(by);
  const first = signatures?.first;
  if (signatures !== undefined && "things" in signatures.unsigned && signatures.unsigned.things.length === 0)
    return passed(
      required || first !== undefined
        ? `every image and the bundle are signed by ${who}`
        : `every image and the bundle are signed by ${who}; once this is promoted, ${name} takes nothing else`,
    );
  // It signs HEAD's, whatever the talk was about.
  const next = `git switch --detach ${shortRevision(published.release.revision)} && threads publish --sign`;
  const { says, advice } = whyNot(signatures?.unsigned, who);
  if (required) return { ...missing(says, next), advice };
  if (first === undefined)
    return { ...warned(`${says}; this only warns until it has passed in ${name} once`, next), advice };
  const since = `it passed in ${name} first ${dated(first.at)}, by ${authorText(first.by)}`;
  return { ...missing(`${says}; ${since}`, next), advice };
}

function whyNot(
  unsigned: Unsigned | undefined,
  who: string,
): { readonly says: string; readonly advice: readonly string[] } {
  if (unsigned === undefined) return { says: "nobody asked who signed it", advice: [] };
  if ("unknown" in unsigned)
    return { says: `whether ${who} signed it cannot be told: ${unsigned.unknown}`, advice: unsigned.advice };
  const names = list([...new Set(unsigned.things.map(({ name }) => name))]);
  const [one] = unsigned.things;
  return {
    says: `${names}: no signature by ${who} (${one?.why ?? ""})`,
    advice: [
      ...asSigned(one?.why ?? ""),
      "what a workflow signs, sign by running that workflow again at this commit: it signs what is missing",
    ],
  };
}

/** Mostly the gate names the workflow that is begun, and the certificate the reusable one that it calls. */
function asSigned(why: string): readonly string[] {
  const found = signedBy(why);
  if (found === undefined) return [];
  const { identity, issuer } = found;
  const vouched = issuer === undefined ? "" : ` and \`issuer: ${issuer}\``;
  return [
    `it is signed by ${identity}${issuer === undefined ? "" : `, for whom ${issuer} vouches`}: only if that is who is to sign, have the gate say \`by: ${identity}\`${vouched}; a reusable workflow signs by its own name, not by its caller's`,
  ];
}
