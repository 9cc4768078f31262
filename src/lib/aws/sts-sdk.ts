// What is used of STS's SDK.
export { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
