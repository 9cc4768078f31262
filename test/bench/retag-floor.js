// The least that a retag can be: GET and PUT of each manifest, all images at once, by bare HTTP, with nothing checked.
// Plain JavaScript: stripping types would be part of the floor.
// Arguments: host, tag that is there, tag to give, repositories. PASSWORD: docker's password for the registry.
import { Agent, request } from "node:http";

const [host = "", from = "", to = "", ...repositories] = process.argv.slice(2);
const authorization = `Basic ${Buffer.from(`AWS:${process.env["PASSWORD"] ?? ""}`).toString("base64")}`;
const agent = new Agent({ keepAlive: true });
const accept =
  "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json";

function ask(method, path, { type, body } = {}) {
  const headers = { authorization, accept, ...(type === undefined ? {} : { "content-type": type }) };
  return new Promise((resolve, reject) => {
    const sent = request(`http://${host}/v2/${path}`, { method, agent, headers }, (reply) => {
      const parts = [];
      reply.on("data", (part) => parts.push(part));
      reply.on("end", () => {
        const answer = { type: reply.headers["content-type"] ?? "", body: Buffer.concat(parts) };
        if ((reply.statusCode ?? 500) < 300) resolve(answer);
        else reject(new Error(`${method} ${path}: ${String(reply.statusCode)} ${answer.body.toString()}`));
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

await Promise.all(
  repositories.map(async (repository) =>
    ask("PUT", `${repository}/manifests/${to}`, await ask("GET", `${repository}/manifests/${from}`)),
  ),
);
agent.destroy();
