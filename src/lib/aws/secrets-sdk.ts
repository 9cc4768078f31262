// What is used of Secrets Manager's SDK: the bundle carries no other operation of it.
export { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
