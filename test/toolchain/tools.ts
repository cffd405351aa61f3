import type { DebianProgram } from "./debian.ts";

/** What the end-to-end tests need, and how each tool is had. Versions are pinned here and in go/. */
export interface GoTool {
  readonly name: string;
  readonly version: string;
  /** Folder below go/. */
  readonly module: string;
  readonly package: string;
  /** Minutes a cold build takes on two cores. */
  readonly minutes: number;
  /** Arguments that make the program say its version, and a version on PATH that will do. */
  readonly probe?: { readonly args: readonly string[]; readonly accepts: RegExp };
  /** What the linker sets instead of the version of Pulumi's SDK. */
  readonly ldflags?: string;
  readonly tags?: readonly string[];
  /** `false`: built without a C compiler. */
  readonly cgo?: false;
  /** Minutes after which a build is given up; default 90. */
  readonly longest?: number;
  /** Files of a Go module of the build list, copied before the build into the module's folder, or after it beside the binary. */
  readonly copies?: readonly { readonly module: string; readonly path: string; readonly when: "before" | "after" }[];
}

const hosts = "github.com/pulumi/pulumi/sdk";

const kubernetesVersion = "k8s.io/component-base/version";

/** Its module repeats the replacements of its own go.mod, which hold only there. */
export const kubeApiServer: GoTool = {
  name: "kube-apiserver", version: "1.37.0", module: "kube-apiserver", package: "k8s.io/kubernetes/cmd/kube-apiserver", minutes: 8,
  ldflags: `-X ${kubernetesVersion}.gitVersion=v1.37.0 -X ${kubernetesVersion}.gitMajor=1 -X ${kubernetesVersion}.gitMinor=37`,
  probe: { args: ["--version"], accepts: /^Kubernetes v1\.(3[7-9]|[4-9]\d)\./ },
};

export const goTools: readonly GoTool[] = [
  {
    name: "pulumi", version: "3.259.0", module: "pulumi", package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", minutes: 5,
    probe: { args: ["version"], accepts: /^v3\.(2(5[5-9]|[6-9]\d)|[3-9]\d\d)\./ },
    copies: [{ module: "github.com/pulumi/pulumi/sdk/v3", path: "nodejs/dist/pulumi-resource-pulumi-nodejs", when: "after" }],
  },
  { name: "pulumi-language-nodejs", version: "3.187.0", module: "language-hosts", package: `${hosts}/nodejs/cmd/pulumi-language-nodejs/v3`, minutes: 0.5 },
  {
    name: "pulumi-language-python", version: "3.187.0", module: "language-hosts", package: `${hosts}/python/cmd/pulumi-language-python/v3`, minutes: 0.2,
    copies: [{ module: "github.com/pulumi/pulumi/sdk/v3", path: "python/cmd/pulumi-language-python-exec", when: "after" }],
  },
  { name: "pulumi-language-go", version: "3.187.0", module: "language-hosts", package: `${hosts}/go/pulumi-language-go/v3`, minutes: 0.2 },
  { name: "pulumi-language-yaml", version: "1.30.0", module: "language-yaml", package: "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml", minutes: 1 },
  { name: "psa-evaluator", version: "0.37.0", module: "psa-evaluator", package: ".", minutes: 0.5 },
  { name: "dockerfile-oracle", version: "0.34.2", module: "dockerfile-oracle", package: ".", minutes: 2 },
  { name: "calico-selector", version: "20250813", module: "calico-selector", package: ".", minutes: 0.2 },
  { name: "cilium-policy", version: "1.20.2", module: "cilium-policy", package: ".", minutes: 5, longest: 15 },
  { name: "pulumi-resource-docker", version: "4.6.0", module: "resource-docker", package: ".", minutes: 3 },
  {
    name: "pulumi-resource-kubernetes", version: "4.25.0", module: "resource-kubernetes", package: ".", minutes: 7,
    copies: [
      { module: "github.com/pulumi/pulumi-kubernetes/provider/v4", path: "cmd/pulumi-resource-kubernetes/schema.json", when: "before" },
      { module: "github.com/pulumi/pulumi-kubernetes/provider/v4", path: "cmd/pulumi-resource-kubernetes/terraform-mapping.json", when: "before" },
    ],
  },
  kubeApiServer,
  {
    name: "crane", version: "0.22.1", module: "crane", package: "github.com/google/go-containerregistry/cmd/crane", minutes: 1,
    probe: { args: ["version"], accepts: /^v?0\.2[2-9]\./ },
  },
  { name: "referrers-registry", version: "0.22.1", module: "crane", package: ".", minutes: 0.2 },
  ...(["2.6.5", "3.1.3"] as const).map((version) => ({
    name: `cosign-${version[0]}`, version, module: `cosign-${version[0]}`, package: `github.com/sigstore/cosign/v${version[0]}/cmd/cosign`, minutes: 4,
    ldflags: `-X sigs.k8s.io/release-utils/version.gitVersion=v${version}`,
  })),
  { name: "attack-probe", version: "1.0.0", module: "attack-probe", package: ".", minutes: 0.2 },
];

/** What Bulkhead is measured against; only the benchmarks fetch it. */
export const kubeScore: GoTool = { name: "kube-score", version: "1.20.0", module: "kube-score", package: "github.com/zegl/kube-score/cmd/kube-score", minutes: 1 };
export const cyclonus: GoTool = { name: "cyclonus", version: "0.5.6", module: "cyclonus", package: "github.com/mattfenwick/cyclonus/cmd/cyclonus", minutes: 2.5 };
export const checkovPackages = ["checkov==3.3.30"] as const;

const moby = { module: "dockerd", tags: ["exclude_graphdriver_btrfs", "exclude_graphdriver_zfs"], cgo: false, longest: 15 } as const;

/** Engine 29 and later: an API floor of 1.44, and the containerd image store. Its module is not tagged as the engine is. */
export const currentDockerd: GoTool = {
  ...moby, name: "dockerd", version: "2.0.0-beta.24", package: "github.com/moby/moby/v2/cmd/dockerd", minutes: 5,
  ldflags: "-X github.com/moby/moby/v2/dockerversion.Version=2.0.0-beta.24",
};
/** That of Debian's containerd does not understand what the newer one asks. */
export const containerdShim: GoTool = { ...moby, name: "containerd-shim-runc-v2", version: "2.3.5", package: "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2", minutes: 0.5, ldflags: "" };

/** Packages of the virtual environment that Python programs run in. */
export const pythonPackages = ["pulumi==3.272.0", "pulumi-docker==5.2.0", "pulumi-kubernetes==4.34.2"] as const;

/** An image registry that knows neither the referrers API nor artifact types. Tests start one each, on loopback. */
export const dockerRegistry: DebianProgram = { package: "docker-registry", program: "docker-registry", neededBy: "a test of the registry client", version: { args: ["--version"], form: /v?(\d+\.\d+\.\d+)/ } };

/** Definitions of the policies of Cilium and Calico, for an API server that is to judge them: files of Go modules. */
export const networkCrds = [
  { name: "cilium", module: "github.com/cilium/cilium", version: "v1.20.2", sum: "h1:dqiEGIcXc+gqCLYG/l7VCFJ8GHyb4HUrwbZOpkX5dL8=", path: "pkg/k8s/apis/cilium.io/client/crds/v2/ciliumnetworkpolicies.yaml" },
  { name: "calico", module: "github.com/projectcalico/calico", version: "v1.11.0-cni-plugin.0.20250813170300-a0db560f0520", sum: "h1:TXnPEzx4pLWgwzCetIO/VJuz4iBZZrOdNSv16a50YqE=", path: "libcalico-go/config/crd/crd.projectcalico.org_networkpolicies.yaml" },
] as const;

export const otherTools = [dockerRegistry.program, "chromium", "network-crds", "python", "docker", "kubernetes", "ssh"] as const;
/** Fetched where they are asked for by name, and in CI where the others took little time; that one cannot be had is a skipped suite there too. */
export const optionalTools: readonly string[] = ["engine-current", "cilium-policy"];
/** What CI has to have. */
export const requiredTools: readonly string[] = [...goTools.map((tool) => tool.name), ...otherTools].filter((name) => !optionalTools.includes(name));
export const toolNames: readonly string[] = [...requiredTools, ...optionalTools];
