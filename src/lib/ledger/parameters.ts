import { randomBytes } from "node:crypto";
import { ThreadsError } from "../errors/threads-error.ts";
import { authorText } from "./author.ts";
import { parameterEvidence } from "./evidence.ts";
import { parameterFreezes } from "./freeze.ts";
import type { Chronicle, Deployment, Intent, IntentDraft, Ledger, Outcome } from "./ledger.ts";
import { parameterPromotions } from "./promotions.ts";
import { decodeRecord, encodeRecord } from "./record.ts";
import { createParameter, readFolder, readParameter, type Stored, type StorePorts } from "./store.ts";

const digits = 6;

/** The ledger in Parameter Store: `/<app>/<environment>/deployments/000001` and `…/000001/outcome`. */
export function parameterLedger(ports: StorePorts): Ledger {
  const folder = (environment: string): string => `/${ports.app}/${environment}/deployments`;
  const path = (environment: string, number: number): string =>
    `${folder(environment)}/${String(number).padStart(digits, "0")}`;
  const chronicle = async (environment: string): Promise<Chronicle> => {
    const { found, serverTime } = await readFolder(folder(environment), ports);
    return { deployments: assemble(found), serverTime };
  };
  return {
    ...parameterFreezes(ports),
    ...parameterEvidence(ports),
    ...parameterPromotions(ports),
    chronicle,
    deployments: async (environment) => (await chronicle(environment)).deployments,
    begin: (environment, number, draft) => begin(path(environment, number), { number, draft, environment }, ports),
    finish: (environment, outcome) =>
      finish(`${path(environment, outcome.number)}/outcome`, { environment, outcome }, ports),
  };
}

function assemble(parameters: ReadonlyMap<string, Stored>): readonly Deployment[] {
  return [...parameters]
    .filter(([name]) => /\/\d+$/.test(name))
    .map(([name, { text, writtenAt }]) => {
      const outcome = parameters.get(`${name}/outcome`);
      return {
        intent: decodeRecord(name, text) as Intent,
        outcome: outcome === undefined ? undefined : (decodeRecord(`${name}/outcome`, outcome.text) as Outcome),
        recordedAt: writtenAt,
        endedAt: outcome?.writtenAt,
      };
    })
    .toSorted((one, other) => other.intent.number - one.intent.number);
}

interface Beginning {
  readonly number: number;
  readonly draft: IntentDraft;
  readonly environment: string;
}

interface Ending {
  readonly environment: string;
  readonly outcome: Outcome;
}

async function begin(name: string, { number, draft, environment }: Beginning, ports: StorePorts): Promise<Intent> {
  const intent: Intent = { schema: 1, number, ...draft, nonce: randomBytes(8).toString("hex") };
  const text = encodeRecord(intent, `the record of deployment ${number}`, fewerHosts(environment));
  // Once hosts are switched it is too late to find out that what became of them cannot be written.
  encodeRecord(longestOutcome(intent), `the outcome of deployment ${number}`, fewerHosts(environment));
  if ((await createParameter(name, text, ports)) === "created") return intent;
  const there = decodeRecord(name, await readParameter(name, ports)) as Intent;
  // An SDK retry after a lost reply meets one's own record.
  if (there.nonce === intent.nonce) return intent;
  throw new ThreadsError("DEPLOYMENT_TAKEN", {
    message: `${authorText(there.by)} began deployment ${number} of ${environment} at the same moment`,
    next: [`threads status -e ${environment}`],
  });
}

function longestOutcome({ number, nonce, hosts, startedAt }: Intent): Outcome {
  const states = hosts.map((id) => ({ id, state: "untouched" as const }));
  return { schema: 1, number, nonce, result: "interrupted", hosts: states, finishedAt: startedAt };
}

function fewerHosts(environment: string): string[] {
  return [`edit threads.yml # split the hosts of ${environment} into environments with a tag each`];
}

async function finish(name: string, { environment, outcome }: Ending, ports: StorePorts): Promise<void> {
  const text = encodeRecord(outcome, `the outcome of deployment ${outcome.number}`, fewerHosts(environment));
  if ((await createParameter(name, text, ports)) === "created") return;
  const there = decodeRecord(name, await readParameter(name, ports)) as Outcome;
  if (there.nonce === outcome.nonce && there.result === outcome.result) return;
  throw new ThreadsError("OUTCOME_TAKEN", {
    message: `deployment ${outcome.number} has an outcome already (${there.result}), so ${outcome.result} was not written`,
    next: [`threads status -e ${environment}`],
  });
}
