import { digestOf } from "../../../src/lib/image/digest.ts";
import type { PushTarget } from "../../fakes/docker.ts";

const docker = "application/vnd.docker";

/** What `docker push` does on the wire, for an image of a config and no layers: upload it, put the manifest under the tag. */
export function pushOverHttp(host: string): PushTarget {
  return {
    host,
    push: async ({ repository, tag, image, password = "" }) => {
      const authorization = `Basic ${Buffer.from(`AWS:${password}`).toString("base64")}`;
      const ask = asker(`http://${host}/v2/${repository}`, authorization);
      const config = Buffer.from(image.config);
      await upload(ask, config);
      const mediaType = `${docker}.distribution.manifest.v2+json`;
      const manifest = {
        schemaVersion: 2,
        mediaType,
        config: { mediaType: `${docker}.container.image.v1+json`, size: config.length, digest: digestOf(config) },
        layers: [],
      };
      const body = JSON.stringify(manifest, null, 3);
      await ask({ method: "PUT", path: `/manifests/${tag}`, body, type: mediaType });
      const short = digestOf(config).slice(7, 19);
      return [
        `${short}: Preparing`,
        `${short}: Pushed`,
        `${tag}: digest: ${digestOf(body)} size: ${String(body.length)}`,
      ];
    },
  };
}

interface Ask {
  readonly method: string;
  readonly path: string;
  readonly body?: Buffer | string;
  readonly type?: string;
  /** Statuses beyond 2xx that are an answer. */
  readonly also?: number;
}

type Asker = (ask: Ask) => Promise<Response>;

function asker(base: string, authorization: string): Asker {
  return async ({ method, path, body, type = "application/octet-stream", also }) => {
    const init = { method, headers: { authorization, "content-type": type }, ...(body === undefined ? {} : { body }) };
    const url = new URL(path.startsWith("/v2/") ? path : `${base}${path}`, base);
    const reply = await fetch(url, init).catch(() => {
      throw new Error(`${method} "${url.href}": EOF`);
    });
    const text = reply.status === also || method === "HEAD" ? "" : await reply.text();
    if (reply.ok || reply.status === also) return reply;
    throw new Error(words(reply, text));
  };
}

/** As docker 26 puts what a registry refuses. */
function words({ status, statusText }: Response, text: string): string {
  if (status === 401) return "no basic auth credentials";
  if (status >= 500 || text === "") return `received unexpected HTTP status: ${String(status)} ${statusText}`;
  const [error] = (JSON.parse(text) as { errors: { code: string; message: string }[] }).errors;
  const code = error?.code.toLowerCase().replaceAll("_", " ") ?? "";
  return `${code}: ${error?.message ?? ""}`;
}

async function upload(ask: Asker, blob: Buffer): Promise<void> {
  const begun = await ask({ method: "POST", path: "/blobs/uploads/" });
  const place = begun.headers.get("location") ?? "";
  await ask({ method: "PUT", path: `${place}${place.includes("?") ? "&" : "?"}digest=${digestOf(blob)}`, body: blob });
}
