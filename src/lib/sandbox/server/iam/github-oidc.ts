import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  randomUUID,
  sign,
  timingSafeEqual,
  verify,
} from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { openJsonStore } from "../json-store.ts";
import { ServiceError } from "../protocol.ts";
import type { Credentials } from "../sigv4.ts";
import { type GithubJob, isJob, subjectOf } from "./github-job.ts";

/** Whom GitHub's tokens name, and who is asked for when a policy names them. */
export const issuer = "https://token.actions.githubusercontent.com";

/** What a token vouches for, by its names in it. */
export type Claims = Readonly<Record<string, string | number>>;

/** GitHub as an OpenID Connect provider, played with a key of the sandbox's own: no token of GitHub's is good here, and none of these elsewhere. */
export interface GithubOidc {
  /**
   * What a job with `id-token: write` finds in its environment.
   * @param authorization HTTP's Basic, with the sandbox's own key: nobody else on this machine gets a role by saying that it is GitHub
   * @throws ServiceError AccessDeniedException, ValidationException
   */
  jobOf(job: unknown, authorization: string | undefined): JobVariables;
  /** @param requestToken of a job. @returns undefined where it is none of ours */
  tokenOf(requestToken: string, audience: string | undefined): Promise<string | undefined>;
  /** @returns undefined where the token was not signed here, or was changed since */
  verify(token: string): Promise<Claims | undefined>;
}

export interface JobVariables {
  readonly ACTIONS_ID_TOKEN_REQUEST_URL: string;
  readonly ACTIONS_ID_TOKEN_REQUEST_TOKEN: string;
}

export interface OidcPorts {
  readonly stateDir: string;
  /** `host:port` as clients know it. */
  readonly endpoint: string;
  /** Of the sandbox itself. */
  readonly credentials: Pick<Credentials, "accessKeyId" | "secretAccessKey">;
  /** Milliseconds. */
  readonly now: () => number;
}

/** A token is good for five minutes, and was ten minutes before (GitHub docs, OpenID Connect reference: the example). */
const goodForS = 300;
const beforeS = 600;

/** The key is made with the first token, and kept in `stateDir`/github.json. */
export async function openGithubOidc({ stateDir, endpoint, credentials, now }: OidcPorts): Promise<GithubOidc> {
  const { accessKeyId, secretAccessKey: secret } = credentials;
  const owner = `Basic ${Buffer.from(`${accessKeyId}:${secret}`).toString("base64")}`;
  const store = await openJsonStore<{ key?: string }>(join(stateDir, "github.json"), () => ({}));
  const keyOf = async (): Promise<string> => {
    if (store.state.key === undefined) {
      const made = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
      const key = made.privateKey.export({ type: "pkcs8", format: "pem" }) as string;
      // Of two that are made at once the first is kept.
      await store.update((state) => void (state.key ??= key));
    }
    return store.state.key ?? "";
  };
  return {
    jobOf: (job, authorization = "") => {
      if (!isEqual(authorization, owner))
        throw new ServiceError("AccessDeniedException", "only the sandbox's own key may say what GitHub does", 403);
      if (!isJob(job)) throw new ServiceError("ValidationException", "a job has repository, ref and job_workflow_ref");
      const payload = encoded(job);
      return {
        ACTIONS_ID_TOKEN_REQUEST_URL: `http://${endpoint}/_sandbox/github/token?api-version=2.0`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: `${payload}.${seal(payload, secret)}`,
      };
    },
    tokenOf: async (requestToken, audience) => {
      const [payload = "", mark = ""] = requestToken.split(".", 2);
      if (!isEqual(mark, seal(payload, secret))) return undefined;
      const job = decoded(payload) as GithubJob;
      const body = `${encoded({ alg: "RS256", typ: "JWT", kid: "sandbox" })}.${encoded(claimsOf(job, audience, now()))}`;
      const signature = sign("RSA-SHA256", Buffer.from(body), createPrivateKey(await keyOf()));
      return `${body}.${signature.toString("base64url")}`;
    },
    verify: async (token) => {
      const [head = "", body = "", signature = ""] = token.split(".");
      const key = createPublicKey(await keyOf());
      const isOurs = verify("RSA-SHA256", Buffer.from(`${head}.${body}`), key, Buffer.from(signature, "base64url"));
      return isOurs ? (decoded(body) as Claims) : undefined;
    },
  };
}

/** The claims of GitHub's tokens (GitHub docs, OpenID Connect reference). */
function claimsOf(job: GithubJob, audience: string | undefined, now: number): Claims {
  const { hasIds: _, ...said } = job;
  const [owner = ""] = job.repository.split("/");
  const at = Math.floor(now / 1000);
  return {
    jti: randomUUID(),
    sub: subjectOf(job),
    aud: audience ?? `https://github.com/${owner}`,
    ...said,
    repository_owner: owner,
    ref_type: job.ref.startsWith("refs/tags/") ? "tag" : "branch",
    runner_environment: "github-hosted",
    iss: issuer,
    nbf: at - beforeS,
    iat: at,
    exp: at + goodForS,
  };
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function decoded(text: string): unknown {
  return JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
}

function seal(payload: string, secret: string): string {
  return createHmac("sha256", secret).update(`github job ${payload}`).digest("base64url");
}

function isEqual(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
