import { isObject } from "@bulkhead/core";

/** A value as YAML, the same for the same value, in the order of its keys. For pages: documents that someone wrote are never printed anew. */
export function printYaml(value: unknown): string {
  return `${lines(value).join("\n")}\n`;
}

function lines(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.length > 0) {
    return value.flatMap((member: unknown) => lines(member).map((line, index) => `${index === 0 ? "- " : "  "}${line}`));
  }
  if (isObject(value) && Object.keys(value).length > 0) {
    return Object.entries(value).filter(([, member]) => member !== undefined).flatMap(([key, member]) => {
      const inner = lines(member);
      if (isBlock(member)) return [`${scalar(key)}:`, ...inner.map((line) => `  ${line}`)];
      return [`${scalar(key)}: ${inner[0] ?? ""}`];
    });
  }
  return [scalar(value)];
}

function isBlock(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : isObject(value) && Object.keys(value).length > 0;
}

function scalar(value: unknown): string {
  if (Array.isArray(value)) return "[]";
  if (isObject(value)) return "{}";
  if (typeof value !== "string") return value === undefined ? "null" : String(value);
  return isPlain(value) ? value : JSON.stringify(value);
}

/** Whether every version of YAML reads the text, unquoted, as this text. */
function isPlain(text: string): boolean {
  if (!/^[A-Za-z0-9_./][A-Za-z0-9_./@+=:*,() -]*$/.test(text) || / $|: |:$| #/.test(text)) return false;
  if (/^(true|false|yes|no|on|off|y|n|null|~)$/i.test(text)) return false;
  return !/^[-+.]?\d[\d_.:,eExoabcdfABCDF+-]*$/.test(text) && !/^\.(nan|inf)$/i.test(text) && text !== ".";
}
