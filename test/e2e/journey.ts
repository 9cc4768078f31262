import { beforeEach } from "vitest";

/** What is looked at of a test; vitest's own tasks have it. */
interface Station {
  readonly name: string;
  readonly result?: { readonly state: string } | undefined;
}

/** The first station before this one that has not succeeded: it failed, or a filter left it out. */
export function stationInTheWay(stations: readonly Station[], station: Station): Station | undefined {
  return stations.slice(0, stations.indexOf(station)).find(({ result }) => result?.state !== "pass");
}

/**
 * Makes the tests of a file, or of a `describe`, stations of one journey: each goes on where the one before it stopped. Where one has
 * not succeeded those after it say so at once, and do not fail each in an odd way of its own.
 */
export function journey(): void {
  beforeEach(({ task }) => {
    const { tasks } = task.suite ?? task.file;
    const inTheWay = stationInTheWay(tasks, task);
    if (inTheWay !== undefined)
      throw new Error(
        `this goes on from "${inTheWay.name}", which has not succeeded: run the whole file, and mend that first`,
      );
  });
}
