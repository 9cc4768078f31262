/** By which the commands that read a log out are found again, whoever looks for it: of one deployment, or of any. */
export function readOutLabel(app: string, environment: string, number?: number): string {
  return `${app} ${environment} log #${number === undefined ? "" : `${number} `}`;
}
