import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** A key of an account. `secret` and `region` as the client must sign with them. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  /** Of a session; a long-lived key has none. */
  readonly sessionToken?: string;
}

export interface SignedRequest {
  readonly method: string;
  /** Path and query as they stood in the request line. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

/** Each protocol words these in its own way: see `dispatch.ts` (JSON 1.1) and `query.ts` (STS). */
export type Refusal = "missing" | "incomplete" | "unknown-key" | "expired" | "wrong-signature";

export interface Refused {
  readonly refusal: Refusal;
  readonly message: string;
}

interface Authorization {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** AWS allows a signature five minutes around its own clock ("Signature expired", AWS IAM user guide, SigV4 troubleshooting). */
const allowedSkew = 5 * 60_000;
const authorizationPattern =
  /^AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request,\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;
const mismatch =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
const invalidToken = "The security token included in the request is invalid.";

/**
 * Verifies AWS Signature Version 4 in the Authorization header.
 * @param expected service: the name in the credential scope ("ecr", "ssm", "sts"); now: milliseconds.
 * @returns undefined when the signature is good.
 */
export function verifySignature(
  request: SignedRequest,
  expected: { readonly credentials: Credentials; readonly service: string; readonly now: number },
): Refused | undefined {
  const header = single(request.headers["authorization"]);
  if (header === undefined) return { refusal: "missing", message: "Missing Authentication Token" };
  const authorization = parseAuthorization(header);
  const date = single(request.headers["x-amz-date"]);
  if (authorization === undefined || date === undefined || !covers(authorization, request))
    return {
      refusal: "incomplete",
      message:
        "Authorization header requires 'Credential', 'Signature', 'SignedHeaders' with 'host', and an 'X-Amz-Date'.",
    };
  const { credentials } = expected;
  // A long-lived key with a session token beside it is not a pair that AWS knows.
  const token = request.headers["x-amz-security-token"];
  if (authorization.accessKeyId !== credentials.accessKeyId || token !== credentials.sessionToken)
    return { refusal: "unknown-key", message: invalidToken };
  const complaint =
    wrongScope(authorization, expected) ??
    wrongTime(date, authorization, expected.now) ??
    (equal(signatureOf(request, { authorization, date, credentials }), authorization.signature) ? undefined : mismatch);
  return complaint === undefined ? undefined : { refusal: "wrong-signature", message: complaint };
}

/** The key that a request says it is signed with; undefined where it names none. */
export function keyOf({
  headers,
}: Pick<SignedRequest, "headers">): { readonly id: string; readonly token: string | undefined } | undefined {
  const id = parseAuthorization(single(headers["authorization"]) ?? "")?.accessKeyId;
  return id === undefined ? undefined : { id, token: single(headers["x-amz-security-token"]) };
}

function parseAuthorization(header: string): Authorization | undefined {
  const match = authorizationPattern.exec(header);
  if (match === null) return undefined;
  const [, accessKeyId, date, region, service, signedHeaders, signature] = match as unknown as string[];
  if (!accessKeyId || !date || !region || !service || !signedHeaders || !signature) return undefined;
  return { accessKeyId, date, region, service, signedHeaders: signedHeaders.split(";"), signature };
}

function covers(authorization: Authorization, request: SignedRequest): boolean {
  const all = ["host", "x-amz-date"].every((name) => authorization.signedHeaders.includes(name));
  return all && authorization.signedHeaders.every((name) => request.headers[name] !== undefined);
}

function wrongScope(
  authorization: Authorization,
  expected: { readonly credentials: Credentials; readonly service: string },
): string | undefined {
  if (authorization.service !== expected.service)
    return `Credential should be scoped to correct service: '${expected.service}'.`;
  if (authorization.region !== expected.credentials.region)
    return `Credential should be scoped to a valid region, not '${authorization.region}'.`;
  return undefined;
}

function wrongTime(date: string, authorization: Authorization, now: number): string | undefined {
  const at = parseBasicDate(date);
  if (at === undefined || !date.startsWith(authorization.date))
    return `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${authorization.date}' != '${date}'.`;
  if (at < now - allowedSkew)
    return `Signature expired: ${date} is now earlier than ${basicDate(now - allowedSkew)} (${basicDate(now)} - 5 min.)`;
  if (at > now + allowedSkew)
    return `Signature not yet current: ${date} is still later than ${basicDate(now + allowedSkew)} (${basicDate(now)} + 5 min.)`;
  return undefined;
}

function signatureOf(
  request: SignedRequest,
  by: { readonly authorization: Authorization; readonly date: string; readonly credentials: Credentials },
): string {
  const { authorization, date, credentials } = by;
  const scope = `${authorization.date}/${authorization.region}/${authorization.service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", date, scope, sha256(canonicalRequest(request, authorization.signedHeaders))].join(
    "\n",
  );
  return hmac(signingKey(credentials.secretAccessKey, scope), text).toString("hex");
}

/** A key serves a day of one service, and making it is most of the work: the latest few are kept. */
const signingKeys = new Map<string, Uint8Array>();

function signingKey(secret: string, scope: string): Uint8Array {
  const name = `${secret} ${scope}`;
  let key: Uint8Array | undefined = signingKeys.get(name);
  if (key !== undefined) return key;
  key = Buffer.from(`AWS4${secret}`);
  for (const part of scope.split("/")) key = hmac(key, part);
  if (signingKeys.size >= 20) signingKeys.clear();
  signingKeys.set(name, key);
  return key;
}

function canonicalRequest(request: SignedRequest, signedHeaders: readonly string[]): string {
  const [path = "/", query = ""] = request.url.split(/\?(.*)/s, 2);
  const headers = signedHeaders.map(
    (name) => `${name}:${(single(request.headers[name]) ?? "").trim().replace(/\s+/g, " ")}\n`,
  );
  return [
    request.method,
    // Every service but S3 signs the path encoded once more.
    path.split("/").map(percent).join("/"),
    canonicalQuery(query),
    headers.join(""),
    signedHeaders.join(";"),
    sha256(request.body),
  ].join("\n");
}

function canonicalQuery(query: string): string {
  const pairs = [...new URLSearchParams(query)].map(([name, value]) => `${percent(name)}=${percent(value)}`);
  return pairs.sort().join("&");
}

function percent(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(",") : value;
}

function sha256(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function equal(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

function parseBasicDate(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function basicDate(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, "");
}
