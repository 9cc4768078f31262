import { expect, test } from "vitest";
import { localImages } from "../../../src/lib/docker/inspect.ts";
import { dockerRun } from "../../../src/lib/docker/run.ts";
import type { LocalImage } from "../../../src/lib/docker/image.ts";

const warning = "WARNING: Error loading config file: /h/.docker/config.json: permission denied";
const image = { Id: "sha256:1", Architecture: "amd64", RepoTags: ["a:1"] };

function inspected(exitCode: number, stderr: string): Promise<LocalImage[]> {
  const processes = { run: () => Promise.resolve({ exitCode, stdout: JSON.stringify([image]), stderr }) };
  return localImages(["a:1", "b:1"], dockerRun({ processes }));
}

test.each([
  [0, `${warning}\nsomething new`],
  [1, `${warning}\nError response from daemon: No such image: b:1`],
  [1, "Error: No such image: b:1"],
])("an image that is not there is left out, and a warning is no failure (%i, %s)", async (exitCode, stderr) => {
  expect(await inspected(exitCode, stderr)).toMatchObject([{ id: "sha256:1", repoTags: ["a:1"] }]);
});

test.each([
  ["permission denied while trying to connect to the Docker daemon socket", "DOCKER_PERMISSION"],
  ["Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?", "DOCKER_DOWN"],
  ["something new", "DOCKER_FAILED"],
])("no image is there by the word of a docker that says: %s", async (stderr, code) => {
  await expect(inspected(1, `${warning}\n${stderr}`)).rejects.toMatchObject({ code, details: [stderr] });
});

test("nothing is asked where nothing is wanted", async () => {
  const never = () => Promise.reject(new Error("was asked"));
  expect(await localImages([], never)).toEqual([]);
});
