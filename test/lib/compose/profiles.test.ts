import { describe, expect, it } from "vitest";
import type { Stack } from "../../../src/lib/compose/commands.ts";
import { behindProfiles, withNamed } from "../../../src/lib/compose/profiles.ts";
import type { OpenService, RawModel } from "../../../src/lib/compose/raw-model.ts";
import { parseModel } from "../../../src/lib/compose/stack-model.ts";

type Services = Readonly<Record<string, OpenService>>;

const on = (...names: string[]): Required<Pick<OpenService, "depends_on">> => ({
  depends_on: Object.fromEntries(names.map((name) => [name, { condition: "service_started" }])),
});

/** What compose makes of the services, with the profiles that are switched on. */
function modelWith(services: Services, profiles: readonly string[]) {
  const enabled = Object.entries(services).filter(
    ([, { profiles: own = [] }]) => own.length === 0 || own.some((profile) => profiles.includes(profile)),
  );
  return parseModel(JSON.stringify({ services: Object.fromEntries(enabled) }));
}

async function read(services: Services, named: readonly string[], environment = new Map<string, string>()) {
  const written: string[] = [];
  const asked: string[] = [];
  const stack: Stack = { name: "p", files: ["/r/compose.yml"], envFiles: ["/run/app.env"], keys: ["A"] };
  const given = (environment.get("COMPOSE_PROFILES") ?? "").split(",");
  const result = await withNamed(
    { stack, model: modelWith(services, given) },
    {
      named,
      environment,
      workspace: {
        write: (name, text) => {
          written.push(text.trim());
          return Promise.resolve(`/run/${name}`);
        },
      },
    },
    {
      compose: {
        openModel: () => {
          asked.push("open");
          return Promise.resolve({ services } satisfies RawModel);
        },
        model: () => {
          asked.push("model");
          const [, list = ""] = /=["']?([^"']*)["']?$/.exec(written[0] ?? "") ?? [];
          return Promise.resolve(modelWith(services, list.split(",")));
        },
      },
      signal: new AbortController().signal,
    },
  );
  return { ...result, names: result.model.services.map(({ name }) => name), written, asked };
}

describe("a service that threads.yml names", () => {
  it("runs behind a profile too, with what it needs, and without whoever shares the profile", async () => {
    const services = {
      web: {},
      sut: { profiles: ["test"], ...on("db", "web") },
      db: { profiles: ["data", "test"] },
      lint: { profiles: ["test"] },
    };
    const { names, stack, asked } = await read(services, ["sut"]);
    expect(names).toEqual(["web", "sut", "db"]);
    expect(stack).toMatchObject({ envFiles: ["/run/app.env", "/run/profiles.env"], keys: ["A", "COMPOSE_PROFILES"] });
    expect(asked).toEqual(["open", "model"]);
  });

  it("takes nothing away from the profiles that the environment switches on", async () => {
    const services = { web: { profiles: ["app"] }, cache: { profiles: ["extra"] } };
    const { names, written } = await read(services, ["web"], new Map([["COMPOSE_PROFILES", "extra"]]));
    expect(names).toEqual(["web", "cache"]);
    expect(written[0]).toMatch(/^COMPOSE_PROFILES=.?extra,app.?$/);
  });

  it("costs nothing where it is there without", async () => {
    const { asked, written, stack } = await read({ web: {}, debug: { profiles: ["debug"] } }, ["web"]);
    expect([asked, written, stack.envFiles.length]).toEqual([[], [], 1]);
  });

  it("is told by whoever wants it where no profile has it", async () => {
    const { names, written } = await read({ web: {}, debug: { profiles: ["debug"] } }, ["sut"]);
    expect([names, written]).toEqual([["web"], []]);
  });
});

it("one profile is enough for several services", () => {
  const services = { a: { profiles: ["one", "both"] }, b: { profiles: ["both", "one"] }, c: { profiles: ["c"] } };
  expect(behindProfiles({ services }, ["a", "b"])).toEqual({ services: ["a", "b"], profiles: ["one"] });
});
