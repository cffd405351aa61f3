/** What Pulumi runs of the folder `plugin`, or of a release, which is that folder with all that it needs: the provider of the components, for programs of every language. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { main } from "@pulumi/pulumi/provider";
import { servePidsLimits } from "./pids";
import { ComponentProvider } from "./provider";

const released = join(__dirname, "..");
const folder = existsSync(join(released, "PulumiPlugin.yaml")) ? released : join(released, "plugin");

void main(servePidsLimits(new ComponentProvider(folder), folder), process.argv.slice(2));
