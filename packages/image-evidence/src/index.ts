export { formatInstant, parseInstant } from "./instant";
