/** What Pulumi runs of the folder `plugin`: the provider of the components, for programs of every language. */
import { join } from "node:path";
import { main } from "@pulumi/pulumi/provider";
import { servePidsLimits } from "./pids";
import { ComponentProvider } from "./provider";

const folder = join(__dirname, "..", "plugin");

void main(servePidsLimits(new ComponentProvider(folder), folder), process.argv.slice(2));
