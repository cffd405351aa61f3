import { PolicyPack } from "@pulumi/policy";
import { rules } from "@bulkhead/rules";
import { createPack } from "./policies";
import { hookSdk } from "./sdk";

const pack = createPack(rules);
const hooked = hookSdk({ ...pack, skipped: pack.standIns });
if (!hooked) process.stderr.write("bulkhead: this version of @pulumi/policy does not show the pack the levels and options of its rules; those under bulkhead (preset, levels, unknown, report) count\n");

new PolicyPack("bulkhead", { policies: [...pack.policies], description: "Refuses insecure Docker and Kubernetes containers at preview" });
