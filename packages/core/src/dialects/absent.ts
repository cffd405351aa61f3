import type { Path } from "../field";
import { unset } from "../field";
import type { ContainerSettings, PodSettings, VolumeSettings } from "../model/settings";

/** Settings that a platform does not have. */
export function noContainerSettings(path: Path): ContainerSettings {
  const none = unset<never>(path);
  return {
    group: none, windowsUser: none, runsSudo: none, pipesDownload: none, secretArguments: none, shellProbes: none, cpuRequest: none, memoryRequest: none, storageLimit: none,
    deviceRequests: none, deviceRules: none, ulimits: none, restart: none, restartAttempts: none, publishedPorts: none, writableSubPaths: none,
    logDriver: none, logSizeLimited: none, readinessProbe: none, livenessProbe: none, healthcheck: none, sameProbes: none, danglingProbePorts: none,
  };
}

export function noPodSettings(path: Path): PodSettings {
  const none = unset<never>(path);
  return {
    group: none, supplementaryGroups: none, volumeGroup: none, windowsUser: none, runtime: none, cgroupParent: none, hostUtsNamespace: none,
    labels: none, annotations: none, naked: none, deprecatedServiceAccount: none, ephemeralContainers: none,
  };
}

export function noVolumeSettings(path: Path): VolumeSettings {
  const none = unset<never>(path);
  return { mountedAs: none, hostFolder: none, writable: none, executable: none, fromContainer: none, tokenWithoutAudience: none, tokenSeconds: none };
}
