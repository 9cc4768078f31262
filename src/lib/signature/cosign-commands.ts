import type { SignerConfig, SigningConfig } from "../config/config.ts";
import type { CommandLine } from "../process/processes.ts";

// Command lines of cosign 2 and 3 (its repository, doc/cosign_sign.md and doc/cosign_verify.md).

/** Also whoever it may be, where nobody knows more of who signs. */
export type Signer = SignerConfig | { readonly identity: "*"; readonly issuer: undefined };

/** Where a key that is text travels: cosign reads `env://NAME`, and a file of a branch would say nothing. */
const keyVariable = "THREADS_SIGNATURE_KEY";

/** The variables that a verification needs beside the command line. */
export function verifyEnvironment(by: Signer): Readonly<Record<string, string>> {
  return "key" in by && isText(by.key) ? { [keyVariable]: by.key } : {};
}

/** @param references each `host/repository@sha256:…` */
export function verify(references: readonly string[], by: Signer): CommandLine {
  return { file: "cosign", args: ["verify", ...signerFlags(by), "--output=json", ...references] };
}

function signerFlags(by: Signer): string[] {
  if ("key" in by) {
    const key = isText(by.key) ? `env://${keyVariable}` : by.key;
    return [`--key=${key}`, ...(by.log ? [] : ["--insecure-ignore-tlog=true"])];
  }
  const { identity, issuer } = by;
  const who = identity.includes("*") ? `-regexp=${patternOf(identity)}` : `=${identity}`;
  return [
    `--certificate-identity${who}`,
    issuer === undefined ? "--certificate-oidc-issuer-regexp=.+" : `--certificate-oidc-issuer=${issuer}`,
  ];
}

/** All of the name: cosign looks for its pattern anywhere in it. Every other character stands for itself. */
function patternOf(identity: string): string {
  return `^${identity.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll("*", ".*")}$`;
}

function isText(key: string): boolean {
  return key.startsWith("-----BEGIN ");
}

/** @param knowsSigningConfig of cosign 3 and late 2: it takes the log from a configuration, unless it is told not to */
export function sign(
  references: readonly string[],
  { key, log }: SigningConfig,
  { knowsSigningConfig }: { readonly knowsSigningConfig: boolean },
): CommandLine {
  const unlogged = ["--tlog-upload=false", ...(knowsSigningConfig ? ["--use-signing-config=false"] : [])];
  const flags = [...(key === undefined ? [] : [`--key=${key}`]), ...(log ? [] : unlogged)];
  return { file: "cosign", args: ["sign", "--yes", ...flags, ...references] };
}

/** Its help tells which flags it has; the version of a distribution's build does not. */
export function signHelp(): CommandLine {
  return { file: "cosign", args: ["sign", "--help"] };
}

/** The public half of a key: a file, or a key of a service. */
export function publicKey(key: string): CommandLine {
  return { file: "cosign", args: ["public-key", `--key=${key}`] };
}
