import { defineRule } from "@bulkhead/core";
import { flaws, isTo, safely } from "./_connection";

export default defineRule({
  id: "require-verified-registry",
  title: "Registries are reached over TLS that is checked",
  severity: "high",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  platforms: ["docker"],
  frameworks: { "cis-docker-1.6": "2.5", "nist-sp-800-190": "4.2.1", "owasp-docker": "D08" },
  why: "Over plain HTTP, or without a look at the certificate, whoever stands between reads the registry's password and swaps the image.",
  remediation: "Use the registry's https address, and give the engine its certificate authority instead of insecureSkipVerify or registry.insecure.",
  whenNot: "For a registry on the loopback of the machine that builds and runs.",
  about: "connection",
  appliesTo: isTo("registry"),
  reads: flaws,
  check: safely("registry", "the certificate"),
  examples: {
    docker: [
      {
        on: "document", kind: "pulumi:providers:docker",
        bad: [{ registryAuth: "[{\"address\":\"http://registry.example.com\",\"username\":\"ci\"}]" }],
        good: [{ registryAuth: [{ address: "https://registry.example.com" }, { address: "registry.example.com:5000" }] }],
      },
      { on: "document", kind: "docker:index/registryImage:RegistryImage", bad: { name: "registry.example.com/app:1", insecureSkipVerify: true }, good: { name: "registry.example.com/app:1", insecureSkipVerify: false } },
      {
        on: "document", kind: "docker-build:index:Image",
        bad: [{ push: true, tags: ["registry.example.com/app:1"], exports: [{ registry: { insecure: true } }] }, { push: true, exports: [{ raw: "type=image,push=true,registry.insecure=true" }] }, { push: true, cacheTo: [{ raw: "type=registry,ref=registry.example.com/cache,registry.insecure=true" }] }],
        good: { push: true, tags: ["registry.example.com/app:1"], registries: [{ address: "registry.example.com" }], exports: [{ registry: { ociMediaTypes: true } }] },
      },
    ],
  },
});
