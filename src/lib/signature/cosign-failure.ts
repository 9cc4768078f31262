import { ThreadsError } from "../errors/threads-error.ts";
import type { Finished } from "../process/processes.ts";

/** No signature, none that matches, none with a certificate (cosign, doc/cosign_exit-codes.md). */
const exitCodes = new Set([10, 12, 13]);
/** Of signatures in the newer form cosign 3 tells the same in words alone. */
const words = /no (?:matching )?(?:signatures|attestations)/;

/** A signature that could not be read is to cosign one that does not match, with the registry's answer behind that. */
const unread = /\b(?:GET|HEAD) https?:\/\//;

/** Whether cosign has looked, and there is none: anything else is a failure to look. */
export function isNoSignature({ exitCode, stderr }: Finished): boolean {
  return (exitCodes.has(exitCode) || words.test(stderr)) && !unread.test(stderr);
}

/** Whom a signature names that is another's, in the words of either form of signatures; undefined where cosign does not say. */
export function signedBy(why: string): { readonly identity: string; readonly issuer: string | undefined } | undefined {
  const [, identity, issuer] = /got subjects \[([^\], ]+)\] with issuer (\S+)/.exec(why) ?? [];
  if (identity !== undefined) return { identity, issuer };
  const [, value] = /expected SAN value (?:to match regex )?"[^"]*", got "([^"]+)"/.exec(why) ?? [];
  return value === undefined ? undefined : { identity: value, issuer: undefined };
}

/** The sentence with which cosign ends, in one line. */
export function reasonOf({ stderr, stdout, exitCode }: Finished): string {
  const lines = (stderr.trim() || stdout.trim()).split("\n").map((line) => line.trim());
  // It says it twice: as an error of its command, and as what ended the program.
  const said = lines.find((line) => line.startsWith("Error: ")) ?? lines.at(-1) ?? "";
  return said.replace(/^Error: /, "") || `cosign ended with exit code ${exitCode}`;
}

const installCosign =
  "install it: apt install cosign (Debian 13), brew install cosign, sigstore/cosign-installer in a workflow";

export function cosignMissing(): ThreadsError {
  return new ThreadsError("COSIGN_MISSING", {
    message: "the program cosign is not here: it signs, and says what signatures are worth",
    advice: [installCosign],
  });
}

export function noIdentity(): ThreadsError {
  return new ThreadsError("NO_SIGNING_IDENTITY", {
    message: "there is no key to sign with, and nobody here who vouches for who signs",
    // The command's other flags are not known here: a line without them would do something else.
    advice: [
      "give the same command a key: --key awskms:///alias/NAME",
      "in a job of GitHub Actions give the job `permissions: { id-token: write }`",
      "in a job of GitLab give it `id_tokens: { SIGSTORE_ID_TOKEN: { aud: sigstore } }`",
      "or write the key into threads.yml: signing.key",
    ],
  });
}

export function signingFailed(reason: string): ThreadsError {
  return new ThreadsError("SIGNING_FAILED", {
    message: `cosign did not sign: ${reason}`,
    advice: ["the same command again signs what is missing", "a key with a password takes that from COSIGN_PASSWORD"],
  });
}
