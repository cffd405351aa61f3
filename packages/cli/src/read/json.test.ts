import { describe, expect, test } from "vitest";
import { readJson } from "./json";

describe("JSON", () => {
  test.each(['{"a":1,}', "[1,]", '{"a" 1}', "{", '"a', "01", "tru", "[1 2]", "{} {}", '{"a":"\\x"}', "", "+1", "'a'", '{"a":1 "b":2}', '"a\nb"', '{"a\tb":1}', '"\\u12g4"', '"a\\', "\ufeff{}", "\u00a01"])("%j is refused", (text) => {
    expect(() => JSON.parse(text) as unknown).toThrow();
    expect(readJson(text, "-")).toHaveProperty("error");
  });

  test.each(['{"a":{"b":[1,-2.5e3,true,null,"\\u00e9\\n"]}}', "[]", "{}", '"x"', " 1 ", '[{"a":1},{"a":2}]'])("%s is read", (text) => {
    expect(readJson(text, "-")).toMatchObject({ documents: [JSON.parse(text)] });
  });
});
