/** What evaluates policies: a file of its own in the bundle, which is loaded where a rule asks who may talk to whom. */
export { openNetwork } from "@bulkhead/network-policy";
