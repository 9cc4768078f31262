import type { SignerConfig, SigningConfig } from "../config/config.ts";
import type { Digest } from "../image/digest.ts";

/** What a signature is of: a manifest, an index among them, by its digest. */
export interface Signable {
  /** What people call it: a service, `bundle`; of what an index lists, that of the index. */
  readonly name: string;
  readonly repository: string;
  readonly digest: Digest;
}

/** Signatures lie in the registry beside what they are of; cosign makes them, and says what they are worth. */
export interface Signatures {
  /** What of these has no signature by this signer: never empty because nobody could tell. */
  unsigned(things: readonly Signable[], by: SignerConfig): Promise<Unsigned>;
  /** The same before `sign`: by its key, or by the workflow that this is part of. @throws ThreadsError COSIGN_MISSING, SIGNING_FAILED */
  lacking(things: readonly Signable[], how: SigningConfig): Promise<readonly Signable[]>;
  /** Signs each by its digest. @throws ThreadsError COSIGN_MISSING, SIGNING_FAILED */
  sign(things: readonly Signable[], how: SigningConfig): Promise<void>;
  /** Before anything is done: whether there is what it takes. @throws ThreadsError COSIGN_MISSING, NO_SIGNING_IDENTITY, SIGNING_FAILED */
  requireSigner(how: SigningConfig): Promise<void>;
}

export type Unsigned =
  | { readonly things: readonly (Signable & { readonly why: string })[] }
  /** Why nobody can tell, and what helps. */
  | { readonly unknown: string; readonly advice: readonly string[] };

/** Who a signature has to be by, in a few words. */
export function signerText(by: SignerConfig): string {
  if ("key" in by) return by.key.startsWith("-----") ? "the key of threads.yml" : by.key;
  return by.identity;
}
