type Bag = { [key: string]: unknown };

export const workloadKinds = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"] as const;
export type AnyKind = (typeof workloadKinds)[number];

const image = "registry.example.com/shop/web:1.4.2@sha256:4a1c4b21597c1b4415bdbecb28a3296c6b5e23ca4f9feeb599860a1dac6a0108";

/** Valid arguments of a workload, from a seeded sequence of numbers from 0 to 1; with `weak`, weakenings among them. */
export function randomArguments(next: () => number, kind: AnyKind, weak: boolean): Bag {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const whole = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  const some = (chance: number, bag: () => Bag): Bag => (next() < chance ? bag() : {});
  const labels = (): Bag => ({ [pick(["team", "example.com/tier", "app.kubernetes.io/version"])]: pick(["a", "front-end", "1.4.2"]) });
  const probe = (path: string): Bag => pick<Bag>([{ path: `/${path}`, port: 8080 }, { command: [`/bin/${path}`], periodSeconds: whole(1, 60) }, { path: `/${path}`, port: 8443, scheme: "HTTPS", failureThreshold: whole(1, 9) }]);

  const container = (): Bag => ({
    image: pick([image, "app:1.4.2", "ghcr.io/shop/app@sha256:4a1c4b21597c1b4415bdbecb28a3296c6b5e23ca4f9feeb599860a1dac6a0108", "localhost:5000/app"]), memory: pick(["64Mi", "128Mi", "1.5Gi", "500M"]),
    ...some(0.4, () => ({ cpu: pick(["250m", "1", "0.5", "2"]) })), ...some(0.2, () => ({ cpuRequest: "100m" })), ...some(0.2, () => ({ ephemeralStorage: pick(["512Mi", "2Gi"]) })),
    ...some(0.3, () => ({ command: ["/app"], args: ["--listen", ":8080", ""] })),
    ...some(0.4, () => ({ environment: { LOG_LEVEL: pick(["info", ""]), LISTEN: ":8080" } })),
    ...some(0.3, () => ({ secretEnvironment: { DB_PASSWORD: { secret: "db", key: "password" } } })),
    ...some(0.2, () => ({ configEnvironment: { REGION: { configMap: "settings", key: "region" } } })),
    ...some(0.4, () => ({ scratch: [{ path: "/tmp", ...some(0.5, () => ({ size: pick(["16Mi", "64Mi"]) })), ...some(0.3, () => ({ inMemory: true })) }, ...(next() < 0.3 ? [{ path: "/var/run/App_1", name: "run" }] : [])] })),
    ...some(0.2, () => ({ configMaps: [{ path: "/etc/app", configMap: "settings" }] })), ...some(0.2, () => ({ secrets: [{ path: "/etc/tls", secret: "tls" }] })),
    ...some(0.2, () => ({ volumes: [{ path: "/srv/shared", claim: "shared", ...some(0.5, () => ({ writable: true })) }] })),
  });
  const serving = (port: number): Bag => ({
    ...some(0.5, () => ({ ports: [{ port }, ...(next() < 0.4 ? [{ port: port + 1000, protocol: pick(["TCP", "UDP"]), name: `metrics-${port}`, servicePort: 90 }] : [])] })),
    ...some(0.4, () => ({ livenessProbe: probe("live") })), ...some(0.4, () => ({ readinessProbe: probe("ready") })), ...some(0.2, () => ({ startupProbe: probe("started") })),
  });
  const reason = "is needed for now";
  const terms = (): Bag => ({ reason, ...some(0.3, () => ({ owner: "team-a" })), ...some(0.3, () => ({ expires: pick(["2099-12-31", "never"]) })) });
  const root = weak && next() < 0.3;
  const weakenings = (): Bag => ({
    ...some(0.4, () => ({ capabilities: { add: [pick(["NET_BIND_SERVICE", "CHOWN", "CAP_NET_RAW", "SYS_NICE"]), ...(next() < 0.3 ? ["SETUID"] : [])], ...terms() } })),
    ...some(0.4, () => ({ writableRootFilesystem: terms() })), ...(root ? { runAsRoot: terms() } : {}), ...some(0.3, () => ({ apiToken: terms() })), ...some(0.3, () => ({ hostPort: { port: pick([443, 8443]), containerPort: 8080, ...terms() } })),
  });
  const own: { readonly [K in AnyKind]: () => Bag } = {
    Deployment: () => ({ ...some(0.5, () => ({ replicas: whole(0, 5) })), ...some(0.2, () => ({ spreadOver: "topology.kubernetes.io/zone" })) }),
    StatefulSet: () => ({ ...some(0.5, () => ({ replicas: whole(0, 5) })), ...some(0.5, () => ({ storage: [{ path: "/var/lib/Data", size: "10Gi", ...some(0.5, () => ({ storageClass: "fast" })) }] })) }),
    DaemonSet: () => some(0.5, () => ({ maxUnavailable: pick(["2", "10%"]) })),
    Job: () => ({ ...some(0.5, () => ({ retries: whole(0, 6) })), ...some(0.3, () => ({ deadlineSeconds: 60, timeToLiveSeconds: 0 })) }),
    CronJob: () => ({ schedule: pick(["0 3 * * *", "*/5 * * * 1-5", "@daily"]), ...some(0.3, () => ({ concurrency: "Replace", timeZone: "Europe/Berlin" })) }),
  };
  return {
    ...container(), ...serving(8080), namespace: "shop",
    ...some(0.3, () => ({ labels: labels(), podAnnotations: { "prometheus.io/scrape": "true" } })), ...some(0.3, () => ({ annotations: { "pulumi.com/skipAwait": "true" } })),
    ...(root ? {} : some(0.3, () => ({ user: whole(1, 70_000) }))), ...some(0.3, () => ({ group: whole(1, 70_000) })), ...some(0.3, () => ({ serviceAccount: "existing" })),
    ...some(0.3, () => ({ initContainers: [{ name: "init", ...container() }] })), ...some(0.3, () => ({ sidecars: [{ name: "sidecar", ...container(), ...serving(8081) }] })),
    ...some(0.2, () => ({ nodeSelector: { "kubernetes.io/os": "linux" }, nodeRequirements: [{ key: "kubernetes.io/arch", operator: "In", values: ["amd64", "arm64"] }, { key: "gpu", operator: "DoesNotExist" }] })),
    ...some(0.2, () => ({ tolerations: [{ key: "dedicated", value: "shop", effect: "NoSchedule" }, { key: "spot" }] })), ...some(0.2, () => ({ priorityClass: "high" })), ...some(0.2, () => ({ runtimeClass: "gvisor" })),
    ...some(0.2, () => ({ imagePullSecrets: ["registry"], terminationGracePeriodSeconds: whole(0, 300) })), ...some(0.3, () => ({ userNamespace: true })),
    ...(weak ? weakenings() : {}), ...own[kind](),
  };
}
