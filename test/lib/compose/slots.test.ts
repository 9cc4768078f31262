import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Resources } from "../../../src/lib/compose/raw-model.ts";
import { type SlotFacts, slotFiles } from "../../../src/lib/compose/slots.ts";

const facts: SlotFacts = {
  app: "shop",
  entry: { service: "nginx", port: 8080 },
  migrate: "migrate",
  elsewhere: ["db", "cache"],
  shared: [],
  perSlot: [],
  previous: "stopped",
  tcp: [],
  proxyProtocol: false,
  files: "compose.yml",
};
const healthy = { condition: "service_healthy" };
const nginx = { image: "${NGINX_IMAGE}", ports: ["${HTTP_PORT:-80}:8080"] };
const model = (services: object, more: object = {}): Resources => ({ services: { nginx, ...services }, ...more });
const of = (file: Resources, more: Partial<SlotFacts> = {}) => slotFiles(file, { ...facts, ...more });
const filesOf = (file: Resources, more: Partial<SlotFacts> = {}) => of(file, more).files;
const slotOf = (file: Resources, more: Partial<SlotFacts> = {}): unknown =>
  parse(filesOf(file, more)["model/slot.yml"] ?? "");
/** One part of a slot, whole. */
const partOf = (part: string, file: Resources, more: Partial<SlotFacts> = {}): unknown =>
  (slotOf(file, more) as Readonly<Record<string, unknown>>)[part];
const baseOf = (file: Resources, more: Partial<SlotFacts> = {}): unknown =>
  parse(filesOf(file, more)["model/base.yml"] ?? "null");
const namesIn = (file: unknown): string[] => Object.keys((file as { services?: object } | null)?.services ?? {});
const split = (file: Resources, more: Partial<SlotFacts> = {}) => ({
  slot: namesIn(slotOf(file, more)),
  base: namesIn(baseOf(file, more)),
});
const problemsOf = (file: Resources, more: Partial<SlotFacts> = {}): unknown => {
  try {
    return of(file, more);
  } catch (error) {
    return (error as { details?: unknown }).details;
  }
};

describe("what each slot has, and what runs once", () => {
  it("doubles what is released, with the migration, and shares what is not built here", () => {
    const file = model({ web: { image: "w" }, db: { image: "d" }, cache: { image: "c" }, migrate: { image: "w" } });
    expect(split(file)).toEqual({ slot: ["nginx", "web", "migrate"], base: ["db", "cache"] });
  });

  it("writes no base where everything is released", () => {
    expect(Object.keys(filesOf(model({ web: { image: "w" } })))).toEqual([
      "model/slot.yml",
      "model/links",
      "model/fronts.yml",
      "model/fronts",
      "model/strategy",
    ]);
  });

  it("says how the slot of the release before waits", () => {
    expect(filesOf(model({}))["model/strategy"]).toBe("slots stopped\n");
    expect(filesOf(model({}), { previous: "warm" })["model/strategy"]).toBe("slots warm\n");
  });

  it("says where the edge is told who asks", () => {
    expect(filesOf(model({}), { proxyProtocol: true })["model/strategy"]).toBe("slots stopped proxy\n");
  });

  it("shares what threads.yml says, and never the entry, wherever its image is from", () => {
    const file = model({ web: { image: "w" }, search: { image: "s" } });
    expect(split(file, { shared: ["search"], elsewhere: ["nginx"] })).toEqual({
      slot: ["nginx", "web"],
      base: ["search"],
    });
  });

  it("leaves in the slots what needs a service of theirs, if only through another one", () => {
    const needs = (name: string): object => ({ image: "x", depends_on: { [name]: healthy } });
    const file = model({
      web: { image: "w" },
      proxy: needs("web"),
      outer: needs("proxy"),
      db: { image: "d" },
      admin: needs("db"),
    });
    const elsewhere = ["proxy", "outer", "db", "admin"];
    expect(split(file, { elsewhere })).toEqual({ slot: ["nginx", "web", "proxy", "outer"], base: ["db", "admin"] });
  });

  it("shares what a host can run one of, though it is released, and says so", () => {
    const file = model({
      agent: { image: "a", network_mode: "host", depends_on: { nginx: healthy } },
      reader: { image: "r", devices: [{ source: "/dev/usb" }] },
      probe: { image: "p", privileged: true, pid: "host" },
      shared: { image: "s", privileged: "true", ipc: "host" },
      trusted: { image: "t", privileged: true },
      curious: { image: "c", pid: "host", ipc: "host" },
      bridge: { image: "b", network_mode: "bridge" },
    });
    expect(split(file)).toEqual({
      slot: ["nginx", "trusted", "curious", "bridge"],
      base: ["agent", "reader", "probe", "shared"],
    });
    expect(of(file).warnings).toEqual([
      "agent uses the host's network: it runs once, and is replaced with each release",
      "reader uses a device of the host: it runs once, and is replaced with each release",
      "probe uses the host's processes: it runs once, and is replaced with each release",
      "shared uses the host's processes: it runs once, and is replaced with each release",
    ]);
    expect(of(file, { shared: ["agent", "reader"], elsewhere: ["probe", "shared"] }).warnings).toEqual([]);
    // What it waited for is in another project.
    expect(baseOf(file)).toMatchObject({ services: { agent: { image: "a", network_mode: "host" } } });
    expect(JSON.stringify(baseOf(file))).not.toContain("depends_on");
  });

  it("keeps together what uses another one's network, processes or volumes", () => {
    const file = model({
      vpn: { image: "v" },
      peer: { image: "p", network_mode: "service:vpn" },
      side: { image: "s", network_mode: "service:nginx" },
      files: { image: "f", volumes_from: ["vpn:ro"] },
      debug: { image: "d", pid: "service:peer" },
      outside: { image: "o", volumes_from: ["container:old"] },
    });
    expect(split(file, { elsewhere: ["vpn", "side"] })).toEqual({
      slot: ["nginx", "side", "outside"],
      base: ["vpn", "peer", "files", "debug"],
    });
    expect(of(file, { elsewhere: ["vpn", "side"] }).warnings).toEqual(
      ["peer", "files", "debug"].map(
        (name) => `${name} uses the container of one that runs once: it runs once, and is replaced with each release`,
      ),
    );
  });

  it("keeps a whole group where its members have to be, the base only where all that decide are of it", () => {
    const file = model({
      agent: { image: "a", network_mode: "host" },
      beside: { image: "b", pid: "service:agent", depends_on: { agent: healthy } },
      own: { image: "o" },
      mixed: { image: "m", volumes_from: ["db:rw", "own"] },
      db: { image: "d" },
      cache: { image: "c", depends_on: { gone: healthy } },
      jobs: { image: "j", ipc: "service:migrate" },
      migrate: { image: "w", network_mode: "host" },
    });
    expect(split(file, { elsewhere: ["db", "cache", "jobs"] })).toEqual({
      slot: ["nginx", "own", "mixed", "db", "jobs", "migrate"],
      base: ["agent", "beside", "cache"],
    });
  });
});

describe("a slot", () => {
  it("publishes every port on loopback, the entry's first, each by a number of its own", () => {
    const file = model({
      admin: {
        image: "a",
        ports: [{ target: 9000, published: "9000", mode: "ingress", protocol: "tcp" }, { target: 5000 }],
      },
      nginx: { image: "n", ports: ["443:8443", "${HTTP_PORT:-80}:8080", "5000"] },
    });
    const loopback = (target: number, at: number, mode = "host"): object => ({
      target,
      published: `\${THREADS_FRONT_${at}}`,
      host_ip: "127.0.0.1",
      protocol: "tcp",
      mode,
    });
    expect(slotOf(file)).toEqual({
      services: {
        nginx: { image: "n", ports: [loopback(8080, 1), loopback(8443, 2)] },
        admin: { image: "a", ports: [loopback(9000, 3, "ingress")] },
      },
    });
    expect(filesOf(file)["model/fronts"]).toBe("1 nginx 8080 http\n2 nginx 8443 http\n3 admin 9000 http\n");
    expect(parse(filesOf(file)["model/fronts.yml"] ?? "")).toEqual({
      services: { fronts: { image: "none", command: ["${HTTP_PORT:-80}", "443", "9000"] } },
    });
  });

  it("has no ports where it published none", () => {
    const file = model({ web: { image: "w", ports: ["5000", "0:80", "127.0.0.1::70"] } });
    expect(partOf("services", file)).toMatchObject({ web: { image: "w" } });
    expect(JSON.stringify(slotOf(file)).match(/ports/g)).toHaveLength(1);
    expect(filesOf(file)["model/fronts"]).toBe("1 nginx 8080 http\n");
  });

  it("says nothing of what is in the base", () => {
    const file = model({
      db: { image: "d" },
      web: {
        image: "w",
        depends_on: { db: healthy, nginx: healthy },
        links: ["db:sql", "nginx"],
        external_links: ["db", "old:o"],
      },
      job: { image: "j", depends_on: { db: healthy }, links: ["db"], external_links: ["db:d"] },
    });
    expect({ ...(partOf("services", file) as object), nginx: undefined }).toEqual({
      web: { image: "w", depends_on: { nginx: healthy }, links: ["nginx"], external_links: ["old:o"] },
      job: { image: "j" },
    });
  });

  it("stays down after a restart of the machine where it was stopped", () => {
    const file = model({
      web: { image: "w", restart: "always" },
      job: { image: "j", restart: "on-failure:3" },
      db: { image: "d", restart: "always" },
    });
    expect(slotOf(file)).toMatchObject({
      services: { web: { restart: "unless-stopped" }, job: { restart: "on-failure:3" } },
    });
    expect(baseOf(file)).toMatchObject({ services: { db: { restart: "always" } } });
  });

  it("has the volumes of the other, but for those that are its own", () => {
    const mount = (source: string): object => ({ type: "volume", source, target: `/${source}` });
    const file = model(
      {
        web: { image: "w", volumes: ["media", "sockets", "fixed", "old"].map(mount) },
        db: { image: "d", volumes: ["rows", "media"].map(mount) },
      },
      {
        volumes: {
          media: {},
          sockets: {},
          fixed: { name: "f" },
          old: { external: true, name: "o" },
          rows: { driver: "local" },
        },
      },
    );
    expect(partOf("volumes", file, { perSlot: ["sockets"] })).toEqual({
      media: { name: "shop_media" },
      sockets: {},
      fixed: { name: "f" },
      old: { external: true, name: "o" },
    });
    expect((baseOf(file) as { volumes: object }).volumes).toEqual({
      media: { name: "shop_media" },
      rows: { name: "shop_rows", driver: "local" },
    });
  });

  it("keeps every volume where a variable says which it is", () => {
    const file = model(
      { web: { image: "w", volumes: ["${DATA}", "one"].map((source) => ({ type: "volume", source, target: "/d" })) } },
      { volumes: { one: {}, two: {} }, configs: { site: { content: "x" } } },
    );
    expect(slotOf(file)).toMatchObject({
      volumes: { one: { name: "shop_one" }, two: { name: "shop_two" } },
      configs: { site: { content: "x" } },
    });
  });

  it("has networks of its own, with no address that only one could have", () => {
    const ipam = { config: [{ subnet: "10.1.0.0/16" }] };
    const front = {
      aliases: ["www"],
      ipv4_address: "10.1.0.2",
      ipv6_address: "fd::2",
      mac_address: "02:42:ac:11:00:02",
    };
    const file = model(
      {
        web: { image: "w", networks: { front, back: null } },
        db: { image: "d", networks: { rows: { ipv4_address: "10.1.0.3" } } },
      },
      { networks: { front: { ipam, driver: "bridge" }, back: {}, rows: { ipam }, default: {} } },
    );
    expect(slotOf(file)).toMatchObject({
      services: { web: { networks: { front: { aliases: ["www"] }, back: null } } },
    });
    expect((slotOf(file) as { networks: object }).networks).toEqual({
      front: { driver: "bridge" },
      back: {},
      default: {},
    });
    expect(JSON.stringify(slotOf(file))).not.toMatch(/address/);
    expect(of(file).warnings).toEqual(
      ["10.1.0.2", "fd::2"].map(
        (address) => `web has the address ${address}, which only one slot could have: let others find it by its name`,
      ),
    );
    expect(baseOf(file)).toEqual({
      services: { db: { image: "d", networks: { rows: { ipv4_address: "10.1.0.3" } } } },
      networks: { rows: { ipam } },
    });
  });

  it("is warned of a network that both slots are on", () => {
    const networks = { net: { name: "net" }, ext: { external: true, name: "e" }, rows: { name: "rows" }, own: {} };
    const file = model(
      {
        web: { image: "w", networks: { net: null, own: null } },
        job: { image: "j", networks: { net: null, ext: null } },
        db: { image: "d", networks: { rows: null } },
      },
      { networks },
    );
    expect(of(file).warnings).toEqual([
      "network net is the same for both slots: on it web and job of one slot may answer for the other's",
      "network ext is the same for both slots: on it job of one slot may answer for the other's",
    ]);
  });
});

it("is warned of what both slots would have on the same files, though it could run once", () => {
  const volumes = ["certs", "rows", "${DATA}"].map((source) => ({ type: "volume", source, target: "/v" }));
  const file = model(
    { proxy: { image: "p", depends_on: { nginx: healthy }, volumes } },
    { volumes: { certs: {}, rows: {} } },
  );
  const warnings = (more: Partial<SlotFacts> = {}) => of(file, { elsewhere: ["proxy"], ...more }).warnings;
  const said = "proxy is not built here, yet needs what each slot has of its own: both slots have one, on the same";
  expect(warnings()).toEqual([`${said} certs and rows`]);
  expect(warnings({ perSlot: ["certs"] })).toEqual([`${said} rows`]);
  expect(warnings({ perSlot: ["certs", "rows"] })).toEqual([]);
  expect(warnings({ elsewhere: [] })).toEqual([]);
});

describe("the links from slots to the base", () => {
  it("are the networks that both are on, with every name that the one service had there", () => {
    const file = model(
      {
        web: {
          image: "w",
          networks: { front: null, back: null, shared: null },
          links: ["db:sql", "db", "nginx:n", "cache:store"],
        },
        db: { image: "d", networks: { back: { aliases: ["pg", "sql"] }, rows: null, shared: null } },
        cache: { image: "c" },
        host: { image: "h", network_mode: "host" },
      },
      { networks: { front: {}, back: {}, rows: {}, shared: { name: "shared" }, default: {} } },
    );
    expect(filesOf(file)["model/links"]).toBe("back db pg sql\ndefault cache store\n");
  });

  it("are none to a network on which no slot has anybody", () => {
    const file = model({ nginx: { ...nginx, networks: { front: null } }, db: { image: "d" } });
    expect(filesOf(file)["model/links"]).toBe("");
  });
});

describe("the base", () => {
  it("keeps its ports as they are, and waits for its own only", () => {
    const db = {
      image: "d",
      ports: ["127.0.0.1:5432:5432", "53:53/udp", "6000-6001:6000-6001"],
      depends_on: { cache: healthy },
    };
    expect(baseOf(model({ db, cache: { image: "c" } }))).toEqual({ services: { db, cache: { image: "c" } } });
  });
});

it("names all at once what cannot be doubled", () => {
  const file = model(
    {
      web: {
        image: "w",
        ports: ["53:53/udp", "6000-6001:6000-6001", "${P}:${T}"],
        volumes: [{ type: "volume", source: "rows", target: "/r" }],
      },
      proxy: { image: "p", depends_on: { web: healthy } },
      nginx: { image: "n", network_mode: "service:gate" },
      gate: { image: "g", network_mode: "host" },
      db: { image: "d", volumes: [{ type: "volume", source: "rows", target: "/r" }] },
      edge: { image: "e" },
    },
    { volumes: { rows: {}, fixed: { name: "f" } } },
  );
  const more = { shared: ["proxy", "gone", "gate"], perSlot: ["rows", "none", "fixed"], elsewhere: ["db", "edge"] };
  expect(problemsOf(file, more)).toEqual([
    "has no service gone, but runtime.shared in threads.yml names it",
    "runtime.shared in threads.yml names proxy, which needs web: each slot has that of its own, so take proxy out of runtime.shared",
    "runtime.shared in threads.yml names gate, which belongs to a service of the slots: each slot has that of its own, so take gate out of runtime.shared",
    "gate uses the host's network, so that no second slot can have one: change that, or use runtime.strategy: recreate",
    "web publishes 53:53/udp: the edge takes no udp, or name web in runtime.shared, or use strategy: recreate",
    "web publishes 6000-6001:6000-6001: write each port of the range on a line of its own, or name web in runtime.shared, or use strategy: recreate",
    "web publishes ${P}:${T}: write the port inside the container out, or name web in runtime.shared, or use strategy: recreate",
    "runtime.per_slot in threads.yml names rows, which db has too, and that runs once for both slots",
    "has no volume none, but runtime.per_slot in threads.yml names it",
    "runtime.per_slot in threads.yml names fixed, which has a name or is external, and so is the same for all",
    "has a service edge, whose image would have the repository of the proxy in front of the slots: name it differently",
  ]);
});
