import { whyNoAnswer } from "../text/no-answer.ts";
import type { Signer } from "./cosign-commands.ts";

type Variables = Readonly<Record<string, string | undefined>>;

const timeoutMs = 15_000;

/**
 * As whom this process signs without a key, by the token that cosign will show to Fulcio: in a job of GitHub that is the workflow
 * whose job it is, which for a reusable one is not the workflow that was begun (Fulcio, docs/oidc.md).
 * @returns whoever it may be, where the token's own words say nothing that stands in a certificate as it is
 * @throws Error where GitHub gives no token
 */
export async function ownIdentity(env: Variables, signal: AbortSignal): Promise<Signer> {
  // In the order in which cosign looks for one.
  if (env["BUILDKITE_AGENT_ACCESS_TOKEN"]) return anybody;
  const token = env["SIGSTORE_ID_TOKEN"] || (await githubToken(env, signal));
  return token === undefined ? anybody : identityIn(token);
}

const anybody = { identity: "*", issuer: undefined } as const;

async function githubToken(env: Variables, signal: AbortSignal): Promise<string | undefined> {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer } = env;
  if (!url || !bearer) return undefined;
  const wanted = new URL(url);
  // No other service takes one that is for this audience.
  wanted.searchParams.set("audience", "sigstore");
  const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const headers = { authorization: `Bearer ${bearer}` };
  try {
    const reply = await fetch(wanted, { headers, signal: within, redirect: "error" });
    if (!reply.ok) throw new Error(`HTTP ${reply.status}`);
    const { value } = (await reply.json()) as { readonly value?: unknown };
    if (typeof value === "string") return value;
  } catch (error) {
    throw new Error(`GitHub gives no token to say who signs: ${whyNoAnswer(error, timeoutMs)}`, { cause: error });
  }
  throw new Error("what gives tokens to jobs has answered with none");
}

/** What Fulcio writes into the certificate's name, and as the issuer. */
function identityIn(token: string): Signer {
  const claims = claimsIn(token);
  const { iss } = claims;
  if (typeof iss !== "string") return anybody;
  if (typeof claims["job_workflow_ref"] === "string" && iss === "https://token.actions.githubusercontent.com")
    return { identity: `https://github.com/${claims["job_workflow_ref"]}`, issuer: iss };
  if (typeof claims["ci_config_ref_uri"] === "string")
    return { identity: `https://${claims["ci_config_ref_uri"]}`, issuer: iss };
  if (typeof claims["email"] !== "string") return anybody;
  // Of a person who came by way of Sigstore's own provider, the one behind that vouches.
  const { connector_id: behind } = (claims["federated_claims"] ?? {}) as { readonly connector_id?: unknown };
  return { identity: claims["email"], issuer: typeof behind === "string" ? behind : iss };
}

/** Nobody is trusted for it: cosign asks who has signed. */
function claimsIn(token: string): Readonly<Record<string, unknown>> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    return typeof claims === "object" && claims !== null ? (claims as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
