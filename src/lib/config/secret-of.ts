/** The secret of Secrets Manager that an `env_from` is, by name or ARN; undefined where it is a path of Parameter Store. */
export function secretOf(envFrom: string): string | undefined {
  return /^secretsmanager:(.*)$/s.exec(envFrom)?.[1];
}
