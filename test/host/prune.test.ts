import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { digestOf, revisions, said, StubHost } from "./host.ts";

// Which releases stay on a host: what any way back can still lead to.

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(() => host.reset());
afterAll(() => host.close());

const revision = (letter: string): string => letter.repeat(40);
const short = (letter: string): string => digestOf(`bundle${letter}`).slice(7, 19);
const kept = (): string[] => readdirSync(join(host.root, "releases")).toSorted();
const shorts = (letters: string): string[] => letters.split("").map(short).toSorted();
const deploy = async (number: number, letter: string): Promise<void> => {
  const ran = await host.run(host.deployScript(number, revision(letter), { migrate: undefined }));
  if (ran.code !== 0) throw new Error(ran.stderr);
};
const restore = async (number: number): Promise<Record<string, unknown>> =>
  said(await host.run(host.restoreScript(number)));

test("a release that was taken back four times in a row leaves the one that runs, and the one below it", async () => {
  await deploy(1, "1");
  await deploy(2, "2");
  let number = 3;
  for (const letter of "3456") {
    await deploy(number, letter);
    expect(await restore(number)).toMatchObject({ ok: true, current: { revision: revision("2") } });
    number += 1;
  }
  expect(kept()).toEqual(expect.arrayContaining(shorts("12")));
  expect(readFileSync(join(host.root, "history"), "utf8").trim().split("\n")).toEqual(
    "1232425262".split("").map(short),
  );
  // What a rollback of the environment goes to, from this host's own images.
  host.set("fail-pull", "127.0.0.1:5000/app/web\n127.0.0.1:5000/app/bundle\n");
  await deploy(number, "1");
});

test("what the deployment at hand would go back to stays, whatever served since", async () => {
  for (const [index, letter] of "123".split("").entries()) await deploy(index + 1, letter);
  writeFileSync(
    join(host.root, "history"),
    "3456789"
      .split("")
      .map((letter) => `${short(letter)}\n`)
      .join(""),
  );
  await deploy(4, "1");
  expect(kept()).toEqual(shorts("13"));
  expect(await restore(4)).toMatchObject({ ok: true, current: { revision: revision("3") } });
});

test("a host whose history is lost keeps everything that is not sure to be out of reach", async () => {
  await host.withOldRelease();
  for (const letter of "12") mkdirSync(join(host.root, "releases", short(letter)));
  writeFileSync(join(host.root, "history"), "");
  host.set("unhealthy", `web ${revisions.next}\n`);
  await host.run(host.deployScript(2, revisions.next, { pause: 0.2 }));
  expect(kept()).toEqual(expect.arrayContaining(shorts("12a")));
});

test("a line of the history that a full disk has cut off does not swallow the next one", async () => {
  await host.withOldRelease();
  writeFileSync(join(host.root, "history"), `${short("a")}\n${short("c").slice(0, 5)}`);
  await deploy(2, "b");
  expect(readFileSync(join(host.root, "history"), "utf8")).toBe(
    `${short("a")}\n${short("c").slice(0, 5)}\n${short("b")}\n`,
  );
});

describe("a tag that keeps an image", () => {
  const list = (letter: string): string => join(host.root, "releases", short(letter), "images.list");
  const leave = (letter: string): void => {
    mkdirSync(join(host.root, "releases", short(letter)));
    writeFileSync(
      list(letter),
      `web=127.0.0.1:5000/app/web@${digestOf(`web${letter}`)}\nnginx=127.0.0.1:5000/app/nginx@x\n`,
    );
  };
  const removed = (): number => host.read("calls").match(/^image rm .*:threads-keep-/gm)?.length ?? 0;
  const says = (how: string): void =>
    host.program("timeout", `[[ "$*" != *"docker image rm "*"-web" ]] || { ${how}; }; exec /usr/bin/timeout "$@"`);

  test("that docker does not remove in time is known as long as it is there, and goes with the next deployment", async () => {
    await host.withOldRelease();
    leave("1");
    says("exit 124");
    const ran = said(await host.run(host.deployScript(2, revisions.next)));
    expect(ran).toMatchObject({ ok: true, warnings: ["after the switch: old releases could not be removed"] });
    expect(readFileSync(list("1"), "utf8")).toContain(digestOf("web1"));
    rmSync(join(host.home, "bin", "timeout"));
    expect(said(await host.run(host.deployScript(3, revisions.third)))).toMatchObject({ ok: true, warnings: [] });
    expect({ removed: removed(), kept: kept() }).toEqual({ removed: 2, kept: shorts("abc") });
  });

  test("that docker keeps for a container that somebody has started is told by that, and keeps no other", async () => {
    await host.withOldRelease();
    leave("1");
    const conflict = `conflict: unable to remove repository reference \\"x\\" (must force) - container 0a1b2c3d4e5f is using its referenced image 9f8e7d6c5b4a`;
    says(`echo "Error response from daemon: ${conflict}" >&2; exit 1`);
    expect(said(await host.run(host.deployScript(2, revisions.next)))).toMatchObject({
      ok: true,
      warnings: [
        `after the switch: the container 0a1b2c3d4e5f was not started by threads and keeps the image of web of the old release ${short("1")}: docker rm -f 0a1b2c3d4e5f, if nobody needs it`,
      ],
    });
    expect({ removed: removed(), list: readFileSync(list("1"), "utf8") }).toEqual({
      removed: 1,
      list: expect.stringContaining(digestOf("web1")),
    });
    rmSync(join(host.home, "bin", "timeout"));
    expect(said(await host.run(host.deployScript(3, revisions.third)))).toMatchObject({ ok: true, warnings: [] });
    expect(kept()).toEqual(shorts("abc"));
  });

  test("that is there no more is none", async () => {
    await host.withOldRelease();
    leave("1");
    says("echo 'Error response from daemon: No such image: x' >&2; exit 1");
    expect(said(await host.run(host.deployScript(2, revisions.next)))).toMatchObject({ ok: true, warnings: [] });
    expect({ removed: removed(), kept: kept() }).toEqual({ removed: 1, kept: shorts("ab") });
  });
});

test("marks of deployments that can be taken back no more go away", async () => {
  await host.withOldRelease();
  await deploy(2, "b");
  const marks = readdirSync(join(host.root, "deployments")).toSorted();
  expect(marks).toEqual(["2.1.done", "2.previous", "2.switch"]);
  expect(existsSync(join(host.root, "releases", short("a")))).toBe(true);
});
