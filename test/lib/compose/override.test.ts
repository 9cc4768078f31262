import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseModel } from "../../../src/lib/compose/stack-model.ts";
import { stackOverride, type Wanted } from "../../../src/lib/compose/override.ts";

const labels = { "threads.smoke": "1", "threads.owner": "h:1", "threads.started": "5" };
const wanted: Wanted = {
  project: "p",
  labels: { kind: "smoke", owner: "h:1", startedAt: 5_999 },
  images: {},
  sources: { revision: "f00d", tree: "beef" },
};
const override = (file: object, more: Partial<Wanted> = {}): string =>
  stackOverride(parseModel(JSON.stringify(file)), { ...wanted, ...more });
/** Unknown tags of compose are read as what they stand before. */
const read = (text: string): unknown => parse(text, { logLevel: "silent" });

describe("the override of a stack", () => {
  it("labels all that the files make, under names of its own, and nothing that they only use", () => {
    const file = {
      services: { web: { image: "w" } },
      networks: { default: { name: "p_default" }, fixed: { name: "shop-net" }, shared: { external: true } },
      volumes: { data: {}, fixed: { name: "shop-data" }, shared: { external: true, name: "kept" } },
    };
    expect(read(override(file))).toEqual({
      services: { web: { labels } },
      networks: { default: { labels, name: "p_default" }, fixed: { labels, name: "p_fixed" } },
      volumes: { data: { labels, name: "p_data" }, fixed: { labels, name: "p_fixed" } },
    });
  });

  it("names an image, and tells what is built from which sources it comes", () => {
    const file = { services: { web: { build: { context: "." } }, db: { image: "postgres:17" } } };
    expect(read(override(file, { images: { web: "app-web:c", db: "r/db@sha256:1" } }))).toMatchObject({
      services: {
        web: {
          image: "app-web:c",
          build: {
            labels: { "org.opencontainers.image.revision": "f00d", "org.threads.tree": "beef" },
            args: { REVISION: "f00d", TREE: "beef" },
          },
        },
        db: { image: "r/db@sha256:1" },
      },
    });
  });

  it("publishes the entry on a free port of this machine, and takes away every other port and fixed name", () => {
    const file = {
      services: {
        nginx: { ports: [{ target: 80, published: "80" }], container_name: "nginx" },
        db: { ports: [{ target: 5432 }] },
        worker: {},
      },
    };
    const text = override(file, { entry: { service: "nginx", port: 80 } });
    expect(read(text)).toEqual({
      services: {
        nginx: {
          labels,
          container_name: "null",
          ports: [{ target: 80, published: "0", host_ip: "127.0.0.1", protocol: "tcp", mode: "host" }],
        },
        db: { labels, ports: [] },
        worker: { labels },
      },
      networks: {},
      volumes: {},
    });
    expect(text).toContain("container_name: !reset null");
    expect(text.match(/ports: !override/g)).toHaveLength(2);
  });

  it("publishes the port of an entry in another service's network there", () => {
    const services = { web: { network_mode: "service:vpn" }, vpn: { network_mode: "service:net" }, net: {} };
    expect(read(override({ services }, { entry: { service: "web", port: 80 } }))).toMatchObject({
      services: { web: { labels }, vpn: { labels }, net: { ports: [{ target: 80 }] } },
    });
    expect(read(override({ services }, { entry: { service: "web", port: 80 } }))).not.toHaveProperty(
      "services.web.ports",
    );
  });
});
