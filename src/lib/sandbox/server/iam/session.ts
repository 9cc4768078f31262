import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Credentials } from "../sigv4.ts";

/** Who has taken which role, and until when. */
export interface Session {
  readonly role: string;
  readonly name: string;
  readonly sourceIdentity?: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/** The root of all sessions: the key of the sandbox itself. */
export type SessionRoot = Pick<Credentials, "secretAccessKey" | "region">;

/** As with AWS the token says all: no server has to remember it, and none has to be there when it is made. */
export function sessionCredentials(
  session: Session,
  root: SessionRoot,
): Credentials & { readonly sessionToken: string } {
  const { role, name, sourceIdentity, expiresAt } = session;
  const payload = Buffer.from(JSON.stringify({ role, name, sourceIdentity, expiresAt })).toString("base64url");
  return credentialsOf(`${payload}.${seal(payload, root)}`, root);
}

/** @returns undefined for a token that was not made from this root */
export function readSession(
  token: string,
  root: SessionRoot,
): { readonly session: Session; readonly credentials: Credentials } | undefined {
  const [payload = "", mark = ""] = token.split(".", 2);
  const expected = seal(payload, root);
  if (mark.length !== expected.length || !timingSafeEqual(Buffer.from(mark), Buffer.from(expected))) return undefined;
  const session = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as Session;
  return { session, credentials: credentialsOf(token, root) };
}

/** AWS's shapes: 20 and 40 characters; a session's key begins with ASIA. */
function credentialsOf(token: string, root: SessionRoot): Credentials & { readonly sessionToken: string } {
  const id = createHash("sha256").update(token).digest("hex").slice(0, 16).toUpperCase();
  const secretAccessKey = createHmac("sha256", root.secretAccessKey).update(`key ${token}`).digest("hex").slice(0, 40);
  return { accessKeyId: `ASIA${id}`, secretAccessKey, sessionToken: token, region: root.region };
}

function seal(payload: string, { secretAccessKey }: SessionRoot): string {
  return createHmac("sha256", secretAccessKey).update(`session ${payload}`).digest("base64url");
}
