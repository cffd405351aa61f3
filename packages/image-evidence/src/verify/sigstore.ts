/**
 * The libraries are loaded when the first document needs them: together they take some 50 ms, which a program without signed
 * evidence must not pay.
 */
export function sigstoreBundle(): typeof import("@sigstore/bundle") {
  return require("@sigstore/bundle") as typeof import("@sigstore/bundle");
}

export function sigstoreVerify(): typeof import("@sigstore/verify") {
  return require("@sigstore/verify") as typeof import("@sigstore/verify");
}

export function sigstoreSpecs(): typeof import("@sigstore/protobuf-specs") {
  return require("@sigstore/protobuf-specs") as typeof import("@sigstore/protobuf-specs");
}

export function re2(): typeof import("re2js") {
  return require("re2js") as typeof import("re2js");
}

export function ed25519ph(): typeof import("@noble/curves/ed25519").ed25519ph {
  return (require("@noble/curves/ed25519") as typeof import("@noble/curves/ed25519")).ed25519ph;
}
