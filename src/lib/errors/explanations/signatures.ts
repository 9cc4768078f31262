import type { Code } from "../codes.ts";
import type { Explanation } from "./explanation.ts";

/** Who signs a release, and how. */
export const signatures = {
  COSIGN_MISSING: {
    meaning:
      "The program cosign is not installed here. threads signs and judges signatures through it, never by itself.",
    changed: "Nothing: it is looked for before anything is pushed.",
    advice: [
      "Debian 13: `apt install cosign`; macOS: `brew install cosign`; in a workflow: the action sigstore/cosign-installer.",
      "Without --sign the release is published all the same; `threads publish --sign` signs it later.",
    ],
  },
  NO_SIGNING_IDENTITY: {
    meaning:
      "Without a key a signature says who made it by a token that somebody vouches for, as GitHub Actions does for a job. Nobody does here.",
    changed: "Nothing: it is looked for before anything is pushed.",
    advice: [
      "Let the workflow sign, in a job with `permissions: { id-token: write }`.",
      "Or sign with a key: `signing: { key: awskms:///alias/NAME }` in threads.yml, or --key.",
    ],
  },
  SIGNING_FAILED: {
    meaning: "cosign ended badly; the message has its own sentence.",
    changed: "The release is published. Signatures that were made stay; the gate `signature` says which are missing.",
    advice: [
      "`threads publish --sign` signs what is missing.",
      "cosign keeps all signatures of an image under one tag, sha256-DIGEST.sig: a second one needs a repository that may move it (IMMUTABLE_WITH_EXCLUSION, sha256-*.sig).",
      "A key with a password takes that from COSIGN_PASSWORD.",
    ],
  },
} as const satisfies Partial<Record<Code, Explanation>>;
