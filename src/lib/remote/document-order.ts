import { documentFor, type ScriptDocument, valuesFor } from "../script/document.ts";
import { type PinnedDocument, requireDocument } from "./documents.ts";
import type { SsmPorts } from "./ports.ts";
import type { Ordered, Orders } from "./send.ts";

/**
 * Orders by documents of our own, which take no script: the version is looked for once, and each command is held to its number
 * and its hash.
 */
export function documentOrders(ports: SsmPorts): Orders {
  const pins = new Map<string, Promise<PinnedDocument>>();
  const look = (document: ScriptDocument, environment: string): Promise<PinnedDocument> => {
    const found = pins.get(document.version) ?? requireDocument(document, environment, ports);
    pins.set(document.version, found);
    // Whoever asks again, asks AWS again.
    found.catch(() => pins.delete(document.version));
    return found;
  };
  const pinFor = ({ script, environment }: Ordered): Promise<PinnedDocument> =>
    look(documentFor(script, environment), environment);
  return {
    check: async (order) => void (await pinFor(order)),
    make: async (order) => {
      const { name, number, hash } = await pinFor(order);
      return {
        DocumentName: name,
        DocumentVersion: number,
        DocumentHash: hash,
        DocumentHashType: "Sha256",
        Parameters: valuesFor(order.script),
      };
    },
  };
}
