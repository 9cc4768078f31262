import { isIP } from "node:net";
import { connect } from "node:tls";
import type { CertificateCheck } from "../config/config.ts";
import { count } from "../text/words.ts";
import { wordsOf } from "../errors/words-of.ts";
import type { Seen, Tries } from "./check.ts";

type Address = NonNullable<CertificateCheck["whose"]>;

/** What a server has shown of itself. */
export interface Shown {
  /** When the certificate ends, in milliseconds since the epoch. */
  readonly endsAt: number;
  /** Node's code for why it is not taken; undefined where it is. */
  readonly fault: string | undefined;
  /** The names that it is for. */
  readonly names: readonly string[];
}

/** Asks whoever ends TLS there for the certificate, once. Nothing is sent to the application. */
export async function tryCertificate({ whose, days }: CertificateCheck, tries: Tries): Promise<Seen> {
  if (whose === undefined) return { status: -1, ok: false, detail: "no address: the environment has no url" };
  try {
    return judgeCertificate(await shownBy(whose, tries), days, tries.now());
  } catch (error) {
    tries.signal.throwIfAborted();
    return { status: -1, ok: false, detail: `shows no certificate: ${wordsOf(error)}` };
  }
}

/** One that is not taken is looked at all the same: it is told what is wrong with it. */
function shownBy({ host, port }: Address, { signal, tryMs }: Tries): Promise<Shown> {
  const timeoutMs = tryMs();
  return new Promise((resolve, reject) => {
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = connect({ host, port, ...name, rejectUnauthorized: false, timeout: timeoutMs }, () => {
      const { valid_to: endsAt, subjectaltname: names = "" } = socket.getPeerCertificate();
      const fault = socket.authorized ? undefined : wordsOf(socket.authorizationError);
      resolve({
        endsAt: Date.parse(endsAt),
        fault,
        names: names.split(", ").map((one) => one.replace(/^(?:DNS|IP Address):/, "")),
      });
      socket.end();
    });
    socket.on("timeout", () => socket.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    socket.on("error", reject);
    const stop = (): void => void socket.destroy(signal.reason as Error);
    signal.addEventListener("abort", stop, { once: true });
    socket.on("close", () => signal.removeEventListener("abort", stop));
  });
}

const dayMs = 24 * 3600 * 1000;

/** Pure: whether a certificate is taken today, and will be for so many days. @param now in milliseconds since the epoch */
export function judgeCertificate({ endsAt, fault, names }: Shown, days: number, now: number): Seen {
  const bad = (detail: string): Seen => ({ status: 1, ok: false, detail });
  const end = new Date(endsAt).toISOString().slice(0, 10);
  const left = Math.floor((endsAt - now) / dayMs);
  if (endsAt <= now) return bad(`the certificate ended on ${end}`);
  if (fault === "ERR_TLS_CERT_ALTNAME_INVALID") return bad(`the certificate is of another name: ${names.join(", ")}`);
  if (fault !== undefined) return bad(`the certificate is not trusted${reasons[fault] ?? ""} (${fault})`);
  if (left < days) return bad(`the certificate ends on ${end}, in ${count(left, "day")}: ${days} are wanted`);
  return { status: 0, ok: true, detail: `good until ${end}, for ${count(left, "day")}` };
}

const incomplete = ": the server leaves out what is between it and an authority that is known here";

/** What lies behind OpenSSL's word (its verify(1)). */
const reasons: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: incomplete,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: incomplete,
  DEPTH_ZERO_SELF_SIGNED_CERT: ": it has signed itself",
  CERT_HAS_EXPIRED: ": one that it rests on has ended",
  CERT_NOT_YET_VALID: ": its time has not begun",
};
