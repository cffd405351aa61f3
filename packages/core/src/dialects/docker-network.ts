import type { Field } from "../field";
import { known, UNKNOWN, unknown, unset } from "../field";
import type { Node } from "../node";
import { at, booleanField, isUnset, put, stringField, unreadable } from "../node";

/** An overlay is encrypted where the option stands, whatever its value (moby, libnetwork/drivers/overlay/ov_network.go). */
export function encryptedOverlay(driver: Node, options: Node): Field<boolean> {
  const kind = stringField(driver);
  if (kind.state === "unset" || (kind.state === "value" && kind.value !== "overlay")) return unset(driver.path);
  const option = at(options, "encrypted");
  if (option.value === UNKNOWN) return unreadable(options) ?? unknown(option.path);
  const to = (wanted: boolean | undefined): ReturnType<Field<boolean>["to"]> => put(option.path)(wanted === true ? "true" : undefined);
  if (!isUnset(option)) return known(true, option.path, to);
  return kind.state === "value" ? known(false, option.path, to) : unknown(driver.path);
}

const communicationOption = "com.docker.network.bridge.enable_icc";

/**
 * Whether the containers on a network reach each other, as those on a bridge do unless it is told not to. What Go's
 * strconv.ParseBool takes for false is false (moby, libnetwork/drivers/bridge).
 */
export function communicates(network: Node, options: Node): Field<boolean> {
  const [driver, option] = [stringField(at(network, "driver")), at(options, communicationOption)];
  if (driver.state === "value" && driver.value !== "bridge") return known(true, driver.path);
  if (option.value === UNKNOWN) return unreadable(options) ?? unknown(option.path);
  if (!isOff(option)) return known(true, option.path);
  return driver.state === "unknown" ? unknown(driver.path) : known(false, option.path);
}

function isOff({ value }: Node): boolean {
  return /^(0|f|false)$/i.test(String(value));
}

/** Whether a network is a bridge that leads outside, and lets the containers on it reach each other. */
export function mingles(network: Node, options: Node): Field<boolean> {
  const [driver, internal, option, communication] = [stringField(at(network, "driver")), booleanField(at(network, "internal")), at(options, communicationOption), communicates(network, options)];
  if (driver.state === "value" && driver.value !== "bridge") return known(false, driver.path);
  if (internal.state === "value" && internal.value) return known(false, internal.path);
  if (isOff(option)) return known(false, option.path);
  if (communication.state !== "value") return communication;
  return [driver, internal].find(({ state }) => state === "unknown") === undefined ? communication : unknown(driver.state === "unknown" ? driver.path : internal.path);
}
