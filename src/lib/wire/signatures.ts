import type { CosignPorts } from "../signature/cosign.ts";
import type { Signatures } from "../signature/signatures.ts";

/** Where nobody signs, and no gate asks for signatures, what runs cosign is not loaded. */
export function lazySignatures({ processes, env, root, host, login, signal }: CosignPorts): Signatures {
  const open = async (): Promise<Signatures> => {
    const { cosignSignatures } = await import("../signature/cosign.ts");
    return cosignSignatures({ processes, env, root, host, login, signal });
  };
  return {
    unsigned: async (things, by) => (await open()).unsigned(things, by),
    lacking: async (things, how) => (await open()).lacking(things, how),
    sign: async (things, how) => (await open()).sign(things, how),
    requireSigner: async (how) => (await open()).requireSigner(how),
  };
}
