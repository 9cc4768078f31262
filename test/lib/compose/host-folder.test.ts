import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { composeFileFault } from "../../../src/lib/compose/file-fault.ts";
import { type HostModel, readAsHost } from "../../../src/lib/compose/host-folder.ts";
import type { Stack } from "../../../src/lib/compose/commands.ts";

const model = (compose: string, more: Partial<HostModel> = {}): HostModel => ({
  files: {
    "compose.yml": compose,
    "model/expected": "web 1 never\n",
    "model/files/conf/key.p12": { contents: Buffer.from([0xff]), executable: false },
  },
  environment: new Map([
    ["PORT", "it's 80"],
    ["EMPTY", ""],
  ]),
  variables: new Map([["WEB_IMAGE", "w@sha256:0"]]),
  named: "compose.yml + prod.yml",
  ...more,
});
const says = (why: string): Error =>
  composeFileFault(`docker compose cannot read the compose file: ${why}`, "correct it");

describe("a model as a host will read it", () => {
  it("lies in a folder of its own, with what travels, its variables, and nothing else of this machine", async () => {
    let seen: Stack | undefined;
    await readAsHost(model("services: { web: { image: '${WEB_IMAGE}', ports: ['${PORT}:80'] } }"), async (stack) => {
      seen = stack;
      const folder = dirname(stack.files[0] ?? "");
      expect([...readFileSync(join(folder, "files/conf/key.p12"))]).toEqual([0xff]);
      const [env = "", own = ""] = stack.envFiles.map((file) => readFileSync(file, "utf8"));
      expect(env).toBe("PORT=\"it's 80\"\nEMPTY=''\n");
      expect(own).toBe(`WEB_IMAGE='w@sha256:0'\nENV_FILE='${join(folder, "app.env")}'\n`);
    });
    expect(seen?.keys).toEqual(["PORT", "EMPTY", "WEB_IMAGE", "ENV_FILE"]);
    expect(existsSync(seen?.files[0] ?? "/")).toBe(false);
  });

  it("is refused in the words of compose, by the names that a person knows", async () => {
    const failing = async (stack: Stack): Promise<void> => {
      throw says(`env file ${dirname(stack.files[0] ?? "")}/files/gone.env not found`);
    };
    await expect(readAsHost(model("a"), failing)).rejects.toMatchObject({
      code: "COMPOSE_FILE",
      message: "a host could not read compose.yml + prod.yml: env file files/gone.env not found",
    });
  });

  it.each([
    ["needs a file of the host", "env file /etc/shop.env not found: stat /etc/shop.env: no such file or directory"],
    ["needs a file of the host that it opens", "open /run/secrets/x: no such file or directory"],
  ])("that %s is left to it", async (_, why) => {
    await expect(readAsHost(model("a"), () => Promise.reject(says(why)))).resolves.toBeUndefined();
  });

  it.each([
    ["${OTHER}", 0],
    ["${OTHER:?must be there}", 0],
    ["$OTHER", 0],
    ["${OTHER:-}", 1],
    ["${EMPTY:?the host has it}", 0],
    ["${EMPTY} ${EMPTY?} $EMPTY", 1],
    ["$${OTHER} $$OTHER ${PORT:?}", 1],
  ])("with %s is read so many times: %i", async (text, times) => {
    let read = 0;
    await readAsHost(model(text), async () => void (read += 1));
    expect(read).toBe(times);
  });
});
