import type { Config, SigningConfig } from "../../config/config.ts";
import type { WritePart } from "../../errors/undertaking.ts";
import { signable } from "../../gates/signable.ts";
import { type Progress, step } from "../../progress/progress.ts";
import type { Registry } from "../../registry/registry.ts";
import type { PublishedRelease } from "../../release/release.ts";
import type { Signatures } from "../../signature/signatures.ts";
import { count } from "../../text/words.ts";
import type { PlannedImage } from "./plan.ts";
import type { PublishedSignature } from "./result.ts";
import { signaturesPart } from "./undertakings.ts";

export interface SignPorts {
  readonly registry: Pick<Registry, "read">;
  readonly signatures: Omit<Signatures, "unsigned">;
  readonly progress: Progress;
}

/** How threads.yml says, with another key where one is named. */
export function signingWith(key: string | undefined, { signing }: Pick<Config, "signing">): SigningConfig {
  return key === undefined ? signing : { ...signing, key };
}

/** Signs by digest what of a published release is not signed yet: its images, what their indexes list, and the bundle. */
export async function signRelease(
  published: PublishedRelease,
  how: SigningConfig,
  ports: SignPorts & { readonly write: WritePart },
): Promise<readonly PublishedSignature[]> {
  return step(ports.progress, "Sign the release", async (task) => {
    const { all, open } = await look(published, how, ports);
    // They are signed in one go: of what an interruption leaves, the next run asks.
    if (open.length > 0) await ports.write(signaturesPart, () => ports.signatures.sign(open, how));
    task.done(open.length === 0 ? "Signed already" : `Made ${count(open.length, "signature")}`);
    return all.map((one) => ({ ...one, state: open.includes(one) ? "signed" : "present" }));
  });
}

/** What signRelease would do. */
export async function planSignatures(
  published: PublishedRelease,
  how: SigningConfig,
  ports: SignPorts,
): Promise<readonly PublishedSignature[]> {
  const { all, open } = await look(published, how, ports);
  return all.map((one) => ({ ...one, state: open.includes(one) ? "planned" : "present" }));
}

/** Of what is not published yet all is to be signed, and not every digest is known. */
export function everySignature(
  images: readonly PlannedImage[],
  { repository }: { readonly repository: string },
): readonly PublishedSignature[] {
  const all = images.map((image) => ({
    name: image.service,
    repository: image.repository,
    digest: image.digest ?? null,
  }));
  return [...all, { name: "bundle", repository, digest: null }].map((one) => ({ ...one, state: "planned" }));
}

async function look(published: PublishedRelease, how: SigningConfig, { registry, signatures }: SignPorts) {
  const all = await signable(published, registry);
  const lacking = await signatures.lacking(all, how);
  const open = all.filter(({ digest, repository }) =>
    lacking.some((one) => one.digest === digest && one.repository === repository),
  );
  return { all, open };
}
