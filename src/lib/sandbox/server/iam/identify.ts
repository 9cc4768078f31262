import { type Refused, type SignedRequest, keyOf, verifySignature } from "../sigv4.ts";
import type { Identity } from "../protocol.ts";
import type { AccessControl } from "./access-control.ts";
import type { Credentials } from "../sigv4.ts";

export interface Identifying {
  readonly access: AccessControl;
  /** The sandbox's own key: a request with one that nobody has is judged by it. */
  readonly credentials: Credentials;
  /** Name in the credential scope. */
  readonly service: string;
  readonly now: number;
}

/** Who has signed the request. */
export function identify(request: SignedRequest, by: Identifying): Refused | Identity {
  const { access, credentials, service, now } = by;
  const key = keyOf(request);
  const found = key === undefined ? undefined : access.find(key.id, key.token);
  if (found === "expired")
    return { refusal: "expired", message: "The security token included in the request is expired" };
  const refused = verifySignature(request, { credentials: found?.credentials ?? credentials, service, now });
  if (refused !== undefined) return refused;
  if (found === undefined) throw new Error("a signature is good for a key that nobody has");
  return found.identity;
}
