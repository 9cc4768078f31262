import { hasHosts } from "../../../fleet/hosts.ts";
import type { FoundDocument } from "../../../remote/documents.ts";
import type { ScriptDocument } from "../../../script/document.ts";
import { count } from "../../../text/words.ts";
import { type Check, type DoctorFinding, ok } from "../check.ts";

/** A document, and what SSM has in its place. */
interface LookedAt {
  readonly document: ScriptDocument;
  readonly found: FoundDocument;
}

export const documentsCheck: Check = {
  id: "documents",
  title: "documents",
  look: async (ports) => {
    const environments = (await ports.environments()).filter(hasHosts).filter(({ hosts }) => hosts.documents === true);
    return Promise.all(
      environments.map(async ({ name }) => {
        const documents = await ports.documents(name);
        const looked = documents.map(async (document) => ({ document, found: await ports.findDocument(document) }));
        return judgeDocuments(name, await Promise.all(looked));
      }),
    );
  },
};

const says: Readonly<Record<Exclude<FoundDocument["state"], "there">, string>> = {
  absent: "there is none",
  other: "no version for this release of threads and this threads.yml",
  forged: "the version of that name has another content: somebody has changed it",
};

function judgeDocuments(environment: string, looked: readonly LookedAt[]): DoctorFinding {
  const missing = looked.flatMap(({ document, found }) => (found.state === "there" ? [] : [{ document, found }]));
  const of = environment;
  if (missing.length === 0)
    return { ...ok(`${count(looked.length, "document")} as this release of threads makes them`), of };
  const forged = missing.filter(({ found }) => found.state === "forged");
  const mendable = forged.length < missing.length ? [`threads doctor -e ${environment} --fix`] : [];
  return {
    state: "fail",
    of,
    says: `${missing.length} of ${looked.length} are not as this release of threads makes them: nothing can be sent by them`,
    details: missing.map(({ document, found }) => `${document.name}: ${says[found.state]}`),
    next: [
      ...forged.map(
        ({ document: { name, version } }) => `aws ssm delete-document --name ${name} --version-name ${version}`,
      ),
      ...mendable,
    ],
  };
}
