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

const communication = "com.docker.network.bridge.enable_icc";

/**
 * Whether a network is a bridge that leads outside, and lets the containers on it reach each other, as one does unless
 * it is told not to. What Go's strconv.ParseBool takes for false is false (moby, libnetwork/drivers/bridge).
 */
export function mingles(network: Node, options: Node): Field<boolean> {
  const [driver, internal, option] = [stringField(at(network, "driver")), booleanField(at(network, "internal")), at(options, communication)];
  if (driver.state === "value" && driver.value !== "bridge") return known(false, driver.path);
  if (internal.state === "value" && internal.value) return known(false, internal.path);
  if (/^(0|f|false)$/i.test(String(option.value))) return known(false, option.path);
  if (option.value === UNKNOWN) return unreadable(options) ?? unknown(option.path);
  return [driver, internal].find(({ state }) => state === "unknown") === undefined ? known(true, option.path) : unknown(driver.state === "unknown" ? driver.path : internal.path);
}
