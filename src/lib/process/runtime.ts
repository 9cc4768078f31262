/** What this program is and runs on, as it knows it itself. */
export interface Runtime {
  /** Version of Node, without the leading `v`. */
  readonly node: string;
  /** `engines.node` of the package: `>=22.13`. */
  readonly wanted: string;
  /** Version of threads. */
  readonly threads: string;
}
