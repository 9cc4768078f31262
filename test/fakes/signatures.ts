import type { Signatures } from "../../src/lib/signature/signatures.ts";

/** Where nobody has asked for a signature, nobody may look for one. */
const refuse = (): Promise<never> => Promise.reject(new Error("nobody has asked for signatures"));
export const noSignatures: Signatures = { unsigned: refuse, lacking: refuse, sign: refuse, requireSigner: refuse };
