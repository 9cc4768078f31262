import { expect, test } from "vitest";
import { logOf } from "../../../src/lib/docker/log.ts";
import { scriptedDocker } from "./scripted-docker.ts";

test("of a container's log the last lines are shown, of both streams together", async () => {
  const docker = scriptedDocker((_args, { onLine }) => {
    for (const [line, stream] of [
      ["one", "stdout"],
      ["two", "stderr"],
      ["three", "stdout"],
    ] as const)
      onLine?.(line, stream);
    return "";
  });
  expect(await logOf("c", docker, 2)).toEqual(["two", "three"]);
  expect(docker.asked).toEqual(["logs --tail 2 c"]);
});

test("a log that cannot be had is empty: it only explains another failure", async () => {
  expect(await logOf("c", { run: () => Promise.reject(new Error("no docker")) })).toEqual([]);
});
