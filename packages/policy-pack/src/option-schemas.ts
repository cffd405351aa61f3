import type { PolicyConfigSchema } from "@pulumi/policy";
import type { AnyRule, OptionSchema } from "@bulkhead/core";

type PropertySchema = PolicyConfigSchema["properties"][string];

/** The options of a rule, as the SDK shows and checks them. */
export function optionSchemas(rule: AnyRule): { [key: string]: PropertySchema } {
  return Object.fromEntries(Object.entries(rule.options ?? {}).map(([name, schema]) => [name, optionSchema(schema)]));
}

function optionSchema(schema: OptionSchema): PropertySchema {
  const { description } = schema;
  if (schema.type === "strings") return { type: "array", items: { type: "string" }, description, ...(schema.default === undefined ? {} : { default: [...schema.default] }) };
  if (schema.type === "string") return { type: "string", description, ...(schema.choices === undefined ? {} : { enum: [...schema.choices] }), ...(schema.default === undefined ? {} : { default: schema.default }) };
  const { minimum, maximum } = schema;
  return {
    type: "number", description,
    ...(minimum === undefined ? {} : { minimum }), ...(maximum === undefined ? {} : { maximum }), ...(schema.default === undefined ? {} : { default: schema.default }),
  };
}
