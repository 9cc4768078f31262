import type { z } from "zod";
import { type Approval, approvalsBelow } from "./approvals.ts";
import type { Author } from "./author.ts";
import { execsIn } from "./exec-folding.ts";
import { type Exec, execFolder } from "./execs.ts";
import type { Freeze } from "./freeze.ts";
import type { Promotion } from "./promotions.ts";
import { recordIn } from "./record.ts";
import { liftedShape, promotionShape } from "./shapes.ts";
import { findParameters, readFolder, type Reading, type StorePorts } from "./store.ts";

/** A freeze that is over. */
export interface LiftedFreeze extends Freeze {
  readonly liftedBy: Author;
  /** ISO 8601, by the server's clock. */
  readonly liftedAt: string;
}

/** What people decided about an environment and is no deployment: to be read by people, nothing is judged by it. In no order. */
export interface PastRecords {
  /** Every promotion to an environment, with what was overridden for it; `at` by the server's clock. */
  promotionsTo(environment: string): Promise<readonly Promotion[]>;
  /** The same of one release, by its bundle's digest. */
  promotionsOf(environment: string, bundle: string): Promise<readonly Promotion[]>;
  /** The freezes that were lifted. */
  liftedFreezes(environment: string): Promise<readonly LiftedFreeze[]>;
  /** The commands that somebody has run in a container; `at` by the server's clock. */
  execs(environment: string): Promise<readonly Exec[]>;
  /** What anybody has said of releases on their way there; see Approvals. */
  approvalsTo(environment: string): Promise<readonly Approval[]>;
}

/** The records in Parameter Store. What is none is passed over: nothing follows from it. */
export function parameterPastRecords(ports: StorePorts): PastRecords {
  const folderOf = (environment: string, kind: string): string => `/${ports.app}/${environment}/${kind}`;
  const promotions = (environment: string, { found }: Pick<Reading, "found">): Promotion[] =>
    decoded({ found, shape: promotionShape }, ports)
      .filter(({ record }) => record.environment === environment)
      // Before the author had it, promotions alone said whom AWS took them for.
      .map(({ record: { principal, ...record }, writtenAt }) => ({
        ...record,
        by: principal === undefined ? record.by : { principal, ...record.by },
        at: writtenAt ?? record.at,
      }));
  return {
    promotionsTo: async (environment) =>
      promotions(environment, await readFolder(folderOf(environment, "promotions"), ports)),
    promotionsOf: async (environment, bundle) => {
      const name = `${folderOf(environment, "promotions")}/${bundle.slice("sha256:".length)}`;
      const [own, below] = await Promise.all([findParameters([name], ports), readFolder(name, ports)]);
      const found = new Map([...own.found, ...below.found]);
      return promotions(environment, { found }).filter((promotion) => promotion.bundle === bundle);
    },
    approvalsTo: (environment) => approvalsBelow({ environment }, ports),
    execs: async (environment) => {
      const folder = folderOf(environment, execFolder);
      const { found } = await readFolder(folder, ports);
      return execsIn(found, { folder, version: ports.version });
    },
    liftedFreezes: async (environment) => {
      const { found } = await readFolder(folderOf(environment, "freezes"), ports);
      return decoded({ found, shape: liftedShape }, ports).map(
        ({ record: { freeze, liftedBy, liftedAt }, writtenAt }) => ({
          ...freeze,
          liftedBy,
          liftedAt: writtenAt ?? liftedAt,
        }),
      );
    },
  };
}

function decoded<Shape extends z.ZodType>(
  { found, shape }: Pick<Reading, "found"> & { readonly shape: Shape },
  { version }: Pick<StorePorts, "version">,
): { readonly record: z.output<Shape>; readonly writtenAt: string | undefined }[] {
  return [...found].flatMap(([name, { text, writtenAt }]) => {
    const { data } = shape.safeParse(recordIn(name, text, version));
    return data === undefined ? [] : [{ record: data, writtenAt }];
  });
}
