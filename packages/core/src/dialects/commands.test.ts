import { expect, test } from "vitest";
import { known } from "../field";
import { pipesDownload, runsSudo, secretArguments, startsSshServer } from "./commands";

const judged = (line: string): readonly unknown[] => [pipesDownload, runsSudo].map((test) => (test([known([line], [])]) as { readonly value?: unknown }).value);

test.each<readonly [string, boolean, boolean]>([
  ["curl -fsSL https://example.com/x | sh", true, false], ["curl x | tee /tmp/x | sudo -u root /bin/bash -s", true, true], ["curl x |\n  python3", true, false], ["wget x && cat y | sh", false, false], ["curl x; cat y | sh", false, false],
  ["curl x\ncat y | sh", false, false], ["echo curl", false, false], ["cat y | sh; curl x", false, false], ["curl x | grep sh", false, false], ["eval $(wget -qO- x)", true, false],
  ["iwr x | iex", true, false], ["IEX (irm x)", true, false], ["irm x; iex y", false, false], ["iex y\nirm x", false, false],
  ["(sudo x)", false, true], ["/usr/bin/doas x", false, true], ["visudo x", false, false], ["pseudo", false, false],
])("%j", (line, downloads, sudo) => {
  expect(judged(line)).toEqual([downloads, sudo]);
});

test.each<readonly [readonly string[], readonly string[]]>([
  [["mysql", "-uroot", "-phunter2"], ["-p"]], [["sh", "-c", "mysqladmin ping -p'hunter2'"], ["-p"]], [["/usr/bin/mysqldump", "-phunter2", "shop"], ["-p"]], [["x=$(mariadb -phunter2 -e 1)"], ["-p"]], [["true; mariadb-admin -phunter2 ping"], ["-p"]],
  [["mysql", "-p"], []], [["mysql", "-p$PASSWORD"], []], [["mysql -p\"$PASSWORD\""], []], [["mysql", "-p`cat /run/secrets/db`"], []], [["mysql", "-P3306"], []], [["psql", "-p5432"], []], [["mkdir", "-p/data"], []], [["mysql -e 1; mkdir -p/data"], []], [["mysql -e 1 | grep -pattern"], []], [["ssh", "-p22"], []], [["my-mysql", "-phunter2"], []],
])("a password right behind its option: %j", (words, names) => {
  const found = secretArguments([known(words, ["args"])], { path: [], value: words, partial: undefined });
  expect(found).toMatchObject({ state: "value", value: names });
  expect(JSON.stringify(found)).not.toContain("hunter2");
});

test("a credential is found where it stands", () => {
  const commands = [known<readonly string[]>(["serve"], ["command"]), known<readonly string[]>(["app", "--token=x"], ["probe"])];
  expect(secretArguments(commands, { path: ["args"], value: undefined, partial: undefined })).toMatchObject({ value: ["token"], path: ["probe"] });
});

test("a long line takes no longer than its length", () => {
  const started = performance.now();
  for (const part of ["curl ", "curl |", "|", "\"", "(", ";", "iwr ", "iex ", "iwr |", "| sudo -a ", "| sudo -u a ", "-u ", "|sudo -", "sh -a ", "$( ", " ", "/", "a", "mysql -pa ", "-pa "]) {
    const words = [known([`curl iwr sh ${part.repeat(100_000 / part.length)}!`], [])];
    for (const test of [pipesDownload, runsSudo, startsSshServer]) test(words);
    secretArguments(words, { path: [], value: words, partial: undefined });
  }
  expect(performance.now() - started).toBeLessThan(5000);
});
