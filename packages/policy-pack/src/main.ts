import { PolicyPack } from "@pulumi/policy";
import { rules } from "@bulkhead/rules";
import { createPack } from "./policies";
import { hookSdk } from "./sdk";

const pack = createPack(rules);
const hooked = hookSdk({ configured: pack.configured, concerns: pack.concerns, skipped: pack.standIns });
if (!hooked) process.stderr.write("bulkhead: this version of @pulumi/policy does not show the pack its configuration; every rule is at its default\n");

new PolicyPack("bulkhead", { policies: [...pack.policies], description: "Refuses insecure Docker and Kubernetes containers at preview" });
