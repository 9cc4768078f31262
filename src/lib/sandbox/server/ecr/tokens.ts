import { createHash, randomBytes } from "node:crypto";
import type { Identity, Operation } from "../protocol.ts";
import { type EcrParts, read, seconds } from "./parts.ts";

/** Validity of an authorization token (ECR user guide, registry authentication). */
const validSeconds = 12 * 3600;
/** An expired token is remembered this long, so that it is refused as expired and not as unknown. */
const rememberedSeconds = 7 * 24 * 3600;

/** GetAuthorizationToken: a random password for the user AWS, known to /v2/ for twelve hours. */
export function getAuthorizationToken(parts: EcrParts): Operation {
  return async (input, { identity }) => {
    read.optionalStrings(input, "registryIds", { min: 1, max: 10 });
    const password = randomBytes(48).toString("base64url");
    const now = seconds(parts);
    const expiresAt = now + validSeconds;
    await parts.index.update(({ tokens }) => {
      for (const [hash, token] of Object.entries(tokens))
        if (token.expiresAt + rememberedSeconds < now) delete tokens[hash];
      const { session } = identity;
      tokens[hashOf(password)] = { expiresAt, ...(session !== undefined && { session }) };
    });
    const authorizationToken = Buffer.from(`AWS:${password}`).toString("base64");
    return { authorizationData: [{ authorizationToken, expiresAt, proxyEndpoint: `http://${parts.endpoint}` }] };
  };
}

/** Who has asked for a token: a role, or the sandbox's own user, who may do everything. */
export type TokenHolder = Identity["session"];
export type TokenVerdict = "expired" | "unknown" | { readonly holder: TokenHolder };

/** Judges an Authorization header of the registry API. */
export function judgeToken(parts: EcrParts, header: string | undefined): TokenVerdict {
  const encoded = /^Basic\s+([A-Za-z0-9+/=]+)$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return "unknown";
  const [user = "", password = ""] = Buffer.from(encoded, "base64").toString("utf8").split(/:(.*)/s, 2);
  const hash = hashOf(password);
  const { tokens } = parts.index.state;
  const token = Object.hasOwn(tokens, hash) ? tokens[hash] : undefined;
  if (user !== "AWS" || token === undefined) return "unknown";
  return token.expiresAt > seconds(parts) ? { holder: token.session } : "expired";
}

function hashOf(password: string): string {
  return createHash("sha256").update(password).digest("hex");
}
