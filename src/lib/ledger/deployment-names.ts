/** Where an environment's deployments lie in Parameter Store. */
export interface DeploymentNames {
  readonly folder: string;
  /** Holds the newest number, as a hint. */
  readonly head: string;
  intent(number: number): string;
  outcome(number: number): string;
  /** The record of ten deployments that has this one once it is folded. */
  block(number: number): string;
  /** The number of an intent's name; undefined for every other name. */
  numberIn(name: string): number | undefined;
  /** The number of a deployment of which this is a part; undefined for every other name. */
  partOf(name: string): number | undefined;
}

/** Deployments that are folded into one record: 1–10, 11–20 … so that a number alone tells where to look. */
export const blockSize = 10;

/**
 * `/<app>/<environment>/deployments/000124`, `…/000124/outcome`, both with `/parts/<key>/1` … where they are long, `…/head`, `…/folded/000121-000130`: all in the folder that
 * whoever deploys may write to. Older versions of threads pass over what is no bare number there.
 */
export function deploymentNames(app: string, environment: string): DeploymentNames {
  const folder = `/${app}/${environment}/deployments`;
  const intent = (number: number): string => `${folder}/${padded(number)}`;
  const numberIn: DeploymentNames["numberIn"] = (name) => {
    const digits = name.startsWith(`${folder}/`) ? name.slice(folder.length + 1) : "";
    const number = /^\d{6,}$/.test(digits) ? Number(digits) : 0;
    return number > 0 && intent(number) === name ? number : undefined;
  };
  return {
    folder,
    head: `${folder}/head`,
    intent,
    outcome: (number) => `${intent(number)}/outcome`,
    block: (number) => {
      const first = firstOfBlock(number);
      return `${folder}/folded/${padded(first)}-${padded(first + blockSize - 1)}`;
    },
    numberIn,
    partOf: (name) => {
      const [, whole] = /^(.*?)(?:\/outcome)?\/parts\/[0-9a-f]+\/\d+$/.exec(name) ?? [];
      return whole === undefined ? undefined : numberIn(whole);
    },
  };
}

/** The lowest number of the block that a number lies in. */
export function firstOfBlock(number: number): number {
  return number - ((number - 1) % blockSize);
}

function padded(number: number): string {
  return String(number).padStart(6, "0");
}
