import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { ConstructResult, Provider } from "@pulumi/pulumi/provider";
import { ArgumentError } from "./arguments/argument-error";

interface Schema {
  readonly version: string;
  readonly resources: { readonly [type: string]: { readonly properties: { readonly [name: string]: unknown } } };
}

type Component = pulumi.ComponentResource & { readonly [output: string]: pulumi.Output<unknown> };
type ComponentClass = new (name: string, args: pulumi.Inputs, opts: pulumi.ComponentResourceOptions) => Component;

/** Constructs the components that the schema in `folder` names. They are loaded with the first one: nothing else needs the SDKs of Docker and Kubernetes. */
export class ComponentProvider implements Provider {
  readonly version: string;
  private readonly text: string;
  private readonly resources: Schema["resources"];

  constructor(folder: string) {
    this.text = readFileSync(join(folder, "schema.json"), "utf8");
    const { version, resources } = JSON.parse(this.text) as Schema;
    this.version = version;
    this.resources = resources;
  }

  async getSchema(): Promise<string> {
    return this.text;
  }

  async construct(name: string, type: string, inputs: pulumi.Inputs, options: pulumi.ComponentResourceOptions): Promise<ConstructResult> {
    const outputs = this.resources[type]?.properties;
    if (outputs === undefined) throw new Error(`unknown resource type ${type}; expected one of ${Object.keys(this.resources).join(", ")}`);
    const classes = require("./index") as { readonly [name: string]: ComponentClass };
    const { [type.split(":")[2] ?? ""]: Class } = classes;
    if (Class === undefined) throw new Error(`the schema names ${type}, which this package does not have`);
    const component = constructed(() => new Class(name, inputs, options));
    return { urn: component.urn, state: Object.fromEntries(Object.keys(outputs).map((output) => [output, component[output]])) };
  }
}

/** The engine shows an error of this kind as the resource's own, without a stack; and with the path alone, not with the value that it has. */
function constructed(construct: () => Component): Component {
  try {
    return construct();
  } catch (error) {
    if (error instanceof ArgumentError) throw new pulumi.InputPropertiesError({ message: error.message, errors: [] });
    throw error;
  }
}
