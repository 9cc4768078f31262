import { ThreadsError } from "../../errors/threads-error.ts";
import { type Standing, standing } from "../../ledger/standing.ts";
import { imageGone } from "../../registry/image-gone.ts";
import { shortRevision } from "../../release/revision.ts";
import { asPublished } from "./published.ts";
import type { ResolvedRelease, ResolvePorts, Wanted } from "./resolve-release.ts";

/** What the ledger says runs in an environment, read from the registry by digest. Works without git. */
export async function byEnvironment(
  name: string,
  { again }: Pick<Wanted, "again">,
  ports: ResolvePorts,
): Promise<ResolvedRelease> {
  const [{ deployments, serverTime }, namesakes] = await Promise.all([
    ports.ledger.chronicle(name),
    // Only to say that git's own name is not meant: outside a repository there is none.
    ports.source.refs(name).catch((): string[] => []),
  ]);
  const now = standing(deployments, serverTime);
  const { current } = now;
  const others = namesakes.map((ref) => ref.replace(/^refs\//, ""));
  if (current === undefined) throw nothingDeployed(name, others.map(again));
  const { repository, digest } = current.bundle;
  const manifest = (await ports.registry.findMany(repository, [digest])).get(digest);
  if (manifest === undefined) throw imageGone(repository, digest);
  const published = asPublished({ manifest, repository, app: ports.config.app, label: digest });
  const { revision } = published.release;
  const instead = others.length === 0 ? "" : `; git's ${name} would be ${others.join(" or ")}`;
  return {
    published,
    how: "environment",
    asked: revision,
    says: `${name} is the environment: it runs ${shortRevision(revision)} (deployment ${String(current.number)})${instead}`,
    warnings: unsettled(name, now),
  };
}

function unsettled(name: string, { underWay, unsettled: left }: Standing): string[] {
  if (underWay !== undefined)
    return [
      `${shortRevision(underWay.revision)} is being deployed to ${name} just now; meant is what ran there before it`,
    ];
  if (left === undefined) return [];
  return [
    `deployment ${String(left.number)} of ${name} did not end well; meant is the last that did, but hosts may differ`,
  ];
}

/** @param others the command with git's own names of the same */
function nothingDeployed(name: string, others: readonly string[]): ThreadsError {
  return new ThreadsError("refused", {
    code: "NOTHING_DEPLOYED",
    message: `${name} is an environment, and nothing was ever deployed to it`,
    next: [`threads deploy -e ${name} HEAD`, ...others.map((command) => `${command} # if git's ${name} was meant`)],
  });
}
